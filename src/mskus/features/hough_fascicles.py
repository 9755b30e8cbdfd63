"""Fascicles as straight lines: Frangi vesselness, then a weighted Hough transform."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.features.belly_texture import belly_texture
from mskus.features.orientation import OrientationField
from mskus.features.vesselness import bright_ridges
from mskus.geometry import axial

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

_MOST_PIXELS = 12000
_WORKING_WIDTH_PX = 320


@dataclass(frozen=True, eq=False)
class HoughFascicles:
    """Straight line fragments of fascicles.

    Attributes:
        segments: ``(N, 4)`` as ``(x0, y0, x1, y1)`` in pixels of the picture, the strongest line first.
        angle_deg: the dominant direction in millimetre geometry; nan if no line was found.
        angles_deg: ``(N,)`` direction of each segment in millimetre geometry.
        weights: ``(N,)`` strength of each segment, 0 to 1.
        aspect: pixel height over width in which the angles hold.
    """

    segments: F64
    angle_deg: float
    angles_deg: F64
    weights: F64
    aspect: float = 1.0


def hough_fascicles(
    image: NDArray[np.uint8],
    *,
    mask: NDArray[np.bool_] | None = None,
    aspect: float = 1.0,
    angle_range_deg: tuple[float, float] = (-50.0, 50.0),
    exclude_deg: tuple[float, ...] = (),
    clear_of_deg: float = 3.0,
    spread_deg: float = 8.0,
    n_lines: int = 40,
    lateral_sigma_px: float | None = None,
) -> HoughFascicles:
    r"""Find straight bright lines in the belly and their dominant direction.

    Every ridge pixel votes with its vesselness :math:`v` for all lines through it. A line of :math:`n` pixels inside
    the belly is scored :math:`(\sum v - n\bar v)/\sqrt{n}`: how far it stands out from as many pixels taken at random,
    so that neither long chords of the belly nor its shape draw the answer. The dominant direction is where the sum of
    the squared scores over all parallel lines is greatest.

    Args:
        image: ``(H, W)`` uint8.
        mask: ``(H, W)`` of the muscle belly, or None for the whole picture.
        aspect: pixel height over width in millimetres.
        angle_range_deg: directions a fascicle can have, in millimetre geometry.
        exclude_deg: directions of the aponeuroses; lines within ``clear_of_deg`` of them are no fascicles.
        clear_of_deg: see ``exclude_deg``.
        spread_deg: segments run within this of the dominant direction.
        n_lines: at most so many segments.
        lateral_sigma_px: see :func:`mskus.features.belly_texture.sharpen_laterally`.

    Returns:
        Segments, their directions and the dominant one.

    Source:
        van der Zee & Kuo 2022, PLoS ONE 17:e0265752; Frangi et al. 1998, MICCAI; Duda & Hart 1972, CACM 15:11.
    """
    texture = belly_texture(image, mask=mask, aspect=aspect, lateral_sigma_px=lateral_sigma_px)
    height, width = image.shape
    scale = min(1.0, _WORKING_WIDTH_PX / width)
    size = (max(16, round(width * scale)), max(16, round(height * scale * aspect)))
    small = np.asarray(cv2.resize(texture, size, interpolation=cv2.INTER_AREA), np.float32)
    inside = np.ones(small.shape, bool)
    if mask is not None:
        inside = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    ridge = bright_ridges(small, sigmas_px=(1.2,)) * inside

    angles = np.arange(np.floor(angle_range_deg[0]), np.ceil(angle_range_deg[1]) + 1.0)
    score = _scores(ridge, inside, angles)
    for axis in exclude_deg:
        score[np.abs([axial(a - axis) for a in angles]) < clear_of_deg] = 0.0
    dominant = _dominant(score, angles)
    segments, line_angles, weights = np.empty((0, 4)), np.empty(0), np.empty(0)
    if np.isfinite(dominant):
        # What runs far from the rest is no fascicle: a vessel, a septum, a reverberation.
        score[np.abs(angles - dominant) > spread_deg] = 0.0
        segments, line_angles, weights = _segments(score, angles, ridge, n_lines)
    back = np.array([width / size[0], height / size[1]] * 2)
    return HoughFascicles((segments + 0.5) * back - 0.5, dominant, line_angles, weights, aspect)


def segment_field(lines: HoughFascicles, shape: tuple[int, int], *, reach_px: float | None = None) -> OrientationField:
    """A dense field from line fragments: each speaks for its surroundings, fading with distance.

    Args:
        lines: what :func:`hough_fascicles` found.
        shape: ``(H, W)`` of the picture.
        reach_px: how far a fragment speaks, in columns; 4 % of the width by default.

    Returns:
        The field in the geometry of ``lines``; confidence 0 where no fragment is near.
    """
    height, width = shape
    step = 4
    planes = np.zeros((3, -(-height // step), -(-width // step)), np.float32)
    for (x0, y0, x1, y1), angle, weight in zip(lines.segments, lines.angles_deg, lines.weights, strict=True):
        n = max(2, int(np.hypot(x1 - x0, y1 - y0) / step) + 1)
        columns = np.clip(np.linspace(x0, x1, n) / step, 0, planes.shape[2] - 1).astype(int)
        rows = np.clip(np.linspace(y0, y1, n) / step, 0, planes.shape[1] - 1).astype(int)
        twice = np.radians(2.0 * angle)
        for plane, share in zip(planes, (np.cos(twice), np.sin(twice), 1.0), strict=True):
            plane[rows, columns] += weight * share
    sigma = (0.04 * width if reach_px is None else reach_px) / step
    c, s, w = (
        cv2.resize(
            cv2.GaussianBlur(p, (0, 0), sigma, sigmaY=sigma / lines.aspect),
            (width, height),
            interpolation=cv2.INTER_LINEAR,
        )
        for p in planes
    )
    angle_deg = 0.5 * np.degrees(np.arctan2(s, c))
    confidence = np.hypot(c, s) / max(float(w.max()), 1e-12)
    return OrientationField(angle_deg.astype(np.float32), confidence.astype(np.float32), lines.aspect)


@njit(cache=True)
def _vote(
    rows: NDArray[np.int64], columns: NDArray[np.int64], weight: F64, cosines: F64, sines: F64, table: F64
) -> None:
    """Add every pixel's weight to all lines through it, shared between the two nearest offsets."""
    middle = table.shape[1] // 2
    for k in range(cosines.size):
        for i in range(rows.size):
            rho = columns[i] * sines[k] + rows[i] * cosines[k] + middle
            low = int(np.floor(rho))
            part = rho - low
            table[k, low] += weight[i] * (1.0 - part)
            table[k, low + 1] += weight[i] * part


