"""Intervals: how far a value of the network's outline lies from that of a human's, calibrated on held-out pictures.

The half-width of a 95 % interval is ``factor * (doubt + 0.3) * unit``: ``doubt`` says how unsure the network is of this
very outline (:class:`mskus.segment.outlines.Outline`), the factor is the conformal quantile of the same ratio over
matched nerves or vessels of pictures that the network had not seen (split conformal prediction with a normalised score:
Lei et al. 2018, J Am Stat Assoc 113:1094), from ``benchmarks/nerve_exam.py --fit``. Sizes err by a factor, so their
unit is 1 and the error one of the logarithm; depths and distances err by parts of the short diameter; fractions and
grey levels by themselves. The error of the scale is added as independent. An interval holds given that the outline is
the right nerve: a wrong nerve is a failure that no interval pretends to hold.
"""

from __future__ import annotations

import numpy as np

from mskus.exams.nerve.measure import AREA, DEPTHS, GAP, SIZES

LEAST_DOUBT = 0.3
LOGARITHMIC = tuple(name for name in SIZES if name != "circularity")
_BY_DIAMETER = (*DEPTHS, GAP)
MOST = {"circularity": 1.0, "hypoechoic_fraction": 1.0, "echo_intensity_mean": 255.0}

FACTORS: dict[str, dict[str, float]] = {
    "nerve": {
        "cross_sectional_area_mm2": 0.406,
        "perimeter_mm": 0.311,
        "circularity": 0.195,
        "long_diameter_mm": 0.351,
        "short_diameter_mm": 0.267,
        "depth_mm": 0.128,
        "depth_upper_edge_mm": 0.232,
        "echo_intensity_mean": 10.026,
        "hypoechoic_fraction": 0.156,
        "vessel_distance_mm": 0.628,
    },
    "vessel": {
        "cross_sectional_area_mm2": 0.394,
        "perimeter_mm": 0.379,
        "circularity": 0.291,
        "long_diameter_mm": 0.392,
        "short_diameter_mm": 0.189,
        "depth_mm": 0.12,
        "depth_upper_edge_mm": 0.133,
    },
}


def unit_of_error(name: str, values: dict[str, float]) -> float:
    """What an error of this value is counted in: 1, or the short diameter."""
    return values["short_diameter_mm"] if name in _BY_DIAMETER else 1.0


def residual(name: str, found: dict[str, float], true: dict[str, float]) -> float:
    """Error of a value as :data:`FACTORS` count it, before it is divided by the doubt."""
    if name in LOGARITHMIC:
        return float(np.log(found[name] / true[name]))
    return (found[name] - true[name]) / unit_of_error(name, found)


def interval(
    kind: str, name: str, values: dict[str, float], *, doubt: float, relative_scale_error: float = 0.0
) -> tuple[float, float] | None:
    """95 % interval of one value; None where none was calibrated.

    Args:
        kind: ``nerve`` or ``vessel``.
        name: of the value.
        values: all values of the thing, lengths in mm.
        doubt: of its outline.
        relative_scale_error: standard error of the scale as a fraction.
    """
    factor = FACTORS[kind].get(name)
    if factor is None or (name in _BY_DIAMETER and "short_diameter_mm" not in values):
        return None
    value, half = values[name], factor * (doubt + LEAST_DOUBT)
    power = 2.0 if name == AREA else 1.0 if name.endswith("_mm") else 0.0
    scale = 1.96 * power * relative_scale_error
    if name in LOGARITHMIC:
        width = float(np.exp(np.hypot(half, scale)))
        return value / width, value * width
    half = float(np.hypot(half * unit_of_error(name, values), scale * value))
    return max(value - half, 0.0), min(value + half, MOST.get(name, np.inf))
