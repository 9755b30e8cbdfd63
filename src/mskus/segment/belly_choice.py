"""Which two lines bound the muscle: what the network calls them, how clear they are, and what lies between them.

Fasciae in fat and the borders of deeper muscles look like aponeuroses too. Between the two aponeuroses of a pennate
muscle lie fascicles, oblique to both and all to the same side; fat has none, and its septa run along or to either
side. The net obliqueness of the texture (first moment of the gradient structure tensor; Bigun & Granlund, ICCV 1987)
tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.segment.aponeuroses import N_NODES, Aponeurosis, AponeurosisPair, Line, trace_lines

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

_NAMED = 0.4  # weight of the network's own naming of a line
_BETWEEN = 1.2  # weight of a clear line that a pair would skip
_OBLIQUE = 2.0  # weight of net obliqueness, which is 0.2 to 0.6 in muscle
_STEADY = 6.0  # weight of a pair's distance, in image heights, from where the clip has it
_COARSE = 2  # texture is judged at half the map's resolution
_LEAST_GAP = 0.05  # of the image height
_LEAST_OVERLAP = 0.25  # of the image width


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidate pairs of one frame.

    Attributes:
        x_px: ``(K,)`` node columns.
        pairs: superficial and deep line of each candidate.
        scores: one a candidate.
        depths: ``(P, 2)`` mean relative depth of both lines.
    """

    x_px: F64
    pairs: list[tuple[Line, Line]]
    scores: F64
    depths: F64


def candidate_pairs(probabilities: F32, image: U8) -> Choice:
    """Lines of one frame, paired and scored.

    Args:
        probabilities: ``(3, h, w)`` in [0, 1]: superficial, deep, other.
        image: ``(H, W)`` uint8 image region that the maps stand for.
    """
    n_rows, n_cols = probabilities.shape[1:]
    lines = trace_lines(probabilities, (image.shape[0], image.shape[1]))
    x_px = (np.linspace(0.0, n_cols - 1.0, N_NODES) + 0.5) * image.shape[1] / n_cols - 0.5
    moments = _tensor_sums(image, (n_cols // _COARSE, n_rows // _COARSE)) if len(lines) > 2 else None
    pairs, scores, depths = [], [], []
    for i, upper in enumerate(lines):
        for j in range(i + 1, len(lines)):
            lower = lines[j]
            columns = np.arange(max(upper.run.start, lower.run.start), min(upper.run.stop, lower.run.stop))
            if columns.size < _LEAST_OVERLAP * n_cols:
                continue
            gap = (lower.path - upper.path)[columns]
            if np.median(gap) < _LEAST_GAP * n_rows or gap.min() < 1.0:
                continue
            skipped = sum(_covered(lines[k], columns) * lines[k].quality for k in range(i + 1, j))
            score = upper.quality * (1.0 + _NAMED * upper.shares[0]) + lower.quality * (1.0 + _NAMED * lower.shares[1])
            score -= _BETWEEN * skipped
            if moments is not None:
                coarse = columns[::_COARSE] // _COARSE
                top, bottom = ((line.path[::_COARSE] + 0.5) / _COARSE - 0.5 for line in (upper, lower))
                score += _OBLIQUE * net_obliqueness(moments, top, bottom, coarse)
            pairs.append((upper, lower))
            scores.append(score)
            depths.append([float(upper.path[columns].mean()) / n_rows, float(lower.path[columns].mean()) / n_rows])
    return Choice(x_px, pairs, np.array(scores), np.array(depths).reshape(-1, 2))


def choose(frames: Sequence[Choice]) -> list[AponeurosisPair]:
    """One pair a frame; in a clip the pairs that stay where most frames have them.

    Returns:
        Pairs in pixels of the image region; both edges are NaN where a frame has no candidate.
    """
    best = [int(np.argmax(f.scores)) if f.pairs else -1 for f in frames]
    if len(frames) > 2:
        usual = np.median([f.depths[b] for f, b in zip(frames, best, strict=True) if b >= 0] or [[0.0, 0.0]], axis=0)
        best = [
            int(np.argmax(f.scores - _STEADY * np.abs(f.depths - usual).sum(axis=1))) if f.pairs else -1 for f in frames
        ]
    return [_pair(f, b) for f, b in zip(frames, best, strict=True)]


def _pair(frame: Choice, index: int) -> AponeurosisPair:
    if index >= 0:
        upper, lower = frame.pairs[index]
        return AponeurosisPair(upper.edges, lower.edges)
    nan = np.full(frame.x_px.size, np.nan)
    nothing = Aponeurosis(frame.x_px, nan, nan, 0.0)
    return AponeurosisPair(nothing, nothing)


def _covered(line: Line, columns: NDArray[np.int64]) -> float:
    return float(np.mean((columns >= line.run.start) & (columns < line.run.stop)))


def _tensor_sums(image: U8, size: tuple[int, int]) -> F32:
    """``(3, h + 1, w)`` sums down the columns: energy, cos 2t, sin 2t of the locally normalised gradient tensor."""
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    texture = cv2.GaussianBlur(small, (0, 0), 0.7) - cv2.GaussianBlur(small, (0, 0), 2.5)
    gx, gy = (cv2.Scharr(texture, cv2.CV_32F, int(k), int(1 - k)) for k in (1, 0))
    energy = gx * gx + gy * gy
    level = cv2.blur(energy, (15, 15)) + np.float32(1e-3) * energy.max() + np.float32(1e-6)
    sums = np.zeros((3, size[1] + 1, size[0]), np.float32)
    # a line is at right angles to its gradient; y points down, so a line that rises to the right has gx * gy > 0
    for k, part in enumerate((energy, gy * gy - gx * gx, 2.0 * gx * gy)):
        np.cumsum(part / level, axis=0, out=sums[k, 1:])
    return sums


def net_obliqueness(sums: F32, upper: F64, lower: F64, columns: NDArray[np.int64]) -> float:
    """How far the texture between two lines is turned to one side of them, 0 to 1.

    Args:
        sums: from the image, see ``_tensor_sums``.
        upper: ``(w,)`` row of the upper line in every column.
        lower: ``(w,)`` row of the lower line.
        columns: those to look at.
    """
    gap = (lower - upper)[columns]
    top = np.clip(upper[columns] + 0.12 * gap, 0, sums.shape[1] - 1).astype(int)
    bottom = np.clip(lower[columns] - 0.12 * gap, 0, sums.shape[1] - 1).astype(int)
    energy, cosine, sine = (float((s[bottom, columns] - s[top, columns]).sum()) for s in sums)
    slope = np.polyfit(columns, 0.5 * (upper + lower)[columns], 1)[0]
    along = 2.0 * np.arctan(-slope)
    turned = sine * np.cos(along) - cosine * np.sin(along)
    return abs(turned) / energy if energy > 0 else 0.0
