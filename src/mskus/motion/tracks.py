"""Detections of many frames joined to tracks: who is who, also after a loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError

F64 = NDArray[np.float64]

# of a steady-state Kalman filter (alpha-beta) whose detections are a few times surer than its prediction
_ALPHA, _BETA = 0.7, 0.2
_REACH_SIDES, _SIZE_FACTOR = 1.5, 2.0  # how far off and how unlike in size a lost thing may come back


@dataclass(eq=False)
class Track:
    """One thing through the frames.

    Attributes:
        seen: frame to the number of its detection in that frame.
        box: ``(x0, y0, x1, y1)`` where it was last, or is expected next.
        velocity: ``(2,)`` of the box's centre in pixels a frame.
        last: the last frame in which it was seen.
    """

    box: F64
    last: int
    seen: dict[int, int] = field(default_factory=dict)
    velocity: F64 = field(default_factory=lambda: np.zeros(2))

    def expected(self, frame: int, *, patience: int) -> F64:
        """Where the box should be in a later frame; it moves on for ``patience`` frames, then waits there."""
        return self.box + np.tile(self.velocity * min(frame - self.last, patience), 2)

    def update(self, box: F64, *, frame: int, number: int, patience: int) -> None:
        """Take a detection for this thing."""
        foreseen = self.expected(frame, patience=patience)
        error = (box - foreseen).reshape(2, 2).mean(axis=0)
        self.velocity = self.velocity + _BETA * error / (frame - self.last)
        self.box = foreseen + _ALPHA * (box - foreseen)
        self.last = frame
        self.seen[frame] = number


def follow(
    boxes: Sequence[NDArray[np.floating]], *, least_iou: float = 0.2, patience: int = 8, memory: int = 90
) -> list[Track]:
    """Join detections to tracks.

    In every frame the boxes expected by a constant-velocity filter are matched with the boxes found, so that the sum
    of their overlaps is greatest. A track that finds nothing waits where it is expected, and takes its identity up
    again when a box of about its size (half to double the area) comes back near by, within one and a half of its mean
    sides, in ``memory`` frames. What is left starts a track.

    Args:
        boxes: for each frame ``(N, 4)`` boxes ``(x0, y0, x1, y1)``.
        least_iou: least intersection over union of an expected and a found box.
        patience: frames for which a lost thing is taken to move on.
        memory: frames after which a lost thing is given up.

    Returns:
        Tracks, those seen in most frames first.

    Raises:
        MskusError: if the boxes of a frame are not ``(N, 4)``.

    Source:
        Bewley et al. 2016, Simple online and realtime tracking, ICIP (arXiv 1602.00763).

    Example:
        >>> moving = [np.array([[t, 0.0, t + 10, 10]]) for t in range(6)]
        >>> moving[3] = np.empty((0, 4))
        >>> [sorted(track.seen) for track in follow(moving)]
        [[0, 1, 2, 4, 5]]
    """
    from scipy.optimize import linear_sum_assignment

    tracks: list[Track] = []
    for frame, given in enumerate(boxes):
        found = np.asarray(given, float)
        if found.ndim != 2 or found.shape[1] != 4:
            raise MskusError(f"Frame {frame}: boxes are (N, 4), x0, y0, x1, y1; got {found.shape}.")
        alive = [track for track in tracks if frame - track.last <= memory]
        free = set(range(len(found)))
        if alive and len(found):
            expected = np.stack([track.expected(frame, patience=patience) for track in alive])
            for likeness, least, lost in (
                (box_iou(expected, found), least_iou, False),
                (_nearness(expected, found), 0.0, True),
            ):
                # a track that was seen in this frame, or in the one before, is not looked for again
                likeness = np.where(_open(alive, frame, lost=lost)[:, None], likeness, -1.0)
                likeness[:, [i for i in range(len(found)) if i not in free]] = -1.0
                for row, column in zip(*linear_sum_assignment(-likeness), strict=True):
                    if likeness[row, column] > least:
                        alive[row].update(found[column], frame=frame, number=int(column), patience=patience)
                        free.discard(int(column))
        tracks += [Track(box=found[i], last=frame, seen={frame: i}) for i in sorted(free)]
    return sorted(tracks, key=lambda track: (-len(track.seen), min(track.seen)))


def _open(tracks: list[Track], frame: int, *, lost: bool) -> NDArray[np.bool_]:
    """``(N,)``: tracks not yet seen in a frame, and if ``lost`` not in the one before."""
    return np.array([track.last < frame - lost for track in tracks])


def _nearness(first: F64, second: F64) -> F64:
    """``(N, M)``: 1 for boxes at one place, 0 for those too far apart or too unlike in size to be the same thing."""
    sides = [boxes[:, 2:] - boxes[:, :2] for boxes in (first, second)]
    centres = [(boxes[:, 2:] + boxes[:, :2]) / 2.0 for boxes in (first, second)]
    away = np.hypot(*(centres[0][:, None] - centres[1][None]).transpose(2, 0, 1))
    area = [np.maximum(side.prod(axis=1), 1e-9) for side in sides]
    alike = np.abs(np.log(area[0][:, None] / area[1][None])) <= np.log(_SIZE_FACTOR)
    reach = _REACH_SIDES * np.maximum(sides[0].mean(axis=1), 1e-9)[:, None]
    return np.asarray(np.where(alike, np.clip(1.0 - away / reach, 0.0, 1.0), 0.0))


def box_iou(first: F64, second: F64) -> F64:
    """``(N, M)`` intersection over union of boxes ``(N, 4)`` and ``(M, 4)``.

    Example:
        >>> box_iou(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2], [5, 5, 6, 6]])).round(3).tolist()
        [[0.333, 0.0]]
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=2)
    area = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    union = area[0][:, None] + area[1][None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
