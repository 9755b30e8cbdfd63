"""The network of a genotype: a stem at half of the resolution, cells down, cells up, a sub-pixel head.

Source: Weng et al. 2019, NAS-UNet (IEEE Access 7:44247). Other than there, the finest cell works at half of the
resolution and the head predicts four sub-pixels a position (Shi et al. 2016, arXiv 1609.05158), for speed on a
processor; and the first input of a down cell is halved by averaging, not by leaving pixels out.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from mskus.learn.networks.blocks import conv_bn_relu
from mskus.learn.search.genotype import Cell, Genotype, kind_of, read_genotype
from mskus.learn.search.operations import operation


class SearchedCell(nn.Module):
    """The nodes of a cell.

    Args:
        name: ``down`` or ``up``.
        cell: nodes.
        first: what brings input 0 to ``width`` features at the resolution that the cell reads.
        second: the same for input 1.
        width: features of a node.
    """

    def __init__(
        self, name: Literal["down", "up"], cell: Cell, *, first: nn.Module, second: nn.Module, width: int
    ) -> None:
        super().__init__()
        self.sources = [(a.source, b.source) for a, b in cell]
        self.first, self.second = first, second
        self.edges = nn.ModuleList(
            operation(kind_of(name, edge.source), edge.operation, width=width) for node in cell for edge in node
        )

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """All nodes side by side: ``(N, nodes * width, H, W)``."""
        states = [self.first(first), self.second(second)]
        edges = iter(self.edges)
        for a, b in self.sources:
            states.append(next(edges)(states[a]) + next(edges)(states[b]))
        return torch.cat(states[2:], dim=1)


class SearchedUNet(nn.Module):
    """Maps ``(N, in_channels, H, W)`` in [0, 1] to logits ``(N, n_classes, H, W)``; sides multiples of 32.

    Args:
        genotype: cells and size.
        n_classes: output channels.
        in_channels: of the picture.

    Example:
        >>> from mskus.learn.search.genotype import plain_genotype
        >>> tuple(SearchedUNet(plain_genotype(width=4, depth=2), 2)(torch.zeros(1, 1, 32, 64)).shape)
        (1, 2, 32, 64)
    """

    def __init__(self, genotype: Genotype, n_classes: int, *, in_channels: int = 1) -> None:
        super().__init__()
        widths = genotype.widths()
        made = [widths[0], *(len(genotype.down) * width for width in widths[1:])]  # features of every level's output
        self.stem = conv_bn_relu(in_channels, widths[0], stride=2)
        self.down = nn.ModuleList()
        for level, width in enumerate(widths[1:], start=1):
            first = conv_bn_relu(made[max(level - 2, 0)], width, 1)
            if level > 1:  # two levels up: at twice the resolution of input 1
                first = nn.Sequential(nn.AvgPool2d(2), first)
            second = conv_bn_relu(made[level - 1], width, 1)
            self.down.append(SearchedCell("down", genotype.down, first=first, second=second, width=width))
        self.up = nn.ModuleList()
        coarse = made[-1]
        for _, level in pairwise(range(genotype.depth, -1, -1)):
            first, second = (conv_bn_relu(n, widths[level], 1) for n in (made[level], coarse))
            self.up.append(SearchedCell("up", genotype.up, first=first, second=second, width=widths[level]))
            coarse = len(genotype.up) * widths[level]
        self.head = nn.Sequential(nn.Conv2d(coarse, 4 * n_classes, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, image: Tensor) -> Tensor:
        """Logits of pictures."""
        x = self.stem(image - 0.5)
        levels = [x, x]  # the stem stands for both inputs of the first cell
        for cell in self.down:
            levels.append(cell(levels[-2], levels[-1]))
        x = levels.pop()
        for cell in self.up:
            x = cell(levels.pop(), x)
        logits: Tensor = self.head(x)
        return logits


def build_genotype(genotype: Genotype, n_classes: int, *, in_channels: int = 1) -> SearchedUNet:
    """The network of a genotype with random first weights."""
    return SearchedUNet(genotype, n_classes, in_channels=in_channels)


def searched(
    n_classes: int, *, in_channels: int = 1, genotype: str | Path = "nerve", width: int | None = None
) -> SearchedUNet:
    """The network of a genotype's JSON file, or of one that comes with the package by its name.

    Args:
        n_classes: output channels.
        in_channels: of the picture.
        genotype: file or name.
        width: features of a node at half of the resolution, in place of the genotype's.

    Raises:
        LearnError: if there is no such genotype.
    """
    read = read_genotype(genotype)
    if width is not None:
        read = read.model_copy(update={"width": width})
    return build_genotype(read, n_classes, in_channels=in_channels)
