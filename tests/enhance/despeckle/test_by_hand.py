"""Values worked out by hand at the middle of small linear pictures (envelope = grey / 255)."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance import enhance
from mskus.enhance.despeckle.window import window

# eight neighbours of 30 and a middle of 120: mean 40, mean of squares 2400, variance 800, C^2 = 800 / 1600 = 0.5
SPOT = np.full((3, 3), 30.0)
SPOT[1, 1] = 120.0


def middle(name, picture=SPOT, **parameters):
    return float(enhance(picture, method=name, **parameters)[picture.shape[0] // 2, picture.shape[1] // 2])


LINEAR = {"compression_db": None, "size_px": 3}


@pytest.mark.parametrize(
    ("name", "parameters", "value"),
    [
        ("lee", {"variation": 0.5}, 40 + (1 - 0.25 / 0.5) * 80),  # 80
        ("lee", {"variation": 0.0}, 120.0),  # no speckle: the identity
        ("lee", {"variation": 0.8}, 40.0),  # C below Cu: the mean
        ("kuan", {"variation": 0.5}, 40 + (1 - 0.25 / 0.5) / 1.25 * 80),  # 72
        ("kuan", {"variation": 0.0}, 120.0),
        ("enhanced_lee", {"variation": 0.8}, 40.0),
        ("enhanced_lee", {"variation": 0.1, "point_variation": 0.7}, 120.0),  # C = 0.7071: a point target
        # W = exp(-(0.70711 - 0.5) / (1.20711 - 0.70711)) = exp(-0.41421) = 0.66086
        ("enhanced_lee", {"variation": 0.5, "point_variation": 1.2071068}, 0.66086 * 40 + 0.33914 * 120),
        # distances 1 (four) and sqrt(2) (four), K C^2 = 1: (120 + 30 * 4 * (e^-1 + e^-1.41421)) / (1 + 4 * (...))
        ("frost", {"damping": 2.0}, (120 + 30 * 4 * 0.6109962) / (1 + 4 * 0.6109962)),
    ],
)
def test_local_statistics(name, parameters, value):
    assert middle(name, **parameters, **LINEAR) == pytest.approx(value, abs=2e-3)


@pytest.mark.parametrize(
    ("variation", "value"),
    [
        # of the intensity: neighbours 900, middle 14400 (over 255^2): mean 2400, C^2 = 3.125
        (0.9, None),  # 4 * 0.81 = 3.24 above C^2: the mean of the intensity
        (0.5, 120.0),  # 1 and C^2 above twice it: the pixel itself
        # speckle 2.25: alpha = 3.25 / 0.875 = 3.714286, L = 0.444444, alpha - L - 1 = 2.269841;
        # half = 5447.62; root = sqrt(5447.62^2 + 4 * 3.714286 * 0.444444 * 14400 * 2400) = 16065.2...
        (0.75, "formula"),
    ],
)
def test_gamma_map(variation, value):
    found = middle("gamma_map", variation=variation, **LINEAR)
    if value is None:
        value = 2400**0.5
    elif value == "formula":
        half = (3.7142857 - 0.4444444 - 1.0) * 2400
        value = ((half + (half**2 + 4 * 3.7142857 * 0.4444444 * 14400 * 2400) ** 0.5) / (2 * 3.7142857)) ** 0.5
        assert value == pytest.approx(53.808, abs=0.5)
    assert found == pytest.approx(value, abs=2e-3)


def test_wiener_takes_off_the_noise_variance():
    # variance 800, noise 400: 40 + (1 - 0.5) * 80
    assert middle("wiener", size_px=3, noise_levels=20.0) == pytest.approx(80.0, abs=1e-3)


def test_wiener_is_scipys_inside_the_border(rayleigh):
    from scipy.signal import wiener

    # the noise that scipy estimates depends on its border of zeros, so it is given
    theirs = wiener(rayleigh.astype(float), 5, noise=300.0)
    ours = enhance(rayleigh, method="wiener", size_px=5, noise_levels=300.0**0.5)
    np.testing.assert_allclose(ours[3:-3, 3:-3], np.clip(theirs, 0, 255)[3:-3, 3:-3], atol=0.01)


def test_median_of_nine():
    picture = np.array([[9.0, 1.0, 8.0], [2.0, 7.5, 3.0], [6.0, 4.0, 5.0]])
    assert middle("median", picture, size_px=3) == 5.0


@pytest.mark.parametrize(
    ("centre_weight", "scaling", "value"),
    [
        # mean 5, variance 20/3, s^2 / m = 4/3; picture 1..9
        (99.0, 1e-6, 5.0),  # equal weights: the plain median
        # c = 6: 6 * 4/3 = 8: weights 10 in the middle (1), 2 at distance 1 (of 3, 7, 5, 9), 0 beyond: half of 18
        (10.0, 6.0, 1.0),
        # 10 - 4 = 6 at distance 1, 10 - 5.66 -> 4 at the corners: 50 in all; 1 (10), 2 (4), 3 (6), 4 (4), 5 (6): 30
        (10.0, 3.0, 5.0),
    ],
)
def test_adaptive_weighted_median(centre_weight, scaling, value):
    picture = np.array([[2.0, 3.0, 4.0], [7.0, 1.0, 5.0], [6.0, 9.0, 8.0]])
    found = middle("adaptive_weighted_median", picture, size_px=3, centre_weight=centre_weight, scaling=scaling)
    assert found == value


def test_bilateral_weighs_by_distance_and_grey_level():
    # radius 1: four neighbours at distance 1, 90 levels away: w = exp(-1 / 2) * exp(-1 / 2) = 0.36788
    w = np.exp(-1.0)
    found = middle("bilateral", size_px=3, sigma_px=1.0, sigma_levels=90.0)
    assert found == pytest.approx((120 + 4 * w * 30) / (1 + 4 * w), abs=0.05)


def test_one_step_of_perona_malik():
    # four differences of -90, kappa 90: each flows 0.2 * -90 / (1 + 1) = -9
    assert middle("perona_malik", iterations=1, edge_levels=90.0, step=0.2) == pytest.approx(120 - 36, abs=1e-3)


def test_one_step_of_srad():
    # differences over the middle: -0.75 each: laplacian -3; q^2 = (0.5 * 4 * 0.5625 - 9 / 16) / (1 - 0.75)^2 = 9
    # q0 = 1: c = 1 / (1 + 8 / 2) = 0.2 in the middle; at the neighbours, 30 with one side of +3:
    # q^2 = (4.5 - 9 / 16) / (1.75)^2 = 1.2857, c = 1 / (1 + 0.2857 / 2) = 0.875, so that 0.2 counts
    # flow = 4 * 0.2 * -90 = -72; a quarter of a step of 0.5: -9
    found = middle("srad", iterations=1, step=0.5, variation=1.0, compression_db=None)
    assert found == pytest.approx(111.0, abs=2e-3)


def test_total_variation_of_two_halves_moves_them_by_the_perimeter_over_the_area():
    # a step of 100 across 20 columns, no border: each half of 10 columns moves by lambda / 10
    picture = np.full((12, 20), 50.0)
    picture[:, 10:] = 150.0
    out = enhance(picture, method="total_variation", weight_levels=30.0, iterations=300)
    np.testing.assert_allclose(out[:, :10], 53.0, atol=0.1)
    np.testing.assert_allclose(out[:, 10:], 147.0, atol=0.1)


def test_total_variation_is_scikit_images(rayleigh):
    from skimage.restoration import denoise_tv_chambolle

    theirs = denoise_tv_chambolle(rayleigh, weight=30.0, eps=1e-8, max_num_iter=2000)
    ours = enhance(rayleigh, method="total_variation", weight_levels=30.0, iterations=500)

    def energy(u):
        dy, dx = np.diff(u, axis=0, append=u[-1:]), np.diff(u, axis=1, append=u[:, -1:])
        return ((u - rayleigh) ** 2).sum() / 2 + 30.0 * np.hypot(dy, dx).sum()

    # the minimum is flat: both end within a few tenths of a grey level of it
    assert energy(ours.astype(float)) < energy(theirs) * (1 + 1e-4)
    assert np.abs(ours - theirs).mean() < 0.5


def test_oriented_diffusion_smooths_along_a_line_not_across(rng):
    """A horizontal line of random brightness grows even along itself and keeps its contrast."""
    picture = np.full((41, 120), 60.0, np.float32)
    picture[19:22] = 160.0 + rng.normal(0.0, 12.0, (3, 120))
    out = enhance(picture, method="oriented_srad", variation=0.2, compression_db=60.0)
    assert out[20, 10:-10].std() < 0.4 * picture[20, 10:-10].std()
    assert out[20].mean() - out[10].mean() > 90.0
    plain = enhance(picture, method="srad", variation=0.2, iterations=10, compression_db=60.0)
    assert out[20, 10:-10].std() < plain[20, 10:-10].std()


def test_wavelet_transform_inverts_exactly(rayleigh):
    from mskus.enhance.despeckle.wavelet import _analyse, _synthesise

    padded = np.pad(rayleigh, 24, mode="symmetric")
    low, fine = _analyse(padded, 1)
    lower, coarse = _analyse(low, 2)
    back = _synthesise(_synthesise(lower, coarse, 2), fine, 1)
    np.testing.assert_allclose(back[24:-24, 24:-24], rayleigh, atol=1e-3)


def test_coefficients_of_all_scales_are_of_one_place(rng):
    from mskus.enhance.despeckle.wavelet import _analyse

    x = np.arange(128) - 64.0
    spot = np.exp(-(x[:, None] ** 2 + x**2) / 200.0)
    energy = np.zeros((3, 3, 128, 128))
    for _ in range(40):
        low = (rng.normal(size=spot.shape) * spot).astype(np.float32)
        for level in range(3):
            low, bands = _analyse(low, 2**level)
            energy[level] += np.square(bands)
    total = energy.sum((2, 3))
    assert np.abs((energy * x).sum((2, 3)) / total).max() < 1.2
    assert np.abs((energy * x[:, None]).sum((2, 3)) / total).max() < 1.2


def test_nonlocal_means_leaves_black_black():
    assert not enhance(np.zeros((20, 20)), method="obnlm").any()


def test_nonlocal_means_finds_the_repeated_pattern_and_averages_its_noise(rng):
    stripes = np.where(np.arange(64) % 32 < 16, 80.0, 160.0)[None, :].repeat(64, 0)
    noisy = stripes + rng.normal(0.0, 6.0, stripes.shape)
    out = enhance(noisy, method="obnlm", smoothing=1.0)
    assert np.sqrt(((out - stripes)[8:-8, 8:-8] ** 2).mean()) < 2.5


def test_nonlocal_means_by_brute_force(rng):
    """The blocks, weights and means of the docstring, written as plain loops."""
    g = rng.uniform(60.0, 120.0, (9, 10)).astype(np.float32)
    reach, half, smoothing, ratio = 2, 1, 1.0, 0.8
    scaled = np.abs(g[:, 2:] - g[:, :-2])[::2] / np.sqrt(g[:, 2:])[::2]
    h2 = smoothing**2 * (np.median(scaled) / 0.6745) ** 2 / 2
    p = np.pad(g, reach + half, mode="symmetric").astype(float)
    total, count = np.zeros((11, 12)), np.zeros((11, 12))
    for y in range(0, 9, 2):
        for x in range(0, 10, 2):
            block = p[y + reach : y + reach + 3, x + reach : x + reach + 3]
            weights, blocks = [], []
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    other = p[y + reach + dy : y + reach + dy + 3, x + reach + dx : x + reach + dx + 3]
                    if not ratio <= other.mean() / block.mean() <= 1 / ratio:
                        continue
                    weights.append(np.exp(-((block - other) ** 2 / other).mean() / (2 * h2)))
                    blocks.append(other)
            total[y : y + 3, x : x + 3] += np.tensordot(weights, blocks, 1) / sum(weights)
            count[y : y + 3, x : x + 3] += 1
    expected = (total / np.maximum(count, 1))[1:-1, 1:-1]
    out = enhance(g, method="obnlm", search_px=5, block_px=3, smoothing=smoothing, mean_ratio=ratio)
    np.testing.assert_allclose(out, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("size_mm", "spacing_mm", "sides"),
    [(0.7, (0.1, 0.1), (7, 7)), (1.1, (0.1, 0.2), (11, 5)), (0.01, (0.1, 0.1), (3, 3)), (0.9, (0.3, 0.1), (3, 9))],
)
def test_window_in_mm(size_mm, spacing_mm, sides):
    assert window(size_px=5, size_mm=size_mm, spacing_mm=spacing_mm) == sides
