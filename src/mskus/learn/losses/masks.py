"""Cross-entropy plus soft Dice of masks; what a set does not say of a class has no gradient."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus


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
    # written out: a third of the time of the library's cross-entropy, which makes more temporary arrays
    pixels = logits.shape[2] * logits.shape[3]
    entropy = (softplus(logits).sum(dim=(2, 3)) - torch.einsum("nchw,nchw->nc", logits, target)) / pixels
    share = torch.sigmoid(logits)
    overlap = torch.einsum("nchw,nchw->nc", share, target)
    size = torch.einsum("nchw,nchw->nc", share, share) + torch.einsum("nchw,nchw->nc", target, target)
    dice = 1.0 - (2.0 * overlap + 20.0) / (size + 20.0)
    return ((5.0 * entropy + dice) * weights).sum() / weights.sum().clamp(min=1.0)
