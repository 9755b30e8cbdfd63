"""Fascicle orientation by the network ``muscle_fascicle``.

Method: a small U-Net (Ronneberger et al. 2015) that gives, at every pixel, a von Mises distribution of the doubled
angle (Prokudin et al. 2018). It was trained by :mod:`mskus.learn.train_muscle` on drawn fascicle fragments (Cronin et
al. 2020) and on simulated muscle; see the card for data and scores.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.features.orientation import OrientationField
from mskus.models.intensity import robust_unit

NETWORK_NAME = "muscle_fascicle"
STRIDE_PX = 16
WORKING_WIDTH_PX = 320
VIEWS = (1.0, 1.4)

Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def learned_orientations(images: NDArray[np.uint8]) -> list[OrientationField]:
    """Orientation of the fascicles in pictures with square pixels, as they are.

    Args:
        images: ``(N, H, W)`` uint8 crops of the belly, ideally 320 columns across the width of the picture; any size.

    Returns:
        N fields ``(H, W)``: angle in degrees, and the mean resultant length of the network's distribution of the
        doubled angle as confidence (0: any direction, 1: certain).

    Raises:
        ModelError: if the shipped network is missing or has been changed.
    """
    from mskus.models.runtime import load

    if not len(images):
        return []
    return orientations_of(load(NETWORK_NAME).predict, images)


def orientations_of(predict: Predict, images: NDArray[np.uint8]) -> list[OrientationField]:
    """The fields of any network with the outputs of ``muscle_fascicle``, each the mean of two views.

    The network looks at the picture as it is and at one 1.4 times as large, and the two vectors k (cos 2t, sin 2t) are
    averaged: what is too fine in one is plain in the other.

    Args:
        predict: maps ``(N, 1, H, W)`` in [0, 1], sides multiples of 16, to ``(N, 3, H, W)``.
        images: ``(N, H, W)`` uint8.
    """
    n, height, width = images.shape
    units = [robust_unit(image) for image in images]
    total = np.zeros((n, height, width, 2), np.float32)
    for view in VIEWS:
        size = (round(view * width), round(view * height))
        seen = np.stack([cv2.resize(unit, size, interpolation=cv2.INTER_LINEAR) for unit in units])
        padding = ((0, 0), (0, -size[1] % STRIDE_PX), (0, -size[0] % STRIDE_PX))
        padded = np.asarray(np.pad(seen, padding, mode="edge"), np.float32)
        vectors = predict(padded[:, None])[:, 1:, : size[1], : size[0]]
        for plane, vector in zip(total, vectors, strict=True):
            channels = np.ascontiguousarray(vector.transpose(1, 2, 0))
            plane += cv2.resize(channels, (width, height), interpolation=cv2.INTER_LINEAR) / len(VIEWS)
    return [field_of_vector(plane[..., 0], plane[..., 1]) for plane in total]


def learned_orientation(image: NDArray[np.uint8], *, aspect: float = 1.0) -> OrientationField:
    """Orientation of the fascicles in one picture of any size and pixel aspect.

    The picture is resampled to square pixels and 320 columns, and the field back to the picture's pixels.

    Args:
        image: ``(H, W)`` uint8, a crop of the belly.
        aspect: height over width of one pixel.

    Returns:
        The field ``(H, W)``; angles hold in square pixels (mm geometry).

    Raises:
        ModelError: if the shipped network is missing or has been changed.
    """
    height, width = image.shape
    work_height = max(1, round(height * aspect / width * WORKING_WIDTH_PX))
    shrinks = width > WORKING_WIDTH_PX or height > work_height
    work = cv2.resize(
        image, (WORKING_WIDTH_PX, work_height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    (field,) = learned_orientations(work[None].astype(np.uint8, copy=False))
    twice = np.deg2rad(2.0 * field.angle_deg)
    planes = np.dstack([np.cos(twice) * field.confidence, np.sin(twice) * field.confidence])
    vector = cv2.resize(planes, (width, height), interpolation=cv2.INTER_LINEAR)
    angle = np.rad2deg(np.arctan2(vector[..., 1], vector[..., 0])) / 2.0
    confidence = np.hypot(vector[..., 0], vector[..., 1])
    return OrientationField(angle.astype(np.float32), confidence.astype(np.float32), aspect)


def field_of_vector(cosine: NDArray[np.float32], sine: NDArray[np.float32]) -> OrientationField:
    """The field of the network's vector k (cos 2t, sin 2t): direction t, confidence the mean resultant length of k.

    Example:
        >>> field = field_of_vector(np.zeros((1, 1), np.float32), np.full((1, 1), 50.0, np.float32))
        >>> float(field.angle_deg[0, 0]), round(float(field.confidence[0, 0]), 2)
        (45.0, 0.99)
    """
    angle = np.rad2deg(np.arctan2(sine, cosine)) / 2.0
    angle = np.where(angle <= -90.0, 90.0, angle)
    return OrientationField(angle.astype(np.float32), resultant_length(np.hypot(cosine, sine)))


def resultant_length(concentration: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean resultant length ``I1(k) / I0(k)`` of a von Mises distribution, by the bound of Amos (1974), within 0.025.

    Example:
        >>> resultant_length(np.array([0.0, 1.0, 50.0], np.float32)).astype(float).round(2).tolist()
        [0.0, 0.45, 0.99]
    """
    # a square root instead of two Bessel functions at every pixel
    return np.asarray(concentration / (0.5 + np.sqrt(concentration**2 + 2.0)), np.float32)
