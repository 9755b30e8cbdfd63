"""Texture of the muscle belly: gain and attenuation, bright aponeuroses and the beam's lateral blur taken out."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError

Floats = NDArray[np.float32]

# of the width: with it the wavelet bank is unbiased on the drawn fascicle fragments of lower_limb_masks (public data;
# -0.2 deg and the smallest spread there, against -1.2 deg at 0.006)
LATERAL_SIGMA = 0.009


def belly_texture(
    image: NDArray[np.uint8],
    *,
    mask: NDArray[np.bool_] | None = None,
    aspect: float = 1.0,
    lateral_sigma_px: float | None = None,
) -> Floats:
    """What every classical orientation method looks at: local contrast with part of the lateral blur undone.

    Args:
        image: ``(H, W)`` uint8 grey levels.
        mask: ``(H, W)`` bool of the muscle belly, or None for the whole image.
        aspect: pixel height over width.
        lateral_sigma_px: the beam's lateral standard deviation in columns; 0.9 % of the width by default.

    Returns:
        ``(H, W)`` float32, zero outside the mask.

    Raises:
        MskusError: if the image is not two-dimensional uint8, the mask has another shape or the aspect is not positive.
    """
    if image.ndim != 2 or image.dtype != np.uint8:
        raise MskusError(f"Orientation needs an (H, W) uint8 picture; got {image.shape} of {image.dtype}.")
    if mask is not None and mask.shape != image.shape:
        raise MskusError(f"The belly's mask is {mask.shape} but the picture {image.shape}; give one of the same size.")
    if not 0.05 < aspect < 20.0:
        raise MskusError(f"A pixel {aspect:g} times as high as wide is not possible; give height over width in mm.")
    sigma = LATERAL_SIGMA * image.shape[-1] if lateral_sigma_px is None else lateral_sigma_px
    texture = sharpen_laterally(local_contrast(image, mask=mask, aspect=aspect), sigma_px=sigma)
    return texture if mask is None else texture * mask


def local_contrast(
    image: NDArray[np.uint8],
    *,
    mask: NDArray[np.bool_] | None = None,
    aspect: float = 1.0,
    sigma_px: float | None = None,
) -> Floats:
    """Grey levels less their local mean, over their local spread; zero outside the mask.

    Mean and spread are normalised convolutions, so that what lies outside the mask (aponeuroses, fat) has no say in
    them. The spread has a floor of 30 % of the whole mask's, and of half a grey level, so that empty dark parts are not
    blown up to full texture.

    Args:
        image: ``(H, W)`` uint8 grey levels.
        mask: ``(H, W)`` bool of the muscle belly, or None for the whole image.
        aspect: pixel height over width; the window is round in millimetres.
        sigma_px: width of the window in columns; 3 % of the width by default.

    Returns:
        ``(H, W)`` float32 with mean about 0 and spread about 1 inside the mask.

    Example:
        >>> float(np.abs(local_contrast(np.full((8, 8), 7, np.uint8))).max().round(3))
        0.0
    """
    height, width = image.shape
    sigma_px = 0.03 * width if sigma_px is None else sigma_px
    grey = image.astype(np.float32)
    inside = np.ones((height, width), np.float32) if mask is None else mask.astype(np.float32)
    # The window is wide, so a quarter of the resolution loses nothing.
    step = max(1, int(sigma_px / 4.0))
    small = (max(1, -(-width // step)), max(1, -(-height // step)))

    def blur(plane: Floats) -> Floats:
        shrunk = cv2.resize(plane, small, interpolation=cv2.INTER_AREA)
        return np.asarray(
            cv2.GaussianBlur(shrunk, (0, 0), sigma_px / step, sigmaY=sigma_px / step / aspect), np.float32
        )

    weight = np.maximum(blur(inside), 1e-4)
    held = grey * inside
    mean = blur(held) / weight
    variance = np.maximum(blur(held * grey) / weight - mean * mean, 0.0)
    known = blur(inside) > 1e-3
    if not known.any():
        return np.zeros((height, width), np.float32)
    floor = 0.3 * float(np.sqrt(variance[known].mean()))
    gain = 1.0 / np.maximum(np.sqrt(variance), max(floor, 0.5))
    big_mean = cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)
    big_gain = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((grey - big_mean) * big_gain * inside, np.float32)


def sharpen_laterally(texture: Floats, *, sigma_px: float, gain: float = 4.0) -> Floats:
    r"""Undo part of the beam's lateral blur, so that speckle no longer draws every orientation to the horizontal.

    The beam is several times wider than the pulse is long, hence speckle grains lie flat and their orientation is 0
    degrees whatever the muscle does. Each row is multiplied in frequency by
    :math:`\min(\exp(2\pi^2\sigma^2 f^2), \text{gain})`, the bounded inverse of a Gaussian beam. A long straight line
    keeps its direction under any such filter; only grains and short fragments change.

    Args:
        texture: ``(H, W)`` float32.
        sigma_px: the beam's lateral standard deviation in columns; 0 does nothing.
        gain: bound of the amplification.

    Returns:
        ``(H, W)`` float32.

    Source:
        Wagner, Smith, Sandrik & Lopez 1983, IEEE Trans. Sonics Ultrason. 30:156 (speckle's size is that of the beam).
    """
    if sigma_px <= 0.0 or gain <= 1.0:
        return texture
    kernel = _lateral_kernel(round(sigma_px, 3), gain)
    return np.asarray(cv2.filter2D(texture, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT), np.float32)


@lru_cache(maxsize=16)
def _lateral_kernel(sigma_px: float, gain: float) -> Floats:
    n = 256
    frequency = np.fft.rfftfreq(n)
    response = np.fft.irfft(np.minimum(np.exp(2.0 * (np.pi * sigma_px * frequency) ** 2), gain), n)
    half = min(n // 2 - 1, int(np.ceil(6.0 * sigma_px)) + 2)
    kernel = np.concatenate([response[-half:], response[: half + 1]]) * np.hanning(2 * half + 3)[1:-1]
    # The window changes the sum a little; flat areas must stay as they are.
    kernel[half] += 1.0 - kernel.sum()
    return kernel[None, :].astype(np.float32)
