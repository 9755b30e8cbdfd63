"""Nerve and vessel probabilities by the network ``nerve``, and how unlike its training pictures a picture is.

Method: an encoder-decoder network (Ronneberger et al. 2015) on public pictures of peripheral nerve blocks; see the card
for network, data and scores. The picture's black borders are cut off and the rest is resized to a square, in training
and here alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.models.cards import ModelError, card
from mskus.models.picture import NetworkInput

NETWORK_NAME = "nerve"
CLASSES = ("nerve", "vessel")


@dataclass(frozen=True, eq=False)
class NerveMaps:
    """What the network makes of some frames.

    Attributes:
        probabilities: ``(N, 2, S, S)`` float32 in [0, 1]: nerve, vessel. Map pixel ``(i, j)`` covers rows
            ``i*H/S .. (i+1)*H/S`` of the picture, aspect not kept.
        distance: ``(N,)`` from the training pictures (:mod:`mskus.models.outlier`); NaN where the network was released
            without that.
    """

    probabilities: NDArray[np.float32]
    distance: NDArray[np.float64]


def nerve_maps(frames: NDArray[np.uint8], *, name: str = NETWORK_NAME, mirrored: bool = True) -> NerveMaps:
    """Where nerves and vessels lie, as the network sees it.

    Args:
        frames: ``(N, H, W)`` uint8 grey levels of what :func:`content` says.
        name: of a network with the same two outputs, the shipped one by default; its card says the input's size.
        mirrored: take the mean with the answer to the mirrored picture, which is surer and takes twice the time.

    Raises:
        ModelError: if the network is missing, has been changed, or does not answer with nerve and vessel.
    """
    from mskus.models.runtime import load

    network = load(name)
    if network.card.classes != CLASSES:
        raise ModelError(f"{name} answers with {', '.join(network.card.classes)}; the nerve exam needs nerve, vessel.")
    given = replace(NetworkInput.of(network.card), crop="none")  # it is cut already, alike for all frames
    batch = np.stack([given.picture(frame) for frame in frames])[:, None]
    if network.outlier is None:
        logits, distance = network.predict(batch), np.full(len(frames), np.nan)
    else:
        logits, features = network.predict_with_features(batch)
        distance = network.outlier.distance(features)
    probabilities = _sigmoid(logits)
    if mirrored:
        probabilities = 0.5 * (probabilities + _sigmoid(network.predict(batch[..., ::-1]))[..., ::-1])
    return NerveMaps(exclusive(probabilities), distance)


def exclusive(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities ``(..., 2, S, S)`` in which no pixel is both nerve and vessel: the less likely gives way.

    Example:
        >>> exclusive(np.array([[[0.9]], [[0.7]]])).ravel().round(2).tolist()
        [0.9, 0.1]
    """
    other = probabilities[..., ::-1, :, :]
    return np.where(other > probabilities, np.minimum(probabilities, 1.0 - other), probabilities)


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float32)


def content(frame: NDArray[np.uint8], *, name: str = NETWORK_NAME) -> Region:
    """The part of a frame ``(H, W)`` that the network sees."""
    return NetworkInput.of(card(name)).box(frame)


def strangeness(distance: float, *, name: str = NETWORK_NAME) -> tuple[str, bool]:
    """What is wrong with a picture at that distance, empty if nothing is; and whether it is refused for it."""
    from mskus.models.runtime import load

    outlier = load(name).outlier
    return ("", False) if outlier is None else (outlier.reason(distance) or "", outlier.refuses(distance))
