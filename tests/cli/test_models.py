"""``mskus models``: list, show, verify, add, remove."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mskus.models.cards import FOLDER

SHIPPED = "muscle_fascicle"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A network that is not added yet, and its card."""
    monkeypatch.setenv("MSKUS_MODELS", str(tmp_path / "own"))
    monkeypatch.setenv("MSKUS_CACHE", str(tmp_path / "cache"))
    card = json.loads((FOLDER / f"{SHIPPED}.card.json").read_text(encoding="utf-8")) | {"name": "mine"}
    (tmp_path / "mine.card.json").write_text(json.dumps(card), encoding="utf-8")
    (tmp_path / "mine.onnx").write_bytes((FOLDER / f"{SHIPPED}.onnx").read_bytes())
    return tmp_path / "mine.onnx", tmp_path / "mine.card.json"


def test_the_list_names_data_and_limits(mskus):
    for answer in (mskus("models"), mskus("models", "list")):
        assert answer.code == 0
        assert "muscle_aponeurosis  (" in answer.out
        assert "lower_limb_masks (Apache-2.0)" in answer.out
        assert "limits: Research use" in answer.out


def test_a_card_is_shown_whole(mskus):
    assert json.loads(mskus("models", "show", SHIPPED).out)["name"] == SHIPPED
    answer = mskus("models", "show", "liver")
    assert answer.code == 1
    assert "no network 'liver'" in answer.err


def test_a_users_network_comes_and_goes(mskus, own):
    added = mskus("models", "add", *own)
    assert added.code == 0
    assert "mine is added" in added.out
    assert "mine  (" in (listed := mskus("models").out)
    assert ", your own)" in listed
    assert mskus("models", "verify", "mine", SHIPPED).out == f"mine: good\n{SHIPPED}: good\n"
    assert mskus("models", "remove", "mine").out == "mine is removed.\n"
    assert "mine" not in mskus("models").out


def test_a_changed_network_is_found_by_verify(mskus, own, tmp_path):
    mskus("models", "add", *own)
    with (tmp_path / "own" / "mine.onnx").open("ab") as file:
        file.write(b"x")
    answer = mskus("models", "verify", "mine")
    assert answer.code == 1
    assert "differs from its card" in answer.out


def test_a_network_without_a_card_is_refused(mskus, own, tmp_path):
    (tmp_path / "empty.json").write_text("{}")
    answer = mskus("models", "add", own[0], tmp_path / "empty.json")
    assert answer.code == 1
    assert "damaged at name" in answer.err


ALONE = """
import sys
from threading import Barrier, Thread
import numpy as np
from mskus import models

networks, start = [], Barrier(2)

def ask():
    start.wait()
    network = models.load(sys.argv[1])
    network.predict(np.zeros((2, 1, 64, 64), np.float32))
    networks.append(network)

threads = [Thread(target=ask) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert networks[0] is networks[1], "two threads made a network each"
assert sys.modules["openvino_telemetry"] is None, "the import was reported over the network"
"""


def test_two_threads_that_ask_first_at_once_share_a_network_and_nothing_is_reported() -> None:
    """A process of its own, because what deadlocked and what is reported happens at the first import."""
    subprocess.run([sys.executable, "-c", ALONE, SHIPPED], check=True, timeout=120)
