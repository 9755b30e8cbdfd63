"""A map lies where the network saw the frame."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("captum")

from mskus.learn.explain_maps import SanityCheck
from mskus.learn.explain_network import Explanation, explain_frame


def test_a_shipped_network_is_explained_on_the_frame(rng: np.random.Generator) -> None:
    frame = rng.integers(20, 60, (150, 200)).astype(np.uint8)
    frame[40:44], frame[110:114] = 220, 220
    (found,) = explain_frame("muscle_aponeurosis", frame, structure="deep_aponeurosis")
    assert found.levels.shape == (150, 200)
    assert -1.0 <= found.levels.min() < found.levels.max() <= 1.0
    # the deep of the two bright bands is what is asked about
    assert abs(int(found.levels.sum(axis=1).argmax()) - 112) < 30


@pytest.mark.parametrize(("likeness", "word"), [(0.1, "as they must"), (0.9, "do not rely on it")])
def test_the_caption_says_whether_to_believe(likeness: float, word: str) -> None:
    check = SanityCheck(np.array([[likeness]]))
    assert word in Explanation("gradcam", "deep_aponeurosis", np.zeros((2, 2), np.float32), check).caption
