from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance.harmonise.grey_curves import MatchDynamicRange, MatchHistogram, MatchQuantiles
from mskus.enhance.harmonise.scan import Scan
from mskus.errors import EnhanceError

ALL = (MatchHistogram, MatchQuantiles, MatchDynamicRange)


def scans(*pictures, field=None):
    return [Scan(image=np.asarray(p, np.float32), field=field) for p in pictures]


def four(a, b, c, d):
    """Four levels, four pixels each."""
    return np.repeat([a, b, c, d], 4).reshape(4, 4)


def test_histogram_of_four_levels_by_hand():
    step = MatchHistogram.fit(scans(four(10, 20, 30, 40)), scans(four(100, 110, 150, 200)))
    assert step.table()[[10, 20, 30, 40]] == pytest.approx([100, 110, 150, 200])
    # level 25 has half of the pixels below it: half way between the middles of 110 and 150
    assert step.table()[25] == pytest.approx(130)


def test_unequal_shares_by_hand():
    source = np.array([[0, 0, 0], [0, 0, 0], [60, 60, 60]])  # 2/3 at 0
    reference = np.array([[10, 10, 10], [90, 90, 90], [90, 90, 90]])  # 1/3 at 10
    step = MatchHistogram.fit(scans(source), scans(reference))
    # middles: source 1/3 and 5/6; reference 1/6 -> 10 and 2/3 -> 90
    assert step.table()[[0, 60]] == pytest.approx([10 + 80 / 3, 90], abs=1e-3)


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 25.0), (0.7, 40.0), (1.3, -30.0)])
@pytest.mark.parametrize("kind", ALL)
def test_a_linear_difference_is_undone(speckle, kind, slope, shift):
    truth = speckle(mean=110, spread=18)
    seen = [slope * p + shift for p in truth]
    step = kind.fit(scans(*seen), scans(*truth))
    for before, want in zip(scans(*seen), truth, strict=True):
        assert np.abs(step.apply(before).image - want).mean() < 1.0


@pytest.mark.parametrize("kind", [MatchHistogram, MatchQuantiles])
def test_a_gamma_is_undone(speckle, kind):
    truth = speckle(mean=110, spread=25)
    seen = [255 * (p / 255) ** 1.6 for p in truth]
    step = kind.fit(scans(*seen), scans(*truth))
    assert np.mean([np.abs(step.apply(s).image - t).mean() for s, t in zip(scans(*seen), truth, strict=True)]) < 1.5


@pytest.mark.parametrize("kind", ALL)
def test_maps_never_fall(speckle, kind, rng):
    clumped = [rng.choice([0.0, 3.0, 3.0, 250.0], (32, 32)) for _ in range(3)]
    step = kind.fit(scans(*clumped), scans(*speckle(n=2)))
    assert np.diff(step.table()).min() >= 0
    assert step.table().min() >= 0
    assert step.table().max() <= 255


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("side", ["source", "reference"])
def test_one_grey_level_cannot_be_matched(speckle, kind, side):
    flat, textured = scans(np.full((20, 20), 90.0)), scans(*speckle(n=1))
    with pytest.raises(EnhanceError, match=f"{side} machine show one grey level"):
        kind.fit(*((flat, textured) if side == "source" else (textured, flat)))


def test_pictures_count_alike_whatever_their_size():
    small, large = np.full((4, 4), 50.0), np.full((40, 40), 150.0)
    step = MatchDynamicRange.fit(scans(small, large), scans(small, large))
    assert step.from_level == pytest.approx(100.0)


def test_only_the_field_is_measured_and_changed(speckle):
    field = np.zeros((96, 128), bool)
    field[:, :64] = True
    dark = [np.where(field, p, 0) for p in speckle(mean=60, spread=15)]
    step = MatchQuantiles.fit(scans(*dark, field=field), scans(*speckle(mean=140, spread=15)))
    result = step.apply(scans(dark[0], field=field)[0]).image
    assert result[field].mean() == pytest.approx(140, abs=3)
    assert result[~field].max() == 0


def test_saturated_pixels_go_where_their_quantile_goes():
    # a tenth of the source is cut off at 255; the reference's brightest tenth lies at 180 and above
    source = np.concatenate([np.linspace(60, 240, 90), np.full(10, 255.0)]).reshape(10, 10)
    reference = np.linspace(20, 200, 100).reshape(10, 10)
    table = MatchQuantiles.fit(scans(source), scans(reference)).table()
    assert table[255] < 200
    assert table[0] == 0
    assert np.diff(table).max() < 5  # no jump that would draw flecks into bright lines


def test_beyond_the_quantiles_the_map_is_parallel_to_the_diagonal():
    picture = np.linspace(100, 150, 100).reshape(10, 10)
    table = MatchQuantiles.fit(scans(picture), scans(picture + 30)).table()
    assert table[[60, 100, 125, 150, 200]] == pytest.approx([90, 130, 155, 180, 230], abs=0.5)
