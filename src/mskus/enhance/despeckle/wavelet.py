"""Wavelet shrinkage by a generalised likelihood ratio that is learned from the picture itself."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.enhance.despeckle.window import local_mean, positive, typical
from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

# Daubechies' four taps, scaled so that |H|^2 + |G|^2 = 1: the transform without decimation then inverts by its adjoint.
_LOW = np.array([1 + 3**0.5, 3 + 3**0.5, 3 - 3**0.5, 1 - 3**0.5]) / 8.0
_HIGH = _LOW[::-1] * (1.0, -1.0, 1.0, -1.0)
# Where their weight lies, so that a coefficient and the coarser one above it are of one place.
_LOW_CENTRE = float(_LOW @ np.arange(4.0))
_HIGH_CENTRE = float(_HIGH**2 @ np.arange(4.0) / (_HIGH @ _HIGH))
_MOST_LEVELS = 5
_BINS = 60
_TOP = 6.0  # standard deviations of noise up to which histograms reach; beyond, the line goes on
_SAMPLE = 3  # every third row and column is enough to learn the ratios from


@enhancer("wavelet", kind="despeckle", source="Pizurica et al. 2003, IEEE Trans Med Imaging 22:323")
def wavelet(picture: Picture, *, levels: int = 3, threshold: float = 2.0, neighbourhood_px: int = 5) -> Picture:
    r"""Generalised-likelihood shrinkage of the log-compressed picture in a wavelet transform without decimation.

    From coarse to fine, a coefficient ``w`` is first taken for signal where $|w|\,|\hat w_{coarser}| \ge (K\sigma)^2$.
    The histograms of its magnitude ``m`` and of the mean magnitude ``e`` around it, among signal and among noise, give
    ratios of likelihood $\xi(m)$ and $\eta(e)$ (straight lines through their logarithms) and the prior ratio $r$; then
    $\hat w = w\, r\xi\eta / (1 + r\xi\eta)$.

    Args:
        picture: ``(H, W)`` grey levels 0-255, log-compressed (speckle is added).
        levels: number of scales.
        threshold: ``K``; more smooths more.
        neighbourhood_px: side of the window of ``e``, odd.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(threshold=threshold)
    if not 1 <= levels <= _MOST_LEVELS:
        raise EnhanceError(f"levels = {levels} must lie between 1 and {_MOST_LEVELS}.")
    if neighbourhood_px % 2 != 1 or not 1 <= neighbourhood_px <= 31:
        raise EnhanceError(f"neighbourhood_px = {neighbourhood_px} is not an odd number of pixels from 1 to 31.")
    margin = 3 * 2**levels
    low = np.pad(picture, margin, mode="symmetric")
    details = []
    for level in range(levels):
        low, bands = _analyse(low, 2**level)
        details.append(bands)
    coarser: list[Picture] | None = None
    for level in reversed(range(levels)):
        bands = details[level]
        window = (neighbourhood_px, neighbourhood_px)
        # the coarsest scale has none above it and is compared with itself
        coarser = [
            _shrink(w, bands[k] if coarser is None else coarser[k], threshold=threshold, window=window)
            for k, w in enumerate(bands)
        ]
        low = _synthesise(low, coarser, 2**level)
    inside = slice(margin, -margin)
    return np.clip(low[inside, inside], 0.0, 255.0)


def _analyse(low: Picture, dilation: int) -> tuple[Picture, list[Picture]]:
    """The next coarser picture, and its three bands of detail."""
    h, g = _dilated(_LOW, dilation), _dilated(_HIGH, dilation)
    a, b = _centres(dilation)
    filters = ((h, h, (a, a)), (g, h, (b, a)), (h, g, (a, b)), (g, g, (b, b)))
    parts = [np.asarray(cv2.sepFilter2D(low, cv2.CV_32F, x, y, anchor=at), np.float32) for x, y, at in filters]
    return parts[0], parts[1:]


def _synthesise(low: Picture, bands: list[Picture], dilation: int) -> Picture:
    """The adjoint of :func:`_analyse`, which is its inverse."""
    h, g = _dilated(_LOW, dilation)[::-1], _dilated(_HIGH, dilation)[::-1]
    a, b = (h.size - 1 - centre for centre in _centres(dilation))
    filters = ((h, h, (a, a)), (g, h, (b, a)), (h, g, (a, b)), (g, g, (b, b)))
    parts = [
        cv2.sepFilter2D(p, cv2.CV_32F, x, y, anchor=at) for p, (x, y, at) in zip([low, *bands], filters, strict=True)
    ]
    return np.asarray(parts[0] + parts[1] + parts[2] + parts[3])


def _centres(dilation: int) -> tuple[int, int]:
    return round(_LOW_CENTRE * dilation), round(_HIGH_CENTRE * dilation)


def _dilated(taps: NDArray[np.float64], dilation: int) -> NDArray[np.float32]:
    out = np.zeros(dilation * (taps.size - 1) + 1, np.float32)
    out[::dilation] = taps
    return out


def _shrink(w: Picture, coarser: Picture, *, threshold: float, window: tuple[int, int]) -> Picture:
    """One band, every coefficient times the probability that it is signal."""
    magnitude = np.abs(w)
    few = np.s_[::_SAMPLE, ::_SAMPLE]
    sigma = typical(magnitude[few]) / 0.6745
    varied = magnitude[few] > 0.01 * sigma  # the black around an image is neither signal nor noise
    sample = magnitude[few][varied]
    signal = sample * np.abs(coarser[few][varied]) >= (threshold * sigma) ** 2
    count = int(np.count_nonzero(signal))
    if sigma < 1e-6 or count == signal.size:
        return w
    if count == 0:
        return np.zeros_like(w)
    activity = local_mean(magnitude, window)
    m0, m1 = _log_ratio(sample, signal, top=_TOP * sigma)
    e0, e1 = _log_ratio(activity[few][varied], signal, top=_TOP * sigma)
    prior = np.log(count / (signal.size - count))
    odds = np.asarray(cv2.exp(-np.clip(m1 * magnitude + e1 * activity + np.float32(prior + m0 + e0), -30.0, 30.0)))
    return w / (1.0 + odds)


def _log_ratio(values: Picture, signal: NDArray[np.bool_], *, top: float) -> tuple[np.float32, np.float32]:
    """Line ``b0 + b1 v`` through the log ratio of the densities of signal and noise, never falling."""
    edges = np.linspace(0.0, min(top, float(values.max())), _BINS + 1)
    of_signal = np.histogram(values[signal], edges)[0].astype(np.float64)
    of_noise = np.histogram(values[~signal], edges)[0].astype(np.float64)
    both = (of_signal > 0) & (of_noise > 0)
    if np.count_nonzero(both) < 2:
        return np.float32(0.0), np.float32(0.0)
    ratio = np.log(of_signal[both] / of_signal.sum()) - np.log(of_noise[both] / of_noise.sum())
    # the variance of a log count is its inverse
    certainty = 1.0 / np.sqrt(1.0 / of_signal[both] + 1.0 / of_noise[both])
    slope, offset = np.polyfit(((edges[:-1] + edges[1:]) / 2.0)[both], ratio, 1, w=certainty)
    return (np.float32(offset), np.float32(slope)) if slope > 0 else (np.float32(0.0), np.float32(0.0))
