from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from scipy.ndimage import affine_transform

from mskus.errors import MskusError
from mskus.motion import BellyMotion, belly_motion


@cache
def tissue(shape=(480, 640), seed=0):
    """Speckle with streaks, ``shape`` uint8."""
    random = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(random.normal(size=shape), (0, 0), 3.5, sigmaY=1.8)
    streaks = cv2.GaussianBlur(random.normal(size=shape), (0, 0), 14, sigmaY=2.0)
    return np.clip(110 + 28 * grain / grain.std() + 22 * streaks / streaks.std(), 0, 255).astype(np.uint8)


def moved(picture, affine):
    """The picture after an affine motion; by splines, for OpenCV rounds positions to 1/32 pixel."""
    back = np.linalg.inv(np.vstack([affine, [0, 0, 1]]))
    rows_first = back[[1, 0]][:, [1, 0, 2]]
    later = affine_transform(picture.astype(float), rows_first[:, :2], rows_first[:, 2], order=3, mode="reflect")
    return np.clip(np.rint(later), 0, 255).astype(np.uint8)


def about(centre, *, turn_deg=0.0, stretch=(1.0, 1.0), shift=(0.0, 0.0)):
    t = np.radians(turn_deg)
    linear = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]]) @ np.diag(stretch)
    return np.column_stack([linear, centre - linear @ centre + shift])


CENTRE = np.array([320.0, 240.0])
BOX = (40, 120, 600, 360)


@pytest.mark.parametrize(
    "known",
    [
        about(CENTRE),
        about(CENTRE, shift=(0.3, -0.4)),
        about(CENTRE, shift=(5.0, 2.0)),
        about(CENTRE, turn_deg=0.5),
        about(CENTRE, turn_deg=-1.5, shift=(2.0, -1.0)),
        about(CENTRE, stretch=(1.02, 0.97), shift=(-1.0, 0.5)),
    ],
)
def test_a_known_warp_is_recovered(known):
    picture = tissue()
    motion = belly_motion(picture, moved(picture, known), BOX)
    middle = np.array([[320.0, 240.0]])
    true = middle @ known[:, :2].T + known[:, 2]
    assert np.hypot(*(motion.move(middle) - true)[0]) < 0.02
    for angle_deg in (0.0, 20.0, -30.0):
        exact = BellyMotion(known, 1.0, 0.0).rotation_of_line_deg(angle_deg)
        assert motion.rotation_of_line_deg(angle_deg) == pytest.approx(exact, abs=0.05)
    assert motion.quality > 0.85


def test_still_artefacts_and_new_speckle_have_no_say():
    picture = tissue()
    known = about(CENTRE, turn_deg=0.4, shift=(1.5, -0.8))
    later = moved(picture, known)
    later[:, 420:470] = picture[:, 420:470]
    later[150:220, 100:200] = tissue(seed=9)[150:220, 100:200]
    motion = belly_motion(picture, later, BOX)
    assert motion.affine == pytest.approx(known, abs=0.06)
    assert 0.4 < motion.quality < 0.95


def test_a_mask_says_where_to_look():
    picture = tissue()
    later = picture.copy()
    later[200:] = moved(picture, about(CENTRE, shift=(3.0, 0.0)))[200:]
    mask = np.zeros(picture.shape, bool)
    mask[230:400, 50:600] = True
    assert belly_motion(picture, later, mask).affine[0, 2] == pytest.approx(3.0, abs=0.15)
    assert belly_motion(picture, later, ~mask & (np.arange(480) < 170)[:, None]).affine[0, 2] == pytest.approx(
        0, abs=0.15
    )


@pytest.mark.parametrize(
    "later", [np.zeros((480, 640), np.uint8), tissue(seed=5)], ids=["probe lifted", "another place"]
)
def test_frames_that_do_not_belong_together_have_low_quality(later):
    assert belly_motion(tissue(), later, BOX).quality < 0.2


def test_nothing_to_track_is_no_motion():
    blank = np.zeros((480, 640), np.uint8)
    motion = belly_motion(blank, blank, BOX)
    assert motion.quality == 0.0
    assert motion.affine.tolist() == [[1, 0, 0], [0, 1, 0]]


def test_sizes_must_agree():
    with pytest.raises(MskusError, match="one size"):
        belly_motion(tissue(), tissue((100, 100)))
    with pytest.raises(MskusError, match="same size"):
        belly_motion(tissue(), tissue(), np.ones((10, 10), bool))


@pytest.mark.parametrize(
    ("aspect", "turn"),
    # Rows shrink by half: tan falls by half, whatever the pixel's height; at 45 degrees to 26.565.
    [(1.0, 26.565 - 45.0), (2.0, 26.565 - 45.0), (0.5, 26.565 - 45.0)],
)
def test_rotation_is_measured_in_millimetre_geometry(aspect, turn):
    squeeze = BellyMotion(np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.0]]), 1.0, 0.0)
    assert squeeze.rotation_of_line_deg(45.0, aspect=aspect) == pytest.approx(turn, abs=1e-3)


def test_stretch_is_measured_in_millimetre_geometry():
    squeeze = BellyMotion(np.array([[1.0, 0.0, 7.0], [0.0, 0.5, 0.0]]), 1.0, 0.0)
    # 30 columns by 20 rows of double height: from hypot(30, 40) = 50 to hypot(30, 20) = 36.06.
    assert squeeze.stretch_of_segment([(0, 0), (30, 20)], aspect=2.0) == pytest.approx(36.0555 / 50)
