from __future__ import annotations

import numpy as np
import pytest

from mskus.clip import Region
from mskus.errors import FeatureError
from mskus.features.spectral import ReferencePhantom, spectral_maps, spectral_parameters

HOW = {"sampling_hz": 25e6, "centre_hz": 5e6}
REGION = Region(x=8, y=300, w=64, h=500)


@pytest.fixture
def phantom(rf):
    return ReferencePhantom(rf=rf(seed=100, lines=192), attenuation_db_per_cm_mhz=0.5)


@pytest.mark.parametrize(
    ("intercept", "slope", "attenuation"), [(0.0, 0.0, 0.5), (-6.0, 2.0, 0.5), (10.0, -1.5, 0.8), (3.0, 1.0, 0.2)]
)
def test_line_is_recovered(rf, phantom, intercept, slope, attenuation):
    tissue = rf(attenuation=attenuation, intercept_db=intercept, slope_db_per_mhz=slope, seed=1)
    told = spectral_parameters(tissue, region=REGION, reference=phantom, attenuation_db_per_cm_mhz=attenuation, **HOW)
    truth = {"midband_fit_db": intercept + 5.0 * slope, "slope_db_per_mhz": slope, "intercept_db": intercept}
    for name, tolerance in (("midband_fit_db", 0.4), ("slope_db_per_mhz", 0.6), ("intercept_db", 3.0)):
        assert getattr(told, name).value == pytest.approx(truth[name], abs=tolerance)
    # Mean power of a straight line in dB over 3.75 to 6.25 MHz.
    f = np.linspace(3.75, 6.25, 501)
    mean_db = 10 * np.log10((10 ** (0.1 * (intercept + slope * f))).mean())
    assert told.integrated_backscatter_db.value == pytest.approx(mean_db, abs=0.4)
    assert told.calibrated
    assert told.compensated
    assert told.columns()["spec_slope_db_per_mhz"] == told.slope_db_per_mhz.value


def test_intervals_hold_the_truth(rf, phantom):
    held = {"midband_fit_db": 0, "slope_db_per_mhz": 0}
    for seed in range(40):
        tissue = rf(slope_db_per_mhz=1.0, lines=48, seed=seed, samples=800)
        told = spectral_parameters(tissue, region=Region(0, 300, 48, 400), reference=phantom, **HOW)
        for name, truth in (("midband_fit_db", 5.0), ("slope_db_per_mhz", 1.0)):
            one = getattr(told, name)
            held[name] += one.low <= truth <= one.high
    # 95 % of 40 is 38; 33 is three standard errors below.
    assert min(held.values()) >= 33


def test_the_phantoms_own_backscatter_is_put_back(rf, phantom):
    steep = ReferencePhantom(rf=phantom.rf, attenuation_db_per_cm_mhz=0.5, backscatter_db=lambda f: -30.0 + 3.0 * f)
    plain, told = (spectral_parameters(rf(seed=1), region=REGION, reference=r, **HOW) for r in (phantom, steep))
    assert told.slope_db_per_mhz.value == pytest.approx(plain.slope_db_per_mhz.value + 3.0)
    assert told.intercept_db.value == pytest.approx(plain.intercept_db.value - 30.0)


def test_gain_and_diffraction_cancel(rf, phantom):
    # The same gain over depth on both recordings, as of one scanner.
    gain = np.linspace(1.0, 30.0, 1200)[:, None]
    other = ReferencePhantom(rf=phantom.rf * gain, attenuation_db_per_cm_mhz=0.5)
    plain = spectral_parameters(rf(seed=1), region=REGION, reference=phantom, **HOW)
    told = spectral_parameters(rf(seed=1) * gain, region=REGION, reference=other, **HOW)
    assert told.midband_fit_db.value == pytest.approx(plain.midband_fit_db.value, abs=0.05)


def test_without_a_phantom_it_says_so(rf):
    told = spectral_parameters(rf(seed=1), region=REGION, **HOW)
    assert not told.calibrated
    assert not told.compensated
    louder = spectral_parameters(10.0 * rf(seed=1), region=REGION, **HOW)
    assert louder.midband_fit_db.value == pytest.approx(told.midband_fit_db.value + 20.0)


def test_map_shows_the_louder_half(rf, phantom):
    tissue = np.hstack([rf(seed=1), rf(seed=2, intercept_db=8.0)])
    maps = spectral_maps(tissue, reference=phantom, **HOW)
    left, right = maps.midband_fit_db[:, 20:76], maps.midband_fit_db[:, 116:172]
    assert left.mean() == pytest.approx(0.0, abs=0.5)
    assert right.mean() == pytest.approx(8.0, abs=0.5)
    assert maps.slope_db_per_mhz.shape == (len(maps.depth_mm), 192)
    assert maps.depth_mm[0] == pytest.approx(1.5, abs=0.03)  # the middle of the first gate of 3 mm


@pytest.mark.parametrize(
    ("signal", "options", "words"),
    [
        (np.zeros((1200, 20, 2)), {}, "RF lines"),
        (np.zeros((1200, 20)), {}, "silent"),
        (np.full((1200, 20), np.nan), {}, "NaN"),
        (np.ones((1200, 20)), {"region": Region(0, 1000, 20, 500)}, "beyond the RF"),
        (np.ones((1200, 20)), {"gate_mm": 60.0}, "gate of 60 mm"),
        (np.ones((1200, 20)), {"band_hz": (5.0e6, 5.1e6)}, "fewer than three frequencies"),
        (np.ones((1200, 20)), {"gate_mm": -1.0}, "positive"),
        (np.eye(1200, 20), {"lines_per_block": 0}, "lines wide"),
        (np.random.default_rng(0).normal(size=(1200, 20)), {"attenuation_db_per_cm_mhz": float("nan")}, "of nan dB"),
    ],
)
def test_impossible_input_is_named(signal, options, words):
    with pytest.raises(FeatureError, match=words):
        spectral_parameters(signal, **HOW, **options)


def test_a_phantom_too_short_is_named(rf):
    short = ReferencePhantom(rf=rf(seed=100, lines=192)[:500], attenuation_db_per_cm_mhz=0.5)
    with pytest.raises(FeatureError, match="same depth"):
        spectral_parameters(rf(seed=1), region=REGION, reference=short, **HOW)


def test_a_small_phantom_gives_no_bias_and_no_false_certainty():
    told = []
    for seed in range(12):
        noise = np.random.default_rng(seed).normal(size=(1000, 80))  # flat spectra: 0 dB
        known = ReferencePhantom(rf=noise[:, 64:], attenuation_db_per_cm_mhz=0.5)
        told.append(spectral_parameters(noise[:, :64], reference=known, **HOW).midband_fit_db)
    # a plain quotient of means would read 10 log10(16 / 15) = 0.28 dB
    assert np.mean([one.value for one in told]) == pytest.approx(0.0, abs=0.12)
    assert sum(one.low <= 0.0 <= one.high for one in told) >= 10


def test_one_line_of_a_phantom_tells_nothing_of_its_spread(rf, phantom):
    known = ReferencePhantom(rf=phantom.rf[:, :4], attenuation_db_per_cm_mhz=0.5)
    found = spectral_parameters(rf(seed=1), region=REGION, reference=known, **HOW).midband_fit_db
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_a_map_over_no_line_is_refused(rf):
    with pytest.raises(FeatureError, match="over 0 lines"):
        spectral_maps(rf(seed=1), lines=0, **HOW)
