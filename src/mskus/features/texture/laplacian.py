"""Laplacian of Gaussian: bright and dark spots of a chosen size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import NAN, moments
from mskus.features.texture.surroundings import FINEST_SIGMA_PX, Spectrum, lengths

SIGMAS_MM = (0.15, 0.3, 0.6)
SIGMAS_PX = (1.0, 2.0, 4.0)


def laplacian(spectrum: Spectrum, *, sigma: float) -> NDArray[np.float32]:
    r"""Scale-normalised Laplacian :math:`-\sigma^2\nabla^2 (G_\sigma * I)`, positive on bright spots.

    In frequency :math:`(2\pi f\sigma)^2 e^{-2\pi^2 f^2\sigma^2}`; with unequal spacing the Gaussian is round in
    millimetres. A bright Gaussian spot of width :math:`\sigma` and height 1 answers 1/2 at its centre, its greatest.

    Args:
        spectrum: the region's, with a reach of at least 4 sigma.
        sigma: in mm, or in pixels where there is no scale.

    Returns:
        ``(h, w)`` of the region's box, in grey levels.

    Source:
        Marr & Hildreth 1980, Proc. R. Soc. Lond. B 207:187; Lindeberg 1998, Int. J. Comput. Vision 30:79.
    """
    fy, fx = spectrum.frequencies
    turns = float(2.0 * np.pi * sigma) ** 2
    along_y, along_x = turns * fy**2, turns * fx**2
    return spectrum.filtered((along_y + along_x) * (np.exp(-0.5 * along_y) * np.exp(-0.5 * along_x)))


@family("log", source="Marr & Hildreth 1980, Proc. R. Soc. Lond. B 207:187; IBSI 2 (Whybra et al. 2024, Radiology 310)")
def log_features(region: FeatureRegion) -> dict[str, float]:
    """Moments of the Laplacian of Gaussian inside the region, and the mean of its positive answers, a scale.

    Sigma is 0.15, 0.3 and 0.6 mm where there is a scale (``log_150um_...``), else 1, 2 and 4 pixels
    (``log_1px_...``); NaN where it is below half a pixel. Bright spots are positive.
    """
    sigmas = lengths(region, mm=SIGMAS_MM, px=SIGMAS_PX)
    spectrum = Spectrum.of(region, reach=4.0 * max(sigmas.values()))
    row = {}
    for name, sigma in sigmas.items():
        answers = laplacian(spectrum, sigma=sigma)[spectrum.mask]
        told = moments(f"log_{name}", answers) | {f"log_{name}_mean_positive": _mean_positive(answers)}
        row.update(told if sigma >= FINEST_SIGMA_PX * max(spectrum.spacing) else dict.fromkeys(told, NAN))
    return row


def _mean_positive(answers: NDArray[np.float32]) -> float:
    positive = answers[answers > 0.0]
    return float(positive.mean()) if positive.size else 0.0
