"""Spectra of radio-frequency echoes, calibrated by a reference phantom."""

from mskus.features.spectral.attenuation import attenuation_coefficient
from mskus.features.spectral.beamform import plane_wave_lines
from mskus.features.spectral.maps import SpectralMaps, spectral_maps
from mskus.features.spectral.parameters import SpectralParameters, spectral_parameters
from mskus.features.spectral.power import PowerSpectra, power_spectra
from mskus.features.spectral.reference import ReferencePhantom

__all__ = [
    "PowerSpectra",
    "ReferencePhantom",
    "SpectralMaps",
    "SpectralParameters",
    "attenuation_coefficient",
    "plane_wave_lines",
    "power_spectra",
    "spectral_maps",
    "spectral_parameters",
]
