"""Scores of one frame: brightness, saturation, tissue texture, usable depth, shadow and sharpness.

All scores are taken from the grey levels that the scanner shows, because gain, depth-gain and log compression are
unknown. Tissue is told from noise and from reverberation by one property: its grey levels vary *along* a row and do so
coherently. Electronic noise varies along a row without coherence; the rings of a probe in air are coherent but do not
vary along it. The depth down to which tissue stands out of noise is the "depth of penetration" of routine quality
control (Goodsitt et al. 1998, Med Phys 25:1385, AAPM report 65), taken here from the picture that is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Side of the reduced picture: speckle averages out, anatomy stays.
_GRID = 128
# Lag of the lateral covariance on that grid; beyond the grain that resizing leaves in noise.
_LAG = 2
# Rows of the grid left out at the top (skin line and near-field rings of the probe) when tissue is looked for.
_NEAR_FIELD = _GRID // 7
# Grey levels of coherent variation along a row from which that depth counts as showing tissue.
_ROW_TEXTURE = 2.0
# ... and the share of that row's variation that must be coherent, so that chance in strong noise does not count.
_ROW_CORRELATION = 0.3


@dataclass(frozen=True, kw_only=True)
class FrameQuality:
    """What one frame shows; fractions are of the image region, levels are grey levels 0 to 255.

    Attributes:
        mean_level: mean grey level.
        highlight_level: grey level that 5 % of the pixels exceed.
        spread_levels: standard deviation of the grey level.
        saturated_fraction: share of pixels at 250 or above.
        black_fraction: share of pixels at 4 or below.
        band_fraction: share of the variance that horizontal bands explain (1: every row is uniform).
        texture_levels: standard deviation, along rows and below the near field, of what is laterally coherent.
        texture_correlation: correlation of neighbouring grid cells along a row, row means removed (noise: near 0).
        signal_depth_fraction: depth down to which coherent texture is seen.
        shadowed_fraction: share of columns darker than a quarter of the well-lit; near field and lower third left out.
        sharpness: mean absolute Laplacian on a 256-pixel grid over the standard deviation.
    """

    mean_level: float
    highlight_level: float
    spread_levels: float
    saturated_fraction: float
    black_fraction: float
    band_fraction: float
    texture_levels: float
    texture_correlation: float
    signal_depth_fraction: float
    shadowed_fraction: float
    sharpness: float

    def as_dict(self) -> dict[str, float]:
        """The scores by name, rounded to four digits after the point."""
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


def assess_frame(frame: NDArray[np.uint8], *, field: NDArray[np.bool_] | None = None) -> FrameQuality:
    """Score one frame; about a millisecond for 640x480.

    Args:
        frame: ``(H, W)`` uint8, cropped to the image region.
        field: ``(H, W)`` bool, True inside the insonified field; the whole frame by default.

    Returns:
        The scores.

    Raises:
        ValueError: if the frame is not a two-dimensional uint8 picture, or the field has another shape.

    Example:
        >>> import numpy as np
        >>> assess_frame(np.full((480, 640), 255, np.uint8)).saturated_fraction
        1.0
    """
    if frame.ndim != 2 or frame.dtype != np.uint8 or frame.size == 0:
        raise ValueError(f"A frame is (H, W) uint8; got {frame.shape} {frame.dtype}.")
    if field is not None and field.shape != frame.shape:
        raise ValueError(f"The field {field.shape} must have the frame's shape {frame.shape}.")
    inside = None if field is None or field.all() else np.ascontiguousarray(field, np.uint8)
    frame = np.ascontiguousarray(frame)

    share = _histogram(frame, inside)
    levels = np.arange(256.0)
    mean = float(share @ levels)
    spread = float(np.sqrt(share @ (levels - mean) ** 2))
    grid, weight = _grid(frame, inside, _GRID)
    weights = weight.sum(axis=1)
    row_means = (grid * weight).sum(axis=1) / np.maximum(weights, 1e-6)
    residual = np.where(weight > 0, grid - row_means[:, None], 0.0)

    total = float((weight * (grid - mean) ** 2).sum())
    banded = float((weights * (row_means - mean) ** 2).sum())
    covariance, variance = _coherence_by_row(residual, weight)
    deep = slice(_NEAR_FIELD, None)
    texture = float(np.sqrt(max(covariance[deep].mean(), 0.0)))
    correlation = float(covariance[deep].mean() / max(float(variance[deep].mean()), 1e-6))
    smooth, around = (
        cv2.blur(x.reshape(-1, 1), (1, 9), borderType=cv2.BORDER_REPLICATE).ravel() for x in (covariance, variance)
    )
    seen = np.flatnonzero((smooth > _ROW_TEXTURE**2) & (smooth > _ROW_CORRELATION * around))

    fine, _ = _grid(frame, None, 2 * _GRID)
    sharpness = float(np.abs(cv2.Laplacian(fine, cv2.CV_32F)).mean()) / (spread + 1.0)
    return FrameQuality(
        mean_level=mean,
        highlight_level=float(np.searchsorted(np.cumsum(share), 0.95)),
        spread_levels=spread,
        saturated_fraction=float(share[250:].sum()),
        black_fraction=float(share[:5].sum()),
        band_fraction=min(banded / total, 1.0) if total > 1e-3 else 1.0,
        texture_levels=texture,
        texture_correlation=max(correlation, 0.0),
        signal_depth_fraction=float((seen[-1] + 1) / _GRID) if seen.size else 0.0,
        shadowed_fraction=_shadowed_fraction(grid, weight),
        sharpness=sharpness,
    )


def assess(
    frames: NDArray[np.uint8] | Iterable[NDArray[np.uint8]], *, field: NDArray[np.bool_] | None = None
) -> list[FrameQuality]:
    """Score every frame of a clip.

    Args:
        frames: ``(H, W)`` or ``(N, H, W)`` uint8, or any iterable of frames, cropped to the image region.
        field: ``(H, W)`` bool, the insonified field of every frame.

    Returns:
        One :class:`FrameQuality` a frame, in order.
    """
    if isinstance(frames, np.ndarray) and frames.ndim == 2:
        frames = frames[None]
    return [assess_frame(frame, field=field) for frame in frames]


def _histogram(frame: NDArray[np.uint8], inside: NDArray[np.uint8] | None) -> NDArray[np.float64]:
    counts = cv2.calcHist([frame], [0], inside, [256], [0, 256]).ravel().astype(np.float64)
    return np.asarray(counts / max(float(counts.sum()), 1.0), np.float64)


def _grid(
    frame: NDArray[np.uint8], inside: NDArray[np.uint8] | None, side: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Area average on a ``side`` x ``side`` grid, and the weight (1 inside, 0 outside) of every cell."""
    grid = cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    if inside is None:
        return grid, np.ones((side, side), np.float32)
    cover = cv2.resize(inside.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return grid, (cover > 0.99).astype(np.float32)


def _coherence_by_row(
    residual: NDArray[np.float32], weight: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lateral covariance at the lag, and the variance, of every row."""
    pairs = weight[:, _LAG:] * weight[:, :-_LAG]
    products = (residual[:, _LAG:] * residual[:, :-_LAG] * pairs).sum(axis=1)
    squares = (residual**2 * weight).sum(axis=1)
    covariance = products / np.maximum(pairs.sum(axis=1), 1.0)
    variance = squares / np.maximum(weight.sum(axis=1), 1.0)
    return covariance.astype(np.float32), variance.astype(np.float32)


def _shadowed_fraction(grid: NDArray[np.float32], weight: NDArray[np.float32]) -> float:
    # From below the near field, so that a column counts for what it shows above a bone or a gas bubble.
    middle = slice(_NEAR_FIELD, 2 * _GRID // 3)
    cover = weight[middle].sum(axis=0)
    used = cover > _GRID // 8
    if not used.any():
        return 0.0
    means = (grid[middle] * weight[middle]).sum(axis=0)[used] / cover[used]
    return float((means < 0.25 * np.percentile(means, 80)).mean())
