"""Shipped networks are ONNX files; their weights come back into the torch network that they were exported from.

The export folds batch normalisation into the convolution before it, where there is one. So the folded kernel is loaded
and the normalisation becomes the identity with the folded bias; the two then answer alike, and training goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from mskus.errors import LearnError
from mskus.learn.export import largest_difference
from mskus.learn.networks import NETWORKS, build
from mskus.models.cards import card, checked_file

LARGEST_DIFFERENCE = 1e-3
_KINDS: dict[str, tuple[type[nn.Module], ...]] = {
    "Conv": (nn.Conv2d,),
    "ConvTranspose": (nn.ConvTranspose2d,),
    "Gemm": (nn.Linear,),
    "BatchNormalization": (nn.BatchNorm2d,),
}


@dataclass(frozen=True, eq=False)
class Stored:
    """A layer of the file: operation, arrays (kernel and bias, or scale, shift, mean, variance), strides."""

    operation: str
    arrays: tuple[NDArray[np.float32], ...]
    strides: tuple[int, ...]


def network_of(path: Path, *, n_classes: int, size: tuple[int, int]) -> tuple[str, dict[str, Any], nn.Module]:
    """The torch network of a shipped ONNX file, with its weights.

    Args:
        path: the ONNX file.
        n_classes: output channels.
        size: ``(H, W)`` to compare the two at.

    Returns:
        Name and options for :func:`mskus.learn.networks.build`, and the network.

    Raises:
        LearnError: if no named network fits, or torch and ONNX answer differently.
    """
    layers = _stored_layers(path)
    # of the small U-Net only the way down halves the picture; its widths are the network's
    channels = [layer.arrays[0].shape[0] for layer in layers if layer.strides[:1] == (2,)]
    tried: list[tuple[str, dict[str, Any]]] = [("small_unet", {"channels": channels})] if channels else []
    tried += [(name, {}) for name, one in NETWORKS.items() if one.kind == "segmentation"]
    for name, options in tried:
        network = build(name, n_classes=n_classes, **options)
        if _fits(network, layers, size):
            load_onnx_weights(network, path, size=size)
            return name, options, network
    raise LearnError(f"{path.name} is none of the named networks, so it cannot be fine-tuned here.")


def shipped_network(name: str, *, pictures: Tensor | None = None) -> nn.Module:
    """A shipped network as one to begin a training with.

    Args:
        name: of ``mskus models``.
        pictures: ``(N, 1, H, W)`` like those to come. With them the folded normalisation is undone on them, see
            :func:`unfold_normalisation`; without, it stays the identity and suits frozen normalisation only.

    Raises:
        LearnError: if it is none of the named networks.
        ModelError: if it is missing or has been changed.
    """
    known = card(name)
    height, width = known.input_shape[-2:]
    size = (height or 256, width or 256)
    _, _, network = network_of(checked_file(name), n_classes=len(known.classes), size=size)
    if pictures is not None:
        unfold_normalisation(network, pictures)
    return network


def unfold_normalisation(network: nn.Module, pictures: Tensor) -> None:
    r"""Give batch normalisation its work back: its statistics are those of the pictures, its answer stays what it is.

    A layer that adds :math:`b` becomes :math:`\sigma (x - \mu) / \sigma + (\mu + b)` with the mean :math:`\mu` and
    the standard deviation :math:`\sigma` of each channel, so that a training, which normalises by its batch, begins
    where the network stood.

    Args:
        network: of :func:`network_of`; changed in place, left in evaluation mode.
        pictures: ``(N, 1, H, W)``.
    """

    def unfold(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        weight, bias, mean, variance = _numbers(module)
        assert isinstance(module, nn.BatchNorm2d)
        spread, middle = torch.var_mean(given[0], dim=(0, 2, 3), correction=0)
        before = weight / (variance + module.eps).sqrt()
        bias.add_(before * (middle - mean))
        weight.copy_(before * (spread + module.eps).sqrt())
        mean.copy_(middle)
        variance.copy_(spread)

    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [module.register_forward_pre_hook(unfold) for module in norms]
    with torch.no_grad():
        network.eval()(pictures)
    for hook in hooks:
        hook.remove()


def load_onnx_weights(network: nn.Module, path: Path, *, size: tuple[int, int]) -> float:
    """Load the weights of an ONNX file into the network that it was exported from.

    Layers are matched in the order in which they run.

    Args:
        network: changed in place; left in evaluation mode.
        path: the ONNX file.
        size: ``(H, W)`` of an input.

    Returns:
        Largest difference of a logit between torch and ONNX on a seeded picture.

    Raises:
        LearnError: if the layers do not fit, or the two answer differently by more than 0.001.
    """
    layers = _stored_layers(path)
    if not _fits(network, layers, size):
        raise LearnError(f"The layers of {path.name} do not fit this network.")
    before: nn.Module = network
    with torch.no_grad():
        for module, layer, folded in _pairs(network, layers, size):
            if layer is None:
                _make_identity(module, shift=folded)
                if len(_numbers(before)) > 1:  # the folded bias must not count twice
                    _numbers(before)[1].zero_()
            elif isinstance(module, nn.BatchNorm2d):
                for own, array in zip(_numbers(module), layer.arrays, strict=True):
                    own.copy_(torch.from_numpy(array))
            else:
                _load(module, layer)
            before = module
    worst = largest_difference(network, path, size=size)
    if worst > LARGEST_DIFFERENCE:
        raise LearnError(f"torch and {path.name} differ by {worst:.2g} in a logit; its weights cannot be used.")
    return worst


def _stored_layers(path: Path) -> list[Stored]:
    """Layers with weights, in the order of the graph, which is that of running."""
    graph = onnx.load(str(path)).graph
    arrays = {i.name: numpy_helper.to_array(i).copy() for i in graph.initializer}
    return [
        Stored(
            node.op_type,
            tuple(arrays[name] for name in node.input[1:] if name in arrays),
            tuple(n for a in node.attribute if a.name == "strides" for n in a.ints),
        )
        for node in graph.node
        if node.op_type in _KINDS and node.input[1] in arrays
    ]


Pair = tuple[nn.Module, Stored | None, NDArray[np.float32] | None]


def _pairs(network: nn.Module, layers: list[Stored], size: tuple[int, int]) -> Iterator[Pair]:
    """Every layer with its stored one; a normalisation that was folded has none, but the bias it was folded into."""
    rest, bias = list(layers), None
    for module in _running_order(network, size):
        folded = isinstance(module, nn.BatchNorm2d) and not (rest and rest[0].operation == "BatchNormalization")
        layer = None if folded or not rest else rest.pop(0)
        yield module, layer, bias if folded else None
        bias = layer.arrays[1] if layer is not None and len(layer.arrays) == 2 else None


def _fits(network: nn.Module, layers: list[Stored], size: tuple[int, int]) -> bool:
    try:
        pairs = list(_pairs(network, layers, size))
    except RuntimeError:  # a network that cannot take this size is not the one
        return False
    used = 0
    for module, layer, bias in pairs:
        if layer is None:
            if not isinstance(module, nn.BatchNorm2d) or bias is None or len(bias) != module.num_features:
                return False
        elif not isinstance(module, _KINDS[layer.operation]) or _numbers(module)[0].shape != layer.arrays[0].shape:
            return False
        used += layer is not None
    return used == len(layers)


def _running_order(network: nn.Module, size: tuple[int, int]) -> list[nn.Module]:
    order: list[nn.Module] = []
    kinds = tuple(kind for kinds in _KINDS.values() for kind in kinds)
    hooks = [
        m.register_forward_hook(lambda module, *_: order.append(module))
        for m in network.modules()
        if isinstance(m, kinds)
    ]
    with torch.no_grad():
        network.eval()(torch.zeros(1, 1, *size))
    for hook in hooks:
        hook.remove()
    return order


def _numbers(module: nn.Module) -> list[Tensor]:
    """Tensors of a layer in the order in which ONNX stores them."""
    names = ["weight", "bias", "running_mean", "running_var"]
    return [t for t in (getattr(module, name, None) for name in names) if t is not None]


def _load(module: nn.Module, layer: Stored) -> None:
    own = _numbers(module)
    own[0].copy_(torch.from_numpy(layer.arrays[0]))
    if len(own) > 1:
        own[1].copy_(torch.from_numpy(layer.arrays[1]) if len(layer.arrays) > 1 else torch.zeros_like(own[1]))


def _make_identity(norm: nn.Module, *, shift: NDArray[np.float32] | None) -> None:
    assert isinstance(norm, nn.BatchNorm2d)
    weight, bias, mean, variance = _numbers(norm)
    weight.fill_(1.0)
    bias.copy_(torch.zeros_like(bias) if shift is None else torch.from_numpy(shift))
    mean.zero_()
    variance.fill_(1.0 - norm.eps)
