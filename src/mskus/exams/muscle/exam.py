"""The muscle exam: from a clip to architecture, echo intensity and their intervals, read top to bottom."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Clip
from mskus.exams.ahead import WORKERS, ahead
from mskus.exams.manifest import manifest_of
from mskus.exams.muscle import collect
from mskus.exams.muscle.belly import Belly, CropPlan, belly_of, bone_below
from mskus.exams.muscle.echo import belly_echo, region_echo
from mskus.exams.muscle.fascicles import FascicleSight, Maps, orientations, see_fascicles
from mskus.exams.muscle.fragments import fascicle_fragments
from mskus.exams.muscle.frame_result import FrameResult, measure_belly
from mskus.exams.muscle.intervals import perturbation_spread, standard_error, without_uncertain
from mskus.exams.muscle.maps import OrientationMaps
from mskus.exams.muscle.series import frames_left_open, frames_to_look_at, smooth_pairs, smooth_sights
from mskus.exams.muscle.settings import MuscleSettings
from mskus.exams.plane import Plane
from mskus.findings import Findings, Measurement, QualityVerdict, Structure
from mskus.motion.flow import BellyMotion, belly_motion
from mskus.quality import FrameQuality, assess_frame, clip_verdict, verdict
from mskus.segment.aponeuroses import AponeurosisPair
from mskus.segment.belly_choice import Choice, candidate_pairs, choose

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

_SHORTEST_SERIES = 5  # frames: fewer do not tell how fast the muscle moves, so they are left as measured


@dataclass(frozen=True, eq=False)
class _Sight:
    """What the first look at every frame gave."""

    choices: list[Choice]
    motions: list[BellyMotion | None]
    qualities: list[FrameQuality]


def examine_muscle(clip: Clip, **settings: Any) -> Findings:
    """Architecture and echo intensity of a muscle, frame by frame and for the clip.

    Args:
        clip: a longitudinal clip or still; a cross-section with ``transverse=True`` and a ``polygon``.
        **settings: see :class:`MuscleSettings`.

    Returns:
        Findings attached to the clip; ``maps["orientation"][frame]`` is the dense orientation field.

    Raises:
        ExamError: if a setting is unknown or out of range.
    """
    started = time.perf_counter()
    chosen = MuscleSettings.check(settings)
    plane = Plane.of(clip)
    if chosen.transverse:
        found = _examine_transverse(clip, plane, chosen)
    else:
        found = _examine_longitudinal(clip, plane, chosen)
    models = [] if chosen.transverse else ["muscle_aponeurosis"]
    if chosen.orientation in ("learned", "combined") and not chosen.transverse:
        models.append("muscle_fascicle")
    manifest = manifest_of(
        clip,
        exam="muscle",
        settings=chosen.model_dump(mode="json"),
        models=models,
        seed=chosen.seed,
        seconds=time.perf_counter() - started,
    )
    return found.model_copy(update={"manifest": manifest}).attach(clip, found.maps)


def _examine_longitudinal(clip: Clip, plane: Plane, chosen: MuscleSettings) -> Findings:
    sight = _look(clip, plane)
    quality = clip_verdict(sight.qualities)
    moving = chosen.smooth and clip.n_frames >= _SHORTEST_SERIES
    pairs = choose(sight.choices)
    if moving:
        pairs = smooth_pairs(pairs, sight.motions)
    bellies = [belly_of(pair, plane.spacing_xy, plane.size) for pair in pairs]
    results, plan = _measure(clip, plane, chosen, pairs, bellies, sight.motions if moving else None)
    results = [_judged(r, verdict(q), plane) for r, q in zip(results, sight.qualities, strict=True)]
    picks = _picked(results, chosen.perturbed_frames)
    pictures = {t: np.asarray(clip.frame(t))[plane.region.slices] for t in picks}
    errors = _errors(pictures, plane, chosen, results)
    results = [without_uncertain(result, error) for result, error in zip(results, errors, strict=True)]
    structures: list[Structure] = []
    frames: list[list[Measurement]] = []
    for t, (result, error) in enumerate(zip(results, errors, strict=True)):
        structures += collect.structures_of(result, t, plane)
        if t in pictures and plan is not None:
            structures += fascicle_fragments(pictures[t], result, plan, plane, frame=t)
        frames.append(collect.measurements_of(result, t, plane, errors=error))
    measurements = [m for frame in frames for m in frame]
    if clip.n_frames > 1:
        measurements = collect.clip_summary(frames, plane, errors=_mean_errors(errors)) + measurements
    echo, histogram = belly_echo(clip, plane, results, polygon=chosen.polygon)
    maps: dict[str, Any] = {"echo_intensity": histogram}
    if plan is not None:
        maps["orientation"] = OrientationMaps(clip, plane, plan, results, chosen.orientation)
    return Findings(
        exam="muscle",
        quality=quality,
        structures=structures,
        measurements=measurements + echo,
        grades=collect.fascicle_direction(results),
    ).attach(clip, maps)


def _examine_transverse(clip: Clip, plane: Plane, chosen: MuscleSettings) -> Findings:
    structures, measurements, histogram = region_echo(clip, plane, chosen.polygon)
    quality = clip_verdict([assess_frame(frame[plane.region.slices]) for frame in clip.frames()])
    return Findings(exam="muscle", quality=quality, structures=structures, measurements=measurements).attach(
        clip, {"echo_intensity": histogram}
    )


def _look(clip: Clip, plane: Plane) -> _Sight:
    """First pass: quality, lines that can be aponeuroses, and frame-to-frame motion."""
    from mskus.segment.aponeurosis_network import aponeurosis_probabilities

    field = None if clip.field is None else clip.field[plane.region.slices]
    sight = _Sight([], [], [])
    previous: U8 | None = None
    for images, probabilities in ahead(clip, plane.region, lambda _, images: aponeurosis_probabilities(images)):
        for image, maps in zip(images, probabilities, strict=True):
            choice = candidate_pairs(maps, image)
            sight.choices.append(choice)
            sight.qualities.append(assess_frame(image, field=field))
            sight.motions.append(None if previous is None else _motion(previous, image, choose([choice])[0]))
            previous = image
    return sight


def _motion(previous: U8, image: U8, pair: AponeurosisPair) -> BellyMotion | None:
    common = pair.common
    if np.count_nonzero(common) < 3:
        return None
    x = pair.superficial.x_px[common]
    top, bottom = pair.superficial.upper_y_px[common], pair.deep.lower_y_px[common]
    box = (int(x[0]), max(int(top.min()), 0), int(x[-1]) + 1, int(bottom.max()) + 1)
    return belly_motion(previous, image, box)


def _measure(
    clip: Clip,
    plane: Plane,
    chosen: MuscleSettings,
    pairs: Sequence[AponeurosisPair],
    bellies: Sequence[Belly | None],
    motions: Sequence[BellyMotion | None] | None,
) -> tuple[list[FrameResult], CropPlan | None]:
    """Second pass: fascicle direction in the belly's crop, seen or carried by the motion, and all values of a frame."""
    known = [b for b in bellies if b is not None]
    if not known:
        return [measure_belly(pair, None, None) for pair in pairs], None
    plan = CropPlan.over(known, plane.spacing_xy, plane.size)
    looked = [True] * len(bellies) if motions is None else frames_to_look_at(motions, every=chosen.direction_every)
    sights: list[FascicleSight | None] = []

    def directions(first: int, images: U8) -> dict[int, Maps]:
        seen = {t: b for t, b in enumerate(bellies) if first <= t < first + len(images) and looked[t] and b is not None}
        crops = [plan.cut(images[t - first]) for t in seen]
        return dict(zip(seen, orientations(crops, list(seen.values()), plan, chosen.orientation), strict=True))

    bones: list[F64 | None] = []
    for images, fields in ahead(clip, plane.region, directions):
        for image in images:
            belly, maps = bellies[len(sights)], fields.get(len(sights))
            bones.append(None if belly is None else bone_below(image, belly, plane.spacing_xy))
            sights.append(None if belly is None or maps is None else see_fascicles(maps, belly, plan))
    if motions is not None:
        for t in frames_left_open(sights):
            belly = bellies[t]
            if belly is not None:
                crop = plan.cut(np.asarray(clip.frame(t))[plane.region.slices])
                sights[t] = see_fascicles(orientations([crop], [belly], plan, chosen.orientation)[0], belly, plan)
        sights = smooth_sights(sights, motions, aspect=plane.spacing_xy[1] / plane.spacing_xy[0])
    found = zip(pairs, bellies, sights, bones, strict=True)
    return [replace(measure_belly(pair, belly, sight), bone_px=bone) for pair, belly, sight, bone in found], plan


