"""Adversarial segmentation: a second network learns to tell drawn masks from found ones, and the first to pass.

Sources: Luc et al. 2016 (arXiv 1611.08408) for the pair and its losses; Isola et al. 2017 (arXiv 1611.07004) for a
discriminator that judges patches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from mskus.errors import LearnError

SegmentationCost = Callable[[Tensor, Tensor], Tensor]


class PatchDiscriminator(nn.Module):
    """Says of every patch whether its mask was drawn: ``(N, C, H, W)`` and ``(N, K, H, W)`` to ``(N, 1, h, w)``.

    H and W are at least 32. With four levels a judgement sees 94 pixels at a stride of 16.

    Args:
        n_classes: K, channels of the mask.
        in_channels: C, of the picture.
        channels: features at 1/2, 1/4, 1/8 ...
    """

    def __init__(self, n_classes: int, *, in_channels: int = 1, channels: Sequence[int] = (32, 64, 96, 128)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        previous = n_classes + in_channels
        for width in channels:
            # without normalisation: statistics of a batch of drawn masks would give them away
            layers += [nn.Conv2d(previous, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
            previous = width
        self.layers = nn.Sequential(*layers, nn.Conv2d(previous, 1, 4, padding=1))

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        """Logits: above 0 says drawn."""
        judged: Tensor = self.layers(torch.cat([image, mask], dim=1))
        return judged


class AdversarialPair(nn.Module):
    """A segmentation network with the network that judges its masks.

    With s the found share and y the drawn one, D the discriminator's logit and H the cross-entropy,

    ``generator = cost(s, y) + weight * H(D(x, s), 1)`` and ``discriminator = (H(D(x, y), drawn) + H(D(x, s), 0)) / 2``.

    Drawn masks are shown as sure as the found ones are at each pixel, and called drawn by .9 only: a discriminator that
    just looks whether a mask is exactly 0 or 1 teaches nothing about shape.

    Args:
        generator: maps pictures to logits.
        discriminator: judges pictures with masks.
        weight: of the adversarial term.
        drawn: what the discriminator should say of drawn masks.

    Raises:
        LearnError: if the weight is negative, or ``drawn`` is not above .5 and at most 1.
    """

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, *, weight: float = 0.05, drawn: float = 0.9
    ) -> None:
        super().__init__()
        if weight < 0 or not 0.5 < drawn <= 1:
            raise LearnError(
                f"An adversarial weight of 0 or more and a target in (.5, 1] are needed: {weight}, {drawn}."
            )
        self.generator, self.discriminator = generator, discriminator
        self.weight, self.drawn = weight, drawn

    def forward(self, image: Tensor) -> Tensor:
        """The generator's logits: what is judged, kept and exported."""
        logits: Tensor = self.generator(image)
        return logits

    def generator_loss(self, image: Tensor, logits: Tensor, target: Tensor, *, cost: SegmentationCost) -> Tensor:
        """The segmentation's own cost plus what it costs to be found out.

        Args:
            image: ``(N, C, H, W)``.
            logits: ``(N, K, H, W)`` of the generator.
            target: ``(N, K, H, W)`` in [0, 1].
            cost: of (logits, target).
        """
        own = cost(logits, target)
        if not self.weight:
            return own
        return own + self.weight * _entropy(self.discriminator(image, torch.sigmoid(logits)), 1.0)

    def discriminator_loss(self, image: Tensor, logits: Tensor, target: Tensor) -> Tensor:
        """How badly drawn and found masks are told apart; no gradient reaches the generator."""
        found = torch.sigmoid(logits.detach())
        told = self.discriminator(image, _as_soft(target, found))
        return 0.5 * (_entropy(told, self.drawn) + _entropy(self.discriminator(image, found), 0.0))


def adversarial_step(
    pair: AdversarialPair,
    image: Tensor,
    target: Tensor,
    *,
    cost: SegmentationCost,
    generator_optimiser: torch.optim.Optimizer,
    discriminator_optimiser: torch.optim.Optimizer,
) -> tuple[float, float]:
    """One step of each network on a batch; returns the generator's and the discriminator's loss.

    Args:
        pair: both networks.
        image: ``(N, C, H, W)``.
        target: ``(N, K, H, W)`` in [0, 1].
        cost: of (logits, target), the segmentation's own.
        generator_optimiser: of the generator's parameters only.
        discriminator_optimiser: of the discriminator's parameters only.

    Raises:
        LearnError: if a loss is not a finite number; neither network has then been changed by the step that failed.
    """
    logits = pair(image)
    pair.discriminator.requires_grad_(False)
    try:
        first = _stepped(pair.generator_loss(image, logits, target, cost=cost), generator_optimiser)
    finally:
        pair.discriminator.requires_grad_(True)
    second = _stepped(pair.discriminator_loss(image, logits, target), discriminator_optimiser)
    return first, second


def _stepped(loss: Tensor, optimiser: torch.optim.Optimizer) -> float:
    value = float(loss.detach())
    if not torch.isfinite(loss):
        raise LearnError(f"The adversarial loss became {value}; lower its weight or the learning rate.")
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return value


def _entropy(logits: Tensor, said: float) -> Tensor:
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, said))


def _as_soft(target: Tensor, found: Tensor) -> Tensor:
    """The drawn mask, at every pixel as sure as the found one.

    Source: Luc et al. 2016, section 3.2 ("scaling"), for one channel a class.
    """
    sure = torch.maximum(found, 1.0 - found)
    return torch.where(target > 0.5, sure, 1.0 - sure)
