"""From a torch network and its pictures to files that load, answer alike and refuse other pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from mskus import models
from mskus.learn.manifest import Case
from mskus.learn.networks import SmallUNet
from mskus.learn.release import release
from mskus.learn.train.pictures import grey_frame
from mskus.models.cards import Card, ModelError, TrainingData
from mskus.models.picture import NetworkInput

COUNT = 30
GIVEN = NetworkInput(size=(64, 64), crop="content")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """Soft speckle inside a black border."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for index in range(COUNT):
        picture = np.zeros((80, 100), np.uint8)
        picture[10:70, 20:90] = cv2.GaussianBlur(rng.normal(110, 60, (60, 70)), (0, 0), 2).clip(1, 255)
        cv2.imwrite(str(folder / f"{index}.png"), picture)
    return [Case(image=folder / f"{index}.png", patient=str(index)) for index in range(COUNT)]


@pytest.fixture(scope="module")
def network() -> SmallUNet:
    torch.manual_seed(0)
    return SmallUNet(2, channels=(6, 8, 10)).eval()


@pytest.fixture(scope="module")
def released(cases: list[Case], network: SmallUNet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Card, Path]:
    folder = tmp_path_factory.mktemp("models")
    card = release(
        network,
        name="toy",
        folder=folder,
        cases=cases,
        task="nothing",
        classes=("a", "b"),
        training_data=[TrainingData(name="toy", pictures=COUNT, licence="CC0-1.0", citation="none")],
        split="none",
        limits="not validated on patients",
        command="none",
        size=(64, 64),
        crop="content",
        date="2024-01-01",
    )
    return card, folder


def test_the_card_says_what_was_done(released: tuple[Card, Path], network: SmallUNet) -> None:
    card, folder = released
    assert models.card("toy", folder=folder) == card
    assert card.input_shape == (None, 1, 64, 64)
    assert "without its black borders" in card.input_spacing
    assert card.input_intensity == "grey levels over 255"
    assert NetworkInput.of(card) == GIVEN
    assert card.parameters == sum(p.numel() for p in network.parameters())
    assert set(card.files) == {"toy.outlier.npz"}


def test_the_model_answers_as_the_network(released: tuple[Card, Path], cases: list[Case], network: SmallUNet) -> None:
    picture = GIVEN.picture(grey_frame(cases[0]))[None, None]
    logits, features = models.load("toy", folder=released[1]).predict_with_features(picture)
    with torch.no_grad():
        np.testing.assert_allclose(logits, network(torch.from_numpy(picture)), atol=1e-4)
    assert features.shape == (1, 24)


def test_its_own_kind_is_kept_and_others_are_refused(released: tuple[Card, Path], cases: list[Case]) -> None:
    loaded = models.load("toy", folder=released[1])
    assert loaded.outlier is not None
    own = np.stack([GIVEN.picture(grey_frame(case))[None] for case in cases])
    noise = np.random.default_rng(1).random((10, 1, 64, 64), np.float32)
    for batch, refused in ((own, 0.1), (1 - own, 1.0), (noise, 1.0), (np.zeros_like(noise), 1.0)):
        share = loaded.outlier.is_outlier(loaded.predict_with_features(batch)[1]).mean()
        assert share <= refused if refused < 1 else share == 1.0


def test_changed_features_are_not_loaded(released: tuple[Card, Path], tmp_path: Path) -> None:
    for path in released[1].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "toy.outlier.npz").write_bytes(b"other")
    with pytest.raises(ModelError, match=r"toy\.outlier\.npz differs from its card"):
        models.load("toy", folder=tmp_path)
    (tmp_path / "toy.outlier.npz").unlink()
    with pytest.raises(ModelError, match="missing beside its card"):
        models.load("toy", folder=tmp_path)


def test_a_picture_is_cut_as_the_exam_cuts_it(cases: list[Case]) -> None:
    frame = grey_frame(cases[0])
    whole, cut = NetworkInput(size=(64, 64)).picture(frame), GIVEN.picture(frame)
    assert whole[0, 0] == 0.0
    assert cut.mean() > 1.5 * whole.mean()
