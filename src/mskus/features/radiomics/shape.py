"""Shape: size and form of a region, measured in millimetres (IBSI ``morph_``, in two dimensions)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from mskus.features.family import FeatureRegion, family
from mskus.geometry import axial

_NAN = float("nan")
# Lengths and areas come in mm where there is a scale and in pixels where there is none.
_LENGTHS = ("perimeter", "max_diameter", "min_diameter", "maj_axis", "min_axis", "com")


@family("shape", source="IBSI reference manual, section 3.1, in two dimensions; contour as in Lorensen & Cline 1987")
def shape(region: FeatureRegion) -> dict[str, float]:
    """Area, perimeter, diameters, axes, and how round, long and convex the region is.

    Returns:
        Lengths as ``morph_..._mm`` with NaN where no scale is known, and as ``morph_..._px`` with NaN where rows and
        columns are known to be spaced unequally; areas likewise. Ratios come from the geometry in mm, without a scale
        from pixels taken for square; the angle is NaN without a scale.

    Example:
        >>> values = shape(FeatureRegion.of(np.ones((10, 20)), spacing_mm=(0.2, 0.1)))
        >>> round(values["morph_maj_axis_mm"], 2), round(values["morph_elongation"], 2)
        (2.31, 1.0)
    """
    spacing = region.spacing_mm or (1.0, 1.0)
    found = region_geometry(region.mask[region.box], region.image[region.box], spacing=spacing)
    in_mm = region.spacing_mm is not None
    per_mm = 1.0 / spacing[0] if abs(spacing[0] / spacing[1] - 1.0) < 5e-3 else _NAN
    row = {f"morph_{name}_mm": found[name] if in_mm else _NAN for name in _LENGTHS}
    row |= {f"morph_{name}_px": found[name] * per_mm for name in _LENGTHS}
    for name in ("area", "area_approx"):
        row[f"morph_{name}_mm2"] = found[name] if in_mm else _NAN
        row[f"morph_{name}_px"] = found[name] / (spacing[0] * spacing[1])
    row["morph_orientation_deg"] = found["orientation_deg"] if in_mm else _NAN
    ratios = ("sphericity", "elongation", "eccentricity", "solidity", "extent", "convexity")
    return row | {f"morph_{name}": found[name] for name in ratios}


def region_geometry(
    mask: NDArray[np.bool_], image: NDArray[np.float64], *, spacing: tuple[float, float]
) -> dict[str, float]:
    r"""Measures of a region by name, in the units of the spacing.

    Area :math:`A` and perimeter :math:`P` are those of the contour half-way between the pixels inside and outside
    (holes have a contour too), ``area_approx`` is that of the pixels. Sphericity is :math:`2\sqrt{\pi A}/P`; diameters
    are the largest and the smallest distance of two parallel tangents (Feret); axes are :math:`4\sqrt{\lambda}` of the
    covariance of pixel centres, elongation :math:`\sqrt{\lambda_2/\lambda_1}`, eccentricity
    :math:`\sqrt{1-\lambda_2/\lambda_1}`; solidity :math:`A/A_{hull}`, convexity :math:`P_{hull}/P`, extent :math:`A`
    over the upright box of the contour; ``com`` is how far the centre of brightness lies from the centre of the region.
    The orientation of the long axis is in (-90, 90] degrees, counter-clockwise as seen on the screen.

    Args:
        mask: ``(H, W)``, not empty.
        image: ``(H, W)`` grey levels.
        spacing: ``(row, column)`` length of a pixel.

    Returns:
        Lengths, two areas, ratios and ``orientation_deg``; NaN for the orientation of a region without a long axis, and
        for ``com`` where brightness sums to zero or less.
    """
    contour, area, perimeter = _contour(mask, spacing)
    hull = ConvexHull(contour)
    corners = contour[hull.vertices]
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([-edges[:, 1], edges[:, 0]], axis=1) / np.hypot(*edges.T)[:, None]
    widths = np.ptp(corners @ normals.T, axis=0)
    points = np.argwhere(mask)[:, ::-1] * np.array(spacing[::-1])
    centre = points.mean(0)
    (least, most), axes = np.linalg.eigh(np.cov(points.T, bias=True))
    least, most = max(float(least), 0.0), float(most)
    light = image[mask]
    bright = light @ points / light.sum() if light.sum() > 0 else np.full(2, _NAN)
    x, y = axes[:, 1]
    return {
        "area": area,
        "area_approx": len(points) * spacing[0] * spacing[1],
        "perimeter": perimeter,
        "max_diameter": float(pdist(corners).max()),
        "min_diameter": float(widths.min()),
        "maj_axis": 4.0 * most**0.5,
        "min_axis": 4.0 * least**0.5,
        "com": float(np.hypot(*(bright - centre))),
        "sphericity": 2.0 * (np.pi * area) ** 0.5 / perimeter,
        "elongation": (least / most) ** 0.5,
        "eccentricity": (1.0 - least / most) ** 0.5,
        "solidity": area / float(hull.volume),
        "extent": area / float(np.prod(np.ptp(corners, axis=0))),
        "convexity": float(hull.area) / perimeter,
        "orientation_deg": float(axial(np.degrees(np.arctan2(-y, x)))) if most - least > 1e-9 * most else _NAN,
    }


def _contour(mask: NDArray[np.bool_], spacing: tuple[float, float]) -> tuple[NDArray[np.float64], float, float]:
    """Vertices, area and length of the contour by marching squares; pixels that touch at a corner only stay apart."""
    m = np.pad(mask, 1).astype(np.intp)
    row, column = spacing
    across = np.argwhere(m[:, :-1] != m[:, 1:]) + (-1.0, -0.5)  # edges between left and right neighbours
    along = np.argwhere(m[:-1] != m[1:]) + (-0.5, -1.0)
    vertices = np.concatenate([across, along])[:, ::-1] * np.array([column, row])
    # Each square of four pixel centres, by which of its corners are inside.
    count = np.bincount((m[:-1, :-1] + 2 * m[:-1, 1:] + 4 * m[1:, :-1] + 8 * m[1:, 1:]).ravel(), minlength=16)
    one, three = count[[1, 2, 4, 8]].sum(), count[[7, 11, 13, 14]].sum()
    side_by_side, stacked, diagonal = count[[3, 12]].sum(), count[[5, 10]].sum(), count[[6, 9]].sum()
    area = row * column * (one / 8 + (side_by_side + stacked) / 2 + diagonal / 4 + three * 7 / 8 + count[15])
    slanted = np.hypot(row, column) / 2 * (one + three + 2 * diagonal)
    return vertices, float(area), float(slanted + side_by_side * column + stacked * row)
