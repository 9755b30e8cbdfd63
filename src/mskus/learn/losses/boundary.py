"""Boundary loss: found area costs its distance to the drawn outline, so that far mistakes cost more than near ones."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor


def boundary(logits: Tensor, target: Tensor) -> Tensor:
    """Mean of probability times signed distance to the drawn outline (negative inside), as a share of the diagonal.

    A picture without the structure has no outline and costs nothing here; pair it with ``bce`` or ``dice``.

    Args:
        logits: ``(N, C, H, W)``.
        target: the same, in [0, 1]; drawn where above one half.

    Returns:
        ``(N, C)``.

    Source: Kervadec et al. 2019 (arXiv 1812.07032).
    """
    distance = signed_distance(target) / float(np.hypot(*target.shape[2:]))
    return (torch.sigmoid(logits) * distance).mean(dim=(2, 3))


def signed_distance(target: Tensor) -> Tensor:
    """Distance in pixels to the outline, negative inside; zeros where nothing or everything is drawn.

    Example:
        >>> line = torch.zeros(1, 1, 1, 6); line[..., 2:5] = 1.0
        >>> signed_distance(line).flatten().tolist()
        [1.5, 0.5, -0.5, -1.5, -0.5, 0.5]
    """
    drawn = (target.detach() > 0.5).cpu().numpy()
    out = np.zeros(drawn.shape, np.float32)
    for n, c in np.ndindex(*drawn.shape[:2]):
        mask = drawn[n, c].astype(np.uint8)
        if mask.any() and not mask.all():
            outside, inside = (cv2.distanceTransform(m, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for m in (1 - mask, mask))
            out[n, c] = np.where(mask > 0, 0.5 - inside, outside - 0.5)
    return torch.from_numpy(out).to(target.device)
