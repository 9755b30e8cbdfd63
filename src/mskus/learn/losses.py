"""Losses that honour partial labels: what a set does not say has no gradient."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def mask_loss(logits: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice, averaged over the classes that each sample labels.

    Args:
        logits: ``(N, C, H, W)``.
        target: ``(N, C, H, W)`` area share of the class in [0, 1].
        weights: ``(N, C)``; 0 where a sample says nothing about a class.

    Returns:
        scalar.

    Source: Milletari et al. 2016 (arXiv 1606.04797) for the Dice term.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean(dim=(2, 3))
    share = torch.sigmoid(logits)
    overlap = (share * target).sum(dim=(2, 3))
    size = (share * share).sum(dim=(2, 3)) + (target * target).sum(dim=(2, 3))
    dice = 1.0 - (2.0 * overlap + 20.0) / (size + 20.0)
    return ((5.0 * entropy + dice) * weights).sum() / weights.sum().clamp(min=1.0)


def fascicle_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Partial loss of fascicle-ness and orientation.

    Args:
        logits: ``(N, 3, H, W)``: fascicle-ness, cos 2t, sin 2t (the latter two as they are, no activation).
        target: ``(N, 5, H, W)``: fascicle-ness in [0, 1], its weight, cos 2t, sin 2t, weight of the orientation.

    Returns:
        scalar. A pixel whose weights are 0 has no influence.
    """
    presence, presence_weight, cosine, sine, angle_weight = target.unbind(dim=1)
    entropy = F.binary_cross_entropy_with_logits(logits[:, 0], presence, reduction="none")
    shown = (entropy * presence_weight).sum() / presence_weight.sum().clamp(min=1.0)
    # chord between unit vectors; the length of the prediction is left free above 1 by normalising
    length = torch.sqrt(logits[:, 1] ** 2 + logits[:, 2] ** 2 + 1e-4)
    agreement = (logits[:, 1] * cosine + logits[:, 2] * sine) / length
    distance = torch.sqrt(torch.clamp(2.0 - 2.0 * agreement, min=0.0) + 1e-4)
    # an L1-like distance: mislabelled fragments do not rule; plus a pull towards unit length
    turned = ((distance + 0.05 * (length - 1.0) ** 2) * angle_weight).sum() / angle_weight.sum().clamp(min=1.0)
    return shown + 2.0 * turned
