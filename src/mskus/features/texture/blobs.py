"""Blobs: bright and dark spots found in the scale space of the Laplacian."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.laplacian import laplacian
from mskus.features.texture.summary import NAN
from mskus.features.texture.surroundings import FINEST_SIGMA_PX, Spectrum, lengths

SIGMAS_MM = (0.1, 0.15, 0.22, 0.33, 0.5, 0.75)
SIGMAS_PX = (1.0, 1.5, 2.2, 3.3, 5.0, 7.5)
# A Gaussian spot as high as the region's standard deviation answers half of it at its own scale.
THRESHOLD_SD = 0.5


@family("blob", source="Lindeberg 1998, Int. J. Comput. Vision 30:79")
def blob_features(region: FeatureRegion) -> dict[str, float]:
    r"""Number, density, diameter and strength of bright and of dark blobs centred inside the region.

    A blob is a maximum of the normalised Laplacian over place and scale that exceeds half the region's standard
    deviation, so gain does not matter. Its diameter is :math:`2\sqrt2\,\sigma`, its strength the answer over the
    standard deviation. Lengths are in mm and density per square centimetre where there is a scale, else in pixels
    and per 10 000 pixels (``blob_bright_diameter_px``). Diameter and strength are NaN where there is no blob.
    """
    sigmas = np.array([*lengths(region, mm=SIGMAS_MM, px=SIGMAS_PX).values()])
    spectrum = Spectrum.of(region, reach=4.0 * sigmas[-1])
    sigmas = sigmas[sigmas >= FINEST_SIGMA_PX * max(spectrum.spacing)]
    answers = np.stack([laplacian(spectrum, sigma=sigma) for sigma in sigmas]) if sigmas.size else None
    scaled = region.spacing_mm is not None
    unit, density, unit_area = ("mm", "per_cm2", 100.0) if scaled else ("px", "per_10000px", 1e4)
    area = np.count_nonzero(spectrum.mask) * spectrum.spacing[0] * spectrum.spacing[1] / unit_area
    spread = float(region.values.std())
    row: dict[str, float] = {}
    for kind, sign in (("bright", 1), ("dark", -1)):
        row |= dict.fromkeys(
            (f"blob_{kind}_{what}" for what in ("count", density, f"diameter_{unit}", "strength")), NAN
        )
        if answers is None:
            continue
        scale, strength = _maxima(sign * answers, spectrum.mask, above=THRESHOLD_SD * spread)
        row |= {f"blob_{kind}_count": float(scale.size), f"blob_{kind}_{density}": scale.size / area}
        if scale.size:
            row[f"blob_{kind}_diameter_{unit}"] = float(2.0 * np.sqrt(2.0) * sigmas[scale].mean())
            row[f"blob_{kind}_strength"] = float(strength.mean()) / spread
    return row


def _maxima(
    answers: NDArray[np.float32], mask: NDArray[np.bool_], *, above: float
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Index of the scale and height of every maximum over 3 x 3 pixels and the neighbouring scales."""
    kernel = np.ones((3, 3), np.uint8)
    around = np.stack([np.asarray(cv2.dilate(plane, kernel), np.float32) for plane in answers])
    peak = (answers >= around) & mask & (answers > above)
    peak[1:] &= answers[1:] > around[:-1]
    peak[:-1] &= answers[:-1] > around[1:]
    return np.nonzero(peak)[0], answers[peak]
