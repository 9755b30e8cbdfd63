"""From a configuration to what a run needs: the split, both data sets, the pools of an epoch, the task's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mskus.errors import LearnError
from mskus.learn.fascicle_data import FascicleSample
from mskus.learn.losses import SegmentationLoss
from mskus.learn.manifest import Case, name_of, read_manifest
from mskus.learn.train.clips import ClipClassificationData, ClipData, Series, load_series, windows
from mskus.learn.train.config import DEEP, SUPERFICIAL, Task, TrainConfig
from mskus.learn.train.data import ClassificationData, HiddenPatchData, Mixing, Renewed, SegmentationData
from mskus.learn.train.learning_set import Material
from mskus.learn.train.mixing import FatLayers, PastedStructures
from mskus.learn.train.orientation import OrientationData, fragments
from mskus.learn.train.pictures import Picture, PictureMaker, load_pictures
from mskus.learn.train.sampler import Pool, grouped
from mskus.learn.train.simulator import endless_fascicles, endless_pictures
from mskus.learn.train.split import Split, split_cases, stop_at_leaks
from mskus.learn.train.tasks import (
    ClassificationRules,
    ClipSegmentationRules,
    HiddenPatchRules,
    OrientationRules,
    SegmentationRules,
)

__all__ = ["Material", "gather"]


def gather(config: TrainConfig) -> Material:
    """Read the manifest, split it, load the pictures.

    Raises:
        LearnError: if something of the data cannot be used.
    """
    named = config.data.manifest
    cases = [] if named is None else read_manifest(named, patient=config.data.patient)
    made = (_GATHER_CLIPS if config.data.clip_length else _GATHER)[config.task](config, cases)
    # simulated pictures stand after the real ones, and are copies of nothing
    real = [made.training.picture(n).image for n in range(len(made.split.training))]
    others = [part for part in (made.choosing, made.held_out) if part is not None]
    real += [part.picture(n).image for part in others for n in range(len(part))]
    stop_at_leaks(made.split, pictures=real, copies_at=config.split.copies_at)
    return made


def _segmentation(config: TrainConfig, cases: Sequence[Case]) -> Material:
    split = _by_masks(config, cases)
    wanted = split.training if config.loss.consistency else [c for c in split.training if c.mask is not None]
    training = _load(config, wanted)
    classes, size = config.data.classes, config.data.size
    known = [n for n, p in enumerate(training) if p.masks is not None]
    unknown = [n for n, p in enumerate(training) if p.masks is None]
    share = config.data.unlabelled_share if unknown else 0.0
    first, real = len(training), Pool(_balanced(config, training, known), 1.0 - share)
    everything: list[Picture | Renewed[Picture]] = [*training]
    if config.data.simulator is not None:
        everything += endless_pictures(config)
    pools = _with_simulated(config, real, simulated=range(first, len(everything)))
    if unknown and share:
        pools = (*pools, Pool(grouped(unknown, by=unknown), share))
    intensity, seed = config.data.intensity, config.seed

    def seen(rows: Sequence[Case]) -> SegmentationData:
        return SegmentationData(_load(config, rows), classes, size, intensity=intensity)

    return Material(
        split=Split(wanted, split.held_out, split.choosing),
        training=SegmentationData(
            everything,
            classes,
            size,
            config.augmentation,
            seed,
            intensity=intensity,
            twice=config.loss.consistency > 0,
            mixing=_mixing(config, training, everything[first:]),
            keep=config.data.keep_in_view,
        ),
        held_out=seen(split.held_out),
        choosing=seen(split.choosing) if split.choosing else None,
        pools=pools,
        rules=SegmentationRules(tuple(classes), _mask_loss(config)),
        outputs=tuple(classes),
    )


def _mixing(
    config: TrainConfig, training: Sequence[Picture], simulated: Sequence[Picture | Renewed[Picture]]
) -> list[Mixing]:
    data, made = config.data, list[Mixing]()
    if data.fat_layer:
        donors = [one for one in simulated if isinstance(one, Renewed)]
        superficial, deep = (list(data.classes).index(name) for name in (SUPERFICIAL, DEEP))
        made.append(FatLayers(donors, chance=data.fat_layer, superficial=superficial, deep=deep))
    if data.paste:
        made.append(PastedStructures(training, chance=data.paste))
    return made


def _orientation(config: TrainConfig, cases: Sequence[Case]) -> Material:
    split = _by_masks(config, cases)
    wanted = [c for c in split.training if c.mask is not None]
    training = [fragments(c) for c in wanted]
    real = Pool(grouped(range(len(training)), by=[s.group for s in training]))
    everything: list[FascicleSample | Renewed[FascicleSample]] = [*training]
    if config.data.simulator is not None:
        everything += endless_fascicles(config)
    pools = _with_simulated(config, real, simulated=range(len(training), len(everything)))

    def seen(rows: Sequence[Case]) -> OrientationData:
        return OrientationData([fragments(c) for c in rows], seed=config.seed)

    return Material(
        split=Split(wanted, split.held_out, split.choosing),
        training=OrientationData(everything, seed=config.seed),
        held_out=seen(split.held_out),
        choosing=seen(split.choosing) if split.choosing else None,
        pools=pools,
        rules=OrientationRules(),
        outputs=("fascicle", "orientation_cos_2t", "orientation_sin_2t"),
    )


def _by_masks(config: TrainConfig, cases: Sequence[Case]) -> Split:
    if config.data.manifest is None:
        return Split([], [])
    labelled = [c.mask is not None for c in cases]
    if not any(labelled):
        raise LearnError(f"{config.data.manifest}: no row names a mask; fill the column 'mask', or pre-train without.")
    return split_cases(cases, config.split, labelled=labelled)


def _with_simulated(config: TrainConfig, real: Pool, *, simulated: Sequence[int]) -> tuple[Pool, ...]:
    """The real pictures and the simulated ones, each with its share of a batch."""
    if not simulated:
        return (real,)
    share = config.data.simulated_share if real.groups else 1.0
    drawn = Pool(grouped(simulated, by=simulated), real.share * share)
    return Pool(real.groups, real.share * (1.0 - share)), drawn


def _clip_segmentation(config: TrainConfig, cases: Sequence[Case]) -> Material:
    split, length = _by_masks(config, cases), config.data.clip_length or 1
    training = [s for s in _series(config, split.training, reach=length - 1) if s.labelled]
    held_out, choosing = (
        [w for s in _series(config, _whole(part, cases), reach=length - 1) for w in windows(s, length)]
        for part in (split.held_out, split.choosing)
    )
    size, intensity = config.data.size, config.data.intensity

    def seen(parts: Sequence[Series]) -> ClipData:
        return ClipData(parts, length=length, size=size, intensity=intensity)

    return Material(
        split=Split([s.case for s in training], [s.case for s in held_out], [s.case for s in choosing]),
        training=ClipData(
            training, length=length, size=size, augment=config.augmentation, intensity=intensity, seed=config.seed
        ),
        held_out=seen(held_out),
        choosing=seen(choosing) if choosing else None,
        pools=(Pool(_balanced(config, training, list(range(len(training))))),),
        rules=ClipSegmentationRules(tuple(config.data.classes), _mask_loss(config)),
        outputs=tuple(config.data.classes),
        frames=[s.frames[n].case for s in held_out for n in s.labelled],
    )


def _classification(config: TrainConfig, cases: Sequence[Case]) -> Material:
    names, rows = _labelled_rows(config, cases)
    split = split_cases(rows, config.split, labelled=[True] * len(rows))
    number = _numbers(config, names, split.training)
    training = _load(config, split.training, masks=False)
    labels = [number(p.case) for p in training]
    size, intensity, seed = config.data.size, config.data.intensity, config.seed

    def seen(part: Sequence[Case]) -> ClassificationData:
        pictures = _load(config, part, masks=False)
        return ClassificationData(pictures, [number(c) for c in part], size=size, intensity=intensity)

    return Material(
        split=split,
        training=ClassificationData(
            training, labels, size=size, augment=config.augmentation, intensity=intensity, seed=seed
        ),
        held_out=seen(split.held_out),
        choosing=seen(split.choosing) if split.choosing else None,
        pools=(_pool_of_classes(config, training, labels),),
        rules=_class_rules(config, names),
        outputs=tuple(names),
    )


def _clip_classification(config: TrainConfig, cases: Sequence[Case]) -> Material:
    names, rows = _labelled_rows(config, cases)
    split = split_cases(rows, config.split, labelled=[True] * len(rows))
    number = _numbers(config, names, split.training)
    size, intensity, length = config.data.size, config.data.intensity, config.data.clip_length or 1
    sides = [_series(config, part, reach=None) for part in (split.training, split.held_out, split.choosing)]
    for one in (s for side in sides for s in side):
        if len({number(f.case) for f in one.frames}) > 1:
            raise LearnError(f"The rows of the clip of {one.case.image} differ in {config.data.label!r}; give it one.")
    training, held_out, choosing = sides
    labels = [number(s.case) for s in training]

    def seen(series: Sequence[Series]) -> ClipClassificationData:
        known = [number(s.case) for s in series]
        return ClipClassificationData(series, known, length=length, size=size, intensity=intensity)

    return Material(
        split=Split([s.case for s in training], [s.case for s in held_out], [s.case for s in choosing]),
        training=ClipClassificationData(
            training,
            labels,
            length=length,
            size=size,
            augment=config.augmentation,
            intensity=intensity,
            seed=config.seed,
        ),
        held_out=seen(held_out),
        choosing=seen(choosing) if choosing else None,
        pools=(_pool_of_classes(config, training, labels),),
        rules=_class_rules(config, names),
        outputs=tuple(names),
    )


def _labelled_rows(config: TrainConfig, cases: Sequence[Case]) -> tuple[list[str], list[Case]]:
    """The classes that the column of labels holds, and the rows that have one."""
    column = str(config.data.label)
    rows = [c for c in cases if column in c.row]
    names = sorted({name_of(c.row[column]) for c in rows})
    if len(names) < 2:
        raise LearnError(f"{config.data.manifest}: the column {column!r} holds {len(names)} class(es); two are needed.")
    unknown = sorted(set(config.loss.class_weights) - set(names))
    if unknown:
        raise LearnError(f"loss.class_weights names {unknown[0]!r}, which is not in the column {column!r}.")
    return names, rows


def _numbers(config: TrainConfig, names: Sequence[str], training: Sequence[Case]) -> Callable[[Case], int]:
    """The class number of a row; every class must be trained on."""
    column = str(config.data.label)
    absent = sorted(set(names) - {name_of(c.row[column]) for c in training})
    if absent:
        raise LearnError(f"All pictures of the class {absent[0]!r} are held out; add patients or choose another fold.")
    return lambda case: names.index(name_of(case.row[column]))


def _pool_of_classes(config: TrainConfig, items: Sequence[Picture | Series], labels: Sequence[int]) -> Pool:
    everything = list(range(len(items)))
    if config.data.balance == "classes":
        return Pool(grouped(everything, by=labels))
    return Pool(_balanced(config, items, everything))


def _class_rules(config: TrainConfig, names: Sequence[str]) -> ClassificationRules:
    weights = [config.loss.class_weights.get(name, 1.0) for name in names]
    return ClassificationRules(names, class_weights=weights, by_patient=config.data.by_patient)


def _pretraining(config: TrainConfig, cases: Sequence[Case]) -> Material:
    split = split_cases(cases, config.split, labelled=[True] * len(cases))
    training = _load(config, split.training, masks=False)
    size, hidden, intensity = config.data.size, config.loss.masked, config.data.intensity

    def seen(part: Sequence[Case]) -> HiddenPatchData:
        return HiddenPatchData(_load(config, part, masks=False), size=size, hidden=hidden, intensity=intensity)

    return Material(
        split=split,
        training=HiddenPatchData(
            training, size=size, hidden=hidden, augment=config.augmentation, intensity=intensity, seed=config.seed
        ),
        held_out=seen(split.held_out),
        choosing=seen(split.choosing) if split.choosing else None,
        pools=(Pool(_balanced(config, training, list(range(len(training))))),),
        rules=HiddenPatchRules(),
        outputs=("picture",),
    )


def _load(config: TrainConfig, cases: Sequence[Case], *, masks: bool = True) -> list[Picture]:
    return load_pictures(
        cases,
        classes=config.data.classes if masks else {},
        size=config.data.size,
        labelled=config.data.labelled,
        ignore=config.data.ignore,
        crop=config.data.crop,
    )


def _whole(part: Sequence[Case], cases: Sequence[Case]) -> list[Case]:
    """All rows of the part's patients: a frame that nobody has drawn still comes before the next."""
    patients = {c.patient for c in part}
    return [c for c in cases if c.patient in patients]


