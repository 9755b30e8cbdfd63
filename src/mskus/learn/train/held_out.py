"""Masks of the pictures that a run did not learn from, so that others can judge it: ``mskus evaluate``, a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mskus.errors import LearnError, SaveError
from mskus.learn.train.config import TrainConfig, read_config
from mskus.learn.train.keep import BEST
from mskus.learn.train.network import make_network
from mskus.learn.train.pictures import grey_frame
from mskus.learn.train.split import read_split
from mskus.models.picture import NetworkInput

_HALF = 0.5


def write_held_out_masks(run: Path, *, out: Path, flips: bool = True) -> list[Path]:
    """Predict the held-out pictures of a segmentation run and write their masks.

    A pixel belongs to the likeliest class where that reaches one half. Over all folds of a cross-validation every
    picture gets one mask, of the network that did not see its patient.

    Args:
        run: output folder of :func:`mskus.learn.train.run.train`.
        out: folder of PNG masks, named as the pictures (with their folders where two share a name), of their size, with
            the manifest's class numbers.
        flips: average with the prediction of the mirrored picture.

    Returns:
        The files.

    Raises:
        LearnError: if the run is not a segmentation of pictures, or its manifest has lost some.
        SaveError: if a mask cannot be written.
    """
    from mskus.learn.manifest import picture_names, read_manifest

    config = read_config(run / "config.yaml")
    if config.task != "segmentation" or config.data.manifest is None or config.data.clip_length:
        raise LearnError(
            f"{run} is not a segmentation of pictures learned from a manifest; only such a run has masks to write."
        )
    # what the run wrote, not a new split: the manifest may have grown since, and folds with it
    cases = read_manifest(config.data.manifest, patient=config.data.patient)
    held_out = read_split(run / "split.csv", cases).held_out
    # over the whole manifest, so that no other fold writes a mask of that name
    name_of = dict(zip(((case.image, case.frame) for case in cases), picture_names(cases), strict=True))
    names = [name_of[case.image, case.frame] for case in held_out]
    network = trained_network(run, config)
    prepared = NetworkInput(size=config.data.size, crop=config.data.crop, intensity=config.data.intensity)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for case, name in zip(held_out, names, strict=True):
        frame = grey_frame(case)
        probability = mean_probability(network, prepared.picture(frame), flips=flips)
        written.append(out / f"{name}.png")
        if not cv2.imwrite(str(written[-1]), _mask(probability, frame, prepared, config)):
            raise SaveError(f"{written[-1]} cannot be written; is there room on the disk?")
    return written


def trained_network(run: Path, config: TrainConfig | None = None) -> nn.Module:
    """The network of a run with its ``best.pt``, ready to answer.

    Raises:
        LearnError: if configuration or weights cannot be read.
    """
    config = config or read_config(run / "config.yaml")
    said = config.network.model_copy(update={"weights": None})
    outputs = len(config.data.classes)
    network = make_network(said, n_outputs=outputs, task=config.task)
    try:
        network.load_state_dict(torch.load(run / BEST, weights_only=True))
    except (OSError, RuntimeError) as error:
        raise LearnError(f"{run / BEST} does not hold this run's weights; train it to its end.") from error
    return network.eval()


def mean_probability(network: nn.Module, picture: NDArray[np.float32], *, flips: bool = True) -> NDArray[np.float32]:
    """``(C, H, W)`` in [0, 1] of one picture ``(H, W)``, averaged with that of the mirrored one if ``flips``."""
    batch = torch.from_numpy(picture)[None, None]
    with torch.inference_mode():
        mean = torch.sigmoid(network(batch))
        if flips:
            mean = (mean + torch.sigmoid(network(batch.flip(-1))).flip(-1)) / 2
    return np.asarray(mean[0].numpy(), np.float32)


def _mask(
    probability: NDArray[np.float32], frame: NDArray[np.uint8], prepared: NetworkInput, config: TrainConfig
) -> NDArray[np.unsignedinteger[Any]]:
    box = prepared.box(frame)
    large = np.stack([cv2.resize(p, (box.w, box.h), interpolation=cv2.INTER_LINEAR) for p in probability])
    values = np.array(list(config.data.classes.values()))
    large[values < 0] = 0.0  # no mask showed it, so what the network says of it was never learned
    mask = np.zeros(frame.shape, np.uint8 if values.max() < 256 else np.uint16)
    mask[box.slices] = np.where(large.max(axis=0) >= _HALF, values[large.argmax(axis=0)], 0)
    return mask
