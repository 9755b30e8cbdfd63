"""From a trained network to the ONNX file and the card that ship."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mskus.models.cards import Card, ModelError, sha256_of

_MOST_DIFFERENT = 1e-3
_NAMES = ("logits", "features")


def export_onnx(
    network: nn.Module,
    path: Path,
    *,
    size: tuple[int, int] = (256, 256),
    free_size: bool = False,
    channels: int = 1,
    frames: int | None = None,
) -> str:
    """Write the network as ONNX, check it against torch, and return the file's SHA-256.

    Args:
        network: trained; of pictures, of clips, a classifier, or one with a second output
            (:class:`mskus.learn.feature_output.WithFeatures`).
        path: file to write.
        size: ``(H, W)`` of the example input.
        free_size: leave height and width free.
        channels: of a picture; 1 is grey.
        frames: of a clip, for a network that takes ``(N, T, C, H, W)``.

    Raises:
        ModelError: if the written file answers differently from the network (more than 1e-3 in a logit).
    """
    network = network.eval()
    if frames is None:
        network = network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    example = _example(size, channels, frames, count=1, seed=0)
    with torch.no_grad():
        answers = _as_tuple(network(example))
    free = {example.dim() - 2: "height", example.dim() - 1: "width"} if free_size else {}
    axes = {"image": {0: "batch", **free}}
    for name, answer in zip(_NAMES, answers, strict=False):
        axes[name] = {0: "batch", **(free if answer.dim() == example.dim() else {})}
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=["image"],
            output_names=list(_NAMES[: len(answers)]),
            dynamic_axes=axes,
        )
    worst = largest_difference(network, path, size=size, channels=channels, frames=frames)
    if worst > _MOST_DIFFERENT:
        raise ModelError(f"{path.name} differs from the trained network by {worst:.2g} in a logit; do not ship it.")
    return sha256_of(path)


def largest_difference(
    network: nn.Module, path: Path, *, size: tuple[int, int], channels: int = 1, frames: int | None = None
) -> float:
    """Largest absolute difference of an answer between torch and ONNX Runtime on two seeded pictures."""
    import onnxruntime

    pictures = _example(size, channels, frames, count=2, seed=1)
    with torch.no_grad():
        expected = _as_tuple(network(pictures))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"image": pictures.numpy()})
    # a file may answer features beside the logits of the bare network
    return max(float(np.abs(np.asarray(f) - e.numpy()).max()) for f, e in zip(found, expected, strict=False))


def write_card(card: Card, folder: Path) -> Path:
    """Write ``<name>.card.json`` beside the network."""
    path = folder / f"{card.name}.card.json"
    path.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def _example(size: tuple[int, int], channels: int, frames: int | None, *, count: int, seed: int) -> Tensor:
    shape = (channels, *size) if frames is None else (frames, channels, *size)
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))


def _as_tuple(answer: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return answer if isinstance(answer, tuple) else (answer,)
