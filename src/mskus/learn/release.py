"""A trained network becomes a model that others can use: ONNX, features of what it knows, and a card."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mskus.errors import SaveError
from mskus.learn.export import export_onnx, write_card
from mskus.learn.feature_output import WithFeatures
from mskus.learn.manifest import Case
from mskus.learn.networks import parameter_count
from mskus.learn.outlier_fit import Features, fit_outlier, other_looks
from mskus.learn.train.pictures import grey_frame
from mskus.models.cards import Card, Score, TrainingData, sha256_of
from mskus.models.outlier import SUFFIX
from mskus.models.picture import Crop, Intensity, NetworkInput
from mskus.models.runtime import forget


def release(
    network: nn.Module,
    *,
    name: str,
    folder: Path,
    cases: Sequence[Case],
    task: str,
    classes: Sequence[str],
    training_data: Sequence[TrainingData],
    split: str,
    limits: str,
    command: str,
    held_out: Sequence[Case] = (),
    scores: Sequence[Score] = (),
    size: tuple[int, int] = (256, 256),
    crop: Crop = "none",
    intensity: Intensity = "unit",
    seed: int = 0,
    date: str | None = None,
) -> Card:
    """Write ``<name>.onnx`` with logits and features, ``<name>.outlier.npz`` and ``<name>.card.json``.

    Args:
        network: trained; maps ``(N, 1, H, W)`` in [0, 1] to logits.
        name: of the files and for :func:`mskus.models.load`.
        folder: where they go.
        cases: what it was trained on; ``patient`` of each is the patient or near-duplicate group.
        task: what it answers, in a sentence.
        classes: meaning of the output channels.
        training_data: sets with licence and citation.
        split: how the scores were made.
        limits: what it was not made or checked for.
        command: what reproduces it.
        held_out: pictures of the right kind that it has not learned from; they set the limit of the outlier score.
        scores: held-out figures.
        size: ``(H, W)`` of the input.
        crop: how pictures were cut in training; ``content`` cuts black borders off.
        intensity: how grey levels were scaled in training.
        seed: of the training.
        date: ISO date of the training; today by default.

    Returns:
        The card.

    Raises:
        LearnError: if a picture cannot be read, or too few say what is like them.
        ModelError: if the ONNX file answers differently from the network.
        SaveError: if a file cannot be written.
    """
    both = WithFeatures(network, size=size)
    prepared = NetworkInput(size=size, crop=crop, intensity=intensity)

    def seen(of: Sequence[Case]) -> list[NDArray[np.float32]]:
        return [prepared.picture(grey_frame(case)) for case in of]

    def features(of: Sequence[NDArray[np.float32]]) -> Features:
        return np.concatenate([_features(both, picture) for picture in of])

    pictures = seen(cases)
    score = fit_outlier(
        features(pictures),
        groups=[case.patient for case in cases],
        held_out=features(seen(held_out)) if held_out else None,
        held_out_groups=[case.patient for case in held_out],
        looks=features(other_looks(pictures, seed=seed)),
    )
    try:
        digest = export_onnx(both, folder / f"{name}.onnx", size=size)
        companion = folder / f"{name}{SUFFIX}"
        score.save(companion)
        card = Card(
            name=name,
            task=task,
            input_shape=(None, 1, *size),
            input_spacing=prepared.spacing_text,
            input_intensity=prepared.intensity_text,
            classes=tuple(classes),
            training_data=tuple(training_data),
            split=split,
            scores=tuple(scores),
            limits=limits,
            parameters=parameter_count(network),
            seed=seed,
            command=command,
            date=date or datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            sha256=digest,
            files={companion.name: sha256_of(companion)},
        )
        write_card(card, folder)
    except OSError as error:
        raise SaveError(f"{folder} cannot be written: {' '.join(str(error).split())[:120]}.") from error
    forget()  # a network of that name may be in memory
    return card


def _features(both: WithFeatures, picture: NDArray[np.float32]) -> Features:
    with torch.inference_mode():
        return both(torch.from_numpy(picture[None, None]))[1].numpy()
