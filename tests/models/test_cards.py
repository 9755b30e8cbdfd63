"""Cards are complete, and a changed network is not loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mskus.models import cards

INFO = cards.Card(
    name="toy",
    task="nothing",
    input_shape=(None, 1, 4, 4),
    input_spacing="any",
    input_intensity="[0, 1]",
    classes=("one",),
    training_data=(cards.TrainingData(name="none", pictures=0, licence="CC0-1.0", citation="none"),),
    split="none",
    scores=(),
    limits="not validated on patients",
    parameters=1,
    seed=0,
    command="none",
    date="2024-01-01",
    sha256=hashlib.sha256(b"network").hexdigest(),
)


def written(folder: Path, content: bytes) -> Path:
    (folder / "toy.card.json").write_text(INFO.model_dump_json(), encoding="utf-8")
    (folder / "toy.onnx").write_bytes(content)
    return folder


def test_an_unchanged_file_is_accepted(tmp_path: Path) -> None:
    folder = written(tmp_path, b"network")
    assert cards.available(folder=folder) == ("toy",)
    assert cards.checked_file("toy", folder=folder) == folder / "toy.onnx"
    assert cards.card("toy", folder=folder) == INFO


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(cards.ModelError, match="differs from its card"):
        cards.checked_file("toy", folder=written(tmp_path, b"networK"))


def test_an_unknown_network_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(cards.ModelError, match="there are: toy"):
        cards.card("other", folder=written(tmp_path, b"network"))


def test_a_damaged_card_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, b"network")
    (folder / "toy.card.json").write_text("{}", encoding="utf-8")
    with pytest.raises(cards.ModelError, match="damaged"):
        cards.card("toy", folder=folder)


@pytest.mark.parametrize("name", cards.available())
def test_shipped_cards_say_what_they_must(name: str) -> None:
    card = cards.card(name)
    path = cards.checked_file(name)
    assert path.stat().st_size < 12e6
    assert "not validated on patients" in card.limits.lower()
    assert card.training_data
    assert all(d.licence and d.citation for d in card.training_data)
    assert not any("architecture_readings" in d.name for d in card.training_data)
    assert card.command.startswith(("python -m mskus.", "python benchmarks/", "mskus "))
    assert card.scores
    assert all(s.split for s in card.scores)
