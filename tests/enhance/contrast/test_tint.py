from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance.contrast import luma_from_tint
from mskus.errors import EnhanceError

GREY = np.arange(256.0)
MAPS = {
    "neutral": np.stack([GREY, GREY, GREY], axis=1),
    "warm": np.stack([GREY, 0.92 * GREY, 0.80 * GREY], axis=1),
    "blue, its blue saturates": np.stack([0.85 * GREY, 0.95 * GREY, np.minimum(1.2 * GREY, 255)], axis=1),
    "sepia, not linear": np.stack(
        [255 * (GREY / 255) ** 0.85, GREY, 255 * (GREY / 255) ** 1.3], axis=1
    ),
}  # fmt: skip


def tinted(levels, name):
    return np.rint(MAPS[name])[levels].astype(np.uint8)


@pytest.fixture
def levels(speckled):
    ramp = np.repeat(np.arange(256)[None], 32, axis=0)
    return np.concatenate([ramp, np.resize(speckled.astype(int), (64, 256))])


@pytest.mark.parametrize("name", MAPS)
def test_a_known_map_is_undone(levels, name):
    # a map that is flat in one channel and shallow in the others resolves one level
    assert np.abs(luma_from_tint(tinted(levels, name), colour_map=MAPS[name]) - levels).max() <= 1.0


@pytest.mark.parametrize("name", MAPS)
def test_an_unknown_map_gives_luma_in_order(levels, name):
    found = luma_from_tint(tinted(levels, name))
    luma = MAPS[name] @ [0.299, 0.587, 0.114]
    assert np.abs(found - luma[levels]).max() < 5.0
    assert np.diff(found[0]).min() > -1.0


def test_noise_of_colour_compression_is_dropped(levels, rng):
    noisy = tinted(levels, "warm").astype(float)
    across = rng.normal(0, 6, levels.shape)[..., None] * [1.0, 0.0, -2.62]  # 0.299 * 1 = 0.114 * 2.62: luma stays
    noisy = np.clip(np.rint(noisy + across), 0, 255).astype(np.uint8)
    inner = (levels > 40) & (levels < 215)
    error = luma_from_tint(noisy, colour_map=MAPS["warm"]) - levels
    plain = noisy[..., 0].astype(float) - levels
    assert error[inner].std() < 0.8 * plain[inner].std()


@pytest.mark.parametrize(
    ("rgb", "colour_map", "message"),
    [
        (np.zeros((4, 4), np.uint8), None, r"\(H, W, 3\)"),
        (np.zeros((4, 4, 3)), None, "uint8"),
        (np.zeros((4, 4, 3), np.uint8), MAPS["warm"][::-1], "does not grow brighter"),
        (np.zeros((4, 4, 3), np.uint8), np.zeros((1, 3)), "at least two colours"),
        (np.zeros((4, 4, 3), np.uint8), np.zeros((5, 3)), "does not grow brighter"),
    ],
)
def test_what_is_no_tint(rgb, colour_map, message):
    with pytest.raises(EnhanceError, match=message):
        luma_from_tint(rgb, colour_map=colour_map)


def test_a_black_picture_is_black():
    assert luma_from_tint(np.zeros((4, 5, 3), np.uint8)).tolist() == [[0.0] * 5] * 4
