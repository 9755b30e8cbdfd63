"""Motion blur of a clip: frames that moved, and lost detail in the direction in which they moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import QualityError

# Side of the reduced picture: finer than anatomy, coarser than a grain of speckle.
_GRID = 192


@dataclass(frozen=True, kw_only=True, eq=False)
class MotionBlur:
    """Scores of every frame of a clip.

    Attributes:
        decorrelation: ``(N,)`` one less the correlation with the frame before; 0 for the first. Still: near 0; a new
            scene: near 1.
        blur: ``(N,)`` share of the detail that is lost against the clip's sharper frames, in the worse of the two
            directions; 0 to 1.
        lateral: ``(N,)`` bool, True where the row direction is the worse one.
    """

    decorrelation: NDArray[np.float64]
    blur: NDArray[np.float64]
    lateral: NDArray[np.bool_]

    def blurred_fraction(self, *, moved: float = 0.02, lost: float = 0.4) -> float:
        """Share of frames that moved and lost detail by more than the limits given."""
        return float(((self.decorrelation > moved) & (self.blur > lost)).mean())


def motion_blur(frames: Iterable[NDArray[np.uint8]], *, field: NDArray[np.bool_] | None = None) -> MotionBlur:
    r"""Score the motion blur of a clip.

    Detail in a direction is the gradient's energy over the picture's variance,
    \(E_x = \langle g_x^2 \rangle / \sigma^2\) and \(E_y\) alike. Motion during a frame, or persistence over frames,
    smooths along the path and leaves the other direction: with the clip's 75th percentile \(\hat E\), blur is
    \(\max(1 - E_x/\hat E_x,\ 1 - E_y/\hat E_y)\).

    Args:
        frames: ``(N, H, W)`` uint8 or any iterable of frames of one size, cropped to the image region.
        field: ``(H, W)`` bool, the insonified field.

    Returns:
        Decorrelation, blur and its direction for every frame.

    Raises:
        QualityError: if there is no frame, or one differs in size.

    Example:
        >>> still = np.random.default_rng(0).integers(0, 255, (3, 64, 64), np.uint8)
        >>> motion_blur(np.stack([still[0]] * 3)).blur.max()
        np.float64(0.0)

    Source:
        Frame-to-frame decorrelation of speckle: Chen, Fowlkes, Carson, Rubin, IEEE Trans UFFC 44:1, 1997; blur by the
        loss of gradient along the motion: Crete, Dolmiere, Ladret, Nicolas, Proc SPIE 6492:64920I, 2007.
    """
    before: NDArray[np.float64] | None = None
    shape: tuple[int, ...] | None = None
    change, detail = [], []
    for frame in frames:
        if frame.ndim != 2 or (shape is not None and frame.shape != shape):
            raise QualityError(f"All frames must be (H, W) of one size; got {frame.shape} after {shape}.")
        shape = frame.shape
        used = frame if field is None else np.where(field, frame, 0).astype(np.uint8)
        size = (min(_GRID, shape[1]), min(_GRID, shape[0]))
        grid = cv2.resize(used, size, interpolation=cv2.INTER_AREA).astype(np.float64)
        around = grid - grid.mean()
        energy = float((around**2).mean())
        detail.append([float((np.diff(grid, axis=axis) ** 2).mean()) / (energy + 1.0) for axis in (1, 0)])
        change.append(0.0 if before is None else 1.0 - _correlation(before, around))
        before = around
    if not detail:
        raise QualityError("A clip without frames has no motion; give at least one.")
    found = np.array(detail)
    sharp = np.percentile(found, 75, axis=0)
    lost = np.where(sharp > 0, np.clip(1.0 - found / np.where(sharp > 0, sharp, 1.0), 0.0, 1.0), 0.0)
    return MotionBlur(decorrelation=np.array(change), blur=lost.max(1), lateral=lost[:, 0] > lost[:, 1])


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 1.0
