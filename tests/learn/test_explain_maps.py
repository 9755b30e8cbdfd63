"""Maps point at what a network with known weights looks at; a map that random weights leave alone is caught."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("captum")

import torch
from torch import nn

from mskus.errors import LearnError
from mskus.learn.explain_maps import METHODS, explain_map, found_region, randomised, sanity_check
from mskus.learn.feature_output import coarsest_activation
from mskus.learn.networks import SmallUNet


class Spot(nn.Module):
    """A classifier whose first logit is the mean of the top left quarter and whose second that of the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 1, 1, bias=False)
        self.act = nn.ReLU()
        nn.init.ones_(self.first.weight)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        seen = self.act(self.first(image))
        corner = seen[..., :16, :16].mean(dim=(1, 2, 3))
        return torch.stack([corner, seen.mean(dim=(1, 2, 3)) - corner / 4], dim=1)


@pytest.fixture
def picture(rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(rng.random((32, 32)), (0, 0), 1.5).astype(np.float32)


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_only_what_is_looked_at_is_marked(picture: np.ndarray, method: str) -> None:
    picture[8:12, 8:12] = 1.0
    found = explain_map(Spot(), picture, channel=0, method=method)
    assert found.shape == (32, 32)
    assert np.abs(found).max() == 1.0
    assert np.abs(found[20:, 20:]).max() == 0.0
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 6 <= row < 14
    assert 6 <= column < 14


def test_gradcam_is_the_weighted_activation_by_hand(picture: np.ndarray) -> None:
    # one channel with a positive mean gradient: the map is the picture itself, scaled
    found = explain_map(Spot(), picture, channel=0, method="gradcam")
    np.testing.assert_allclose(found, picture / picture.max(), atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_masks_are_explained_where_they_were_found(picture: np.ndarray, method: str) -> None:
    torch.manual_seed(0)
    found = explain_map(SmallUNet(2, channels=(4, 6, 8)), picture, channel=1, method=method)
    assert found.shape == (32, 32)
    assert np.isfinite(found).all()
    assert -1.0 <= found.min() <= found.max() <= 1.0


def test_where_nothing_is_found_the_likeliest_hundredth_is_asked() -> None:
    logits = np.linspace(-9, -1, 1000, dtype=np.float32).reshape(20, 50)
    assert found_region(logits).sum() == 10
    assert found_region(logits + 5).sum() == (logits > -5).sum()


def test_the_coarsest_activation_is_that_of_the_bottleneck() -> None:
    network = SmallUNet(1, channels=(4, 6, 8))
    assert coarsest_activation(network, size=(32, 32)) is network.fine[-1][-1][-1]


def test_random_weights_destroy_a_true_map(picture: np.ndarray) -> None:
    torch.manual_seed(0)
    network = SmallUNet(1, channels=(6, 8, 8)).eval()
    region = np.zeros((32, 32), bool)
    region[8:24, 8:24] = True
    pictures = [picture, picture[::-1].copy()]

    def explain(n: nn.Module, p: np.ndarray) -> np.ndarray:
        return explain_map(n, p, channel=0, method="integrated_gradients", region=region)

    check = sanity_check(explain, network, pictures)
    assert check.likeness.shape == (2, 3)
    assert check.passed


def test_an_edge_detector_is_caught(picture: np.ndarray) -> None:
    def edges(_network: nn.Module, p: np.ndarray) -> np.ndarray:
        return cv2.Laplacian(p, cv2.CV_32F)

    check = sanity_check(edges, SmallUNet(1, channels=(4, 6)), [picture])
    assert check.mean == pytest.approx(1.0)
    assert not check.passed


@pytest.mark.parametrize(("empty_when_random", "likeness"), [(False, 1.0), (True, 0.0)])
def test_an_empty_map_explains_nothing(empty_when_random: bool, likeness: float) -> None:
    network, picture = SmallUNet(1, channels=(4, 6)), np.eye(8, dtype=np.float32)

    def explain(n: nn.Module, p: np.ndarray) -> np.ndarray:
        return p if empty_when_random and n is network else np.zeros_like(p)

    assert sanity_check(explain, network, [picture]).mean == likeness


def test_throwing_weights_away_leaves_the_network_alone() -> None:
    network = SmallUNet(1, channels=(4, 6))
    before = {name: t.clone() for name, t in network.state_dict().items()}
    state = torch.random.get_rng_state()
    one, two, other = (randomised(network, seed=s) for s in (1, 1, 2))
    assert all(torch.equal(t, before[name]) for name, t in network.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), state)
    weights = [n.state_dict()["head.1.weight"] for n in (one, two, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"channel": 2}, "no class 2"),
        ({"method": "lime"}, "no explanation 'lime'"),
        ({"picture": np.zeros((1, 32, 32), np.float32)}, r"shape \(1, 32, 32\)"),
        ({"picture": np.full((32, 32), np.nan, np.float32)}, "without NaN"),
    ],
)
def test_what_cannot_be_explained_is_refused(picture: np.ndarray, changes: dict[str, object], says: str) -> None:
    asked = {"picture": picture, "channel": 0} | changes
    with pytest.raises(LearnError, match=says):
        explain_map(Spot(), **asked)


def test_nothing_to_check_is_refused() -> None:
    with pytest.raises(LearnError, match="at least one picture"):
        sanity_check(lambda _n, p: p, Spot(), [])
    with pytest.raises(LearnError, match="no layer whose weights"):
        randomised(nn.ReLU(), seed=0)


def test_without_captum_it_says_what_to_install(picture: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(LearnError, match=r"pip install 'mskus\[learn\]'"):
        explain_map(Spot(), picture, channel=0, method="occlusion")
