"""A user's own networks are found by name, once they are whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mskus import models
from mskus.models.cards import FOLDER, ModelError, checked_file
from mskus.models.own import add, remove
from mskus.models.verify import problems

SHIPPED = "muscle_fascicle"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MSKUS_MODELS", str(tmp_path / "own"))
    monkeypatch.setenv("MSKUS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "own"


def given(folder: Path, **changes: object) -> tuple[Path, Path]:
    """A copy of a shipped network with another name, and its card with changes."""
    card = json.loads((FOLDER / f"{SHIPPED}.card.json").read_text(encoding="utf-8"))
    (folder / "net.onnx").write_bytes((FOLDER / f"{SHIPPED}.onnx").read_bytes())
    (folder / "card.json").write_text(json.dumps(card | {"name": "mine"} | changes), encoding="utf-8")
    return folder / "net.onnx", folder / "card.json"


def test_added_loaded_by_name_and_removed(place: Path, tmp_path: Path) -> None:
    picture = np.random.default_rng(0).random((1, 1, 64, 64), np.float32)
    card = add(*given(tmp_path))
    assert "mine" in models.available()
    assert models.card("mine") == card
    np.testing.assert_array_equal(models.load("mine").predict(picture), models.load(SHIPPED).predict(picture))
    remove("mine")
    assert "mine" not in models.available()
    assert list(place.iterdir()) == []
    with pytest.raises(ModelError, match="no network 'mine'"):
        models.load("mine")


def test_an_empty_sha_is_filled_in(place: Path, tmp_path: Path) -> None:
    assert add(*given(tmp_path, sha256="")).sha256 == models.card(SHIPPED).sha256
    assert checked_file("mine") == place / "mine.onnx"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sha256": "0" * 64}, "differs from its card"),
        ({"classes": ["one"]}, "the card names 1 classes"),
        ({"input_shape": [None, 3, 64, 64]}, "cannot be run by OpenVINO"),
        ({"limits": " "}, "does not say: limits"),
        ({"training_data": []}, "does not say: training_data"),
        ({"name": "../mine"}, "no file name"),
        ({"name": SHIPPED}, "is a shipped network"),
        ({"files": {"../x.npz": "0"}}, "no file name"),
        ({"files": {"mine.outlier.npz": "0"}}, "is not there"),
        ({"files": {"yours.onnx": "0"}}, "'yours.onnx' in card.json is not of mine"),
        ({"task": 3}, "damaged at task"),
        ({"input_shape": [None, 64]}, "not that of pictures"),
    ],
)
def test_what_is_not_whole_is_not_added(place: Path, tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        add(*given(tmp_path, **changes))
    assert not place.exists() or list(place.iterdir()) == []


def test_a_file_that_is_no_network_is_not_added(place: Path, tmp_path: Path) -> None:
    network, card = given(tmp_path, sha256="")
    network.write_bytes(b"no network")
    with pytest.raises(ModelError, match="cannot be run by OpenVINO"):
        add(network, card)
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("place")
def test_a_taken_name_needs_a_word(tmp_path: Path) -> None:
    add(*given(tmp_path))
    with pytest.raises(ModelError, match="already"):
        add(*given(tmp_path))
    assert add(*given(tmp_path, date="2030-01-01"), replace=True).date == "2030-01-01"
    assert models.card("mine").date == "2030-01-01"


@pytest.mark.usefixtures("place")
def test_a_shipped_network_stays() -> None:
    with pytest.raises(ModelError, match="cannot be removed"):
        remove(SHIPPED)
    with pytest.raises(ModelError, match="no network 'nothing'"):
        remove("nothing")


def test_a_card_alone_hides_no_shipped_network(place: Path) -> None:
    place.mkdir()
    (place / f"{SHIPPED}.card.json").write_text("{}", encoding="utf-8")
    assert SHIPPED in models.available()


@pytest.mark.parametrize("name", models.available(folder=FOLDER))
def test_shipped_networks_are_whole(name: str) -> None:
    assert problems(name) == []


def test_a_file_that_is_another_networks_is_not_taken(place: Path, tmp_path: Path) -> None:
    network, card_file = given(tmp_path, files={"mine.too.onnx": "0" * 64})
    (tmp_path / "mine.too.onnx").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"'mine.too.onnx' in card.json is the name of another network's file"):
        add(network, card_file)
    assert not place.exists()