def _series(config: TrainConfig, cases: Sequence[Case], *, reach: int | None) -> list[Series]:
    data = config.data
    classes = data.classes if config.task == "segmentation" else {}
    make = PictureMaker(classes, size=data.size, labelled=data.labelled, ignore=data.ignore)
    return load_series(cases, column=data.clip, make=make, crop=data.crop, reach=reach)


def _mask_loss(config: TrainConfig) -> SegmentationLoss:
    weights = [config.loss.class_weights.get(name, 1.0) for name in config.data.classes]
    return SegmentationLoss({str(t): w for t, w in config.loss.terms.items()}, class_weights=weights)


def _balanced(
    config: TrainConfig, pictures: Sequence[Picture | Series], indices: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    if config.data.balance == "patients":
        return grouped(indices, by=[pictures[i].case.patient for i in indices])
    return grouped(indices, by=list(np.arange(len(indices))))


_GATHER: dict[Task, Callable[[TrainConfig, Sequence[Case]], Material]] = {
    "segmentation": _segmentation,
    "classification": _classification,
    "orientation": _orientation,
    "pretraining": _pretraining,
}
_GATHER_CLIPS: dict[Task, Callable[[TrainConfig, Sequence[Case]], Material]] = {
    "segmentation": _clip_segmentation,
    "classification": _clip_classification,
}
