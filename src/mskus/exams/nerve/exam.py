"""The nerve exam: from a clip to nerves, vessels and their measures, read top to bottom."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Clip, Region
from mskus.exams.ahead import ahead
from mskus.exams.manifest import manifest_of
from mskus.exams.nerve import collect
from mskus.exams.nerve.measure import measure
from mskus.exams.nerve.settings import LEARNED_REGIONS, NerveSettings
from mskus.exams.nerve.sighting import Thing, things_of
from mskus.exams.nerve.stiffness import stiffness_of
from mskus.exams.plane import Plane
from mskus.findings import Findings, Grade, Measurement, QualityVerdict, Structure
from mskus.quality import FrameQuality, assess_frame, clip_verdict, verdict
from mskus.segment.nerve_network import CLASSES, NETWORK_NAME, content, nerve_maps, strangeness
from mskus.segment.outlines import Outline, outlines

U8 = NDArray[np.uint8]

_BOX_FRAMES = 5
_UNGUARDED = "this network was released without what tells pictures unlike those that it learned from"


@dataclass(frozen=True, eq=False)
class _Look:
    """What the first pass saw in a frame."""

    outlines: dict[str, list[Outline]]
    quality: FrameQuality
    distance: float


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
    plane = _seen_plane(clip, chosen)
    looks = _look(clip, plane, chosen)
    quality, refusals = _judged(looks, chosen)
    things = [
        thing
        for kind in CLASSES
        for thing in things_of([look.outlines[kind] for look in looks], kind=kind, chosen=chosen)
    ]
    structures, framed = _measure(clip, plane, chosen, things, refusals)
    measurements = [m for frame in framed for of_thing in frame.values() for m in of_thing]
    if clip.n_frames > 1:
        refused = refusals[0] if all(refusals) else ""
        for thing in reversed(things):
            own = {t: frame[thing.name] for t, frame in enumerate(framed) if thing.name in frame}
            summary = collect.clip_summary(thing, own, plane, n_frames=clip.n_frames, refusal=refused)
            measurements = summary + measurements
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
        quality=quality,
        structures=structures,
        measurements=measurements,
        grades=_region_grade(chosen),
        manifest=manifest,
    ).attach(clip)


def _seen_plane(clip: Clip, chosen: NerveSettings) -> Plane:
    """The clip's plane, its region narrowed to what the network sees of a few frames laid over each other."""
    plane = Plane.of(clip)
    picks = sorted({int(i) for i in np.linspace(0, clip.n_frames - 1, _BOX_FRAMES).round()})
    brightest = np.max([np.asarray(clip.frame(t))[plane.region.slices] for t in picks], axis=0)
    box = content(np.ascontiguousarray(brightest), name=chosen.network)
    region = Region(plane.region.x + box.x, plane.region.y + box.y, box.w, box.h)
    return replace(plane, region=region)


def _look(clip: Clip, plane: Plane, chosen: NerveSettings) -> list[_Look]:
    """First pass: detections, quality and strangeness of every frame."""
    field = None if clip.field is None else clip.field[plane.region.slices]

    def see(_: int, images: U8) -> list[_Look]:
        maps = nerve_maps(images, name=chosen.network)
        return [
            _Look(
                {
                    kind: outlines(of_kind, size=plane.size, threshold=chosen.threshold, least_share=chosen.least_share)
                    for kind, of_kind in zip(CLASSES, probabilities, strict=True)
                },
                assess_frame(image, field=field),
                float(distance),
            )
            for image, probabilities, distance in zip(images, maps.probabilities, maps.distance, strict=True)
        ]

    return [look for _, looks in ahead(clip, plane.region, see) for look in looks]


def _judged(looks: list[_Look], chosen: NerveSettings) -> tuple[QualityVerdict, list[str]]:
    """The clip's verdict, and for each frame why nothing can be measured in it, or nothing.

    A clip is of one kind: the median frame, of those that are not bad by themselves, says whether it is one that the
    network learned from.
    """
    quality = clip_verdict([look.quality for look in looks])
    verdicts = [verdict(look.quality) for look in looks]
    usable = [look for look, v in zip(looks, verdicts, strict=True) if v.verdict != "fail"]
    distance = float(np.median([look.distance for look in usable or looks]))
    strange, too_strange = strangeness(distance, name=chosen.network)
    refused = too_strange and chosen.refuse
    reasons = [v.reasons[0] if v.verdict == "fail" else strange * refused for v in verdicts]
    unguarded = bool(np.isnan(distance))
    if strange or unguarded:
        worst: Literal["warn", "fail"] = "fail" if refused or quality.verdict == "fail" else "warn"
        first = _UNGUARDED if unguarded else strange
        quality = quality.model_copy(update={"verdict": worst, "reasons": (first, *quality.reasons)})
    scores = quality.scores | ({} if unguarded else {"distance_from_training": round(distance, 2)})
    return quality.model_copy(update={"scores": scores}), reasons


def _measure(
    clip: Clip, plane: Plane, chosen: NerveSettings, things: list[Thing], refusals: list[str]
) -> tuple[list[Structure], list[dict[str, list[Measurement]]]]:
    """Outlines and measurements of every frame, by thing."""
    structures: list[Structure] = []
    framed: list[dict[str, list[Measurement]]] = []
    smoothed = chosen.track and chosen.smooth and clip.n_frames > 1
    for t, frame in enumerate(clip.frames()):
        here = [thing for thing in things if t in thing.sightings]
        of_frame: dict[str, list[Measurement]] = {}
        if refusals[t]:
            names = [(thing.kind, thing.name) for thing in things] or [(kind, f"{kind}_1") for kind in CLASSES]
            of_frame = {name: collect.withheld(kind, name, t, plane, reason=refusals[t]) for kind, name in names}
        else:
            image = np.asarray(frame)[plane.region.slices]
            vessels = [thing.sightings[t] for thing in here if thing.kind == "vessel"]
            for thing in here:
                structures.append(collect.structure_of(thing, t, plane, smoothed=smoothed))
                result = measure(thing.kind, thing.sightings[t], image, plane, vessels=vessels)
                of_frame[thing.name] = collect.measurements_of(
                    thing, t, result, plane, calibrated=chosen.network == NETWORK_NAME
                )
            of_frame |= _absent(things, t, plane)
            if chosen.stiffness is not None:
                colour = None if clip.colour is None else clip.colour[t]
                of_frame["stiffness"] = stiffness_of(colour, here, t, plane, chosen.stiffness)
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
