"""``mskus explain NETWORK PICTURE``: maps on the picture, with the word on whether they can be believed."""

from __future__ import annotations

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("captum")

import torch

from mskus.learn.manifest import Case
from mskus.learn.networks import SmallUNet
from mskus.learn.release import release
from mskus.models.cards import FOLDER, TrainingData


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """A network of random weights, released under two names, and its pictures."""
    folder, rng = tmp_path_factory.mktemp("explain"), np.random.default_rng(0)
    for index in range(20):
        picture = cv2.GaussianBlur(rng.normal(110, 60, (64, 80)), (0, 0), 2).clip(1, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{index}.png"), picture)
    torch.manual_seed(0)
    network = SmallUNet(2, channels=(6, 8, 10)).eval()
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.1)  # as after training: no two layers are alike
    for name, classes in (("toy", ("a", "b")), ("toy_nerve", ("nerve", "vessel"))):
        release(
            network,
            name=name,
            folder=folder / "models",
            cases=[Case(image=folder / f"{index}.png", patient=str(index)) for index in range(20)],
            task="nothing",
            classes=classes,
            training_data=[TrainingData(name="toy", pictures=20, licence="CC0-1.0", citation="none")],
            split="none",
            limits="not validated on patients",
            command="none",
            size=(64, 64),
        )
    return folder


@pytest.fixture(autouse=True)
def place(toy, monkeypatch):
    monkeypatch.setenv("MSKUS_MODELS", str(toy / "models"))


def test_maps_are_drawn_and_judged(mskus, toy, tmp_path):
    answer = mskus(
        "explain", "toy", toy / "0.png", "-o", tmp_path, "--structure", "b", "--method", "gradcam",
        "--method", "integrated_gradients",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "integrated_gradients: random weights leave a rank correlation of" in answer.out
    drawn, frame = cv2.imread(str(tmp_path / "b_integrated_gradients.png")), cv2.imread(str(toy / "0.png"))
    assert drawn.shape == frame.shape
    assert (drawn != frame).any()
    assert (tmp_path / "b_gradcam.png").is_file()


def test_the_report_of_an_exam_by_that_network_shows_the_maps(mskus, toy, tmp_path):
    answer = mskus("explain", "toy_nerve", toy / "0.png", "-o", tmp_path, "--exam", "nerve")
    assert answer.code == 0, answer.err
    assert list(json.loads((tmp_path / "findings.json").read_text())["manifest"]["models"]) == ["toy_nerve"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("What speaks for nerve (warm) and against it (cold), by gradcam. Random weights") == 1
    assert 'alt="Map of what the network looked at"' in page


def test_an_exam_that_does_not_use_the_network_is_refused(mskus, toy, tmp_path, monkeypatch):
    models = {"muscle_aponeurosis": "", "muscle_fascicle": ""}
    findings = SimpleNamespace(manifest=SimpleNamespace(models=models), maps={}, attach=print, save=print)
    monkeypatch.setattr("mskus.exams.examine", lambda clip, exam, **settings: findings)
    answer = mskus("explain", "toy", toy / "0.png", "-o", tmp_path, "--exam", "muscle")
    assert answer.code == 1
    assert answer.err == (
        "mskus: The muscle exam does not use toy, but muscle_aponeurosis, muscle_fascicle; explain one of these.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "no network 'nothing'"),
        (["toy", "--structure", "c"], "does not know 'c'; it finds a, b"),
        (["toy", "--frame", "2"], "there is no frame 2"),
        (["muscle_fascicle"], "takes pictures of any size"),
        ([str(FOLDER)], "name its column with --label"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(mskus, toy, tmp_path, arguments, says):
    answer = mskus("explain", arguments[0], toy / "0.png", "-o", tmp_path, *arguments[1:])
    assert answer.code == 1
    assert says in answer.err
    assert answer.err.count("\n") == 1


def test_a_folder_of_the_networks_name_does_not_hide_it(mskus, toy, tmp_path, monkeypatch):
    (tmp_path / "toy").mkdir()
    monkeypatch.chdir(tmp_path)
    answer = mskus("explain", "toy", toy / "0.png", "-o", tmp_path / "out", "--structure", "b", "--method", "gradcam")
    assert answer.code == 0, answer.err
    assert (tmp_path / "out" / "b_gradcam.png").is_file()
