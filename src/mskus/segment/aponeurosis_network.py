"""Aponeurosis probabilities by the network ``muscle_aponeurosis``.

Method: a small U-Net (Ronneberger et al. 2015) trained on public traced pictures (Cronin et al. 2020;
Golyski's rectus femoris set) and on simulated muscle; see the card for data and scores.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.models.intensity import robust_unit

NETWORK_NAME = "muscle_aponeurosis"
SIZE_PX = 256


def aponeurosis_probabilities(frames: NDArray[np.uint8], *, batch: int = 16) -> NDArray[np.float32]:
    """Where each aponeurosis lies, as the network sees it.

    Args:
        frames: ``(N, H, W)`` uint8 grey levels of the image region, without the screen around it.
        batch: frames prepared at once, which bounds memory.

    Returns:
        ``(N, 3, 256, 256)`` float32 in [0, 1]: superficial, deep, other aponeurosis. The 256x256 picture is the region
        resized (aspect not kept): network pixel ``(i, j)`` covers region rows ``i*H/256 .. (i+1)*H/256``.

    Raises:
        ModelError: if the shipped network is missing or has been changed.
    """
    from mskus.models.runtime import load

    network = load(NETWORK_NAME)
    out = np.empty((len(frames), 3, SIZE_PX, SIZE_PX), np.float32)
    for start in range(0, len(frames), batch):
        block = np.stack([network_input(frame) for frame in frames[start : start + batch]])
        logits = network.predict(block[:, None])
        out[start : start + len(block)] = 1.0 / (1.0 + np.exp(-logits))
    return out


def network_input(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """One region ``(H, W)`` as the network wants it: ``(256, 256)`` float32 in [0, 1]."""
    shrinks = frame.shape[0] > SIZE_PX or frame.shape[1] > SIZE_PX
    small = cv2.resize(frame, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return robust_unit(small.astype(np.uint8, copy=False))
