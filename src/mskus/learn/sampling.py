"""Endless random fascicle examples: a source by its share, then a group, then a picture, then augmentation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from mskus.learn.augment import Geometry, augment_intensity
from mskus.learn.datasets import LearnError, Sourced
from mskus.learn.fascicle_data import FascicleSample
from mskus.models.intensity import robust_unit

Sample = TypeVar("Sample", bound=Sourced)


class GroupedPool(Generic[Sample]):
    """Draws a source by its share, then a group, then a picture.

    Groups are drawn evenly within a source, so that a long near-duplicate series does not outweigh a single picture.

    Args:
        samples: the training pictures.
        shares: relative share of each source; sources without samples are left out.
    """

    def __init__(self, samples: Sequence[Sample], *, shares: Mapping[str, float]) -> None:
        by_source: dict[str, list[list[Sample]]] = {}
        for source in shares:
            groups: dict[str, list[Sample]] = defaultdict(list)
            for sample in samples:
                if sample.source == source:
                    groups[sample.group].append(sample)
            if groups:
                by_source[source] = list(groups.values())
        if not by_source:
            raise LearnError("no training picture belongs to a known source; check --data, --without and --leave-out.")
        weights = np.array([shares[s] for s in by_source], float)
        self.chances = weights / weights.sum()
        self.groups = list(by_source.values())

    def draw(self, rng: np.random.Generator) -> Sample:
        """One picture."""
        groups = self.groups[int(rng.choice(len(self.groups), p=self.chances))]
        group = groups[int(rng.integers(len(groups)))]
        return group[int(rng.integers(len(group)))]


FASCICLE_SIZE = (320, 192)
MOST_STRETCH = 0.3  # of the logarithm, each way: a slope changes by up to 1.8 times
TURN_DEG = 2.5


class FascicleExamples(IterableDataset[tuple[Tensor, Tensor]]):
    """Augmented ``(image (1, 192, 320), target (5, 192, 320))`` without end; see :func:`losses.fascicle_loss`."""

    def __init__(self, samples: Sequence[FascicleSample], *, shares: Mapping[str, float], seed: int) -> None:
        self.pool = GroupedPool(samples, shares=shares)
        self.seed = seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        while True:
            yield augmented_fascicles(self.pool.draw(rng), rng)


def augmented_fascicles(
    sample: FascicleSample, rng: np.random.Generator, *, often: float = 0.4
) -> tuple[Tensor, Tensor]:
    """One augmented example: a view of the belly at random zoom and stretch, angles turned along.

    The angle is varied by stretching the picture, hardly by turning it: speckle grains lie across the beam, and in a
    turned picture they would lie along the change of angle, so that the network would learn to read its answer off the
    grains and find every fascicle too flat in pictures that are not turned. For the same reason another probe's beam is
    laid on after the view is chosen. Noise hides the direction of faint lines, so the appearance is changed less
    ``often`` than for masks; 0 leaves it as it is.
    """
    width, height = FASCICLE_SIZE
    x, y, w, h = sample.belly
    # the exam shows the whole width of the picture in the network's 320 columns: about that scale, and closer
    zoom = width / sample.image.shape[1] * float(np.exp(rng.uniform(np.log(0.75), np.log(2.0))))
    stretch = float(np.exp(rng.uniform(-MOST_STRETCH, MOST_STRETCH)))
    geometry = Geometry(
        size=FASCICLE_SIZE,
        centre=(x + w * rng.uniform(0.25, 0.75), y + h * rng.uniform(0.3, 0.7)),
        scale_x=zoom * stretch * (-1.0 if rng.random() < 0.5 else 1.0),
        scale_y=zoom / stretch,
        rotation_deg=float(np.clip(rng.normal(0.0, TURN_DEG), -2.0 * TURN_DEG, 2.0 * TURN_DEG)),
    )
    unit = robust_unit(geometry.warp(sample.image))
    if rng.random() < often:
        unit = wider_beam(unit, rng)
    unit = augment_intensity(unit, rng, often=often)
    target = np.zeros((5, height, width), np.float32)
    target[0] = geometry.warp(sample.presence).astype(np.float32) / 255.0
    target[1] = geometry.warp(sample.presence_weight).astype(np.float32) / 255.0
    angle = geometry.warp_nearest(sample.angle_deg.astype(np.float32), outside=np.nan)
    known = np.isfinite(angle)
    twice = np.deg2rad(2.0 * geometry.turn_angle(angle[known]))
    target[2][known] = np.cos(twice)
    target[3][known] = np.sin(twice)
    target[4] = known
    return torch.from_numpy(unit[None]), torch.from_numpy(target)


def wider_beam(unit: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The picture of a probe with a wider beam: blurred across the beam only, by up to 1 % of the width."""
    sigma = float(rng.uniform(0.002, 0.01)) * unit.shape[1]
    return np.asarray(cv2.GaussianBlur(unit, (0, 0), sigmaX=sigma, sigmaY=0.3), np.float32)
