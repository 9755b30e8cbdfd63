"""Real colour (Doppler, elastography) apart from grey, also where the grey map itself is tinted.

A tint is a curve: each brightness has one hue, never far from grey. Colour that the scanner drew lies off that curve.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region

Tint = NDArray[np.float32]

_LEVELS = 16
_MAX_TINT = 45.0
_MAX_STEP = 25.0
_OFF_CURVE = 24.0
_MIN_SHARE = 2.5e-3


def grey_map_tint(frames: Sequence[NDArray[np.uint8]], *, region: Region) -> Tint:
    """Hue of the grey map: ``(256, 2)`` Cr and Cb for each luma, zeros for a neutral map.

    Args:
        frames: ``(H, W, 3)`` RGB frames spread over the clip.
        region: the B-mode image.
    """
    samples = np.concatenate([_chroma(frame[region.slices][::3, ::3]).reshape(-1, 3) for frame in frames])
    luma, chroma = samples[:, 0], samples[:, 1:]
    curve = np.full((_LEVELS, 2), np.nan, np.float32)
    width = 256 // _LEVELS
    for level in range(_LEVELS):
        here = chroma[(luma >= level * width) & (luma < (level + 1) * width)]
        if len(here) >= 20:
            curve[level] = np.median(here, axis=0)
    # a hue that is strong or jumps is paint and not a tint
    curve[np.abs(curve).max(axis=1) > _MAX_TINT] = np.nan
    known = np.flatnonzero(~np.isnan(curve[:, 0]))
    if not len(known) or np.abs(np.diff(curve[known], axis=0)).max(initial=0.0) > _MAX_STEP:
        return np.zeros((256, 2), np.float32)
    centres = known * width + width / 2
    at = np.arange(256)
    return np.stack([np.interp(at, centres, curve[known, c]) for c in range(2)], axis=1).astype(np.float32)


def colour_mask(frame: NDArray[np.uint8], *, tint: Tint) -> NDArray[np.bool_]:
    """``(H, W)`` True where an RGB frame holds colour that is not the grey map's tint.

    Example:
        >>> frame = np.full((2, 2, 3), 120, np.uint8)
        >>> frame[0, 0] = (220, 30, 20)
        >>> colour_mask(frame, tint=np.zeros((256, 2), np.float32)).tolist()
        [[True, False], [False, False]]
    """
    planes = _chroma(frame)
    off = planes[..., 1:] - tint[planes[..., 0].astype(np.intp)]
    return np.asarray((off**2).sum(axis=-1) > _OFF_CURVE**2, np.bool_)


def holds_colour(frames: Sequence[NDArray[np.uint8]], *, region: Region, tint: Tint) -> bool:
    """Whether any frame has colour on more than a quarter of a per cent of the image region."""
    return any(float(colour_mask(frame[region.slices], tint=tint).mean()) > _MIN_SHARE for frame in frames)


def colour_only(frame: NDArray[np.uint8], *, region: Region, tint: Tint) -> NDArray[np.uint8]:
    """The frame where it is colour inside the region, black elsewhere."""
    out = np.zeros_like(frame)
    inside = frame[region.slices]
    mask = colour_mask(inside, tint=tint)
    out[region.slices][mask] = inside[mask]
    return out


def _chroma(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma, Cr and Cb around 0 (ITU-R BT.601) as float."""
    planes = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2YCrCb).astype(np.float32)
    planes[..., 1:] -= 128
    return np.asarray(planes, np.float32)
