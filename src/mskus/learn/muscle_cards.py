"""What the card of the fascicle network says, apart from its scores."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from torch import nn

from mskus.learn.datasets import Sourced
from mskus.learn.networks import parameter_count
from mskus.models.cards import Card, Score, TrainingData, card

LIMITS = (
    "Research use; not validated on patients. Trained on longitudinal pictures of healthy leg muscles from few scanners"
    " (gastrocnemius, soleus, tibialis anterior, vastus lateralis) and on simulated"
    " muscle; transverse pictures, other regions and diseased muscle were not seen."
)
_CREDITS = {
    "lower_limb_masks": ("Apache-2.0", "njcronin/DL_Track; Cronin, Finni, Seynnes 2020, arXiv 2009.04790"),
    "simulation": ("Apache-2.0", "mskus.simulate, random anatomies and scanners (this project)"),
}
_SPLIT = (
    "Scores are from folds trained without the held-out device family (near-duplicate groups kept together);"
    " the shipped network was trained on all sets named here. muscle/architecture_readings was never trained on."
)
_ABOUT = {
    "name": "muscle_fascicle",
    "task": "Fascicle-ness and fascicle orientation at every pixel of a muscle belly",
    "input_shape": (None, 1, None, None),
    "input_spacing": "square pixels, about 320 columns across the picture; height and width multiples of 16",
    "input_intensity": "grey levels, 1st percentile to 0 and 99.5th to 1, clipped",
    "classes": ("fascicle", "orientation_cos_2t", "orientation_sin_2t"),
}


def fascicle_card(network: nn.Module, *, samples: Sequence[Sourced], sha256: str, command: str, seed: int) -> Card:
    """The card of a freshly exported network, still without scores.

    Args:
        network: for the number of parameters.
        samples: what it was trained on.
        sha256: of the ONNX file.
        command: what reproduces it.
        seed: of the training.
    """
    counts = {source: sum(s.source == source for s in samples) for source in _CREDITS}
    return Card.model_validate(
        {
            **_ABOUT,
            "training_data": [
                TrainingData(name=source, pictures=n, licence=_CREDITS[source][0], citation=_CREDITS[source][1])
                for source, n in counts.items()
                if n
            ],
            "split": _SPLIT,
            "scores": (),
            "limits": LIMITS,
            "parameters": parameter_count(network),
            "seed": seed,
            "command": command,
            "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            "sha256": sha256,
        }
    )


def with_scores(name: str, scores: Sequence[Score], *, folder: Path) -> Card:
    """The card of that name with other scores; the network stays as it is."""
    return card(name, folder=folder).model_copy(update={"scores": tuple(scores)})
