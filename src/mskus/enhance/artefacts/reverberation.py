"""Reverberation: an echo that comes again and again at the same distance, fainter each time."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.enhance.artefacts.scan_lines import masked_mean

# Distance of two echoes: in mm where the scale is known, else as a fraction of the field's height.
_DISTANCE_MM, _DISTANCE = (1.0, 12.0), (0.02, 0.25)
# Echoes that make a train, and the correlation along the line at which the map is 0 and 1.
_ECHOES = 5
# Periods by which a train reaches beyond the rows that show it.
_REACH = 1.0
_LOW, _HIGH = 0.25, 0.55
# Root mean square variation along the line, in grey levels, below which there are no echoes to speak of.
_FAINTEST = 2.0
_STEPS = 32  # distances that are tried
# Smoothing across lines and width of the window, in columns of that grid.
_ACROSS, _WIDE = 3.0, 9
_GRID = (400, 80)  # (rows, columns) of the picture that is looked at: a train is wider than a speckle


def reverberation(
    picture: NDArray[np.float32], *, inside: NDArray[np.bool_], row_mm: float | None = None
) -> NDArray[np.float32]:
    r"""Local periodicity along the scan lines.

    Each line \(g\), averaged over neighbours and freed of its slow changes, is compared with itself shifted: with
    \(\langle\rangle\) the mean over a window of five periods,

    \[ \rho(\tau) = \frac{\langle g(z)\, g(z+\tau) \rangle}{\sqrt{\langle g^2(z) \rangle \langle g^2(z+\tau) \rangle}},
       \qquad m = \max_\tau \min\!\big(\rho(\tau), \rho(2\tau), -\rho(\tau/2)\big) . \]

    A train of equal distances is alike at one and at two periods, and unlike half a period off; layers of tissue are
    seldom all three. The map is \(m\) from 0.25 to 0.55 scaled to 0..1, on the rows of the train.

    Args:
        picture: ``(H, W)`` float32 grey levels.
        inside: ``(H, W)`` bool, the insonified field.
        row_mm: mm per row; with it echoes 1 to 12 mm apart are looked for, else 2 to 25 % of the field's height.

    Returns:
        ``(H, W)`` float32, 0..1.

    Source:
        Regular spacing by the autocorrelation of the line: Fellingham & Sommer, IEEE Trans Sonics Ultrason 31:418,
        1984; the artefact: Feldman, Katyal, Blackwood, US artifacts, RadioGraphics 29:1179, 2009.
    """
    rows, columns = np.flatnonzero(inside.any(1)), picture.shape[1]
    if not rows.size:
        return np.zeros(picture.shape, np.float32)
    scale = min(1.0, _GRID[0] / picture.shape[0])
    tall = float(rows[-1] - rows[0] + 1) * scale
    near, far = (tall * part for part in _DISTANCE) if row_mm is None else (mm / row_mm * scale for mm in _DISTANCE_MM)
    near, far = max(4.0, near), min(far, tall / (_ECHOES + 0.5))
    if far < near:
        return np.zeros(picture.shape, np.float32)
    size = (min(columns, _GRID[1]), max(3, round(picture.shape[0] * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    covered = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    best = np.full(small.shape, -1.0, np.float32)
    line = masked_mean(small, covered, sigma_rows=near / 8 + 0.1, sigma_columns=_ACROSS)
    for distance in np.unique(np.geomspace(near, far, _STEPS).round().astype(int)):
        slow = masked_mean(small, covered, sigma_rows=0.75 * distance, sigma_columns=_ACROSS)
        g = np.where(covered, line - slow, 0.0).astype(np.float32)
        window = (_WIDE, _ECHOES * int(distance))
        once, twice, half = (_likeness(g, int(lag), window) for lag in (distance, 2 * distance, distance // 2))
        found = np.minimum(np.minimum(once, twice), -half)
        # a train reaches a period beyond the rows at which two periods fit on both sides
        reach = np.ones((2 * int(_REACH * distance) + 1, 1), np.uint8)
        np.maximum(best, cv2.dilate(found, reach), out=best)
    scaled = np.clip((best - _LOW) / (_HIGH - _LOW), 0.0, 1.0)
    return np.asarray(cv2.resize(scaled, picture.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _likeness(g: NDArray[np.float32], lag: int, window: tuple[int, int]) -> NDArray[np.float32]:
    """Correlation of a line with itself ``lag`` rows on, in a window of rows around each pixel."""
    later = np.zeros_like(g)
    later[:-lag] = g[lag:]
    earlier = np.where(np.arange(len(g))[:, None] < len(g) - lag, g, 0.0).astype(np.float32)
    product, first, second = (
        cv2.blur(part, window, borderType=cv2.BORDER_CONSTANT) for part in (earlier * later, earlier**2, later**2)
    )
    found = product / np.sqrt(np.maximum(first * second, _FAINTEST**4))
    # the pair lies half a lag below the pixel
    shifted = np.zeros_like(found)
    shifted[lag // 2 :] = found[: len(found) - lag // 2]
    return shifted
