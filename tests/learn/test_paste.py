"""Pasted structures: picture and mask move together, brightness fits, what was there is covered."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="the learning room needs torch: pip install mskus[learn]")

from mskus.learn.augment.paste import pasted

SIDE = 120


def disc(grey: int, ground: int, *, at: tuple[int, int], radius: int = 8) -> tuple[np.ndarray, np.ndarray]:
    image = np.full((SIDE, SIDE), ground, np.uint8)
    masks = np.zeros((SIDE, SIDE, 2), np.uint8)
    plane = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(plane, at, radius, 255, -1)
    masks[..., 1] = plane
    image[plane > 0] = grey
    return image, masks


@pytest.mark.parametrize("seed", range(6))
def test_picture_and_mask_move_together(seed: int) -> None:
    ground = np.full((SIDE, SIDE), 60, np.uint8)
    donor, donor_masks = disc(200, 60, at=(40, 50))
    image, masks = pasted(ground, np.zeros_like(donor_masks), donor, donor_masks, np.random.default_rng(seed))
    found = masks[..., 1] > 127
    assert 0.5 < found.sum() / (donor_masks[..., 1] > 127).sum() < 1.9  # sizes from e^-.25 to e^.25
    assert not masks[..., 0].any()
    assert image[found].mean() > 105  # of 200, darkened with what is around it
    far = cv2.dilate(found.astype(np.uint8), np.ones((41, 41))) == 0
    assert (image[far] == 60).all()
    rows = np.nonzero(found)[0]
    assert abs(rows.mean() - 50) < 30  # about as deep as it was


def test_what_is_pasted_over_is_gone() -> None:
    image, masks = disc(200, 60, at=(60, 60), radius=50)
    donor, donor_masks = disc(200, 60, at=(60, 60), radius=4)
    _, made = pasted(image, masks, donor, donor_masks, np.random.default_rng(1))
    lost = (masks[..., 1] > 127) & (made[..., 1] <= 127)
    assert lost.sum() > 40  # the rim around the small disc is not drawn on the donor


def test_a_bright_donor_is_brought_to_its_new_place() -> None:
    ground = np.full((SIDE, SIDE), 40, np.uint8)
    donor, donor_masks = disc(120, 60, at=(60, 60))
    image, masks = pasted(ground, np.zeros_like(donor_masks), donor, donor_masks, np.random.default_rng(0))
    inside = image[masks[..., 1] > 200].mean()
    assert 65 < inside < 105  # 120 times at least .6, as the places around are 40 and 60 and more


def test_a_donor_without_structures_leaves_the_picture_alone() -> None:
    image, masks = disc(200, 60, at=(60, 60))
    same, kept = pasted(image, masks, image, np.zeros_like(masks), np.random.default_rng(0))
    assert same is image
    assert kept is masks
