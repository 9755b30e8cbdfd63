"""Edges: how steep, how many, and whether they share a direction."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import NAN, entropy, moments
from mskus.features.texture.surroundings import FINEST_SIGMA_PX, Spectrum, lengths

F32 = NDArray[np.float32]

SIGMA_MM = 0.15
SIGMA_PX = 1.5
N_DIRECTIONS = 18
# Weak edges that touch a strong one count too; in standard deviations of the region.
STRONG_SD, WEAK_SD = 0.5, 0.25
# Canny's gradients are whole numbers.
_CANNY_STEPS = 64.0


@family("edge", source="Canny 1986, IEEE Trans. PAMI 8:679; Bigun & Granlund 1987, Proc. ICCV:433")
def edge_features(region: FeatureRegion) -> dict[str, float]:
    r"""Statistics of :math:`\sigma|\nabla(G_\sigma * I)|`, density of edges, and their directions.

    Sigma is 0.15 mm where there is a scale (``edge_150um_mean``), else 1.5 pixels. ``_density`` is the share of pixels
    on Canny's edges with thresholds relative to the region's standard deviation. From the tensor of the gradients
    inside: ``_coherence`` :math:`(\lambda_1-\lambda_2)/(\lambda_1+\lambda_2)`, and its parts ``_axial_cos`` and
    ``_axial_sin``, the doubled direction of the lines (cos 1: horizontal; sin 1: rising to the right at 45 degrees).
    ``_direction_entropy`` is that of the directions weighted by magnitude, in 18 bins, in bits (4.17 for all alike).
    """
    ((name, sigma),) = lengths(region, mm=(SIGMA_MM,), px=(SIGMA_PX,)).items()
    spectrum = Spectrum.of(region, reach=4.0 * sigma)
    fy, fx = spectrum.frequencies
    ramp_y, ramp_x = 2.0 * np.pi * sigma * fy, 2.0 * np.pi * sigma * fx
    smooth = np.exp(-0.5 * ramp_y**2) * np.exp(-0.5 * ramp_x**2)
    gx, gy = (spectrum.filtered(1j * ramp * smooth) for ramp in (ramp_x, ramp_y))
    inside = spectrum.mask
    x, y = gx[inside].astype(np.float64), gy[inside].astype(np.float64)
    magnitude = np.hypot(x, y)
    trace = float((magnitude**2).sum())
    axial_cos, axial_sin = (float(part.sum()) / trace if trace > 0.0 else NAN for part in (y * y - x * x, 2.0 * x * y))
    # Direction of the line, in [0, 180) degrees.
    bins = (np.arctan2(x, y) % np.pi * (N_DIRECTIONS / np.pi)).astype(int) % N_DIRECTIONS
    directions = np.bincount(bins, weights=magnitude, minlength=N_DIRECTIONS).astype(np.float64)
    tag = f"edge_{name}"
    row = moments(tag, magnitude) | {
        f"{tag}_p90": float(np.percentile(magnitude, 90.0)),
        f"{tag}_density": _density(gx, gy, inside, float(region.values.std())),
        f"{tag}_coherence": float(np.hypot(axial_cos, axial_sin)),
        f"{tag}_axial_cos": axial_cos,
        f"{tag}_axial_sin": axial_sin,
        f"{tag}_direction_entropy": entropy(directions),
    }
    return row if sigma >= FINEST_SIGMA_PX * max(spectrum.spacing) else dict.fromkeys(row, NAN)


def _density(
    gx: F32,
    gy: F32,
    inside: NDArray[np.bool_],
    spread: float,
) -> float:
    """Share of the region's pixels that lie on an edge."""
    dx, dy = (np.clip(np.rint(_CANNY_STEPS * g), -32767, 32767).astype(np.int16) for g in (gx, gy))
    edges = cv2.Canny(dx, dy, WEAK_SD * spread * _CANNY_STEPS, STRONG_SD * spread * _CANNY_STEPS, L2gradient=True)
    return float((edges[inside] > 0).mean())
