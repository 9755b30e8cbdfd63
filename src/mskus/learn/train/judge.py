"""A trained network on the held-out part of a run: one look, by the task's own rules."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.data import DataLoader

from mskus.learn.train.material import Material
from mskus.learn.train.tasks import Score


def judge(network: nn.Module, material: Material, *, batch: int = 8) -> list[Score]:
    """Scores of a network on the held-out pictures of a run."""
    network.eval()
    device = next(network.parameters()).device
    found: list[Score] = []
    with torch.inference_mode():
        for examples in DataLoader(material.held_out, batch_size=batch):
            shown = [part.to(device) for part in examples]
            logits = network(material.rules.shown(shown)[0])
            found.extend(material.rules.scores(logits.float(), material.rules.parts(shown)))
    return found
