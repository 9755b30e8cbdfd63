"""The report: one HTML file that needs nothing else, for the clinician first."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from mskus.report.headline import Headline, headlines, representative_frame
from mskus.report.panel import VERDICT_WORDS
from mskus.report.plots import depth_profile_svg, histogram_svg, time_series_svg
from mskus.report.terms import term

if TYPE_CHECKING:
    from mskus.findings import Findings, Manifest


def html_report(findings: Findings, *, written: datetime | None = None) -> str:
    """Verdict, headline table, overlay, time series, methods and provenance as one HTML page.

    Pictures and plots are part of the file. Without a clip attached (findings read back from JSON) the page has no
    pictures; all else is the same.

    Args:
        findings: what the exam found.
        written: the time to print at the foot; now by default.

    Returns:
        The page.
    """
    from jinja2 import Environment, PackageLoader

    templates = Environment(loader=PackageLoader("mskus.report"), autoescape=True, trim_blocks=True)
    templates.filters["words"] = lambda name: name.replace("_", " ").capitalize()
    page = templates.get_template("findings.html.j2")
    manifest = findings.manifest
    n_frames = manifest.n_frames or (findings.clip.n_frames if findings.clip is not None else 1)
    frame = representative_frame(findings)
    heads = headlines(findings)
    return page.render(
        exam=f"{findings.exam.capitalize()} ultrasound",
        file_name=PurePath(manifest.input_path).name or "array",
        clip_line=_clip_line(manifest, n_frames),
        scale_line=_scale_line(manifest.calibration),
        verdict=findings.quality.verdict,
        verdict_words=VERDICT_WORDS[findings.quality.verdict],
        reasons=findings.quality.reasons,
        headlines=heads,
        many=n_frames > 1,
        series=_series(findings, heads) if n_frames > 1 else [],
        echo_plots=_echo_plots(findings),
        grades=findings.grades,
        frame_words=f"Frame {frame + 1}",
        rows=_rows(findings, frame),
        methods=_methods(findings),
        facts=_facts(findings),
        disclaimer=manifest.disclaimer,
        version=manifest.mskus_version,
        written=f"{written or datetime.now():%Y-%m-%d %H:%M}",
        **_pictures(findings, frame, n_frames=n_frames),
    )


def _pictures(findings: Findings, frame: int, *, n_frames: int) -> dict[str, Any]:
    from mskus.report.overlay import draw_overlay, orientation_field
    from mskus.report.save import encode_picture
    from mskus.report.strokes import legend_styles

    if findings.clip is None or not 0 <= frame < findings.clip.n_frames:
        return {}
    overlay = draw_overlay(findings, frame, orientation=False, values=False, legend=False)
    caption = "What was found, and the values of this frame."
    if n_frames > 1:
        caption = f"Frame {frame + 1} of {n_frames}, whose values lie closest to the middle of the clip."
    keys = [(f"rgb{s.colour}", s.legend) for s in legend_styles(s for s in findings.structures if s.frame == frame)]
    found: dict[str, Any] = {
        "legend": keys,
        "overlay": b64encode(encode_picture(overlay, suffix=".jpg")).decode(),
        "overlay_caption": caption,
    }
    explained = findings.maps.get("explanations", ())
    found["explanations"] = [(b64encode(encode_picture(p, suffix=".jpg")).decode(), text) for p, text in explained]
    if orientation_field(findings, frame) is not None:
        picture = draw_overlay(findings, frame, structures=False, values=False)
        found["orientation"] = b64encode(encode_picture(picture, suffix=".jpg")).decode()
    return found


def _clip_line(manifest: Manifest, n_frames: int) -> str:
    width, height = manifest.frame_size_px
    parts = [f"{width} x {height} px"] if width else []
    parts.append("still" if n_frames == 1 else f"{n_frames} frames")
    times = manifest.frame_times_s
    if times is not None and len(times) > 1 and times[-1] > times[0]:
        parts.append(f"{times[-1] - times[0]:.1f} s, {(len(times) - 1) / (times[-1] - times[0]):.0f} frames/s")
    return ", ".join(parts)


def _scale_line(calibration: dict[str, Any] | None) -> str:
    if not calibration:
        return "No scale known: lengths in pixels"
    row, col = float(calibration["mm_per_px_row"]), float(calibration["mm_per_px_col"])
    size = f"{row:.4f} mm/px" if abs(row / col - 1) < 5e-3 else f"{row:.4f} x {col:.4f} mm/px (row x column)"
    return f"Scale {size}, {_SCALE_SOURCES.get(str(calibration.get('source')), str(calibration.get('source')))}"


_SCALE_SOURCES = {
    "dicom_region": "from the DICOM ultrasound region",
    "dicom_pixel_spacing": "from DICOM PixelSpacing",
    "ruler_ticks": "from ruler ticks",
    "user": "given by the user",
    "simulation": "from the simulation",
    "file_header": "from the file's header",
}


def _series(findings: Findings, heads: list[Headline]) -> list[tuple[str, str]]:
    times = findings.manifest.frame_times_s
    found = []
    for head in heads:
        framed = [m for m in findings.values(head.name) if m.frame is not None]
        if len(framed) < 2 or all(m.value is None for m in framed):
            continue
        frames = [m.frame for m in framed if m.frame is not None]
        timed = times is not None and max(frames) < len(times)
        x = [times[f] for f in frames] if timed and times is not None else [float(f + 1) for f in frames]
        unit = f" ({head.term.unit})" if head.term.unit else ""
        svg = time_series_svg(
            x,
            [m.value for m in framed],
            intervals=[m.interval for m in framed],
            x_label="time (s)" if timed else "frame",
            y_label=head.term.label,
        )
        found.append((head.term.label + unit, svg))
    return found


def _echo_plots(findings: Findings) -> list[str]:
    echo = findings.maps.get("echo_intensity") or {}
    histogram, profile = echo.get("histogram"), echo.get("depth_profile")
    plots = [histogram_svg(histogram)] if histogram is not None and sum(histogram) > 0 else []
    if profile is not None:
        depth, mean = profile
        plots.append(depth_profile_svg(depth, mean, unit="mm" if findings.manifest.calibration else "px"))
    return plots


def _rows(findings: Findings, frame: int) -> list[dict[str, str]]:
    """One row a measurement: the clip's own value, that of the shown frame, and remarks on either."""
    rows: dict[str, dict[str, str]] = {}
    for m in findings.measurements:
        if m.frame not in (frame, None):
            continue
        t = term(m.name, m.unit)
        row = rows.setdefault(m.name, {"label": t.label, "remark": ""})
        which = "clip" if m.frame is None else "frame"
        row[which] = t.show(m.value) if m.value is not None else "withheld"
        row[f"{which}_interval"] = t.show_interval(m.interval) if m.interval is not None else ""
        remarks = [row["remark"], *([m.withheld] if m.withheld else []), *m.flags]
        row["remark"] = "; ".join(dict.fromkeys(remark for remark in remarks if remark))
    return list(rows.values())


