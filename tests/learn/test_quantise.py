"""int8 answers nearly as float32 does; what loses too much is not written."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import torch
from torch import nn

from mskus import models
from mskus.errors import LearnError
from mskus.learn import quantise as room
from mskus.learn.manifest import Case
from mskus.learn.release import release
from mskus.models.cards import ModelError, TrainingData

COUNT = 24


class Brighter(nn.Module):
    """Finds what is brighter than half, by two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.blur = nn.Conv2d(1, 4, 3, padding=1)
        self.act = nn.ReLU()
        self.head = nn.Conv2d(4, 1, 1)
        with torch.no_grad():
            self.blur.weight.copy_(
                torch.full((4, 1, 3, 3), 1 / 9) * torch.tensor([1.0, 0.9, 1.1, 1.0])[:, None, None, None]
            )
            self.blur.bias.zero_()
            self.head.weight.fill_(1.0)
            self.head.bias.fill_(-2.0)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.act(self.blur(image)))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    made = []
    for index in range(COUNT):
        mask = np.zeros((64, 64), np.uint8)
        cv2.circle(mask, tuple(int(v) for v in rng.integers(20, 44, 2)), int(rng.integers(8, 18)), 1, -1)
        picture = np.clip(mask * 170 + 50 + rng.normal(0, 8, mask.shape), 0, 255).astype(np.uint8)
        image, drawn = folder / f"{index}.png", folder / f"{index}_mask.png"
        cv2.imwrite(str(image), picture)
        cv2.imwrite(str(drawn), mask)
        made.append(Case(image=image, mask=drawn, patient=str(index)))
    return made


@pytest.fixture(scope="module")
def folder(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    release(
        Brighter().eval(),
        name="bright",
        folder=place,
        cases=cases,
        task="bright things",
        classes=("thing",),
        training_data=[TrainingData(name="toy", pictures=COUNT, licence="CC0-1.0", citation="none")],
        split="none",
        limits="not validated on patients",
        command="none",
        size=(64, 64),
    )
    return place


def quantised(folder: Path, cases: list[Case], **changes: object) -> models.Card:
    return room.quantise(
        "bright",
        **({"cases": cases, "judged": cases, "classes": {"thing": 1}, "folder": folder, "data": "toy"} | changes),
    )


def test_the_loss_is_measured_and_the_file_answers_alike(folder: Path, cases: list[Case]) -> None:
    card = quantised(folder, cases)
    assert [s.metric for s in card.scores] == ["Dice of thing, int8", "Dice of thing, float32 less int8"]
    assert card.scores[0].value > 0.97
    assert abs(card.scores[1].value) <= 0.01
    assert "in int8" in card.limits
    assert set(card.files) == {"bright_int8.outlier.npz"}
    picture = cv2.imread(str(cases[0].image), 0)[None, None].astype(np.float32) / 255
    one, two = (models.load(name, folder=folder).predict(picture) for name in ("bright", "bright_int8"))
    assert 0 < np.abs(one - two).max() < 0.05  # not the same, but near


def test_what_loses_too_much_is_not_written(folder: Path, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bright_int8.onnx").unlink(missing_ok=True)
    turn = iter(range(10_000))
    right = room._mask
    # the two networks answer in turn; the second, int8, finds the opposite
    monkeypatch.setattr(room, "_mask", lambda logits, shape: right(logits, shape) ^ bool(next(turn) % 2))
    with pytest.raises(ModelError, match=r"bright_int8 loses .* Dice of thing, more than 0\.01; it is not written"):
        quantised(folder, cases)
    assert not (folder / "bright_int8.onnx").exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"classes": {"liver": 1}}, "bright finds thing"),
        ({"classes": {}}, "bright finds thing"),
        ({"classes": {"thing": 9}}, "No judged picture shows thing"),
        ({"judged": []}, "No judged picture shows thing"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    folder: Path, cases: list[Case], changes: dict[str, object], says: str
) -> None:
    with pytest.raises(LearnError, match=says):
        quantised(folder, cases, **changes)
