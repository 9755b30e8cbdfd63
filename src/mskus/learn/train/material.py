"""From a configuration to what a run needs: the split, both data sets, the pools of an epoch, the task's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mskus.errors import LearnError
from mskus.learn.fascicle_data import load_simulated_fascicles
from mskus.learn.losses import SegmentationLoss
from mskus.learn.manifest import Case, read_manifest
from mskus.learn.train.config import Task, TrainConfig
from mskus.learn.train.data import ClassificationData, DrawnData, HiddenPatchData, SegmentationData
from mskus.learn.train.orientation import OrientationData, fragments
from mskus.learn.train.pictures import Picture, load_pictures
from mskus.learn.train.sampler import Pool, grouped
from mskus.learn.train.simulator import phantoms, simulated_pictures
from mskus.learn.train.split import Split, split_cases, stop_at_leaks
from mskus.learn.train.tasks import (
    ClassificationRules,
    HiddenPatchRules,
    OrientationRules,
    SegmentationRules,
    TaskRules,
)


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a run learns from.

    Attributes:
        split: rows on both sides.
        training: augmented.
        held_out: as they are; may be empty.
        pools: what an epoch draws from.
        rules: of the task.
        outputs: names of the network's output channels.
    """

    split: Split
    training: DrawnData[Any]
    held_out: DrawnData[Any]
    pools: tuple[Pool, ...]
    rules: TaskRules
    outputs: tuple[str, ...] = field(default=())


def gather(config: TrainConfig) -> Material:
    """Read the manifest, split it, load the pictures.

    Raises:
        LearnError: if something of the data cannot be used.
    """
    named = config.data.manifest
    cases = [] if named is None else read_manifest(named, patient=config.data.patient)
    made = _GATHER[config.task](config, cases)
    # simulated pictures stand after the real ones, and are copies of nothing
    real = [p.image for p in (*made.training.pictures[: len(made.split.training)], *made.held_out.pictures)]
    stop_at_leaks(made.split, pictures=real, copies_at=config.split.copies_at)
    return made


def _segmentation(config: TrainConfig, cases: Sequence[Case]) -> Material:
    split = _by_masks(config, cases)
    wanted = split.training if config.loss.consistency else [c for c in split.training if c.mask is not None]
    training, held_out = (_load(config, rows) for rows in (wanted, split.held_out))
    classes, size = config.data.classes, config.data.size
    weights = [config.loss.class_weights.get(name, 1.0) for name in classes]
    known = [n for n, p in enumerate(training) if p.masks is not None]
    unknown = [n for n, p in enumerate(training) if p.masks is None]
    share = config.data.unlabelled_share if unknown else 0.0
    first, real = len(training), Pool(_balanced(config, training, known), 1.0 - share)
    if config.data.simulator is not None:
        training = [*training, *simulated_pictures(phantoms(config), classes=classes, size=size)]
    pools = _with_simulated(config, real, simulated=range(first, len(training)))
    if unknown and share:
        pools = (*pools, Pool(grouped(unknown, by=unknown), share))
    intensity, seed = config.data.intensity, config.seed
    return Material(
        split=Split(wanted, split.held_out),
        training=SegmentationData(
            training,
            classes,
            size,
            config.augmentation,
            seed,
            intensity=intensity,
            twice=config.loss.consistency > 0,
        ),
        held_out=SegmentationData(held_out, classes, size, intensity=intensity),
        pools=pools,
        rules=SegmentationRules(
            tuple(classes), SegmentationLoss({str(t): w for t, w in config.loss.terms.items()}, class_weights=weights)
        ),
        outputs=tuple(classes),
    )


def _orientation(config: TrainConfig, cases: Sequence[Case]) -> Material:
    split = _by_masks(config, cases)
    training, held_out = (
        [fragments(c) for c in rows if c.mask is not None] for rows in (split.training, split.held_out)
    )
    real = Pool(grouped(range(len(training)), by=[s.group for s in training]))
    first = len(training)
    if config.data.simulator is not None:
        training = [*training, *load_simulated_fascicles(phantoms(config))]
    pools = _with_simulated(config, real, simulated=range(first, len(training)))
    return Material(
        split=Split([c for c in split.training if c.mask is not None], split.held_out),
        training=OrientationData(training, seed=config.seed),
        held_out=OrientationData(held_out, seed=config.seed),
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


def _classification(config: TrainConfig, cases: Sequence[Case]) -> Material:
    column = str(config.data.label)
    rows = [c for c in cases if column in c.row]
    names = sorted({str(c.row[column]) for c in rows})
    if len(names) < 2:
        raise LearnError(f"{config.data.manifest}: the column {column!r} holds {len(names)} class(es); two are needed.")
    split = split_cases(rows, config.split, labelled=[True] * len(rows))
    number = {name: n for n, name in enumerate(names)}
    labels, judged = ([number[str(c.row[column])] for c in part] for part in (split.training, split.held_out))
    absent = sorted(set(range(len(names))) - set(labels))
    if absent:
        raise LearnError(
            f"All pictures of the class {names[absent[0]]!r} are held out; add patients or choose another fold."
        )
    training, held_out = (_load(config, part, masks=False) for part in (split.training, split.held_out))
    unknown = sorted(set(config.loss.class_weights) - set(names))
    if unknown:
        raise LearnError(f"loss.class_weights names {unknown[0]!r}, which is not in the column {column!r}.")
    size, intensity, seed = config.data.size, config.data.intensity, config.seed
    by = labels if config.data.balance == "classes" else None
    everything = list(range(len(training)))
    return Material(
        split=split,
        training=ClassificationData(
            training, labels, size=size, augment=config.augmentation, intensity=intensity, seed=seed
        ),
        held_out=ClassificationData(held_out, judged, size=size, intensity=intensity),
        pools=(Pool(grouped(everything, by=by) if by else _balanced(config, training, everything)),),
        rules=ClassificationRules(
            names,
            class_weights=[config.loss.class_weights.get(name, 1.0) for name in names],
            patients=[c.patient for c in split.held_out] if config.data.by_patient else None,
        ),
        outputs=tuple(names),
    )


def _pretraining(config: TrainConfig, cases: Sequence[Case]) -> Material:
    split = split_cases(cases, config.split, labelled=[True] * len(cases))
    training, held_out = (_load(config, part, masks=False) for part in (split.training, split.held_out))
    size, hidden, intensity = config.data.size, config.loss.masked, config.data.intensity
    return Material(
        split=split,
        training=HiddenPatchData(
            training, size=size, hidden=hidden, augment=config.augmentation, intensity=intensity, seed=config.seed
        ),
        held_out=HiddenPatchData(held_out, size=size, hidden=hidden, intensity=intensity),
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


def _balanced(config: TrainConfig, pictures: Sequence[Picture], indices: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    if config.data.balance == "patients":
        return grouped(indices, by=[pictures[i].case.patient for i in indices])
    return grouped(indices, by=list(np.arange(len(indices))))


_GATHER: dict[Task, Callable[[TrainConfig, Sequence[Case]], Material]] = {
    "segmentation": _segmentation,
    "classification": _classification,
    "orientation": _orientation,
    "pretraining": _pretraining,
}
