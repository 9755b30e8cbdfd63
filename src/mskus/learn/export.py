"""From a trained network to the ONNX file and the card that ship."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mskus.models.cards import Card, ModelError


def export_onnx(network: nn.Module, path: Path, *, size: tuple[int, int] = (256, 256), free_size: bool = False) -> str:
    """Write the network as ONNX, check it against torch, and return the file's SHA-256.

    Args:
        network: trained, in evaluation mode.
        path: file to write.
        size: ``(H, W)`` of the example input.
        free_size: leave height and width free.

    Raises:
        ModelError: if the written file answers differently from the network (more than 1e-3 in a logit).
    """
    network = network.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    example = torch.rand(1, 1, *size, generator=torch.Generator().manual_seed(0))
    axes = {0: "batch", 2: "height", 3: "width"} if free_size else {0: "batch"}
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
            output_names=["logits"],
            dynamic_axes={"image": axes, "logits": axes},
        )
    worst = largest_difference(network, path, size=size)
    if worst > 1e-3:
        raise ModelError(f"{path.name} differs from the trained network by {worst:.2g} in a logit; do not ship it.")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def largest_difference(network: nn.Module, path: Path, *, size: tuple[int, int]) -> float:
    """Largest absolute difference of a logit between torch and ONNX Runtime on a seeded picture."""
    import onnxruntime

    picture = torch.rand(2, 1, *size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = network(picture).numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"image": picture.numpy()})[0]
    return float(np.abs(np.asarray(found) - expected).max())


def write_card(card: Card, folder: Path) -> Path:
    """Write ``<name>.card.json`` beside the network."""
    path = folder / f"{card.name}.card.json"
    path.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path
