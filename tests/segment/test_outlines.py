"""Outlines of probability maps: places, areas, holes, neighbours, borders."""

import numpy as np
import pytest

from mskus.features.outline_shape import outline_shape
from mskus.segment.outlines import outlines


def disk_map(size, centre, radius, *, soft=1.5):
    y, x = np.mgrid[: size[0], : size[1]]
    away = radius - np.hypot(x - centre[0], y - centre[1])
    return np.clip(0.5 + away / (2.0 * soft), 0.0, 1.0).astype(np.float32)


@pytest.mark.parametrize("picture", [(64, 64), (192, 128)], ids=["as the map", "stretched"])
def test_a_disk_lies_where_it_is_drawn(picture):
    (found,) = outlines(disk_map((64, 64), (30.0, 25.0), 12.0), size=picture)
    fx, fy = picture[1] / 64, picture[0] / 64
    shape = outline_shape(found.points)
    assert shape.area == pytest.approx(np.pi * 144.0 * fx * fy, rel=0.01)
    # the centre of map pixel i is that of picture pixel (i + 0.5) f - 0.5
    assert shape.centroid == pytest.approx((30.5 * fx - 0.5, 25.5 * fy - 0.5), abs=0.05)
    assert not found.cut_off


def test_parts_come_largest_first_and_small_ones_not_at_all():
    maps = disk_map((96, 96), (25, 25), 9) + disk_map((96, 96), (70, 60), 15) + disk_map((96, 96), (80, 10), 2)
    found = outlines(maps, size=(96, 96), least_share=30 / 96**2)
    assert [outline_shape(o.points).area for o in found] == pytest.approx([np.pi * 225, np.pi * 81], rel=0.02)


def test_a_hole_is_filled():
    ring = disk_map((64, 64), (32, 32), 20) - disk_map((64, 64), (32, 32), 6)
    (found,) = outlines(ring, size=(64, 64))
    assert outline_shape(found.points).area == pytest.approx(np.pi * 400, rel=0.01)


def test_neighbours_do_not_leak_into_each_other():
    maps = np.maximum(disk_map((64, 96), (28, 32), 15), disk_map((64, 96), (62, 32), 15))
    found = outlines(maps, size=(64, 96))
    assert [outline_shape(o.points).area for o in found] == pytest.approx([np.pi * 225] * 2, rel=0.02)


def test_what_reaches_the_border_is_cut_off_there():
    (found,) = outlines(disk_map((64, 64), (0, 32), 14), size=(64, 64))
    assert found.cut_off
    assert found.box[0] == pytest.approx(-0.5, abs=0.3)


def test_a_ragged_hole_is_filled():
    """A star-shaped hole whose border is longer than the outline around it."""
    y, x = np.mgrid[:256, :256] - 128
    radius, direction = np.hypot(y, x), np.arctan2(y, x)
    thing = (radius < 70) & (radius > 40 + 25 * np.sign(np.sin(12 * direction)))
    (found,) = outlines(thing.astype(np.float32), size=(256, 256))
    assert outline_shape(found.points).area == pytest.approx(np.pi * 70**2, rel=0.02)


def test_doubt_grows_with_the_width_of_the_edge():
    crisp, soft, vague = (
        outlines(disk_map((96, 96), (48, 48), 20, soft=s), size=(96, 96))[0].doubt for s in (0.5, 4.0, 10.0)
    )
    assert crisp < soft < vague


def test_nothing_is_found_in_nothing():
    assert outlines(np.zeros((32, 32), np.float32), size=(64, 64)) == []
    assert outlines(np.full((32, 32), 0.49, np.float32), size=(64, 64)) == []


def test_a_full_map_is_the_whole_picture():
    (found,) = outlines(np.ones((32, 32), np.float32), size=(64, 64))
    assert outline_shape(found.points).area == pytest.approx(64 * 64, rel=0.01)
    assert found.confidence == pytest.approx(1.0)
