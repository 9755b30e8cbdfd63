"""The other tasks: classes, hidden patches, pictures without labels, simulated pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn.train.config import NetworkConfig, checked_config
from mskus.learn.train.material import gather
from mskus.learn.train.network import load_fitting, make_network
from mskus.learn.train.run import train
from mskus.learn.train.tasks import ClassificationRules, OrientationRules, Score, SegmentationRules

from .conftest import tiny


def test_dice_by_hand_with_empty_and_unlabelled_pictures() -> None:
    from mskus.learn.losses import SegmentationLoss

    rules = SegmentationRules(("a",), SegmentationLoss({"bce": 1.0}))
    drawn, found = torch.zeros(4, 1, 4, 4), torch.full((4, 1, 4, 4), -1.0)
    drawn[0, :, :2], found[0, :, 1:3] = 1.0, 1.0  # 8 drawn, 8 found, 4 of both: 0.5
    found[2, :, 0, 0] = 1.0  # found where there is nothing: 0; picture 1 is empty and right: 1
    weights = torch.tensor([[1.0], [1.0], [1.0], [0.0]])
    scores = rules.scores(found, (drawn, weights))
    assert [s.values["dice_a"] for s in scores[:3]] == [0.5, 1.0, 0.0]
    assert np.isnan(scores[3].values["dice_a"])
    assert rules.figures(scores)["score"] == pytest.approx(0.5)


def test_classes_are_judged_patient_by_patient() -> None:
    scores = [Score({"class": c, "p_no": 1 - p, "p_yes": p}) for c, p in ((1, 0.9), (1, 0.4), (0, 0.6), (0, 0.2))]
    assert ClassificationRules(["no", "yes"]).figures(scores)["score"] == pytest.approx(0.5)
    by_patient = ClassificationRules(["no", "yes"], by_patient=True).figures(scores, ["x", "x", "y", "y"])
    # means 0.65 and 0.4: both patients right
    assert by_patient["score"] == 1.0
    assert by_patient["nll"] == pytest.approx(-(np.log(0.65) + np.log(0.6)) / 2)


def test_an_orientation_is_judged_by_half_the_doubled_angle() -> None:
    # found 10 deg, drawn -175 deg = 5 deg: 5 deg wrong
    logits = torch.zeros(1, 3, 1, 1)
    logits[0, 1], logits[0, 2] = np.cos(np.deg2rad(20)), np.sin(np.deg2rad(20))
    target = torch.zeros(1, 5, 1, 1)
    target[0, 2], target[0, 3], target[0, 4] = np.cos(np.deg2rad(-350)), np.sin(np.deg2rad(-350)), 1.0
    (score,) = OrientationRules().scores(logits, (target,))
    assert score.values["error_deg"] == pytest.approx(5.0, abs=1e-4)


def test_pretraining_gives_weights_to_begin_with(discs: Path, tmp_path: Path) -> None:
    table = pd.read_csv(discs).drop(columns="mask")
    table.to_csv(discs.parent / "unlabelled.csv", index=False)
    first = train(
        checked_config(tiny(discs.parent / "unlabelled.csv", tmp_path / "pre", task="pretraining"), source="test")
    )
    assert first.metrics["hidden_error"] == -first.metrics["score"] > 0
    config = checked_config(tiny(discs, tmp_path / "run", network={"weights": str(first.checkpoint)}), source="test")
    assert train(config).checkpoint.is_file()
    from mskus.learn import networks

    network = networks.build("small_unet", n_classes=2, channels=[8, 16])
    # only the last layer has another number of channels
    assert load_fitting(network, first.checkpoint) == ["head.1.weight", "head.1.bias"]


def test_the_teacher_moves_the_student_on_unlabelled_pictures_alone(discs: Path, tmp_path: Path) -> None:
    table = pd.read_csv(discs)
    table.loc[table.index < 6, "mask"] = None
    table.to_csv(discs.parent / "half.csv", index=False)
    given = tiny(
        discs.parent / "half.csv",
        tmp_path / "run",
        data={"unlabelled_share": 0.5},
        loss={"consistency": 1.0, "ramp_epochs": 0},
        split={"folds": 2},
    )
    material = gather(checked_config(given, source="test"))
    assert [len(p.groups) for p in material.pools] == [3, 3]
    labels = [p.masks is not None for p in material.training.pictures]
    assert all(labels[n] for g in material.pools[0].groups for n in g)
    assert not any(labels[n] for g in material.pools[1].groups for n in g)
    taught = train(checked_config(given, source="test"))
    alone = {**given, "loss": {"consistency": 1e-12, "ramp_epochs": 0}, "output": {"folder": str(tmp_path / "alone")}}
    other = train(checked_config(alone, source="test"))
    a, b = (torch.load(r.checkpoint, weights_only=True)["head.1.weight"] for r in (taught, other))
    assert (a - b).abs().max() > 1e-5


def test_the_simulator_is_a_source_by_itself_and_knows_what_it_does_not_show(tmp_path: Path) -> None:
    given = tiny(tmp_path / "none.csv", tmp_path / "run")
    given["data"] = {
        "simulator": "muscle",
        "simulated": 3,
        "classes": {"superficial_aponeurosis": 1, "nerve": 2},
        "size": [64, 64],
        "workers": 0,
    }
    given["schedule"] |= {"epochs": 1, "steps_per_epoch": 1}
    config = checked_config(given, source="test")
    result = train(config)
    assert result.metrics == {}
    picture = gather(config).training.picture(0)
    assert picture.weights.tolist() == [1.0, 0.0]
    assert 0.005 < (picture.masks[..., 0] > 127).mean() < 0.3
    assert picture.masks[..., 1].max() == 0


def test_a_label_that_is_learned(discs: Path, tmp_path: Path) -> None:
    given = tiny(discs, tmp_path / "run", task="classification", data={"label": "side", "balance": "classes"})
    material = gather(checked_config(given, source="test"))
    assert material.outputs == ("left", "right")
    image, label = material.held_out[0]
    assert image.shape == (1, 64, 64)
    assert label.item() == ["left", "right"].index(material.split.held_out[0].row["side"])


def test_fragments_teach_orientation_and_phantoms_join_them(tmp_path: Path) -> None:
    rng, rows = np.random.default_rng(0), []
    for n in range(3):
        image = rng.integers(30, 80, (200, 300)).astype(np.uint8)
        mask = np.zeros_like(image)
        cv2.line(mask, (60, 140), (240, 140 - 20 * n), 1, 3)  # rises to the right by arctan(n / 9)
        image[mask == 1] = 220
        cv2.imwrite(str(tmp_path / f"image{n}.png"), image)
        cv2.imwrite(str(tmp_path / f"mask{n}.png"), mask)
        rows.append({"image": f"image{n}.png", "mask": f"mask{n}.png", "patient": n})
    pd.DataFrame(rows).to_csv(tmp_path / "m.csv", index=False)
    given = tiny(
        tmp_path / "m.csv",
        tmp_path / "run",
        task="orientation",
        data={"classes": {}, "simulator": "muscle", "simulated": 2, "simulated_share": 0.5},
        schedule={"epochs": 1, "steps_per_epoch": 1},
    )
    config = checked_config(given, source="test")
    material = gather(config)
    assert [len(p.groups) for p in material.pools] == [2, 2]
    number = int(material.split.held_out[0].image.stem[-1])
    held = material.held_out.pictures[0]
    assert float(np.nanmedian(held.angle_deg)) == pytest.approx(np.rad2deg(np.arctan(number / 9)), abs=1.0)
    result = train(config)
    assert 0 <= result.metrics["error_deg"] <= 90
    image, target = material.held_out[0]
    assert (image.shape, target.shape) == ((1, 192, 320), (5, 192, 320))
    assert torch.equal(material.held_out[0][0], image)  # the view of a held-out picture is fixed


def test_a_network_of_another_kind_is_refused() -> None:
    with pytest.raises(LearnError, match="small_unet is not for classification"):
        make_network(NetworkConfig(name="small_unet"), n_outputs=2, task="classification")
