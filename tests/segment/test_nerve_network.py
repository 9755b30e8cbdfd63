"""How the nerve network is asked: the input's size from its card, outputs checked, strangeness passed on."""

from types import SimpleNamespace

import numpy as np
import pytest

from mskus.models import card, runtime
from mskus.models.cards import ModelError
from mskus.segment import nerve_network
from mskus.segment.nerve_network import CLASSES, content, exclusive, nerve_maps, strangeness


class Network:
    """Answers with the picture as the nerve's logit and less than that for the vessel's, its mean as feature."""

    def __init__(self, *, size, classes=CLASSES, outlier=None):
        changes = {"input_shape": (None, 1, *size), "input_intensity": "grey levels over 255", "classes": classes}
        self.card, self.outlier = card("nerve").model_copy(update=changes), outlier

    def predict(self, batch):
        return np.concatenate([batch, batch - 8.0], axis=1)

    def predict_with_features(self, batch):
        return self.predict(batch), batch.mean(axis=(2, 3))


@pytest.fixture
def use(monkeypatch):
    return lambda network: monkeypatch.setattr(runtime, "load", lambda name: network)


@pytest.mark.parametrize("size", [(192, 192), (256, 256), (128, 160)])
def test_the_card_says_how_large_the_input_is(use, size):
    use(Network(size=size))
    frames = np.full((3, 90, 120), 51, np.uint8)
    frames[1] = 0
    found = nerve_maps(frames)
    assert found.probabilities.shape == (3, 2, *size)
    # 51 of 255 is a logit of 0.2, nothing one of 0: nothing is cut off a dark frame
    assert found.probabilities[0, 0] == pytest.approx(1.0 / (1.0 + np.exp(-0.2)))
    assert found.probabilities[1, 0] == pytest.approx(0.5)
    assert np.isnan(found.distance).tolist() == [True] * 3  # released without what tells it


def test_the_mirrored_answer_comes_back_to_its_place(use):
    use(Network(size=(64, 64)))
    half = np.zeros((1, 64, 64), np.uint8)
    half[..., :32] = 255
    assert nerve_maps(half).probabilities == pytest.approx(nerve_maps(half, mirrored=False).probabilities)


def test_no_pixel_is_nerve_and_vessel():
    both = np.array([0.9, 0.6, 0.2, 0.8])[:, None, None], np.array([0.7, 0.8, 0.1, 0.8])[:, None, None]
    nerve, vessel = exclusive(np.stack([p.astype(np.float32) for p in both], axis=1)).squeeze().T
    assert nerve == pytest.approx([0.9, 0.2, 0.2, 0.8])
    assert vessel == pytest.approx([0.1, 0.8, 0.1, 0.8])


def test_strangeness_comes_with_the_maps(use):
    outlier = SimpleNamespace(
        distance=lambda features: 10.0 * features[:, 0],
        reason=lambda d: "strange" if d > 5 else None,
        refuses=lambda d: d > 8,
    )
    use(Network(size=(64, 64), outlier=outlier))
    frames = np.stack([np.zeros((40, 40), np.uint8), np.full((40, 40), 255, np.uint8)])
    assert nerve_maps(frames).distance == pytest.approx([0.0, 10.0])
    assert [strangeness(d) for d in (1.0, 6.0, 10.0)] == [("", False), ("strange", False), ("strange", True)]


def test_a_network_for_something_else_is_named(use):
    use(Network(size=(64, 64), classes=("superficial", "deep")))
    with pytest.raises(ModelError, match="answers with superficial, deep; the nerve exam needs nerve, vessel"):
        nerve_maps(np.zeros((1, 40, 40), np.uint8))


def test_black_borders_are_cut_off_as_in_training():
    frame = np.zeros((200, 300), np.uint8)
    frame[40:160, 50:250] = 90
    box = content(frame)
    assert (box.x, box.y, box.w, box.h) == pytest.approx((50, 40, 200, 120), abs=9)


def test_the_shipped_network_is_there():
    assert card(nerve_network.NETWORK_NAME).classes == CLASSES
