"""Members by hand: what is flipped and moved comes back to its place, and disagreement is spread."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mskus.models.cards import ModelError
from mskus.models.uncertainty import VIEWS, Members, View, area_interval, ask_ensemble, ask_views, log_spread


class Echo:
    """A network whose logit is the picture's grey level, scaled and moved; it sees no neighbours."""

    def __init__(self, *, bias: float = 0.0, classes: tuple[str, ...] = ("thing",)) -> None:
        self.bias, self.card = bias, SimpleNamespace(name="echo", classes=classes)

    def predict(self, batch: np.ndarray) -> np.ndarray:
        return 10 * batch - 5 + self.bias


def asked(networks: Any, batch: np.ndarray, **options: Any) -> Members:
    return ask_ensemble(networks, batch) if isinstance(networks, list) else ask_views(networks, batch, **options)


@pytest.mark.parametrize("view", [View(flip=True), View(shift_px=(3, -2)), View(flip=True, shift_px=(-4, 1)), *VIEWS])
def test_a_map_comes_back_to_its_place(view: View, rng: np.random.Generator) -> None:
    picture = rng.random((2, 1, 20, 24)).astype(np.float32) * 0.8
    inner = np.s_[..., 7:-7, 7:-7]
    np.testing.assert_allclose(view.back(view.of(picture))[inner], picture[inner] * view.gain, rtol=1e-5)


def test_a_shift_goes_right_and_down() -> None:
    picture = np.zeros((1, 1, 8, 8), np.float32)
    picture[0, 0, 2, 3] = 1
    assert np.argwhere(View(shift_px=(2, 1)).of(picture)[0, 0]).tolist() == [[3, 5]]


def test_views_that_change_nothing_have_no_spread(rng: np.random.Generator) -> None:
    picture = rng.random((1, 1, 16, 16)).astype(np.float32)
    members = asked(Echo(), picture, views=(View(), View(flip=True)))
    assert members.probabilities.shape == (2, 1, 1, 16, 16)
    assert members.spread.max() < 1e-6
    assert asked(Echo(), picture, views=(View(), View(gain=0.5))).spread.max() > 0.1


def test_mean_and_spread_of_an_ensemble_by_hand() -> None:
    picture = np.full((1, 1, 4, 4), 0.5, np.float32)  # logit 0 and ln 3: probability 1/2 and 3/4
    members = asked([Echo(), Echo(bias=float(np.log(3)))], picture)
    np.testing.assert_allclose(members.mean, 0.625, rtol=1e-6)
    np.testing.assert_allclose(members.spread, 0.125, rtol=1e-5)
    assert members.areas(0).tolist() == [[0.0], [1.0]]


def test_what_cannot_be_asked_is_refused() -> None:
    picture = np.zeros((1, 1, 4, 4), np.float32)
    with pytest.raises(ModelError, match="at least one view"):
        asked(Echo(), picture, views=())
    with pytest.raises(ModelError, match="at least one network"):
        asked([], picture)
    with pytest.raises(ModelError, match="find different structures"):
        asked([Echo(), Echo(classes=("other",))], picture)


def test_a_member_that_finds_nothing_spreads_but_not_to_infinity() -> None:
    # log 1 and log 0.01: standard deviation 2.3026
    assert log_spread(np.array([[4.0], [0.0]]))[0] == pytest.approx(np.log(100) / 2)
    assert log_spread(np.zeros((3, 1)))[0] == 0.0


def test_an_area_has_the_interval_of_its_card() -> None:
    card: Any = SimpleNamespace(intervals={"nerve": {"quantile": 2.0, "floor": 0.1, "share": 0.95, "groups": 30.0}})
    low, high = area_interval(card, "nerve", 100.0, 0.15) or (0, 0)
    assert (low, high) == pytest.approx((100 * np.exp(-0.5), 100 * np.exp(0.5)))
    assert area_interval(card, "vessel", 100.0, 0.15) is None
