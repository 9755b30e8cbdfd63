"""What was seen of each nerve and vessel: outlines frame by frame, joined over the clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.exams.nerve.settings import NerveSettings
from mskus.features.outline_shape import outline_gap
from mskus.motion.contours import contour_series
from mskus.motion.tracks import follow
from mskus.segment.outlines import Outline

F64 = NDArray[np.float64]

_SHORTEST_TRACK = 3  # frames, whatever share of the clip that is


@dataclass(frozen=True, eq=False)
class Sighting:
    """One nerve or vessel in one frame.

    Attributes:
        points: ``(N, 2)`` closed outline in pixels of the picture's content.
        confidence: of the network, 0 to 1; 0 where it was not seen.
        doubt: see :class:`mskus.segment.outlines.Outline`; of the neighbours where it was not seen.
        cut_off: it reaches the picture's border.
        gap_frames: length of the loss that this frame lies in; 0 where the thing was seen.
    """

    points: F64
    confidence: float
    doubt: float
    cut_off: bool
    gap_frames: int = 0

    @classmethod
    def of(cls, outline: Outline) -> Sighting:
        """A detection as it is."""
        return cls(outline.points, outline.confidence, outline.doubt, outline.cut_off)


@dataclass(frozen=True, eq=False)
class Thing:
    """A nerve or a vessel through the clip.

    Attributes:
        name: ``nerve_1``, ``vessel_2`` ...; the same thing in all frames.
        kind: ``nerve`` or ``vessel``.
        sightings: by frame; frames without it are absent.
    """

    name: str
    kind: str
    sightings: dict[int, Sighting]

    @property
    def seen(self) -> list[int]:
        """Frames in which it was detected, not bridged."""
        return [frame for frame, sighting in self.sightings.items() if sighting.gap_frames == 0]


def things_of(detections: Sequence[Sequence[Outline]], *, kind: str, chosen: NerveSettings) -> list[Thing]:
    """Things of one kind, in the order of how often they were seen, then of size.

    Args:
        detections: outlines of each frame.
        kind: ``nerve`` or ``vessel``.
        chosen: settings.
    """
    alone = len(detections) == 1 or not chosen.track
    if alone:
        # the n-th largest of every frame: no identity is claimed
        ranks = max((len(found) for found in detections), default=0)
        chains = [
            {frame: Sighting.of(found[rank]) for frame, found in enumerate(detections) if len(found) > rank}
            for rank in range(ranks)
        ]
    else:
        chains = _tracked(detections, chosen)
    return [Thing(f"{kind}_{i}", kind, chain) for i, chain in enumerate(chains, start=1)]


def _tracked(detections: Sequence[Sequence[Outline]], chosen: NerveSettings) -> list[dict[int, Sighting]]:
    boxes = [np.array([outline.box for outline in found]).reshape(-1, 4) for found in detections]
    tracks = follow(boxes, patience=chosen.bridge_frames, memory=chosen.memory_frames)
    # of two or three frames half are enough
    least = min(_SHORTEST_TRACK, (len(detections) + 1) // 2)
    shortest = max(least, chosen.least_seen * len(detections)) if chosen.least_seen else 1
    chains = []
    for track in tracks:
        if len(track.seen) < shortest:
            continue
        own = {frame: detections[frame][number] for frame, number in track.seen.items()}
        series = contour_series(
            {frame: outline.points for frame, outline in own.items()},
            bridge=chosen.bridge_frames,
            smooth=chosen.smooth,
        )
        doubt = float(np.median([outline.doubt for outline in own.values()]))
        chains.append(
            {
                frame: Sighting(points, own[frame].confidence, own[frame].doubt, own[frame].cut_off)
                if frame in own
                else Sighting(points, 0.0, doubt, False, series.bridged[frame])
                for frame, points in sorted(series.points.items())
            }
        )
    return sorted(_without_doubles(chains), key=_rank)


def _without_doubles(chains: list[dict[int, Sighting]]) -> list[dict[int, Sighting]]:
    """The chains without outlines carried over to where another thing is seen: that may be the same one."""

    def free(frame: int, sighting: Sighting) -> bool:
        others = (chain[frame] for chain in chains if frame in chain and not chain[frame].gap_frames)
        return not sighting.gap_frames or all(outline_gap(sighting.points, o.points) > 0.0 for o in others)

    return [{frame: sighting for frame, sighting in chain.items() if free(frame, sighting)} for chain in chains]


def _rank(chain: dict[int, Sighting]) -> tuple[float, float]:
    extent = np.median([float(np.prod(np.ptp(sighting.points, axis=0))) for sighting in chain.values()])
    return -len(chain), -float(extent)
