"""Despeckling filters; importing this room registers them.

Each is called by name, ``mskus.enhance.enhance(image, method="srad")``. How they compare on a user's own pictures is
told by :func:`mskus.enhance.despeckle.judge.judge`.
"""

from __future__ import annotations

from mskus.enhance.despeckle import (
    bilateral,
    diffusion,
    frost,
    local_statistics,
    medians,
    nonlocal_means,
    oriented_diffusion,
    total_variation,
    wavelet,
    wiener,
)

__all__ = [
    "bilateral", "diffusion", "frost", "local_statistics", "medians", "nonlocal_means", "oriented_diffusion",
    "total_variation", "wavelet", "wiener",
]  # fmt: skip
