"""Networks for clips: features of each frame, and a memory that runs over them."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from mskus.learn.networks.blocks import conv_bn_relu
from mskus.learn.networks.light import LightUNet


class ConvLSTM(nn.Module):
    """A memory of maps, moved on frame by frame; each gate is a 3x3 convolution of frame and last answer.

    Source: Shi et al. 2015 (arXiv 1506.04214), without peephole connections.

    Args:
        n_in: features of a frame.
        n_out: features of the memory.
    """

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.n_out = n_out
        self.gates = nn.Conv2d(n_in + n_out, 4 * n_out, 3, padding=1)

    def forward(self, frames: Tensor) -> Tensor:
        """``(N, T, n_in, H, W)`` to ``(N, T, n_out, H, W)``; frame t is answered from frames 0 to t."""
        hidden = frames.new_zeros(frames.shape[0], self.n_out, *frames.shape[3:])
        memory = torch.zeros_like(hidden)
        answers = []
        for frame in frames.unbind(dim=1):
            keep, write, show, new = self.gates(torch.cat([frame, hidden], dim=1)).chunk(4, dim=1)
            memory = torch.sigmoid(keep) * memory + torch.sigmoid(write) * torch.tanh(new)
            hidden = torch.sigmoid(show) * torch.tanh(memory)
            answers.append(hidden)
        return torch.stack(answers, dim=1)


class ClipSegmentation(nn.Module):
    """Masks of every frame of a clip: ``(N, T, C, H, W)`` to logits ``(N, T, n_classes, H, W)``.

    A light U-Net gives a map at a quarter of the resolution, a ConvLSTM carries it from frame to frame.

    Args:
        n_classes: output channels.
        in_channels: of a frame.
        width: features of the memory.
    """

    def __init__(self, n_classes: int, *, in_channels: int = 1, width: int = 24) -> None:
        super().__init__()
        self.frame = LightUNet(1, in_channels=in_channels)
        self.frame.head = nn.Sequential(conv_bn_relu(24, width))
        self.memory = ConvLSTM(width, width)
        self.head = nn.Sequential(nn.Conv2d(width, 16 * n_classes, 3, padding=1), nn.PixelShuffle(4))

    def forward(self, clip: Tensor) -> Tensor:
        """Logits of clips in [0, 1]."""
        n, t = clip.shape[:2]
        maps = self.frame(clip.flatten(0, 1))
        remembered = self.memory(maps.reshape(n, t, *maps.shape[1:]))
        logits: Tensor = self.head(remembered.flatten(0, 1))
        return logits.reshape(n, t, *logits.shape[1:])


class ClipClassifier(nn.Module):
    """The class of a clip: ``(N, T, C, H, W)`` to logits ``(N, n_classes)``, read from the last state of a GRU.

    Source: Cho et al. 2014 (arXiv 1406.1078) for the GRU; Donahue et al. 2015 (arXiv 1411.4389) for one over frames.

    Args:
        n_classes: logits.
        in_channels: of a frame.
        width: features of the memory.
    """

    def __init__(self, n_classes: int, *, in_channels: int = 1, width: int = 64) -> None:
        super().__init__()
        steps = [in_channels, 16, 32, 64, 96]
        self.frame = nn.Sequential(
            *(conv_bn_relu(a, b, stride=2) for a, b in pairwise(steps)),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.memory = nn.GRU(steps[-1], width, batch_first=True)
        self.head = nn.Linear(width, n_classes)

    def forward(self, clip: Tensor) -> Tensor:
        """Logits of clips in [0, 1]."""
        n, t = clip.shape[:2]
        features = self.frame((clip - 0.5).flatten(0, 1)).reshape(n, t, -1)
        _, last = self.memory(features)
        logits: Tensor = self.head(last[-1])
        return logits
