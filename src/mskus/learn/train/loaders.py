"""The loaders of a run; made when Lightning knows at which epoch it goes on."""

from __future__ import annotations

import math
from typing import Any

import cv2
import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader

from mskus.learn.train.config import TrainConfig
from mskus.learn.train.data import DrawnData
from mskus.learn.train.material import Material
from mskus.learn.train.sampler import EpochSampler


class RunData(pl.LightningDataModule):
    """Training and held-out loaders.

    Args:
        material: of the run.
        config: of the run.
    """

    def __init__(self, material: Material, *, config: TrainConfig) -> None:
        super().__init__()
        self.material, self.config = material, config
        self.steps = config.schedule.steps_per_epoch or _steps_of_one_pass(config, material)

    def train_dataloader(self) -> DataLoader[Any]:
        """Augmented examples, an epoch in the order that its number gives."""
        assert self.trainer is not None
        sampler = EpochSampler(
            self.material.pools,
            batch=self.config.schedule.batch,
            steps=self.steps,
            seed=self.config.seed,
            rank=self.trainer.global_rank,
            world=self.trainer.world_size,
        )
        # worker processes are given their first draws before Lightning tells a resumed run's sampler its epoch
        sampler.set_epoch(self.trainer.fit_loop.epoch_progress.state_dict()["current"]["processed"])
        return _loader(self.material.training, self.config, sampler=sampler, workers=self.config.data.workers)

    def val_dataloader(self) -> DataLoader[Any] | list[Any]:
        """Validation pictures; every device judges all, so that the figure is the same on any number of devices."""
        return _loader(self.material.validation, self.config) if len(self.material.validation) else []


def _loader(
    data: DrawnData[Any], config: TrainConfig, *, sampler: EpochSampler | None = None, workers: int = 0
) -> DataLoader[Any]:
    return DataLoader(
        data,
        batch_size=config.schedule.batch,
        sampler=sampler,
        num_workers=workers,
        persistent_workers=workers > 0,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_one_thread,
        pin_memory=torch.cuda.is_available(),
    )


def _one_thread(_: int) -> None:
    # OpenCV's thread pool does not survive the fork, and workers share the cores with the training
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def _steps_of_one_pass(config: TrainConfig, material: Material) -> int:
    first = next((pool for pool in material.pools if pool.groups), material.pools[0])
    labelled = max(1, round(config.schedule.batch * first.share / sum(p.share for p in material.pools)))
    return math.ceil(sum(len(g) for g in first.groups) / labelled)
