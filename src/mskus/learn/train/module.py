"""The training step, the averaged weights and the validation figures, as Lightning wants them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from mskus.errors import LearnError
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.tasks import Score, TaskRules


class TrainingModule(pl.LightningModule):
    """A network with its task.

    What is judged and saved is the exponential moving average of the weights, where the schedule asks for one.

    Args:
        network: maps pictures to what the task's loss takes.
        rules: of the task: loss and figures.
        config: of the run.
        total_steps: optimiser steps of the whole run, for the learning rate.

    Attributes:
        patients: whose each validated picture is, where the task judges by patient.
    """

    patients: Sequence[str] = ()

    def __init__(self, network: nn.Module, rules: TaskRules, *, config: TrainConfig, total_steps: int) -> None:
        super().__init__()
        self.network = network
        self.rules, self.config, self.total_steps = rules, config, total_steps
        self.average: AveragedModel | None = None
        if config.schedule.averaging:
            blend = get_ema_multi_avg_fn(config.schedule.averaging)  # type: ignore[no-untyped-call]
            self.average = AveragedModel(network, multi_avg_fn=blend, use_buffers=True)
            self.average.requires_grad_(False)
        self.seen: list[Score] = []
        self.running: dict[str, float] = {}

    @property
    def judged(self) -> nn.Module:
        """The network that is validated and saved."""
        return self.network if self.average is None else self.average.module

    def on_train_epoch_start(self) -> None:
        """Seed by epoch, so that dropout is the same after a resume; set the modes of the layers."""
        torch.manual_seed(self.config.seed * 100_003 + self.current_epoch)
        self.network.train()
        if self.average is not None:
            self.average.eval()
        if self.config.schedule.freeze_statistics:
            for layer in self.network.modules():
                if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                    layer.eval()
        self.running = {}

    def training_step(self, batch: list[Tensor], _: int) -> Tensor | None:
        """The loss of a batch.

        Raises:
            LearnError: if it is not a finite number.
        """
        image, _second = self.rules.shown(batch)
        loss = self.own_loss(self.network(image), batch)
        self.note(loss=float(loss.detach()))
        return loss

    def own_loss(self, logits: Tensor, batch: list[Tensor]) -> Tensor:
        """What the task asks for, and the teacher's opinion where it is asked.

        Raises:
            LearnError: if it is not a finite number.
        """
        second = self.rules.shown(batch)[1]
        with torch.autocast(self.device.type, enabled=False):
            loss = self.rules.loss(logits.float(), self.rules.parts(batch))
            weight = self._consistency()
            if weight and self.average is not None and second is not None:
                with torch.no_grad():
                    taught = torch.sigmoid(self.average.module(second).float())
                loss = loss + weight * nn.functional.mse_loss(torch.sigmoid(logits.float()), taught)
        if not torch.isfinite(loss):
            step = self.trainer.fit_loop.epoch_loop.total_batch_idx + 1
            raise LearnError(
                f"The loss became {float(loss.detach())} in epoch {self.current_epoch + 1} at step {step}; what was "
                "saved before stays. Lower schedule.rate, or look for pictures and targets that are not numbers."
            )
        return loss

    def note(self, **losses: float) -> None:
        """Move the running means that the epoch's figures show."""
        for name, value in losses.items():
            self.running[name] = 0.95 * self.running[name] + 0.05 * value if name in self.running else value

    def on_train_batch_end(self, *_: Any) -> None:
        """Move the average."""
        if self.average is not None:
            self.average.update_parameters(self.network)

    def on_validation_epoch_start(self) -> None:
        """Forget the last figures."""
        self.seen = []
        self.judged.eval()

    def validation_step(self, batch: list[Tensor], _: int) -> None:
        """Judge one batch in full precision, as the exported network will compute."""
        image = self.rules.shown(batch)[0]
        with torch.autocast(self.device.type, enabled=False):
            logits = self.judged(image.float())
        self.seen.extend(self.rules.scores(logits.float(), self.rules.parts(batch)))

    def on_validation_epoch_end(self) -> None:
        """Log the figures; ``score`` is the one to be made large."""
        for name, value in self.rules.figures(self.seen, self.patients).items():
            self.log(name, value)

    def configure_optimizers(self) -> Any:
        """AdamW; a linear warm-up, then a cosine down to a hundredth."""
        schedule = self.config.schedule
        optimiser = torch.optim.AdamW(self.network.parameters(), lr=schedule.rate, weight_decay=schedule.decay)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": self.rates(optimiser), "interval": "step"}}

    def rates(self, optimiser: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LambdaLR:
        """The rate of every step as a share of the highest."""
        warm = max(1, round(self.config.schedule.warm_up * self.total_steps))
        rest = max(1, self.total_steps - warm)

        def factor(step: int) -> float:
            if step < warm:
                return 0.05 + 0.95 * step / warm
            return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / rest)))

        return torch.optim.lr_scheduler.LambdaLR(optimiser, factor)

    def _consistency(self) -> float:
        """Weight of the teacher's opinion: a sigmoid-shaped rise over the ramp (Tarvainen & Valpola 2017)."""
        loss = self.config.loss
        if not loss.ramp_epochs:
            return loss.consistency
        done = min(1.0, self.current_epoch / loss.ramp_epochs)
        return loss.consistency * math.exp(-5.0 * (1.0 - done) ** 2)