def _methods(findings: Findings) -> list[dict[str, str]]:
    """One row a method, with what was measured by it; a frame's method goes before that of the clip's summary."""
    method_of: dict[str, str] = {}
    for m in sorted(findings.measurements, key=lambda m: m.frame is None):
        if m.method:
            method_of.setdefault(m.name, m.method)
    rows: dict[str, dict[str, str]] = {}
    for name in dict.fromkeys(m.name for m in findings.measurements if m.name in method_of):
        t = term(name)
        row = rows.setdefault(method_of[name], {"method": method_of[name], "labels": "", "sources": ""})
        row["labels"] = ", ".join(filter(None, (row["labels"], t.label)))
        row["sources"] = "; ".join(dict.fromkeys(filter(None, (*row["sources"].split("; "), t.source))))
    return list(rows.values())


def _facts(findings: Findings) -> list[tuple[str, str]]:
    m = findings.manifest
    facts = [("Input", m.input_path), ("SHA-256", m.input_sha256), ("Scale", _scale_line(m.calibration))]
    if m.calibration:
        facts.append(("Scale, source", str(m.calibration.get("note", ""))))
        error = float(m.calibration.get("relative_error", 0.0))
        facts.append(("Scale, standard error", f"{100 * error:.2g} %" if error else "not stated"))
    facts.extend(("Reading" if i == 0 else "", line) for i, line in enumerate(m.provenance))
    facts.extend((key.replace("_", " ").capitalize(), str(value)) for key, value in m.acquisition.items())
    facts.append(("Settings", ", ".join(f"{k} = {v}" for k, v in m.settings.items()) or "defaults"))
    facts.extend((f"Network {name}", f"SHA-256 {sha}") for name, sha in m.models.items())
    scores = findings.quality.scores.items()
    facts.append(("Quality scores", ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in scores)))
    facts.append(("Versions", ", ".join(f"{name} {v}" for name, v in {"mskus": m.mskus_version, **m.versions}.items())))
    facts.append(("Seed, seconds", f"{m.seed}, {m.seconds:.1f} s"))
    return [(name, value) for name, value in facts if value]
