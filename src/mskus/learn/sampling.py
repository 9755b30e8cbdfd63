"""Endless random training examples: a source by its share, then a group, then a picture, then augmentation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from mskus.learn.augment import augment_intensity, random_geometry
from mskus.learn.datasets import MaskSample
from mskus.models.intensity import robust_unit

NETWORK_PX = 256


class MaskExamples(IterableDataset[tuple[Tensor, Tensor, Tensor]]):
    """Augmented ``(image (1, 256, 256), masks (C, 256, 256), weights (C,))`` without end.

    Groups are drawn evenly within a source, so that a long near-duplicate series does not outweigh a single picture.

    Args:
        samples: the training pictures.
        shares: relative share of each source; sources without samples are left out.
        seed: start of the random numbers; every worker process gets its own.
    """

    def __init__(self, samples: Sequence[MaskSample], *, shares: Mapping[str, float], seed: int) -> None:
        self.by_source: dict[str, list[list[MaskSample]]] = {}
        for source in shares:
            groups: dict[str, list[MaskSample]] = defaultdict(list)
            for sample in samples:
                if sample.source == source:
                    groups[sample.group].append(sample)
            if groups:
                self.by_source[source] = list(groups.values())
        weights = np.array([shares[s] for s in self.by_source], float)
        self.chances = weights / weights.sum()
        self.seed = seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        sources = list(self.by_source)
        while True:
            groups = self.by_source[sources[int(rng.choice(len(sources), p=self.chances))]]
            group = groups[int(rng.integers(len(groups)))]
            yield augmented(group[int(rng.integers(len(group)))], rng)


def augmented(sample: MaskSample, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """One augmented example; the view keeps most of both aponeuroses, else "topmost" would change its meaning."""
    source = (sample.image.shape[1], sample.image.shape[0])
    for _ in range(6):
        geometry = random_geometry(rng, source=source, size=(NETWORK_PX, NETWORK_PX))
        masks = geometry.warp(sample.masks)
        kept = (masks > 127).any(axis=0).mean(axis=0)
        had = (sample.masks > 127).any(axis=0).mean(axis=0)
        if np.all(kept[:2] >= 0.6 * np.minimum(had[:2], 0.9)):
            break
    image = geometry.warp(sample.image)
    unit = robust_unit(np.asarray(image, np.uint8))
    unit = augment_intensity(unit, rng)
    target = np.ascontiguousarray(np.moveaxis(masks, 2, 0)).astype(np.float32) / 255.0
    return torch.from_numpy(unit[None]), torch.from_numpy(target), torch.from_numpy(sample.weights.copy())
