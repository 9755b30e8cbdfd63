"""A short training of one candidate, on pictures that are read once for all."""

from __future__ import annotations

import math
from collections.abc import Callable

import lightning.pytorch as pl
import torch
from torch import nn

from mskus.learn.train.config import TrainConfig
from mskus.learn.train.loaders import RunData
from mskus.learn.train.material import Material
from mskus.learn.train.module import TrainingModule
from mskus.learn.train.precision import arithmetic
from mskus.learn.train.run import quiet


class _Report(pl.Callback):
    """Passes the figures on after every validation; what it calls may stop the training by an exception."""

    def __init__(self, report: Callable[[int, dict[str, float]], None]) -> None:
        self.report = report
        self.figures: dict[str, float] = {}

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self.report(trainer.current_epoch + 1, self.figures)


def train_briefly(
    make: Callable[[], nn.Module],
    material: Material,
    *,
    config: TrainConfig,
    report: Callable[[int, dict[str, float]], None] = lambda *_: None,
) -> dict[str, float]:
    """Train a candidate as the configuration's schedule says and give the figures of the last validation.

    Nothing is kept on disk. All candidates see the same examples in the same order.

    Args:
        make: the network with random first weights, after the seed is set.
        material: pictures and split, from :func:`mskus.learn.train.material.gather`.
        config: seed, schedule and loader.
        report: takes the number of epochs done and the figures; an exception of it ends the training.

    Raises:
        LearnError: if the loss becomes NaN.
    """
    schedule = config.schedule
    if schedule.threads:
        torch.set_num_threads(schedule.threads)
    torch.manual_seed(config.seed)
    data = RunData(material, config=config)
    module = TrainingModule(make(), material.rules, config=config, total_steps=data.steps * schedule.epochs)
    reporting = _Report(report)
    with quiet():
        trainer = pl.Trainer(
            max_epochs=schedule.epochs,
            accelerator=schedule.accelerator,
            devices=1,
            precision=arithmetic(schedule),
            gradient_clip_val=schedule.clip,
            callbacks=[reporting],
            check_val_every_n_epoch=schedule.validate_every,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            logger=False,
            deterministic="warn",
        )
        try:
            trainer.fit(module.to(memory_format=torch.channels_last), datamodule=data)
        except SystemExit:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from None
    score = reporting.figures.get("score", math.nan)
    return {**reporting.figures, "score": 0.0 if math.isnan(score) else score}
