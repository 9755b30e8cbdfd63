"""Aponeuroses from probability maps of known bands."""

import numpy as np
import pytest

from mskus.segment.belly_choice import candidate_pairs, choose


def traced(maps, size):
    """The pair chosen in a picture without texture."""
    (pair,) = choose([candidate_pairs(maps, np.full(size, 60, np.uint8))])
    return pair


def band(centre, half_width):
    """Probability of a soft band around ``centre`` (256,) of that half width in network rows."""
    rows = np.arange(256)[:, None]
    return 1.0 / (1.0 + np.exp((np.abs(rows - centre) - half_width) / 0.4))


@pytest.mark.parametrize("size", [(256, 256), (512, 300)])
def test_edges_lie_at_half_height_to_a_tenth_of_a_network_pixel(size):
    columns = np.arange(256.0)
    top, deep = 50 + 0.05 * columns, 170 - 0.1 * columns
    maps = np.stack([band(top, 4.0), band(deep, 5.0), np.zeros((256, 256))]).astype(np.float32)
    pair = traced(maps, size)
    column = (pair.superficial.x_px + 0.5) * 256 / size[1] - 0.5
    scale = size[0] / 256
    expected = {
        "superficial": (50 + 0.05 * column, 4.0),
        "deep": (170 - 0.1 * column, 5.0),
    }
    for name, (centre, half) in expected.items():
        found = getattr(pair, name)
        assert found.visible.all()
        assert np.abs(found.lower_y_px - ((centre + half + 0.5) * scale - 0.5)).max() < 0.1 * scale
        assert np.abs(found.upper_y_px - ((centre - half + 0.5) * scale - 0.5)).max() < 0.1 * scale


def test_deep_is_never_above_superficial_and_absent_is_absent():
    columns = np.arange(256.0)
    upper = band(60 + 0 * columns, 4.0)
    deep = 0.9 * band(60 + 0 * columns, 4.0) + 0.5 * band(150 + 0 * columns, 4.0)
    pair = traced(np.stack([upper, deep, 0 * deep]).astype(np.float32), (256, 256))
    assert np.nanmedian(pair.deep.upper_y_px) == pytest.approx(146, abs=1.0)
    nothing = traced(np.zeros((3, 256, 256), np.float32), (256, 256))
    assert not nothing.common.any()
    assert nothing.deep.confidence == 0.0


def test_only_the_visible_part_is_given():
    columns = np.arange(256.0)
    half = np.where(columns < 128, 1.0, 0.0)
    maps = np.stack([band(40 + 0 * columns, 4.0) * half, band(120 + 0 * columns, 4.0), np.zeros((256, 256))]).astype(
        np.float32
    )
    pair = traced(maps, (256, 256))
    assert pair.deep.visible.all()
    assert pair.superficial.x_px[pair.superficial.visible].max() == pytest.approx(127, abs=8)
