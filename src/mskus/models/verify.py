"""Is a network whole: are its files those of its card, does the card say what it must, does it run?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mskus.models.cards import Card, ModelError, card, checked_companion, checked_file
from mskus.models.outlier import SUFFIX
from mskus.models.runtime import Network

# a side that the card leaves free
_SIDE_PX = 256
_MUST_SAY = ("task", "input_spacing", "input_intensity", "split", "limits", "command", "date")


def problems(name: str, *, folder: Path | None = None) -> list[str]:
    """What is wrong with a network, one sentence each; none where all is well.

    Looks at the SHA-256 of every file, at the texts of the card, and at the answer to a black picture.

    Args:
        name: of the network.
        folder: where it lies; among the shipped and the user's own by default.
    """
    try:
        info = card(name, folder=folder)
        path = checked_file(name, folder=folder)
        for file in info.files:
            checked_companion(name, file.removeprefix(name), folder=folder)
        outlier = checked_companion(name, SUFFIX, folder=folder)
        network = Network(path, info, outlier=outlier)
        return [*_silences(info, name), *_wrong_answers(network)]
    except ModelError as error:
        return [str(error)]


def _silences(info: Card, name: str) -> list[str]:
    empty = [entry for entry in _MUST_SAY if not getattr(info, entry).strip()]
    empty += ["classes"] if not info.classes else []
    empty += ["training_data"] if not info.training_data else []
    empty += [f"licence of {data.name}" for data in info.training_data if not data.licence.strip()]
    found = [f"The card does not say: {', '.join(empty)}."] if empty else []
    if info.name != name:
        found.append(f"The card is of {info.name!r}, its file of {name!r}; give both the same name.")
    return found


def _wrong_answers(network: Network) -> list[str]:
    info = network.card
    wanted = info.input_shape
    if len(wanted) < 4:
        return [f"The card's input_shape {wanted} is not that of pictures (N, C, H, W)."]
    black = np.zeros([1, *(_SIDE_PX if side is None else side for side in wanted[1:])], np.float32)
    logits = network.predict(black)
    found = []
    # of a clip's masks the classes stand third
    if len(info.classes) not in logits.shape[1:3]:
        found.append(f"It answers with shape {logits.shape}, but the card names {len(info.classes)} classes.")
    if not np.isfinite(logits).all():
        found.append("It answers NaN or infinity to a black picture.")
    if network.outlier is not None:
        _, features = network.predict_with_features(black)
        network.outlier.distance(features)  # a ModelError if the two do not belong together
    return found
