"""The nerve exam: from a clip to nerves, vessels and their measures, read top to bottom."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Clip, Region
from mskus.exams.ahead import ahead
from mskus.exams.manifest import manifest_of
from mskus.exams.nerve import collect
from mskus.exams.nerve.measure import measure
from mskus.exams.nerve.settings import LEARNED_REGIONS, NerveSettings
from mskus.exams.nerve.sighting import Thing, things_of
from mskus.exams.plane import Plane
from mskus.findings import Findings, Grade, Measurement, QualityVerdict, Structure
from mskus.quality import FrameQuality, assess_frame, clip_verdict, verdict
from mskus.reading.content_box import content_box
from mskus.segment.nerve_network import CLASSES, nerve_probabilities
from mskus.segment.outlines import Outline, outlines

U8 = NDArray[np.uint8]

_BOX_FRAMES = 5


def examine_nerve(clip: Clip, **settings: Any) -> Findings:
    """Nerves and vessels of a cross-section: outlines, size, depth, echo; followed through a clip.

    Args:
        clip: a still, a clip or a sweep across a limb.
        **settings: see :class:`NerveSettings`.

    Returns:
        Findings attached to the clip. Names of measurements begin with the thing measured: ``nerve_1_...``.

    Raises:
        ExamError: if a setting is unknown or out of range.
        ModelError: if the network is missing or has been changed.
    """
    started = time.perf_counter()
    chosen = NerveSettings.check(settings)
    plane = _content_plane(clip)
    detections, qualities = _look(clip, plane, chosen)
    verdicts = [verdict(quality) for quality in qualities]
    things = [
        thing
        for kind in CLASSES
        for thing in things_of([found[kind] for found in detections], kind=kind, chosen=chosen)
    ]
    structures, framed = _measure(clip, plane, chosen, things, verdicts)
    measurements = [m for frame in framed for of_thing in frame.values() for m in of_thing]
    if clip.n_frames > 1:
        for thing in reversed(things):
            own = {t: frame[thing.name] for t, frame in enumerate(framed) if thing.name in frame}
            measurements = collect.clip_summary(thing, own, plane, n_frames=clip.n_frames) + measurements
    manifest = manifest_of(
        clip,
        exam="nerve",
        settings=chosen.model_dump(mode="json"),
        models=[chosen.network],
        seed=0,
        seconds=time.perf_counter() - started,
    )
    return Findings(
        exam="nerve",
        quality=clip_verdict(qualities),
        structures=structures,
        measurements=measurements,
        grades=_region_grade(chosen),
        manifest=manifest,
    ).attach(clip)


def _content_plane(clip: Clip) -> Plane:
    """The clip's plane, its region narrowed to what is not black in any of a few frames."""
    plane = Plane.of(clip)
    picks = sorted({int(i) for i in np.linspace(0, clip.n_frames - 1, _BOX_FRAMES).round()})
    brightest = np.max([np.asarray(clip.frame(t))[plane.region.slices] for t in picks], axis=0)
    box = content_box(np.ascontiguousarray(brightest))
    region = Region(plane.region.x + box.x, plane.region.y + box.y, box.w, box.h)
    return replace(plane, region=region)


def _look(clip: Clip, plane: Plane, chosen: NerveSettings) -> tuple[list[dict[str, list[Outline]]], list[FrameQuality]]:
    """Detections and quality of every frame."""
    field = None if clip.field is None else clip.field[plane.region.slices]

    def see(_: int, images: U8) -> tuple[list[dict[str, list[Outline]]], list[FrameQuality]]:
        found = [
            {
                kind: outlines(
                    maps[channel], size=plane.size, threshold=chosen.threshold, least_share=chosen.least_share
                )
                for channel, kind in enumerate(CLASSES)
            }
            for maps in nerve_probabilities(images, name=chosen.network)
        ]
        return found, [assess_frame(image, field=field) for image in images]

    detections: list[dict[str, list[Outline]]] = []
    qualities: list[FrameQuality] = []
    for _, (found, scores) in ahead(clip, plane.region, see):
        detections += found
        qualities += scores
    return detections, qualities


def _measure(
    clip: Clip, plane: Plane, chosen: NerveSettings, things: list[Thing], verdicts: list[QualityVerdict]
) -> tuple[list[Structure], list[dict[str, list[Measurement]]]]:
    """Outlines and measurements of every frame, by thing."""
    structures: list[Structure] = []
    framed: list[dict[str, list[Measurement]]] = []
    smoothed = chosen.track and chosen.smooth and clip.n_frames > 1
    for t, frame in enumerate(clip.frames()):
        here = [thing for thing in things if t in thing.sightings]
        of_frame: dict[str, list[Measurement]] = {}
        if verdicts[t].verdict == "fail":
            reason = verdicts[t].reasons[0]
            names = [(thing.kind, thing.name) for thing in things] or [(kind, f"{kind}_1") for kind in CLASSES]
            of_frame = {name: collect.withheld(kind, name, t, plane, reason=reason) for kind, name in names}
        else:
            image = np.asarray(frame)[plane.region.slices]
            vessels = [thing.sightings[t] for thing in here if thing.kind == "vessel"]
            for thing in here:
                structures.append(collect.structure_of(thing, t, plane, smoothed=smoothed))
                result = measure(thing.kind, thing.sightings[t], image, plane, vessels=vessels)
                of_frame[thing.name] = collect.measurements_of(thing, t, result, plane)
            of_frame |= _absent(things, t, plane)
            of_frame["counts"] = collect.counts_of(things, t)
        framed.append(of_frame)
    return structures, framed


def _absent(things: list[Thing], t: int, plane: Plane) -> dict[str, list[Measurement]]:
    """What of the clip is not in this frame; everything of a kind of which there is nothing in the clip."""
    gone = {
        thing.name: collect.withheld(thing.kind, thing.name, t, plane) for thing in things if t not in thing.sightings
    }
    for kind in CLASSES:
        if not any(thing.kind == kind for thing in things):
            name = f"{kind}_1"
            gone[name] = collect.withheld(kind, name, t, plane, reason=f"no {kind} was found")
    return gone


def _region_grade(chosen: NerveSettings) -> list[Grade]:
    """The body region, with a word of caution where the network has not seen it."""
    if chosen.region is None:
        return []
    learned = chosen.region in LEARNED_REGIONS
    scale = "named by the user" if learned else "named by the user; the network learned from other regions"
    return [Grade(name="body_region", value=chosen.region, scale=scale)]
