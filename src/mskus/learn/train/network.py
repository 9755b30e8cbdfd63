"""The network of a run, with weights of an earlier one where they fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from mskus.errors import LearnError
from mskus.learn import networks
from mskus.learn.train.config import NetworkConfig, Task, names_a_model


def make_network(
    config: NetworkConfig, *, n_outputs: int, task: Task, clips: bool = False, pictures: Tensor | None = None
) -> nn.Module:
    """Build the network and load what fits of its first weights.

    Args:
        config: name, options and weights.
        n_outputs: channels or classes.
        task: of the run.
        clips: whether examples are clips.
        pictures: ``(N, 1, H, W)`` training pictures, for the normalisation of a shipped network, see
            :func:`mskus.learn.train.onnx_weights.shipped_network`.

    Raises:
        LearnError: if the name or an option is not known, or nothing of the weights fits.
        ModelError: if the shipped network that is named is missing or has been changed.
    """
    wanted = "classification" if task == "classification" else "segmentation"
    wanted = f"clip {wanted}" if clips else wanted
    if networks.kind_of(config.name) != wanted:
        fitting = ", ".join(name for name, n in networks.NETWORKS.items() if n.kind == wanted)
        of = f"{task} of clips (data.clip_length)" if clips else f"{task} of single pictures"
        raise LearnError(f"The network {config.name} is not for {of}; choose among {fitting}.")
    try:
        network = networks.build(config.name, n_classes=n_outputs, **config.options)
    except (TypeError, ValueError) as error:  # ValueError is what MONAI says of lengths that do not match
        raise LearnError(f"The network {config.name} does not take these options: {error}.") from error
    if config.weights is not None and names_a_model(config.weights):
        from mskus.learn.train.onnx_weights import shipped_network

        shipped = shipped_network(config.weights.name, pictures=pictures)
        _take_fitting(network, shipped.state_dict(), source=f"the network {config.weights}")
    elif config.weights is not None:
        load_fitting(network, config.weights)
    return network


def load_fitting(network: nn.Module, path: Path) -> list[str]:
    """Load the layers of a ``state_dict`` file that fit by name and shape; say which were left at random.

    Args:
        network: changed in place.
        path: file of tensors; no code is loaded.

    Returns:
        Names of the network's parameters that were not in the file or had another shape.

    Raises:
        LearnError: if the file cannot be read or fits nowhere.
    """
    try:
        saved = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch raises many kinds for a file that is not its own
        raise LearnError(f"{path} cannot be read as weights: {' '.join(str(error).split())[:100]}.") from error
    return _take_fitting(network, saved, source=str(path))


def _take_fitting(network: nn.Module, saved: Mapping[str, Tensor], *, source: str) -> list[str]:
    own = network.state_dict()
    fitting = {name: t for name, t in saved.items() if name in own and own[name].shape == t.shape}
    if not any(t.dim() > 1 for t in fitting.values()):
        raise LearnError(f"No layer of {source} fits this network; give the weights of the same network.")
    network.load_state_dict(fitting, strict=False)
    return [name for name, _ in network.named_parameters() if name not in fitting]
