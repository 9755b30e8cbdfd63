"""Explanation maps of a released network, on the frame that it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.explain_maps import Map, Method, SanityCheck, explain_map, found_region, sanity_check
from mskus.learn.train.onnx_weights import network_of
from mskus.models.cards import card, checked_file
from mskus.models.picture import NetworkInput


@dataclass(frozen=True, eq=False)
class Explanation:
    """What one method says of a frame.

    Attributes:
        method: its name.
        structure: the class that was asked about.
        levels: ``(H, W)`` of the frame, in [-1, 1]; 0 outside what the network saw.
        sanity: whether random weights destroy such a map.
    """

    method: Method
    structure: str
    levels: Map
    sanity: SanityCheck

    @property
    def caption(self) -> str:
        """For a report."""
        trust = "destroy this map, as they must" if self.sanity.passed else "do NOT destroy this map: do not rely on it"
        return (
            f"What speaks for {self.structure.replace('_', ' ')} (warm) and against it (cold), by"
            f" {self.method.replace('_', ' ')}. Random weights {trust} (rank correlation {self.sanity.mean:.2f})."
        )


def explain_frame(
    name: str,
    frame: NDArray[np.uint8],
    *,
    structure: str | None = None,
    methods: Sequence[Method] = ("gradcam",),
    folder: Path | None = None,
    seeds: Sequence[int] = (0,),
) -> list[Explanation]:
    """Explain what a network found in a frame, and check each explanation with random weights.

    Args:
        name: of a network that was released from a named architecture, so that its weights come back into torch.
        frame: ``(H, W)`` uint8.
        structure: one of its classes; the first by default.
        methods: of :data:`mskus.learn.explain_maps.METHODS`.
        folder: where the network lies; among the shipped and the user's own by default.
        seeds: of the random weights.

    Raises:
        LearnError: if the structure or a method is not known, or the network cannot be taken back into torch.
        ModelError: if there is no such network, or it takes pictures of any size.
    """
    info = card(name, folder=folder)
    given = NetworkInput.of(info)
    asked = structure or info.classes[0]
    if asked not in info.classes:
        raise LearnError(f"{name} does not know {asked!r}; it finds {', '.join(info.classes)}.")
    channel = info.classes.index(asked)
    _, _, network = network_of(checked_file(name, folder=folder), n_classes=len(info.classes), size=given.size)
    picture, box = given.picture(frame), given.box(frame)
    with torch.no_grad():
        region = found_region(network(torch.from_numpy(picture[None, None]))[0, channel].numpy())
    found = []
    for method in methods:

        def explain(of: torch.nn.Module, seen: Map, method: Method = method) -> Map:
            return explain_map(of, seen, channel=channel, method=method, region=region)

        levels = np.zeros(frame.shape, np.float32)
        levels[box.slices] = cv2.resize(explain(network, picture), (box.w, box.h), interpolation=cv2.INTER_LINEAR)
        found.append(Explanation(method, asked, levels, sanity_check(explain, network, [picture], seeds=seeds)))
    return found
