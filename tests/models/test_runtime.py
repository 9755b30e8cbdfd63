"""The shipped networks give the answers that they gave when they were released."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mskus import models
from mskus.models.cards import ModelError

# mean and standard deviation of each channel's logits on `picture`, stored at release
RELEASED: dict[str, list[tuple[float, float]]] = {
    "muscle_aponeurosis": [(-12.4415, 3.5497), (-11.2865, 3.3386), (-11.3379, 2.7237)],
    "muscle_fascicle": [(-0.7600, 2.4638), (49.3996, 10.7858), (30.8161, 7.6359)],
}


def picture(height: int, width: int) -> NDArray[np.float32]:
    """Two bright bands with slanted lines between them, without random numbers."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    lines = 0.25 + 0.2 * np.cos(2 * np.pi * (columns * np.sin(0.3) + rows * np.cos(0.3)) / 14.0)
    bands = np.exp(-(((rows - 0.15 * height) / 4.0) ** 2)) + np.exp(-(((rows - 0.7 * height) / 4.0) ** 2))
    return np.asarray(np.clip(lines + bands, 0, 1), np.float32)[None, None]


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_answers_are_those_of_the_release(name: str) -> None:
    height, width = (256 if side is None else side for side in models.card(name).input_shape[2:])
    logits = models.load(name).predict(picture(height, width))[0]
    for plane, (mean, deviation) in zip(logits, RELEASED[name], strict=True):
        assert float(plane.mean()) == pytest.approx(mean, abs=0.02, rel=2e-3)
        assert float(plane.std()) == pytest.approx(deviation, abs=0.02, rel=2e-3)


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_a_batch_answers_as_its_pictures_one_by_one(name: str) -> None:
    network = models.load(name)
    batch = np.concatenate([picture(256, 256), picture(256, 256)[..., ::-1], picture(256, 256) * 0.5])
    together = network.predict(batch)
    for index in range(3):
        np.testing.assert_allclose(together[index], network.predict(batch[index : index + 1])[0], atol=1e-3)


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(ModelError, match="takes pictures of shape"):
        models.load("muscle_aponeurosis").predict(np.zeros((1, 1, 100, 100), np.float32))


def test_a_network_is_compiled_once() -> None:
    assert models.load("muscle_aponeurosis") is models.load("muscle_aponeurosis")
