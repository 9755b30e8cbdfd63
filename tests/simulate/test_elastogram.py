from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate.elastogram import BAR, BOX, simulate_elastogram


def test_colours_are_those_of_the_bar():
    made = simulate_elastogram(np.full((4, 4), 75.0), low=0.0, high=150.0, colour_map="jet")
    # The middle of jet: (0.4902, 1, 0.4775) at 128 of 256.
    assert made.image[BOX.y + 5, BOX.x + 5].tolist() == pytest.approx([125, 255, 122], abs=5)
    assert np.all(made.values[BOX.slices] == 75.0)
    assert np.isnan(made.values[0, 0])
    # Dark blue below, dark red above.
    assert made.image[BAR.y + BAR.h - 1, BAR.x].tolist() == pytest.approx([0, 0, 128], abs=5)
    assert made.image[BAR.y, BAR.x].tolist() == pytest.approx([128, 0, 0], abs=5)


def test_opacity_mixes_with_the_grey_picture():
    opaque, half = (simulate_elastogram(np.full((4, 4), 75.0), low=0, high=150, opacity=a) for a in (1.0, 0.5))
    mixed = 0.5 * opaque.image[BOX.slices].astype(float) + 0.5 * half.bmode[BOX.slices][..., None]
    np.testing.assert_allclose(half.image[BOX.slices], mixed, atol=1.5)
