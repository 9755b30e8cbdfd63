"""Transfer: a shipped network goes on learning from a user's few pictures.

The weights of the ONNX file come back into torch, a short training with low rate and frozen normalisation follows, and
the gain is measured on patients that the fine-tuned network has not seen.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from mskus.errors import LearnError, SaveError
from mskus.learn.card_scores import mean_by_patient, mean_score
from mskus.learn.export import export_onnx, write_card
from mskus.learn.manifest import Case, read_manifest, write_table
from mskus.learn.outlier_fit import LEAST_GROUPS
from mskus.learn.release import release
from mskus.learn.train.config import TrainConfig, checked_config
from mskus.learn.train.judge import judge
from mskus.learn.train.keep import serialised
from mskus.learn.train.material import gather
from mskus.learn.train.onnx_weights import network_of
from mskus.learn.train.run import train
from mskus.models.cards import Card, TrainingData, card, checked_file
from mskus.models.picture import NetworkInput
from mskus.statistics.estimate import Estimate

_MOST_FOLDS = 10
_STEPS_PER_EPOCH = 20


@dataclass(frozen=True, kw_only=True)
class FinetuneResult:
    """What fine-tuning gave.

    Attributes:
        onnx: the new network; its card lies beside it.
        scores: one row a picture: before and after, by a network that had not seen the patient; empty for one patient.
        gain: mean difference of each figure, after less before, drawn by patient.
    """

    onnx: Path
    scores: pd.DataFrame
    gain: dict[str, Estimate]


def finetune(
    model: str,
    *,
    manifest: Path,
    out: Path,
    classes: Mapping[str, int] | None = None,
    steps: int = 200,
    rate: float = 3e-4,
    batch: int = 8,
    seed: int = 0,
    patient: str = "patient",
    folder: Path | None = None,
    command: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> FinetuneResult:
    """Fine-tune a shipped network; the same call in the same folder goes on where it was stopped.

    Args:
        model: its name, one of ``mskus models``.
        manifest: the user's pictures with masks.
        out: folder for the new network, its card and the figures.
        classes: number of each structure in the masks; structures of the network that are not named are not drawn and
            keep no loss. By default 1, 2 ... in the order of the card.
        steps: optimiser steps, rounded up to whole epochs of 20.
        rate: highest learning rate.
        batch: pictures a step.
        seed: of everything.
        patient: column that says who.
        folder: where the network lies; among the shipped and the user's own by default.
        command: what the card says reproduces it.
        say: takes a line of progress.

    Raises:
        LearnError: if the network or the data cannot be used.
        ModelError: if there is no such network.
        SaveError: if the results cannot be written.
    """
    known = card(model, folder=folder)
    size = _input_size(known)
    prepared = NetworkInput.of(known.model_copy(update={"input_shape": (*known.input_shape[:2], *size)}))
    name, options, network = network_of(checked_file(model, folder=folder), n_classes=len(known.classes), size=size)
    first = out / "before.pt"
    try:
        out.mkdir(parents=True, exist_ok=True)
        first.write_bytes(serialised(network.state_dict()))
    except OSError as error:
        raise SaveError(f"{out} cannot be written: {' '.join(str(error).split())[:120]}.") from error
    recipe = _Recipe(
        card=known,
        given={
            "task": "orientation" if _is_orientation(known) else "segmentation",
            "seed": seed,
            "data": {
                "manifest": str(manifest),
                "classes": {} if _is_orientation(known) else _numbers(known, classes),
                "size": size,
                "crop": prepared.crop,
                "intensity": prepared.intensity,
                "patient": patient,
                "workers": 0,
            },
            "network": {"name": name, "weights": str(first), "options": options},
            "schedule": {
                "epochs": -(-steps // _STEPS_PER_EPOCH),
                "steps_per_epoch": _STEPS_PER_EPOCH,
                # one look at the held-out patients, at the end: nothing is chosen by it
                "validate_every": -(-steps // _STEPS_PER_EPOCH),
                "batch": batch,
                "rate": rate,
                "averaging": 0.95,
                "precision": "32",
                "freeze_statistics": True,
            },
        },
    )
    scores = _compare(recipe, network, out=out, patient=patient, say=say)
    say("training on all pictures")
    config = recipe.config({"folds": 0}, out / "all")
    done = train(config, resume=True)
    network.load_state_dict(torch.load(done.checkpoint, weights_only=True))
    gain = _gain(scores)
    made = f"{model}_finetuned"
    n = len(pd.read_csv(done.folder / "split.csv"))
    info = _derived_card(known, made, n, scores, seed=seed, command=command, manifest=manifest.name)
    cases = [case for case in read_manifest(manifest, patient=patient) if case.mask is not None]
    _ship(network, info, cases=cases, prepared=prepared, out=out)
    return FinetuneResult(onnx=out / f"{made}.onnx", scores=scores, gain=gain)


@dataclass(frozen=True)
class _Recipe:
    card: Card
    given: dict[str, Any]

    def config(self, split: dict[str, Any], folder: Path) -> TrainConfig:
        return checked_config(
            {**self.given, "split": split, "output": {"folder": str(folder), "tensorboard": False}}, source="finetune"
        )


def _compare(
    recipe: _Recipe, before: nn.Module, *, out: Path, patient: str, say: Callable[[str], None]
) -> pd.DataFrame:
    """Before and after on every picture, each by a network that had not seen its patient."""
    cases = read_manifest(Path(recipe.given["data"]["manifest"]), patient=patient)
    patients = {c.patient for c in cases if c.mask is not None}
    if len(patients) < 2:
        say("one patient only: the gain cannot be measured on other patients")
        return pd.DataFrame()
    folds = min(len(patients), _MOST_FOLDS)
    rows = []
    for fold in range(folds):
        config = recipe.config({"folds": folds, "fold": fold}, out / f"fold{fold}")
        after = pd.read_csv(train(config, resume=True).folder / "scores.csv")
        judged = [score.values for score in judge(before, gather(config))]
        names = list(judged[0])
        for row, old in zip(after.to_dict("records"), judged, strict=True):
            rows.append(
                {"image": row["image"], "patient": row["patient"]}
                | {f"{name} before": old[name] for name in names}
                | {f"{name} after": row[name] for name in names}
            )
        say(f"held-out part {fold + 1} of {folds} done")
    table = pd.DataFrame(rows)
    write_table(table, out / "before_after.csv")
    return table


def _gain(scores: pd.DataFrame) -> dict[str, Estimate]:
    gains = {}
    for name in (c.removesuffix(" after") for c in scores.columns if c.endswith(" after")):
        difference = (scores[f"{name} after"] - scores[f"{name} before"]).to_numpy(float)
        seen = np.isfinite(difference)
        if seen.any():
            gains[name] = mean_by_patient(difference[seen], scores["patient"].to_numpy()[seen])
    return gains


def _ship(network: nn.Module, info: Card, *, cases: Sequence[Case], prepared: NetworkInput, out: Path) -> None:
    """Network and card; of enough patients also the features that tell pictures unlike theirs."""
    if not _is_orientation(info) and len({case.patient for case in cases}) >= LEAST_GROUPS:
        release(
            network,
            name=info.name,
            folder=out,
            cases=cases,
            task=info.task,
            classes=info.classes,
            training_data=info.training_data,
            split=info.split,
            limits=info.limits,
            command=info.command,
            scores=info.scores,
            size=prepared.size,
            crop=prepared.crop,
            intensity=prepared.intensity,
            seed=info.seed,
        )
        return
    limits = f"{info.limits} This network does not warn of them: that takes {LEAST_GROUPS} patients."
    try:
        digest = export_onnx(network, out / f"{info.name}.onnx", size=prepared.size, free_size=_is_orientation(info))
        write_card(info.model_copy(update={"sha256": digest, "limits": limits}), out)
    except OSError as error:
        raise SaveError(f"{out} cannot be written: {' '.join(str(error).split())[:120]}.") from error


def _derived_card(
    known: Card, name: str, pictures: int, scores: pd.DataFrame, *, seed: int, command: str, manifest: str
) -> Card:
    patients = scores["patient"].to_numpy() if len(scores) else np.empty(0)
    measured = [
        mean_score(
            scores[column].to_numpy(float),
            patients,
            metric=f"mean {column} fine-tuning",
            data=manifest,
            split="patients left out of the fine-tuning",
            kind="user's data",
        )
        for column in scores.columns
        if column.endswith((" before", " after"))
    ]
    own = TrainingData(name=manifest, pictures=pictures, licence="the user's own", citation="none")
    return known.model_copy(
        update={
            "name": name,
            "training_data": (*known.training_data, own),
            "split": "folds by patient for the scores; the network itself was fine-tuned on all pictures",
            "scores": tuple(score for score in measured if score is not None),
            "limits": f"Derived from {known.name} (SHA-256 {known.sha256[:12]}) by fine-tuning. {known.limits}",
            "seed": seed,
            "command": command or f"mskus finetune {known.name} --manifest {manifest}",
            "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            "sha256": "",
            "files": {},
            "intervals": {},
        }
    )


def _is_orientation(known: Card) -> bool:
    return "orientation_cos_2t" in known.classes


def _input_size(known: Card) -> tuple[int, int]:
    height, width = known.input_shape[2:4]
    return (height or 192, width or 320)


def _numbers(known: Card, given: Mapping[str, int] | None) -> dict[str, int]:
    if given is None:
        return {name: n for n, name in enumerate(known.classes, start=1)}
    unknown = sorted(set(given) - set(known.classes))
    if unknown:
        raise LearnError(f"{known.name} has no structure {unknown[0]!r}; it finds {', '.join(known.classes)}.")
    absent = iter(range(-1, -len(known.classes) - 1, -1))
    return {name: given.get(name, next(absent)) for name in known.classes}
