"""Elastography: stiffness read from the colours of a picture."""

from mskus.features.elastography.colour_bar import ColourBar, find_colour_bar
from mskus.features.elastography.decode import Elastogram, decode_elastogram
from mskus.features.elastography.grey_copy import find_grey_copy
from mskus.features.elastography.stiffness import (
    ShearWaveValues,
    shear_wave_speed_m_s,
    shear_wave_values,
    strain_ratio,
    young_modulus_kpa,
)

__all__ = [
    "ColourBar",
    "Elastogram",
    "ShearWaveValues",
    "decode_elastogram",
    "find_colour_bar",
    "find_grey_copy",
    "shear_wave_speed_m_s",
    "shear_wave_values",
    "strain_ratio",
    "young_modulus_kpa",
]
