"""Intervals on the card hold as often as they promise, measured on other patients."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from mskus.errors import LearnError
from mskus.learn.interval_fit import judged_areas, measured_coverage, with_intervals
from mskus.learn.manifest import Case
from mskus.models.cards import Card, TrainingData, read_card
from mskus.models.picture import NetworkInput
from mskus.models.uncertainty import Members

CARD = Card(
    name="toy",
    task="nothing",
    input_shape=(None, 1, 32, 32),
    input_spacing="the image region",
    input_intensity="grey levels over 255",
    classes=("nerve", "vessel"),
    training_data=(TrainingData(name="none", pictures=0, licence="CC0-1.0", citation="none"),),
    split="none",
    scores=(),
    limits="not validated on patients",
    parameters=1,
    seed=0,
    command="none",
    date="2024-01-01",
    sha256="0",
)


def table(count: int, *, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    spread, truth = rng.uniform(0.05, 0.4, count), np.exp(rng.normal(-3, 0.5, count))
    return pd.DataFrame(
        {
            "patient": [f"p{k // 2}" for k in range(count)],
            "structure": "nerve",
            "predicted": truth * np.exp(rng.normal(0, spread)),
            "spread": spread,
            "truth": truth,
        }
    )


def test_areas_are_shares_of_the_picture(tmp_path: Path) -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[:16], mask[-8:, :32] = 1, 2  # a quarter nerve, a sixteenth vessel
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    cv2.imwrite(str(tmp_path / "image.png"), np.full((64, 64), 90, np.uint8))
    case = Case(image=tmp_path / "image.png", mask=tmp_path / "mask.png", patient="a")

    def ask(batch: np.ndarray) -> Members:
        maps = np.zeros((2, 1, 2, 32, 32), np.float32)
        maps[0, 0, 0, :16], maps[1, 0, 0, :4] = 1.0, 0.8  # half and an eighth; their mean exceeds 0.5 on 4 rows
        return Members(maps)

    found = judged_areas(
        ask, cases=[case], classes={"nerve": 1, "vessel": 2}, names=CARD.classes, given=NetworkInput(size=(32, 32))
    )
    assert found["structure"].tolist() == ["nerve"]  # no vessel was found
    assert found.loc[0, "predicted"] == pytest.approx(1 / 8)
    assert found.loc[0, "truth"] == pytest.approx(1 / 4)
    assert found.loc[0, "spread"] == pytest.approx(np.log(4) / 2)


def test_the_card_promises_what_was_measured(tmp_path: Path) -> None:
    card = with_intervals(CARD, table(300), folder=tmp_path, data="simulated", share=0.9)
    assert read_card(tmp_path / "toy.card.json") == card
    assert card.intervals["nerve"]["groups"] == 150
    (score,) = card.scores
    assert score.metric == "share of 90 % intervals of nerve area that hold the truth"
    assert 0.85 < score.value < 0.96
    assert score.low is not None
    assert score.low < score.value
    # calibrated again, the score is replaced and not doubled
    assert len(with_intervals(card, table(300, seed=1), folder=tmp_path, data="simulated", share=0.9).scores) == 1


def test_too_few_patients_promise_nothing(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="10 patients are too few"):
        with_intervals(CARD, table(20), folder=tmp_path, data="simulated")
    assert not list(tmp_path.iterdir())
    with pytest.raises(LearnError, match="needs 5 patients"):
        measured_coverage(table(6), share=0.5)