def _scores(ridge: F32, inside: NDArray[np.bool_], angles: F64) -> F64:
    """Score of each line, ``(angles, offsets)``: excess of votes in units of chance."""
    height, width = ridge.shape
    radians = np.radians(angles)
    cosines, sines = np.cos(radians), np.sin(radians)
    offsets = 2 * int(np.ceil(np.hypot(height, width))) + 4
    votes, room = np.zeros((angles.size, offsets)), np.zeros((angles.size, offsets))
    rows, columns = np.nonzero(ridge > 0.05)
    weight = ridge[rows, columns].astype(float)
    if weight.size > _MOST_PIXELS:
        keep = np.argpartition(weight, -_MOST_PIXELS)[-_MOST_PIXELS:]
        rows, columns, weight = rows[keep], columns[keep], weight[keep]
    _vote(rows, columns, weight, cosines, sines, votes)
    # The room of a line changes slowly, so every third pixel in both directions tells it.
    grid_rows, grid_columns = np.nonzero(inside[::3, ::3])
    _vote(3 * grid_rows, 3 * grid_columns, np.full(grid_rows.size, 9.0), cosines, sines, room)
    room = np.asarray(cv2.blur(room, (5, 1)), float)
    mean = weight.sum() / max(float(inside.sum()), 1.0)
    return np.where(room > 0.1 * width, (votes - mean * room) / np.sqrt(np.maximum(room, 1.0)), 0.0)


def _dominant(score: F64, angles: F64) -> float:
    """Direction with the greatest sum of squared positive scores, between the bins by a parabola."""
    strength = np.sum(np.maximum(score, 0.0) ** 2, axis=1)
    if not strength.max() > 0.0:
        return float("nan")
    strength = np.convolve(np.pad(strength, 4, mode="edge"), np.hanning(11)[1:-1] / 5.0, mode="valid")
    k = int(np.clip(strength.argmax(), 1, angles.size - 2))
    left, mid, right = strength[k - 1 : k + 2]
    bend = left - 2.0 * mid + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(angles[k] + np.clip(shift, -1.0, 1.0) * (angles[1] - angles[0]))


def _segments(score: F64, angles: F64, ridge: F32, n_lines: int) -> tuple[F64, F64, F64]:
    """The strongest separate lines, each cut to where its ridge is seen; in pixels of ``ridge``."""
    plane = np.maximum(score, 0.0).astype(np.float32)
    # Lines within 4 degrees and 3 pixels of a stronger one are the same fascicle.
    peaks = (plane >= cv2.dilate(plane, np.ones((9, 7), np.uint8))) & (plane > 0.15 * plane.max()) & (plane > 0.0)
    order = np.argsort(-plane[peaks])[:n_lines]
    which, offset = (index[order] for index in np.nonzero(peaks))
    height, width = ridge.shape
    reach = float(np.hypot(height, width))
    found, directions, weights = [], [], []
    along = np.arange(-reach, reach + 1.0)
    broad = cv2.GaussianBlur(ridge, (0, 0), 1.5)
    for k, rho in zip(which, offset - score.shape[1] // 2, strict=True):
        cosine, sine = np.cos(np.radians(angles[k])), np.sin(np.radians(angles[k]))
        x, y = rho * sine + along * cosine, rho * cosine - along * sine
        on = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        x, y = x[on], y[on]
        if x.size < 15:  # shorter than the window below
            continue
        seen = np.convolve(broad[np.rint(y).astype(int), np.rint(x).astype(int)], np.ones(15) / 15.0, mode="same")
        clear = seen > 0.35 * float(seen.max())
        edges = np.flatnonzero(np.diff(np.concatenate([[0], clear.astype(np.int8), [0]])))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start >= 0.04 * width:
                found.append((x[start], y[start], x[end - 1], y[end - 1]))
                directions.append(angles[k])
                weights.append(float(seen[start:end].sum()) * float(plane[k, rho + score.shape[1] // 2]))
    strength = np.asarray(weights, float)
    if strength.size:
        strength = strength / strength.max()
    return np.asarray(found, float).reshape(-1, 4), np.asarray(directions, float), strength
