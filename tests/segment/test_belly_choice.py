"""The pair is chosen by what lies between the lines, and stays with the clip."""

import numpy as np
import pytest

from mskus.segment.belly_choice import candidate_pairs, choose


def band(row):
    """Probability of a flat band of 8 network rows."""
    rows = np.arange(256)[:, None] + np.zeros((1, 256))
    return (1.0 / (1.0 + np.exp((np.abs(rows - row) - 4.0) / 0.4))).astype(np.float32)


def stripes(shape, *, angle_deg, rows):
    """Bright lines every 9 pixels at an angle, in those rows only; the rest is even noise."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(float)
    across = y * np.cos(np.deg2rad(angle_deg)) + x * np.sin(np.deg2rad(angle_deg))
    image = 70 + 8 * rng.standard_normal(shape)
    inside = (y >= rows[0]) & (y < rows[1])
    return np.clip(np.where(inside, image + 60 * np.cos(2 * np.pi * across / 9), image), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("angle", [18.0, -18.0])
@pytest.mark.parametrize(("rows", "expected"), [((40, 100), (0.14, 0.39)), ((104, 196), (0.39, 0.78))])
def test_fascicles_tell_muscle_from_fat(angle, rows, expected):
    # three equally clear lines that the network names no better than by chance
    even = sum(band(r) for r in (36, 100, 200)) / 3.0
    image = stripes((256, 256), angle_deg=angle, rows=rows)
    (pair,) = choose([candidate_pairs(np.stack([even] * 3), image)])
    found = (np.nanmean(pair.superficial.lower_y_px) / 256, np.nanmean(pair.deep.upper_y_px) / 256)
    assert found == pytest.approx(expected, abs=0.03)


def test_a_clear_line_is_not_skipped_and_naming_counts():
    maps = np.stack([band(40), band(110), band(200)])
    (pair,) = choose([candidate_pairs(maps, np.full((256, 256), 80, np.uint8))])
    assert np.nanmean(pair.deep.upper_y_px) == pytest.approx(106, abs=1.5)


def test_one_odd_frame_follows_the_clip():
    usual = candidate_pairs(np.stack([band(40), band(180), 0 * band(0)]), np.full((256, 256), 80, np.uint8))
    odd_maps = np.stack([band(40), 0.75 * band(180) + band(90), 0 * band(0)])
    odd = candidate_pairs(odd_maps, np.full((256, 256), 80, np.uint8))
    (alone,) = choose([odd])
    assert np.nanmean(alone.deep.upper_y_px) == pytest.approx(86, abs=2)
    in_clip = choose([usual, odd, usual, usual])[1]
    assert np.nanmean(in_clip.deep.upper_y_px) == pytest.approx(176, abs=2)
