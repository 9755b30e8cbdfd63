from __future__ import annotations

import numpy as np
import pytest

from mskus.features.family import FeatureRegion
from mskus.features.texture import gabor_features


def grating(angle_deg, wavelength, *, spacing=(1.0, 1.0), shape=(160, 200), amplitude=40.0):
    """Lines at ``angle_deg`` counter-clockwise on the screen, in geometry of the spacing."""
    y, x = np.indices(shape) * np.reshape(spacing, (2, 1, 1))
    turn = np.radians(angle_deg)
    return 100.0 + amplitude * np.sin(2 * np.pi * (x * np.sin(turn) + y * np.cos(turn)) / wavelength)


def middle(shape):
    mask = np.zeros(shape, bool)
    mask[50:-50, 50:-50] = True
    return mask


@pytest.mark.parametrize("wavelength", [4.0, 8.0, 16.0])
@pytest.mark.parametrize("angle", [0, 30, 90, 120])
def test_a_grating_answers_its_amplitude(angle, wavelength):
    picture = grating(angle, wavelength)
    row = gabor_features(FeatureRegion.of(picture, mask=middle(picture.shape)))
    name = f"gabor_{wavelength:g}px"
    assert row[f"{name}_{angle}deg_mean"] == pytest.approx(40.0, rel=0.02)
    assert row[f"{name}_{angle}deg_energy"] == pytest.approx(1600.0, rel=0.04)
    # What a wavelet turned by 30 degrees keeps of the amplitude: 0.333.
    assert row[f"{name}_{(angle + 30) % 180}deg_mean"] == pytest.approx(
        40.0 * np.exp(8.2 * (np.cos(np.pi / 6) - 1)), rel=0.04
    )


@pytest.mark.parametrize("spacing", [(0.1, 0.1), (0.08, 0.16)])
def test_wavelength_and_angle_are_those_in_millimetres(spacing):
    picture = grating(60, 1.0, spacing=spacing)
    row = gabor_features(FeatureRegion.of(picture, mask=middle(picture.shape), spacing_mm=spacing))
    assert row["gabor_1000um_60deg_mean"] == pytest.approx(40.0, rel=0.03)


def test_summaries_do_not_turn_with_the_picture():
    rows = [gabor_features(FeatureRegion.of(p, mask=middle(p.shape))) for p in (grating(0, 8.0), grating(60, 8.0))]
    for what in ("mean", "anisotropy", "entropy"):
        assert rows[0][f"gabor_8px_{what}"] == pytest.approx(rows[1][f"gabor_8px_{what}"], rel=0.03)
    # Energies 1, 0.1111 (twice), 0.0003...: (1 + 2 * 0.1111 * cos 60) / (1 + 2 * 0.1111)
    assert rows[0]["gabor_8px_anisotropy"] == pytest.approx(0.909, abs=0.01)


def test_noise_has_no_direction(rng):
    row = gabor_features(FeatureRegion.of(rng.normal(100, 20, (200, 200))))
    assert row["gabor_4px_anisotropy"] < 0.05
    assert row["gabor_4px_entropy"] == pytest.approx(np.log2(6), abs=0.01)


def test_a_wave_of_less_than_three_pixels_is_withheld(rng):
    row = gabor_features(FeatureRegion.of(rng.uniform(0, 255, (60, 60)), spacing_mm=(0.2, 0.2)))
    assert np.isnan(row["gabor_500um_0deg_mean"])
    assert np.isfinite(row["gabor_1000um_0deg_mean"])
