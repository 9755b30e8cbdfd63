"""Non-rigid change, echoes, another device's look, and the recipe that draws them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mskus.learn.augment import NONE, Augmentation, DeviceLooks, plain_view, random_elastic, reverberation


@pytest.mark.parametrize("seed", range(5))
def test_an_elastic_map_never_folds(seed: int) -> None:
    elastic = random_elastic(np.random.default_rng(seed), size=(96, 64))
    # the Jacobian of where pixels come from stays positive
    dxx, dxy = np.gradient(elastic.columns, axis=1), np.gradient(elastic.columns, axis=0)
    dyx, dyy = np.gradient(elastic.rows, axis=1), np.gradient(elastic.rows, axis=0)
    assert (dxx * dyy - dxy * dyx).min() > 0


def test_picture_and_mask_move_together() -> None:
    picture = np.zeros((96, 96), np.uint8)
    picture[30:60, 40:70] = 200
    masks = np.stack([picture // 200 * 255, np.zeros_like(picture)], axis=-1)
    recipe = Augmentation(elastic=1.0)
    view = recipe.view(np.random.default_rng(3), source=(96, 96), size=(64, 64))
    np.testing.assert_array_equal(view.warp(picture) > 100, view.warp(masks)[..., 0] > 127)


def test_an_echo_comes_at_twice_the_depth() -> None:
    picture = np.zeros((64, 32), np.float32)
    picture[10] = 1.0
    seen = reverberation(picture, np.random.default_rng(0)) - picture
    assert int(seen.sum(axis=1).argmax()) == 20
    assert seen[:15].max() == pytest.approx(0.0, abs=1e-6)


def test_the_look_of_another_device_brings_its_median() -> None:
    rng = np.random.default_rng(0)
    dark = rng.integers(20, 60, (64, 64)).astype(np.uint8)
    bright = rng.integers(120, 220, (64, 64)).astype(np.uint8)
    looks = DeviceLooks.of([dark, bright], ["A", "B"])
    shown = [looks.apply(dark / np.float32(255), np.random.default_rng(n), device="A") for n in range(20)]
    medians = np.array([np.median(s) * 255 for s in shown])
    # between 0.3 and all of the way from 40 to 170
    assert medians.min() > 40 + 0.3 * 130 - 8
    assert medians.max() < 170 + 8
    alone = DeviceLooks.of([dark], ["A"])
    np.testing.assert_array_equal(alone.apply(dark / np.float32(255), rng, device="A"), dark / np.float32(255))


def test_a_picture_of_one_grey_level_has_no_look() -> None:
    flat = np.full((64, 64), 7, np.uint8)
    assert DeviceLooks.of([flat], [""]).scans == ()


def test_nothing_asked_for_changes_nothing() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (48, 48)).astype(np.uint8)
    rng = np.random.default_rng(1)
    view = NONE.view(rng, source=(48, 48), size=(48, 48))
    np.testing.assert_array_equal(view.warp(picture), picture)
    unit = picture / np.float32(255)
    np.testing.assert_allclose(NONE.appearance(unit, rng), unit, atol=1e-7)


def test_the_whole_picture_keeps_edges_on_edges() -> None:
    picture = np.zeros((40, 40), np.uint8)
    picture[:, 20:] = 240
    seen = plain_view(source=(40, 40), size=(20, 20)).warp(picture)
    assert seen[:, :9].max() == 0
    assert seen[:, 11:].min() == 240


def test_without_flips_left_stays_left() -> None:
    picture = np.zeros((64, 64), np.uint8)
    picture[:, :20] = 255
    recipe = Augmentation(flip=False, rotation_deg=0, shear=0, shift=0, zoom=(1, 1), stretch=1)
    for seed in range(8):
        seen = recipe.view(np.random.default_rng(seed), source=(64, 64), size=(64, 64)).warp(picture)
        assert seen[:, 5].mean() > 250 > 5 > seen[:, 60].mean()
