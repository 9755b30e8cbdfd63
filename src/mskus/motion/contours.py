"""Outlines of one thing over time: brought into correspondence, smoothed, gaps filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import MskusError
from mskus.motion.smoother import fuse

F64 = NDArray[np.float64]

CORNERS = 72
_FINE = 4  # starting points tried between two corners
_CENTRE_SD_PX = 1.0
# of a corner about the centre, in mean radii: a detection's error, and the change of form from frame to frame
_FORM_SD, _CHANGE_SD = 0.04, 0.01


@dataclass(frozen=True, eq=False)
class ContourSeries:
    """One thing's outlines.

    Attributes:
        points: frame to ``(K, 2)`` outline, also in the gaps that were bridged.
        bridged: frame to the length of the gap it lies in (frames), for frames without an outline of their own.
    """

    points: dict[int, F64]
    bridged: dict[int, int]


def resampled(points: ArrayLike, *, corners: int = CORNERS) -> F64:
    """A closed outline with that many corners at equal distances along it, clockwise on the screen.

    Args:
        points: ``(N, 2)``, not closed.
        corners: how many.

    Raises:
        MskusError: if the outline has no length.

    Example:
        >>> resampled([(0, 0), (4, 0), (4, 4), (0, 4)], corners=4).tolist()
        [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]]
    """
    given = np.asarray(points, float)
    after = np.roll(given, -1, axis=0)
    # y points down: a positive sum runs clockwise as seen
    if float((given[:, 0] * after[:, 1] - after[:, 0] * given[:, 1]).sum()) < 0.0:
        given = np.vstack([given[:1], given[:0:-1]])
    closed = np.vstack([given, given[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    if not way[-1] > 0.0:
        raise MskusError("An outline without length cannot be resampled; it needs two different corners or more.")
    at = np.arange(corners) * (way[-1] / corners)
    return np.stack([np.interp(at, way, closed[:, i]) for i in range(2)], axis=1)


def aligned(points: ArrayLike, reference: F64) -> F64:
    """An outline resampled so that its corners lie as near as possible to those of ``reference``, about the centres.

    Args:
        points: ``(N, 2)``.
        reference: ``(K, 2)`` from :func:`resampled` or from here.

    Returns:
        ``(K, 2)``.
    """
    corners = len(reference)
    fine = resampled(points, corners=corners * _FINE)
    target = reference - reference.mean(axis=0)
    centred = fine - fine.mean(axis=0)
    # the sum of squares is least where the circular correlation is greatest
    spread = np.zeros((corners * _FINE, 2))
    spread[::_FINE] = target
    likeness = np.fft.irfft(
        (np.fft.rfft(centred, axis=0) * np.conj(np.fft.rfft(spread, axis=0))).sum(axis=1), corners * _FINE
    )
    return np.roll(fine, -int(np.argmax(likeness)), axis=0)[::_FINE]


def contour_series(outlines: Mapping[int, ArrayLike], *, bridge: int = 8, smooth: bool = True) -> ContourSeries:
    """Outlines of one thing made one series.

    The centre, which may move fast, and the form about it, which changes slowly, are smoothed apart: corners that
    correspond go through a Kalman filter and smoother with heavy-tailed noise, so that flicker goes and motion stays. A
    gap of at most ``bridge`` frames is filled on the way, a longer one is left open. Smoothing shortens curves a
    little; forms are scaled to the mean area before.

    Args:
        outlines: frame to ``(N, 2)`` outline.
        bridge: longest gap in frames that is filled.
        smooth: off leaves outlines as found and fills gaps only.

    Returns:
        The series.

    Raises:
        MskusError: if there are no outlines.

    Source:
        Rauch, Tung & Striebel 1965, AIAA J. 3:1445 (see :func:`mskus.motion.smoother.fuse`).
    """
    frames = sorted(outlines)
    if not frames:
        raise MskusError("There is no outline in any frame; a series needs one at least.")
    first, last = frames[0], frames[-1]
    series = np.full((last - first + 1, CORNERS, 2), np.nan)
    reference = resampled(outlines[first])
    for frame in frames:
        reference = aligned(outlines[frame], reference)
        series[frame - first] = reference
    bridged = {
        frame: after - before - 1
        for before, after in pairwise(frames)
        if 1 < after - before <= bridge + 1
        for frame in range(before + 1, after)
    }
    if not bridged and not smooth:
        return ContourSeries({frame: series[frame - first] for frame in frames}, {})
    centre = series.mean(axis=1, keepdims=True)
    radius = float(np.nanmean(np.hypot(*np.moveaxis(series - centre, 2, 0))))
    form = fuse(
        (series - centre).reshape(len(series), -1),
        max(_FORM_SD * radius, 1e-3) ** 2,
        blind_variance=max(_CHANGE_SD * radius, 1e-3) ** 2,
    ).value.reshape(series.shape)
    if smooth:
        kept = np.array([frame - first for frame in frames])
        form = form * np.sqrt(_areas(series[kept]).mean() / max(_areas(form[kept]).mean(), 1e-12))
    smoothed = fuse(centre[:, 0], _CENTRE_SD_PX**2).value[:, None] + form
    chosen = {f: smoothed[f - first] if smooth else series[f - first] for f in frames}
    return ContourSeries(chosen | {f: smoothed[f - first] for f in bridged}, bridged)


def _areas(outlines: F64) -> F64:
    """``(T,)`` areas of ``(T, K, 2)`` outlines."""
    x, y = outlines[..., 0], outlines[..., 1]
    return np.asarray(np.abs((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)) / 2.0)
