"""A second output for any network: what it sees at every scale, as one row of numbers a picture."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from mskus.errors import LearnError

_ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.SiLU, nn.GELU, nn.ELU)


class WithFeatures(nn.Module):
    """A copy of the network that answers ``(logits, features)``.

    Features are the means over the picture of the last activation of every scale on the way down to the coarsest one.

    Args:
        network: any with activation layers.
        size: ``(H, W)`` of the pictures.
        channels: of the pictures.

    Raises:
        LearnError: if there is no activation layer to look at.

    Example:
        >>> from mskus.learn.networks import SmallUNet
        >>> answer = WithFeatures(SmallUNet(2, channels=(8, 16)), size=(32, 32))(torch.zeros(3, 1, 32, 32))
        >>> [tuple(a.shape) for a in answer]
        [(3, 2, 32, 32), (3, 24)]
    """

    def __init__(self, network: nn.Module, *, size: tuple[int, int], channels: int = 1) -> None:
        super().__init__()
        self.network = deepcopy(network).eval()
        self._means: list[Tensor] = []
        self._areas: list[int] = []
        for module in self.network.modules():
            if isinstance(module, _ACTIVATIONS):
                module.register_forward_hook(self._look)
        self._kept: list[int] = []
        with torch.no_grad():
            self(torch.zeros(1, channels, *size))
        self._kept = _last_of_each_scale(self._areas)
        if not self._kept:
            raise LearnError(f"{type(network).__name__} has no activation layer of a picture to take features from.")

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and ``(N, D)`` features."""
        self._means.clear()
        self._areas.clear()
        logits = self.network(image)
        kept = [self._means[k] for k in self._kept]
        return logits, torch.cat(kept, dim=1) if kept else image.new_zeros(len(image), 0)

    def _look(self, _module: nn.Module, _given: Any, activation: Tensor) -> None:
        # the mean is taken at once: what follows may change the activation in place
        flat = activation.dim() != 4
        self._means.append(activation if flat else activation.mean(dim=(2, 3)))
        self._areas.append(0 if flat else int(activation.shape[2] * activation.shape[3]))


def coarsest_activation(network: nn.Module, *, size: tuple[int, int]) -> nn.Module:
    """The last activation layer at the coarsest scale.

    Args:
        network: of pictures; left as it is.
        size: ``(H, W)`` of the pictures.

    Raises:
        LearnError: if there is no activation layer of a picture.
    """
    seen: list[tuple[nn.Module, int]] = []

    def look(module: nn.Module, _given: Any, activation: Tensor) -> None:
        seen.append((module, int(activation.shape[2] * activation.shape[3]) if activation.dim() == 4 else 0))

    hooks = [m.register_forward_hook(look) for m in network.modules() if isinstance(m, _ACTIVATIONS)]
    with torch.no_grad():
        network(torch.zeros(1, 1, *size))
    for hook in hooks:
        hook.remove()
    kept = _last_of_each_scale([area for _, area in seen])
    if not kept:
        raise LearnError(f"{type(network).__name__} has no activation layer of a picture to look at.")
    return seen[kept[-1]][0]


def _last_of_each_scale(areas: list[int]) -> list[int]:
    """Which calls are the last at their scale before a coarser one, up to the coarsest; single pixels are no scale.

    >>> _last_of_each_scale([64, 64, 16, 1, 4, 4, 16, 64])
    [1, 2, 5]
    """
    kept: list[int] = []
    for call, area in enumerate(areas):
        if area <= 1 or (kept and area > areas[kept[-1]]):
            continue
        if kept and area == areas[kept[-1]]:
            kept[-1] = call
        else:
            kept.append(call)
    return kept
