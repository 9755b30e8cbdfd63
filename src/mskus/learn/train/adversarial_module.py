"""The training step of an adversarial pair: two networks, two optimisers, one batch."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from mskus.learn.adversarial import AdversarialPair, PatchDiscriminator, adversarial_step
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.module import TrainingModule
from mskus.learn.train.tasks import TaskRules


class AdversarialModule(TrainingModule):
    """A segmentation network that also has to pass for a drawer of masks.

    The discriminator is kept in ``last.ckpt`` only; what is judged and saved is the segmentation network, as ever.

    Args:
        network: maps pictures to logits.
        rules: of the task.
        config: of the run; ``loss.adversarial`` is the weight.
        total_steps: optimiser steps of the whole run.
    """

    def __init__(self, network: nn.Module, rules: TaskRules, *, config: TrainConfig, total_steps: int) -> None:
        super().__init__(network, rules, config=config, total_steps=total_steps)
        self.automatic_optimization = False
        judge = config.loss.discriminator
        self.pair = AdversarialPair(
            network,
            PatchDiscriminator(len(config.data.classes), channels=judge.channels),
            weight=config.loss.adversarial,
            drawn=judge.drawn,
        )

    def training_step(self, batch: list[Tensor], _: int) -> None:
        """One step of each network.

        Raises:
            LearnError: if a loss is not a finite number.
        """
        image = self.rules.shown(batch)[0]
        target, weights = self.rules.parts(batch)
        generator, discriminator = cast(list[Any], self.optimizers())
        loss, fooled = adversarial_step(
            self.pair,
            image,
            target,
            cost=lambda logits, _: self.own_loss(logits, batch),
            generator_optimiser=generator,
            discriminator_optimiser=discriminator,
            weights=weights,
            backward=self.manual_backward,
        )
        for rates in cast(list[Any], self.lr_schedulers()):
            rates.step()
        self.note(loss=loss, discriminator_loss=fooled)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip here, where half precision has been scaled back: Lightning leaves it to who steps by hand."""
        self.clip_gradients(optimizer, gradient_clip_val=self.config.schedule.clip)

    def configure_optimizers(self) -> Any:
        """The network's own; for the discriminator Adam with little memory (Isola et al. 2017), the same warm-up."""
        generator = super().configure_optimizers()
        judge = torch.optim.Adam(
            self.pair.discriminator.parameters(), lr=self.config.loss.discriminator.rate, betas=(0.5, 0.999)
        )
        return [generator, {"optimizer": judge, "lr_scheduler": {"scheduler": self.rates(judge), "interval": "step"}}]
