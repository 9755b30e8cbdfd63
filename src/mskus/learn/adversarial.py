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

    def generator_loss(
        self, image: Tensor, logits: Tensor, target: Tensor, *, cost: SegmentationCost, weights: Tensor | None = None
    ) -> Tensor:
        """The segmentation's own cost plus what it costs to be found out.

        Args:
            image: ``(N, C, H, W)``.
            logits: ``(N, K, H, W)`` of the generator.
            target: ``(N, K, H, W)`` in [0, 1].
            cost: of (logits, target).
            weights: ``(N, K)``, 0 where a picture says nothing about a class; that mask is then hidden from the
                discriminator, whoever made it.
        """
        own = cost(logits, target)
        if not self.weight:
            return own
        image, found, _ = _labelled(image, torch.sigmoid(logits), target, weights)
        return own + self.weight * _entropy(self.discriminator(image, found), 1.0) if len(image) else own

    def discriminator_loss(
        self, image: Tensor, logits: Tensor, target: Tensor, *, weights: Tensor | None = None
    ) -> Tensor:
        """How badly drawn and found masks are told apart; no gradient reaches the generator."""
        image, found, drawn = _labelled(image, torch.sigmoid(logits.detach()), target, weights)
        if not len(image):
            return logits.new_zeros((), requires_grad=True)
        shown = self.discriminator(torch.cat([image, image]), torch.cat([_as_soft(drawn, found), found]))
        as_drawn, as_found = shown.chunk(2)
        return 0.5 * (_entropy(as_drawn, self.drawn) + _entropy(as_found, 0.0))


def adversarial_step(
    pair: AdversarialPair,
    image: Tensor,
    target: Tensor,
    *,
    cost: SegmentationCost,
    generator_optimiser: torch.optim.Optimizer,
    discriminator_optimiser: torch.optim.Optimizer,
    weights: Tensor | None = None,
    backward: Callable[[Tensor], None] = Tensor.backward,
) -> tuple[float, float]:
    """One step of each network on a batch; returns the generator's and the discriminator's loss.

    Args:
        pair: both networks.
        image: ``(N, C, H, W)``.
        target: ``(N, K, H, W)`` in [0, 1].
        cost: of (logits, target), the segmentation's own.
        generator_optimiser: of the generator's parameters only.
        discriminator_optimiser: of the discriminator's parameters only.
        weights: ``(N, K)``, 0 where a picture says nothing about a class.
        backward: what takes a loss to its gradients, where a trainer has its own way.

    Raises:
        LearnError: if a loss is not a finite number; neither network has then been changed by the step that failed.
    """
    logits = pair(image)
    pair.discriminator.requires_grad_(False)
    try:
        loss = pair.generator_loss(image, logits, target, cost=cost, weights=weights)
        first = _stepped(loss, generator_optimiser, backward)
    finally:
        pair.discriminator.requires_grad_(True)
    loss = pair.discriminator_loss(image, logits, target, weights=weights)
    return first, _stepped(loss, discriminator_optimiser, backward)


def _stepped(loss: Tensor, optimiser: torch.optim.Optimizer, backward: Callable[[Tensor], None]) -> float:
    value = float(loss.detach())
    if not torch.isfinite(loss):
        raise LearnError(f"The adversarial loss became {value}; lower its weight or the learning rate.")
    optimiser.zero_grad(set_to_none=True)
    backward(loss)
    optimiser.step()
    return value


def _entropy(logits: Tensor, said: float) -> Tensor:
    logits = logits.float()
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, said))


def _labelled(image: Tensor, found: Tensor, target: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures that label anything, their found and their drawn masks; zeros for a class that they do not label."""
    if weights is None:
        return image, found, target
    shown = (weights > 0).to(found.dtype)[:, :, None, None]
    rows = (weights > 0).any(dim=1)
    return image[rows], (found * shown)[rows], (target * shown)[rows]


def _as_soft(target: Tensor, found: Tensor) -> Tensor:
    """The drawn mask, at every pixel as sure as the found one.

    Source: Luc et al. 2016, section 3.2 ("scaling"), for one channel a class.
    """
    sure = torch.maximum(found, 1.0 - found)
    return torch.where(target > 0.5, sure, 1.0 - sure)
