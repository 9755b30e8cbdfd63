"""The shipped aponeurosis network against simulated truth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus import models
from mskus.segment.aponeurosis_network import NETWORK_NAME, aponeurosis_probabilities, network_input
from mskus.simulate import simulate_muscle

pytestmark = pytest.mark.skipif(NETWORK_NAME not in models.available(), reason="no aponeurosis network is shipped")


def test_one_pixel_of_the_network_covers_its_share_of_the_region() -> None:
    frame = np.zeros((512, 768), np.uint8)
    frame[100:180, 300:420] = 200
    rows, columns = np.nonzero(network_input(frame))
    assert (rows.min(), rows.max()) == (50, 89)
    assert (columns.min(), columns.max()) == (100, 139)


def test_inner_edges_of_phantoms() -> None:
    errors_mm = []
    for seed in range(3, 9):
        phantom = simulate_muscle(seed=seed)
        truth, calibration = phantom.truth[0], phantom.clip.calibration
        assert calibration is not None
        crop = phantom.clip.image_region.slices
        (maps,) = aponeurosis_probabilities(phantom.image[crop][None])
        height, width = phantom.image[crop].shape
        for channel, mask in enumerate((truth.superficial_mask[crop], truth.deep_mask[crop])):
            found = cv2.resize(maps[channel], (width, height)) > 0.5
            both = found.any(axis=0) & mask.any(axis=0)
            if channel == 0:
                gap = found[::-1].argmax(axis=0) - mask[::-1].argmax(axis=0)
            else:
                gap = found.argmax(axis=0) - mask.argmax(axis=0)
            errors_mm.append(np.median(np.abs(gap[both])) * calibration.mm_per_px_row if both.any() else np.inf)
    assert np.median(errors_mm) < 0.3


def test_nothing_is_seen_in_an_empty_picture() -> None:
    maps = aponeurosis_probabilities(np.zeros((1, 300, 400), np.uint8))
    assert maps.shape == (1, 3, 256, 256)
    assert maps[:, :2].max() < 0.5


def test_no_frames_give_no_maps() -> None:
    assert aponeurosis_probabilities(np.zeros((0, 300, 400), np.uint8)).shape == (0, 3, 256, 256)
