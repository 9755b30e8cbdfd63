"""What every despeckling filter must hold, whatever its mathematics."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.enhance import enhance, methods
from mskus.errors import EnhanceError

NAMES = (
    "adaptive_weighted_median", "bilateral", "enhanced_lee", "frost", "gamma_map", "kuan", "lee", "median", "obnlm",
    "oriented_srad", "perona_malik", "srad", "total_variation", "wavelet", "wiener",
)  # fmt: skip
# on the envelope: their mean is that of the envelope, not of its logarithm
MULTIPLICATIVE = ("enhanced_lee", "frost", "gamma_map", "kuan", "lee", "oriented_srad", "srad")


def test_the_filters_are_registered_with_their_sources():
    known = methods("despeckle")
    assert tuple(known) == NAMES
    assert all(any(ch.isdigit() for ch in m.source) for m in known.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_picture_stays(name):
    out = enhance(np.full((20, 33), 77, np.uint8), method=name)
    assert out.shape == (20, 33)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, 77.0, atol=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_black_and_white_stay_within_the_range(name):
    picture = np.zeros((24, 24), np.uint8)
    picture[8:16, 8:16] = 255
    out = enhance(picture, method=name)
    assert np.isfinite(out).all()
    assert out.min() >= 0.0
    assert out.max() <= 255.0


@pytest.mark.parametrize("name", NAMES)
def test_speckle_is_smoothed_and_its_input_left_alone(name, rayleigh):
    given = rayleigh.copy()
    out = enhance(given, method=name)
    assert out[8:-8, 8:-8].std() < 0.6 * rayleigh[8:-8, 8:-8].std()
    np.testing.assert_array_equal(given, rayleigh)


@pytest.mark.parametrize("name", NAMES)
def test_the_mean_of_homogeneous_speckle_is_kept(name, rayleigh):
    """Of what the filter averages: the intensity, the envelope, or the grey level (with the median's bias of 3)."""
    out = enhance(rayleigh, method=name)
    if name in MULTIPLICATIVE:
        power = 2.0 if name == "gamma_map" else 1.0
        before, after = (np.power(10.0, (p / 255.0 - 1.0) * 3.0 * power).mean() for p in (rayleigh, out))
        assert after == pytest.approx(before, rel=0.08)
    else:
        assert out.mean() == pytest.approx(rayleigh.mean(), abs=4.0)


# Kuan's weight never reaches 1: with Cu = 0.52 a fifth of the mean stays in every pixel, and an edge of 25 dB shows it
@pytest.mark.parametrize("name", [n for n in NAMES if n != "kuan"])
def test_an_edge_is_kept_better_than_by_a_mean_that_smooths_as_much(name, step_edge):
    """Contrast of the two columns at the edge, against a Gaussian with the same standard deviation far from it."""
    out = enhance(step_edge, method=name)
    far = np.s_[10:-10, 10:40]
    sigmas = np.linspace(0.4, 8.0, 39)
    blurred = [cv2.GaussianBlur(step_edge, (0, 0), s) for s in sigmas]
    equal = min(blurred, key=lambda b: abs(float(b[far].std()) - float(out[far].std())))

    def contrast(picture):
        return float(picture[10:-10, 65].mean() - picture[10:-10, 62].mean())

    assert contrast(out) > contrast(equal) + 1.0


# the wavelet's ratios are learned from the steps at the screen's edge too: crop to the image first, as the page says
@pytest.mark.parametrize("name", [n for n in NAMES if n != "wavelet"])
def test_the_black_around_an_image_changes_nothing_inside(name, rayleigh):
    """Noise is estimated from what is not constant; two thirds of this screen are."""
    screen = np.zeros((160, 230), np.float32)
    screen[32:128, 51:179] = rayleigh
    inside, alone = enhance(screen, method=name)[52:108, 71:159], enhance(rayleigh, method=name)[20:-20, 20:-20]
    assert inside.std() == pytest.approx(alone.std(), rel=0.15)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.full((9, 9), np.nan), "NaN"),
        (np.zeros((2, 9)), "too small"),
        (np.zeros((9, 9, 3)), "grey picture"),
    ],
    ids=["nan", "too small", "colour"],
)
def test_impossible_pictures_are_named(name, picture, words):
    with pytest.raises(EnhanceError, match=words):
        enhance(picture, method=name)


@pytest.mark.parametrize("name", NAMES)
def test_the_smallest_picture_passes(name):
    out = enhance(np.arange(9, dtype=np.float32).reshape(3, 3) * 20, method=name)
    assert out.shape == (3, 3)
    assert np.isfinite(out).all()


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("lee", {"size_px": 4}, "odd number"),
        ("lee", {"size_mm": 1.0}, "needs a scale"),
        ("lee", {"variation": -0.1}, "zero or more"),
        ("kuan", {"compression_db": 500.0}, "dynamic range"),
        ("enhanced_lee", {"variation": 2.0}, "above that of speckle"),
        ("frost", {"damping": 0.0}, "positive"),
        ("median", {"size_px": 2}, "odd number"),
        ("adaptive_weighted_median", {"scaling": float("nan")}, "finite number"),
        ("wiener", {"noise_levels": -1.0}, "positive"),
        ("bilateral", {"sigma_levels": 0.0}, "positive"),
        ("perona_malik", {"step": 0.3}, "stable"),
        ("srad", {"iterations": 0}, "between 1"),
        ("oriented_srad", {"along": 1.5}, "between 0 and 1"),
        ("wavelet", {"levels": 9}, "between 1 and 5"),
        ("total_variation", {"weight_levels": -3.0}, "positive"),
        ("obnlm", {"search_px": 12}, "odd number"),
        ("obnlm", {"mean_ratio": 1.0}, "below 1"),
    ],
)
def test_impossible_parameters_are_named(name, parameters, words):
    with pytest.raises(EnhanceError, match=words):
        enhance(np.zeros((16, 16)), method=name, **parameters)


@pytest.mark.parametrize("name", ["lee", "frost", "wiener", "adaptive_weighted_median"])
def test_a_size_in_mm_follows_unequal_spacing(name, rayleigh):
    """0.7 mm at 0.1 mm a pixel are 7 pixels; the same picture with rows twice as far apart has windows half as high."""
    same = enhance(rayleigh, method=name, size_mm=0.7, spacing_mm=(0.1, 0.1))
    np.testing.assert_array_equal(same, enhance(rayleigh, method=name, size_px=7))
    flat = enhance(rayleigh, method=name, size_mm=0.7, spacing_mm=(0.2, 0.1))
    assert flat.std() > same.std() + 0.1
