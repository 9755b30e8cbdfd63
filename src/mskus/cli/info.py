"""``mskus info PATH...``: what was read, and where its scale comes from."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mskus.cli.options import add_inputs, reading_options

if TYPE_CHECKING:
    from mskus.clip import Clip

_QUALITY_FRAMES = 12  # looked at for the verdict, evenly over the clip


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "show what is read of each input: size, frames, scale and its source, image region, quality"
    parser = commands.add_parser("info", help=about, description=about.capitalize() + ".", allow_abbrev=False)
    add_inputs(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print the facts of each input; 1 if any could not be read."""
    options = reading_options(asked)

    from mskus.errors import MskusError
    from mskus.reading import expand_inputs, read_all

    failed = False
    for given in asked.paths:
        try:
            inputs = expand_inputs([given])
        except MskusError as error:
            print(f"mskus: {error}", file=sys.stderr)
            failed = True
            continue
        for path in inputs:
            try:
                clips = read_all(path, **options)
                for part, clip in enumerate(clips, start=1):
                    _print_facts(
                        f"{path}{f' (part {part} of {len(clips)})' if len(clips) > 1 else ''}", clip_facts(clip)
                    )
            except MskusError as error:
                print(f"mskus: {error}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


def clip_facts(clip: Clip) -> list[tuple[str, str]]:
    """Facts of a clip as pairs of name and text, in the order of a reader's questions."""
    n_frames, height, width = clip.shape
    rate = clip.frame_rate_hz
    region = clip.image_region
    facts = [("size", f"{width} x {height} px"), ("frames", f"{n_frames}")]
    if n_frames > 1:
        facts.append(("frame rate", "unknown" if rate is None else f"{rate:.2f} frames/s, {n_frames / rate:.2f} s"))
    facts.append(("scale", _scale(clip)))
    facts.append(("image region", f"x {region.x}, y {region.y}, {region.w} x {region.h} px"))
    if clip.colour is not None:
        facts.append(("colour", "the scanner drew colour in this clip"))
    facts.extend((name.replace("_", " "), str(value)) for name, value in clip.acquisition.items())
    stated = clip.calibration.note if clip.calibration is not None else ""
    facts.extend(("note", note) for note in clip.notes if note != stated)
    facts.append(("quality", _quality(clip)))
    facts.append(("penetration", _penetration(clip)))
    if clip.source.sha256:
        facts.append(("SHA-256", clip.source.sha256))
    return facts


def _scale(clip: Clip) -> str:
    scale = clip.calibration
    if scale is None:
        aspect = "" if clip.pixel_aspect is None else f" (pixel height over width {clip.pixel_aspect:.4f})"
        return f"unknown{aspect}: lengths will be in pixels; give --mm-per-px or --tick-mm"
    row, col = scale.mm_per_px_row, scale.mm_per_px_col
    size = f"{row:.5g} mm/px" if scale.is_isotropic else f"{row:.5g} x {col:.5g} mm/px (row x column)"
    error = f" +/- {100 * scale.relative_error:.2g} %" if scale.relative_error else ""
    return f"{size}{error}, from {scale.source.replace('_', ' ')}{f': {scale.note}' if scale.note else ''}"


def _quality(clip: Clip) -> str:
    import numpy as np

    from mskus.quality import assess_frame, clip_verdict

    chosen = np.unique(np.linspace(0, clip.n_frames - 1, _QUALITY_FRAMES).round().astype(int))
    rows, columns = clip.image_region.slices
    field = None if clip.field is None else clip.field[rows, columns]
    verdict = clip_verdict([assess_frame(clip.frame(int(i))[rows, columns], field=field) for i in chosen])
    return f"{verdict.verdict}{': ' if verdict.reasons else ''}{'; '.join(verdict.reasons)}"


def _penetration(clip: Clip) -> str:
    from mskus.errors import QualityError
    from mskus.quality import confidence_map, penetration_fraction

    rows, columns = clip.image_region.slices
    field = None if clip.field is None else clip.field[rows, columns]
    try:
        confidence = confidence_map(clip.frame(clip.n_frames // 2)[rows, columns], field=field)
    except QualityError as error:
        return f"unknown: {error}"
    return f"{100 * penetration_fraction(confidence, field=field):.0f} % of the depth (confidence map, middle frame)"


def _print_facts(title: str, facts: list[tuple[str, str]]) -> None:
    print(title)
    for name, value in facts:
        print(f"  {name:<16} {value}")
