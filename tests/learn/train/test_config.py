"""What is wrong in a configuration is named in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("yaml")

import yaml

from mskus.errors import LearnError
from mskus.learn.train.config import checked_config, read_config, write_config

DATA = {"manifest": "m.csv", "classes": {"nerve": 1}}
OUT = {"folder": "run"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"data": DATA, "output": OUT, "schedule": {"epoch": 3}}, "schedule.epoch: is not an entry that exists"),
        ({"data": DATA, "output": OUT, "schedule": {"epochs": "many"}}, "schedule.epochs: Input should be a valid int"),
        ({"data": DATA}, "output: Field required"),
        ({"data": {"manifest": "m.csv"}, "output": OUT}, "data.classes is needed for segmentation"),
        ({"data": {"classes": {"nerve": 1}}, "output": OUT}, "data: name a manifest or a simulator"),
        ({"data": {**DATA, "size": [100, 64]}, "output": OUT}, "must be multiples of 32"),
        ({"task": "classification", "data": DATA, "output": OUT}, "data.label is needed"),
        ({"data": DATA, "output": OUT, "loss": {"terms": {"l2": 1}}}, "loss.terms.l2"),
        ({"data": DATA, "output": OUT, "loss": {"class_weights": {"bone": 2}}}, "'bone', which is not among"),
        ({"data": DATA, "output": OUT, "split": {"folds": 1}}, "one fold leaves nothing to train on"),
        ({"data": DATA, "output": OUT, "split": {"folds": 3, "fold": 3}}, "fold 3 of 3; they are counted from 0"),
        ({"data": {**DATA, "unlabelled_share": 0.5}, "output": OUT}, "needs loss.consistency above 0"),
    ],
)
def test_the_entry_that_is_wrong_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(LearnError) as error:
        checked_config(given, source="run.yaml")
    assert str(error.value).startswith("run.yaml: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_paths_are_relative_to_the_file_and_settings_overrule_it(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump({"data": DATA, "output": OUT}))
    config = read_config(path, settings=[("schedule.epochs", 7), ("augmentation.elastic", 0.5)])
    assert config.data.manifest == tmp_path / "m.csv"
    assert config.output.folder == tmp_path / "run"
    assert (config.schedule.epochs, config.augmentation.elastic) == (7, 0.5)


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump({"data": DATA, "output": OUT, "split": {"fold": "all"}}))
    config = read_config(path)
    write_config(config, tmp_path / "again.yaml")
    assert read_config(tmp_path / "again.yaml") == config


@pytest.mark.parametrize("text", ["- a\n- b\n", "{", "\xff"])
def test_a_file_that_is_no_configuration(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(LearnError, match=r"run\.yaml"):
        read_config(path)
