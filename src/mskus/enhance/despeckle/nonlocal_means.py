"""Non-local means for speckle: blocks are averaged with the blocks that look alike."""

from __future__ import annotations

import numpy as np
from numba import njit

from mskus.enhance.despeckle.fast_decay import fast_decay
from mskus.enhance.despeckle.strips import Strips
from mskus.enhance.despeckle.window import local_mean, positive, typical
from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

_STEP = 2  # distance of block centres, as in the source


@enhancer("obnlm", kind="despeckle", source="Coupe et al. 2009, IEEE Trans Image Process 18:2221")
def obnlm(
    picture: Picture, *, search_px: int = 11, block_px: int = 5, smoothing: float = 2.0, mean_ratio: float = 0.6
) -> Picture:
    r"""Optimised Bayesian non-local means of the log-compressed picture.

    Every block $B_i$ (centres two pixels apart) becomes $\sum_j w_{ij} B_j / \sum_j w_{ij}$ over the blocks of the
    search window, with $w_{ij} = e^{-d / 2h^2}$ and Pearson's distance
    $d = \tfrac1{|B|}\sum_p (B_{i,p} - B_{j,p})^2 / B_{j,p}$, which follows from the noise model of log-compressed
    pictures, $g = u + \sqrt u\,\eta$ (Loupas et al. 1989). Pixels under several blocks take their mean. Blocks whose
    means differ too much are not compared.

    Args:
        picture: ``(H, W)`` grey levels 0-255, log-compressed.
        search_px: side of the search window, odd.
        block_px: side of a block, odd.
        smoothing: ``h`` over that standard deviation of the noise ``eta`` which the picture shows (robust, from
            differences of neighbours two pixels apart); more smooths more.
        mean_ratio: means of two blocks must agree to this ratio, 0 to 1; 0 compares all.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(smoothing=smoothing)
    for name, side, most in (("search_px", search_px, 31), ("block_px", block_px, 9)):
        if side % 2 != 1 or not 3 <= side <= most:
            raise EnhanceError(f"{name} = {side} is not an odd number of pixels from 3 to {most}.")
    if not 0.0 <= mean_ratio < 1.0:
        raise EnhanceError(f"mean_ratio = {mean_ratio:g} must be 0 or more and below 1.")
    # one grey level keeps black from dividing by zero
    inverse_h2 = np.float32(1.0 / (2.0 * smoothing**2 * _noise_variance(np.maximum(picture, np.float32(1.0)))))
    reach, half = search_px // 2, block_px // 2
    padded = np.pad(picture, reach + half, mode="symmetric")
    inverse, mean = 1.0 / np.maximum(padded, np.float32(1.0)), local_mean(padded, (block_px, block_px))
    height, width = picture.shape
    total, count = np.zeros((2, height + 2 * half, width + 2 * half), np.float32)
    block_rows = (height + _STEP - 1) // _STEP
    # blocks of every `apart`-th row touch no common pixel, so that threads may write at once
    apart = (block_px + _STEP - 1) // _STEP
    mean_ratio32 = np.float32(mean_ratio)
    for phase in range(apart):
        with Strips((block_rows - phase + apart - 1) // apart) as strips:
            strips(
                _block_rows, phase, apart, padded, inverse, mean, reach, half, inverse_h2, mean_ratio32, total, count
            )
    inside = np.s_[half : half + height, half : half + width]
    return np.clip(total[inside] / count[inside], 0.0, 255.0)


def _noise_variance(level: Picture) -> float:
    """Variance of ``eta``, robust against edges; differences two pixels apart see less of the speckle's correlation."""
    scaled = np.abs(level[:, 2:] - level[:, :-2])[::2] / np.sqrt(level[:, 2:])[::2]
    return max((typical(scaled) / 0.6745) ** 2 / 2.0, 1e-4)


@njit(cache=True, nogil=True, fastmath=True)
def _block_rows(first, end, phase, apart, g, inverse, mean, reach, half, inverse_h2, mean_ratio, total, count):  # type: ignore[no-untyped-def]
    """Blocks of some rows: weights of all shifts first, then the weighted sums, a whole row of pixels at a time."""
    side = 2 * half + 1
    scale = inverse_h2 / np.float32(side * side)
    wide = total.shape[1]
    blocks = (wide - 2 * half + 1) // 2
    weight = np.empty(((2 * reach + 1) ** 2, blocks), np.float32)
    column = np.empty(wide, np.float32)
    for row in range(first, end):
        y = 2 * (row * apart + phase)  # block centre, in rows of the picture
        k = 0
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                _weights(g, inverse, mean, y, dy, dx, reach, half, column, scale, mean_ratio, weight[k])
                k += 1
        _accumulate(g, y, reach, half, weight, column, total, count)


@njit(cache=True, nogil=True, fastmath=True)
def _weights(g, inverse, mean, y, dy, dx, reach, half, column, scale, mean_ratio, weight):  # type: ignore[no-untyped-def]
    column[:] = np.float32(0.0)
    for i in range(2 * half + 1):
        a, b = y + reach + i, y + reach + i + dy
        for x in range(column.size):
            difference = g[a, x + reach] - g[b, x + reach + dx]
            column[x] += difference * difference * inverse[b, x + reach + dx]
    here, there = y + reach + half, reach + half
    for k in range(weight.size):
        distance = np.float32(0.0)
        for j in range(2 * half + 1):
            distance += column[2 * k + j]
        m, other = mean[here, there + 2 * k], mean[here + dy, there + 2 * k + dx]
        alike = other >= mean_ratio * m and m >= mean_ratio * other
        weight[k] = fast_decay(distance * scale) if alike else np.float32(0.0)


@njit(cache=True, nogil=True, fastmath=True)
def _accumulate(g, y, reach, half, weight, column, total, count):  # type: ignore[no-untyped-def]
    shifts, blocks = weight.shape
    side, wide = 2 * half + 1, column.size
    whole = np.zeros(blocks, np.float32)
    for k in range(shifts):
        for b in range(blocks):
            whole[b] += weight[k, b]
    for b in range(blocks):
        whole[b] = np.float32(1.0) / whole[b]
    k = 0
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            column[:] = np.float32(0.0)
            for j in range(side):
                for b in range(blocks):
                    column[2 * b + j] += weight[k, b] * whole[b]
            for i in range(side):
                for x in range(wide):
                    total[y + i, x] += column[x] * g[y + reach + i + dy, x + reach + dx]
            k += 1
    for b in range(blocks):
        for i in range(side):
            for j in range(side):
                count[y + i, 2 * b + j] += np.float32(1.0)