def _judged(result: FrameResult, quality: QualityVerdict, plane: Plane) -> FrameResult:
    """Withhold everything from a frame that the picture or the scale does not support."""
    reason = quality.reasons[0] if quality.verdict == "fail" else plane.refusal
    if not reason:
        return result
    kept = result if quality.verdict != "fail" else FrameResult()
    return replace(kept, values={}, withheld=dict.fromkeys(collect.NAMES, reason), streamlines=[])


def _picked(results: Sequence[FrameResult], n: int) -> list[int]:
    """At most ``n`` measured frames, spread over the clip."""
    measured = [t for t, r in enumerate(results) if r.values]
    if not measured or n == 0:
        return []
    return sorted({measured[i] for i in np.linspace(0, len(measured) - 1, n).round().astype(int)})


def _errors(
    pictures: dict[int, U8], plane: Plane, chosen: MuscleSettings, results: Sequence[FrameResult]
) -> list[dict[str, float]]:
    """Standard error of every value of every frame, from perturbing the frames in ``pictures``."""

    def spread_of(t: int) -> dict[str, float]:
        return perturbation_spread(pictures[t], plane.spacing_xy, chosen.orientation, seed=chosen.seed + t)

    with ThreadPoolExecutor(WORKERS) as workers:
        spreads = list(workers.map(spread_of, pictures))
    typical = {n: float(np.median([s[n] for s in spreads if n in s])) for n in {n for s in spreads for n in s}}
    return [
        {
            name: standard_error(
                name, r, typical[name], method=chosen.orientation, relative_scale_error=plane.relative_error
            )
            for name in r.values
            if name in typical
        }
        for r in results
    ]


def _mean_errors(errors: Sequence[dict[str, float]]) -> dict[str, float]:
    """Frames share their systematic error, so a clip's mean is no surer than its frames."""
    names = {name for e in errors for name in e}
    return {name: float(np.median([e[name] for e in errors if name in e])) for name in names}
