"""The pasted fat layer moves picture and labels together and labels nothing in the fat."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the learning room needs torch: pip install mskus[learn]")

from pathlib import Path

from mskus.learn.fat_layer import upper_edge, with_fat_layer
from mskus.learn.manifest import Case
from mskus.learn.train.pictures import Picture


def sample(top, bottom, *, source):
    """Bands of 6 rows at ``top`` and ``bottom`` in a 384x384 picture, brighter where labelled."""
    rng = np.random.default_rng(top)
    image = rng.integers(40, 90, (384, 384)).astype(np.uint8)
    masks = np.zeros((384, 384, 3), np.uint8)
    for channel, row in enumerate((top, bottom)):
        image[row : row + 6] = 220
        masks[row : row + 6, :, channel] = 255
    return Picture(
        image=image, masks=masks, weights=np.ones(3, np.float32), case=Case(image=Path("n.png"), device=source)
    )


def test_muscle_moves_down_and_fat_is_unlabelled():
    real, donor = sample(20, 150, source="real"), sample(80, 250, source="simulation")
    made = with_fat_layer(real, donor, np.random.default_rng(3))
    edge = upper_edge(made.masks[..., 0])
    shift = edge.mean() - 20
    assert shift > 10
    assert np.ptp(edge) <= 1
    deep = np.nonzero(made.masks[..., 1] > 127)[0]
    assert deep.mean() - np.nonzero(real.masks[..., 1])[0].mean() == pytest.approx(shift, abs=1.0)
    assert not made.masks[: int(edge.min()) - 1].any()
    assert made.image[deep].mean() > 150  # the bright band moved with its label


def test_a_picture_with_no_room_or_a_donor_without_fat_is_left_alone():
    real = sample(20, 150, source="real")
    assert with_fat_layer(real, sample(5, 200, source="simulation"), np.random.default_rng(0)) is real
    full = sample(20, 370, source="real")
    assert with_fat_layer(full, sample(80, 200, source="simulation"), np.random.default_rng(0)) is full
