"""Echo intensity: the grey levels of a region, their spread and their course with depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Calibration
from mskus.errors import ExamError
from mskus.features.polygon import check_polygon, polygon_mask, read_polygon, region_area

__all__ = ["EchoIntensity", "check_polygon", "echo_intensity", "polygon_mask", "read_polygon", "region_area"]

F64 = NDArray[np.float64]

PERCENTILES = (5, 25, 50, 75, 95)
_BIN_MM = 1.0
_BIN_PX = 10.0


@dataclass(frozen=True, eq=False)
class EchoIntensity:
    """Grey levels of a region.

    Attributes:
        mean: mean grey level, 0 to 255.
        sd: standard deviation (of the pixels, n in the denominator).
        percentiles: grey level by per cent: 5, 25, 50, 75, 95.
        histogram: ``(256,)`` number of pixels of each grey level.
        n_px: number of pixels.
        depth_profile: ``(depth, mean)``, each ``(N,)``: middle of each layer below the region's upper border, in mm (in
            pixels without a scale), and the mean grey level there.
        depth_unit: ``"mm"`` or ``"px"``.
    """

    mean: float
    sd: float
    percentiles: Mapping[int, float]
    histogram: NDArray[np.int64]
    n_px: int
    depth_profile: tuple[F64, F64]
    depth_unit: str


def echo_intensity(
    frame: NDArray[np.uint8], mask: NDArray[np.bool_], *, calibration: Calibration | None = None
) -> EchoIntensity:
    """Grey levels of a frame inside a mask.

    Depth is counted in each column from the uppermost pixel of the mask, so that in a tilted belly a layer keeps its
    distance from the superficial aponeurosis. Grey levels compare only between pictures of one machine and setting.

    Args:
        frame: ``(H, W)`` uint8.
        mask: ``(H, W)`` bool.
        calibration: the scale; layers are 1 mm, or 10 pixels without one.

    Returns:
        The statistics.

    Raises:
        ExamError: if the mask is empty or has another size than the frame.

    Source:
        Pillen et al. 2008, Muscle Nerve 37:679; Young et al. 2015, Muscle Nerve 52:963.

    Example:
        >>> echo = echo_intensity(np.array([[10, 20], [30, 40]], np.uint8), np.array([[True, True], [True, False]]))
        >>> echo.mean, echo.n_px, echo.percentiles[50]
        (20.0, 3, 20.0)
    """
    if frame.shape != mask.shape:
        raise ExamError(f"The region's mask is {mask.shape} but the picture {frame.shape}; give one of the same size.")
    levels = frame[mask]
    if levels.size == 0:
        raise ExamError("The region holds no pixel; draw it larger.")
    histogram = np.bincount(levels, minlength=256)
    found = np.percentile(levels, PERCENTILES)
    return EchoIntensity(
        mean=float(levels.mean()),
        sd=float(levels.std()),
        percentiles={p: float(v) for p, v in zip(PERCENTILES, found, strict=True)},
        histogram=histogram.astype(np.int64),
        n_px=int(levels.size),
        depth_profile=_depth_profile(frame, mask, calibration),
        depth_unit="px" if calibration is None else "mm",
    )


def _depth_profile(
    frame: NDArray[np.uint8], mask: NDArray[np.bool_], calibration: Calibration | None
) -> tuple[F64, F64]:
    per_row, layer = (1.0, _BIN_PX) if calibration is None else (calibration.mm_per_px_row, _BIN_MM)
    rows, columns = np.nonzero(mask)
    depth = (rows - mask.argmax(axis=0)[columns] + 0.5) * per_row
    index = (depth / layer).astype(int)
    count = np.bincount(index)
    total = np.bincount(index, weights=frame[rows, columns].astype(float))
    # A layer of a few pixels at the bottom says nothing.
    kept = count >= max(1.0, 0.02 * float(count.max()))
    middle = (np.arange(count.size) + 0.5) * layer
    return np.asarray(middle[kept], float), np.asarray(total[kept] / count[kept], float)
