"""What a network costs: parameters and multiplications, which are exact, and the time of a frame, which is measured."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass
from functools import lru_cache

import torch
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt
from torch import Tensor, nn

from mskus.learn.networks.registry import parameter_count
from mskus.learn.search.genotype import Genotype
from mskus.learn.search.network import build_genotype


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one picture.

    Attributes:
        parameters: trainable numbers.
        multiplications: of the convolutions, in millions.
    """

    parameters: int
    multiplications: float


class Limits(BaseModel):
    """What a network may cost at most; None is no limit.

    Attributes:
        max_parameters: trainable numbers.
        max_multiplications: millions a picture of the search's size.
        max_ms: milliseconds of a frame in torch, measured on this machine with one thread; a search with it is not
            repeated exactly, because times are not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_parameters: PositiveInt | None = None
    max_multiplications: PositiveFloat | None = None
    max_ms: PositiveFloat | None = None

    def allow(self, genotype: Genotype, *, n_classes: int, size: tuple[int, int]) -> bool:
        """Whether the network of a genotype stays below all limits; time is measured last."""
        exact = (self.max_parameters, self.max_multiplications)
        if exact != (None, None):
            cost = cost_of(genotype, n_classes=n_classes, size=size)
            for value, limit in zip((cost.parameters, cost.multiplications), exact, strict=True):
                if limit is not None and value > limit:
                    return False
        return self.max_ms is None or frame_ms(build_genotype(genotype, n_classes), size=size) <= self.max_ms


@lru_cache(maxsize=4096)
def cost_of(genotype: Genotype, *, n_classes: int, size: tuple[int, int]) -> Cost:
    """Exact cost, counted without memory for weights or pictures.

    Args:
        genotype: of the network.
        n_classes: output channels.
        size: ``(H, W)`` of the picture.
    """
    with torch.device("meta"):
        network = build_genotype(genotype, n_classes)
        picture = torch.zeros(1, 1, *size)
    return Cost(parameters=parameter_count(network), multiplications=multiplications(network, picture) / 1e6)


def multiplications(network: nn.Module, picture: Tensor) -> int:
    """Multiplications of the convolutions for a picture ``(1, C, H, W)``.

    A convolution has (kernel area) (features in / groups) (output pixels) (features out) of them; a transposed one the
    same with input pixels and the roles of the features exchanged.

    Example:
        >>> multiplications(nn.Conv2d(2, 4, 3, padding=1), torch.zeros(1, 2, 5, 5))
        1800
    """
    total = 0

    def count(layer: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
        nonlocal total
        assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
        places = (given[0] if isinstance(layer, nn.ConvTranspose2d) else made).shape[2:]
        total += layer.weight.numel() * math.prod(places)

    counted = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [layer.register_forward_hook(count) for layer in counted]
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(picture)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return total


def frame_ms(network: nn.Module, *, size: tuple[int, int], runs: int = 5) -> float:
    """Median milliseconds of a frame in torch on one thread; the first, which sets up, is not counted."""
    network = network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    picture = torch.zeros(1, 1, *size).contiguous(memory_format=torch.channels_last)
    threads, taken = torch.get_num_threads(), []
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            for _ in range(runs + 1):
                started = time.perf_counter()
                network(picture)
                taken.append(1e3 * (time.perf_counter() - started))
    finally:
        torch.set_num_threads(threads)
    return statistics.median(taken[1:])
