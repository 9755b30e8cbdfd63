"""Nerve and vessel probabilities by the network ``nerve``.

Method: an encoder-decoder network (Ronneberger et al. 2015) on public pictures of peripheral nerve blocks; see the card
for network, data and scores. The picture's black borders are cut off and the rest is resized to a square, in training
and here alike.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

NETWORK_NAME = "nerve"
CLASSES = ("nerve", "vessel")


def nerve_probabilities(frames: NDArray[np.uint8], *, name: str = NETWORK_NAME) -> NDArray[np.float32]:
    """Where nerves and vessels lie, as the network sees it.

    Args:
        frames: ``(N, H, W)`` uint8 grey levels of the picture's content, without black borders.
        name: of a network with the same two outputs, the shipped one by default.

    Returns:
        ``(N, 2, S, S)`` float32 in [0, 1]: nerve, vessel; ``S`` is what the network's card says. Map pixel ``(i, j)``
        covers rows ``i*H/S .. (i+1)*H/S`` of the picture, aspect not kept.

    Raises:
        ModelError: if the network is missing, has been changed, or does not answer with nerve and vessel.
    """
    from mskus.models.cards import ModelError
    from mskus.models.runtime import load

    network = load(name)
    if network.card.classes[: len(CLASSES)] != CLASSES:
        raise ModelError(f"{name} answers with {', '.join(network.card.classes)}; the nerve exam needs nerve, vessel.")
    size = network.card.input_shape[-1] or 256
    logits = network.predict(np.stack([network_input(frame, size=size) for frame in frames])[:, None])
    return np.asarray(1.0 / (1.0 + np.exp(-logits[:, : len(CLASSES)])), np.float32)


def network_input(frame: NDArray[np.uint8], *, size: int) -> NDArray[np.float32]:
    """One picture ``(H, W)`` as the network wants it: ``(size, size)`` float32, grey levels over 255."""
    shrinks = frame.shape[0] > size or frame.shape[1] > size
    small = cv2.resize(frame, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return small.astype(np.float32) / np.float32(255.0)
