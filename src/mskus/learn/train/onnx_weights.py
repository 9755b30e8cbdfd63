"""Shipped networks are ONNX files; their weights come back into the torch network that they were exported from.

The export folds batch normalisation into the convolution before it. So the folded kernels are loaded and the
normalisation becomes the identity with the folded bias; the two then answer alike, and training goes on from there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from mskus.errors import LearnError
from mskus.learn.export import largest_difference
from mskus.learn.networks import SmallUNet

_LAYERS = {"Conv": nn.Conv2d, "ConvTranspose": nn.ConvTranspose2d, "Gemm": nn.Linear}
LARGEST_DIFFERENCE = 1e-3


def network_of(path: Path, *, size: tuple[int, int]) -> SmallUNet:
    """The torch network of a shipped ONNX file, with its weights.

    Args:
        path: the ONNX file.
        size: ``(H, W)`` to compare the two at.

    Raises:
        LearnError: if it is another kind of network, or torch and ONNX answer differently.
    """
    graph = onnx.load(str(path)).graph
    # only the way down halves the picture; its widths are the network's
    channels = [kernel.shape[0] for kernel, _, strides in _layers(graph) if strides[:1] == [2]]
    outputs = [kernel.shape[0] for kernel, _, _ in _layers(graph)][-1] // 4
    try:
        network = SmallUNet(outputs, channels=channels)
        load_onnx_weights(network, path, size=size)
    except (ValueError, IndexError) as error:
        raise LearnError(f"{path.name} is not a network that can be fine-tuned here.") from error
    return network


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
    stored = _layers(onnx.load(str(path)).graph)
    own = _running_order(network.eval(), size)
    if [k.shape for k, _, _ in stored] != [tuple(layer.weight.shape) for layer, _ in own]:
        raise LearnError(f"The layers of {path.name} do not fit this network ({len(stored)} and {len(own)} layers).")
    with torch.no_grad():
        for (kernel, bias, _), (layer, norm) in zip(stored, own, strict=True):
            layer.weight.copy_(torch.from_numpy(kernel))
            if norm is not None:
                _make_identity(norm)
            receiver = layer.bias if norm is None else norm.bias
            if receiver is not None:
                receiver.copy_(torch.zeros_like(receiver) if bias is None else torch.from_numpy(bias))
                if norm is not None and layer.bias is not None:
                    layer.bias.zero_()
    worst = largest_difference(network, path, size=size)  # type: ignore[arg-type]
    if worst > LARGEST_DIFFERENCE:
        raise LearnError(f"torch and {path.name} differ by {worst:.2g} in a logit; its weights cannot be used.")
    return worst


Layer = tuple[NDArray[np.float32], NDArray[np.float32] | None, list[int]]


def _layers(graph: onnx.GraphProto) -> list[Layer]:
    """Kernel, bias and strides of every layer with weights, in the order of the graph, which is that of running."""
    arrays = {i.name: numpy_helper.to_array(i).copy() for i in graph.initializer}
    found: list[Layer] = []
    for node in graph.node:
        if node.op_type in _LAYERS and node.input[1] in arrays:
            strides = [list(a.ints) for a in node.attribute if a.name == "strides"]
            bias = arrays.get(node.input[2]) if len(node.input) > 2 else None
            found.append((arrays[node.input[1]], bias, strides[0] if strides else []))
    return found


def _running_order(network: nn.Module, size: tuple[int, int]) -> list[tuple[nn.Conv2d, nn.BatchNorm2d | None]]:
    """Layers with weights in the order in which they run, each with the normalisation that runs right after it."""
    order: list[nn.Module] = []
    kinds = (*_LAYERS.values(), nn.modules.batchnorm._BatchNorm)
    hooks = [
        m.register_forward_hook(lambda module, *_: order.append(module))
        for m in network.modules()
        if isinstance(m, kinds)
    ]
    with torch.no_grad():
        network(torch.zeros(1, 1, *size))
    for hook in hooks:
        hook.remove()
    pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d | None]] = []
    for module in order:
        if isinstance(module, nn.BatchNorm2d) and pairs and pairs[-1][1] is None:
            pairs[-1] = (pairs[-1][0], module)
        elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            pairs.append((module, None))  # type: ignore[arg-type]
    return pairs


def _make_identity(norm: nn.BatchNorm2d) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.zero_()
    norm.running_var.fill_(1.0 - norm.eps)
    norm.weight.fill_(1.0)
