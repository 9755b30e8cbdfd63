"""Loss of the fascicle network: fascicle-ness and a distribution of the orientation, pixel by pixel labelled or not."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def fascicle_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Partial loss of fascicle-ness (cross-entropy) and orientation (von Mises likelihood of the doubled angle).

    The orientation channels are a vector v; its direction is twice the angle and its length the concentration k of a
    von Mises distribution, so that the network says itself how sure it is: ``-log p = log I0(|v|) - v . u`` up to a
    constant, u the unit vector of the drawn direction.

    Args:
        logits: ``(N, 3, H, W)``: fascicle-ness, v_x, v_y.
        target: ``(N, 5, H, W)``: fascicle-ness in [0, 1], its weight, cos 2t, sin 2t, weight of the orientation.

    Returns:
        scalar. A pixel whose weights are 0 has no influence.

    Source: Prokudin et al. 2018 (arXiv 1805.03430) for the von Mises output.
    """
    presence, presence_weight, cosine, sine, angle_weight = target.unbind(dim=1)
    entropy = binary_cross_entropy_with_logits(logits[:, 0], presence, reduction="none")
    shown = _per_picture(entropy, presence_weight)
    length = torch.sqrt(logits[:, 1] ** 2 + logits[:, 2] ** 2 + 1e-6)
    # i0e is exp(-k) I0(k): no overflow for a sure network
    unlikely = torch.log(torch.special.i0e(length)) + length - (logits[:, 1] * cosine + logits[:, 2] * sine)
    return shown + _per_picture(unlikely, angle_weight)


def _per_picture(cost: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean within each picture, then over the pictures that have any label.

    Without this, a simulated picture with a label at every pixel would drown a real one with a few drawn fragments.
    """
    total = weight.sum(dim=(1, 2))
    mean = (cost * weight).sum(dim=(1, 2)) / total.clamp(min=1e-6)
    labelled = (total > 0).to(mean.dtype)
    return (mean * labelled).sum() / labelled.sum().clamp(min=1.0)
