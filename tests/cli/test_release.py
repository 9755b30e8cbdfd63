"""``mskus release`` as typed: from a run to a model that is found by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("yaml")

import yaml
from tests.learn.train.conftest import bright_discs, tiny

from mskus import models
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.release_run import read_about
from mskus.learn.train.run import train

ABOUT = {
    "name": "discs",
    "task": "bright discs",
    "training_data": [{"name": "discs", "pictures": 24, "licence": "Apache-2.0", "citation": "drawn"}],
    "split": "none",
    "limits": "discs only",
    "command": "mskus train discs.yaml",
}


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    manifest = bright_discs(tmp_path / "discs", pictures=24, patients=24)
    return train(TrainConfig.model_validate(tiny(manifest, tmp_path / "run", split={"folds": 0}))).folder


def about(folder: Path, **changes: Any) -> Path:
    (folder / "about.yaml").write_text(yaml.safe_dump({k: v for k, v in (ABOUT | changes).items() if v is not None}))
    return folder / "about.yaml"


def test_a_run_becomes_a_model(mskus: Callable[..., Any], trained: Path, tmp_path: Path) -> None:
    scores = [{"image": f"{n}.png", "patient": f"p{n}", "dice_disc": 0.5 + 0.1 * (n % 2)} for n in range(24)]
    pd.DataFrame(scores).to_csv(tmp_path / "scores.csv", index=False)
    answer = mskus(
        "release", trained, "--about", about(tmp_path), "--judged", tmp_path / "scores.csv", "-o", tmp_path / "out"
    )
    assert answer.code == 0, answer.err
    assert "Dice of disc, mean of a picture: 0.55" in answer.out
    card = models.card("discs", folder=tmp_path / "out")
    assert (card.classes, card.input_shape) == (("disc",), (None, 1, 64, 64))
    assert card.scores[0].low is not None
    assert 0.5 < card.scores[0].low < card.scores[0].value == pytest.approx(0.55)
    outlier = models.load("discs", folder=tmp_path / "out").outlier
    assert outlier is not None
    assert outlier.limit <= outlier.refusal


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"limits": None}, "limits: field required"), ({"licence": "none"}, "licence: extra inputs")],
)
def test_a_card_must_be_whole(mskus: Callable[..., Any], tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    answer = mskus("release", tmp_path, "--about", about(tmp_path, **changes), "-o", tmp_path / "out")
    assert answer.code == 1
    assert says in answer.err


def test_what_is_no_run_is_named(mskus: Callable[..., Any], tmp_path: Path) -> None:
    answer = mskus("release", tmp_path / "nothing", "--about", about(tmp_path), "-o", tmp_path / "out")
    assert answer.code == 1
    assert "nothing/config.yaml cannot be read" in answer.err


def test_scores_that_are_not_there_are_an_error(mskus: Callable[..., Any], tmp_path: Path) -> None:
    shorter = {"epochs": 1, "steps_per_epoch": 1}
    given = tiny(bright_discs(tmp_path / "discs", pictures=4, patients=4), tmp_path / "run", schedule=shorter)
    run = train(TrainConfig.model_validate(given)).folder
    lost = tmp_path / "cv" / "scores.csv"
    answer = mskus("release", run, "--about", about(tmp_path), "--judged", lost, "-o", tmp_path / "out")
    assert answer.code == 1
    assert answer.err == f"mskus: {lost} is not there; --judged takes the folder of a run, or its scores.csv.\n"
    assert not (tmp_path / "out").exists()


def test_figures_are_of_the_users_data_unless_said_otherwise(tmp_path: Path) -> None:
    assert read_about(about(tmp_path)).kind == "user's data"
    assert read_about(about(tmp_path, kind="public data")).kind == "public data"
