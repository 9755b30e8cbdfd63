"""From a map of confidence to regions: votes, a threshold, the parts that are large and sure enough, an outline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.segment.active_contour import CONTOURS, Contour, refine_mask
from mskus.statistics import dice

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_THRESHOLDS = tuple(np.round(np.arange(0.2, 0.91, 0.05), 2).tolist())
_PEAKS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_LEAST_SHARES = (0.0, 0.003, 0.006, 0.012)
_MOST_PARTS = (1, 2, 3)


@dataclass(frozen=True, kw_only=True)
class RegionRule:
    """What counts as a region.

    Attributes:
        threshold: of the confidence.
        peak: a part that is nowhere so sure does not count (hysteresis; Canny 1986).
        least_share: a smaller part of the picture's pixels does not count.
        most_parts: the parts with the greatest sum of confidence that are kept.
        contour: active contour that the outline ends with, or None.
    """

    threshold: float = 0.5
    peak: float = 0.0
    least_share: float = 0.003
    most_parts: int = 2
    contour: Contour | None = None

    def __call__(self, confidence: F32) -> Mask:
        """``(H, W)`` the regions, before the active contour.

        Example:
            >>> sure = np.zeros((20, 20), np.float32)
            >>> sure[2:8, 2:8], sure[15, 15] = 0.9, 0.9
            >>> int(RegionRule(least_share=0.01, most_parts=2)(sure).sum())
            36
        """
        count, parts, boxes, _ = cv2.connectedComponentsWithStats((confidence >= self.threshold).astype(np.uint8))
        total = np.bincount(parts.ravel(), confidence.ravel(), minlength=count)
        sure = np.bincount(parts.ravel(), (confidence >= self.peak).ravel(), minlength=count)
        enough = (boxes[:, cv2.CC_STAT_AREA] >= self.least_share * confidence.size) & (sure > 0)
        enough[0] = False
        numbers = np.flatnonzero(enough)
        kept = np.zeros(count, bool)
        kept[numbers[np.argsort(-total[numbers], kind="stable")][: self.most_parts]] = True
        return np.asarray(kept[parts])


def votes(opinion: F32, *, window_nodes: int) -> F32:
    """Confidence of every node: the mean probability of all the windows that cover it.

    Each window votes for every place it covers with the probability that its classifier gives it, so that one window's
    mistake is outvoted by its neighbours (Hadjerci et al. 2014).

    Args:
        opinion: ``(h, w, C)`` probabilities of the windows.
        window_nodes: side of a window in nodes; 1 takes each window's word for its middle only.
    """
    side = (window_nodes, window_nodes)
    cast = [
        cv2.blur(np.ascontiguousarray(p), side, borderType=cv2.BORDER_REPLICATE) for p in np.moveaxis(opinion, -1, 0)
    ]
    return np.stack(cast, axis=-1)


def tune_rule(confidences: Sequence[F32], truths: Sequence[Mask]) -> RegionRule:
    """The rule with the highest mean Dice on pictures that were not learned from.

    Threshold and number of parts are searched first, then what a part must have.

    Args:
        confidences: ``(h, w)`` each.
        truths: ``(h, w)`` drawn masks; pictures without the structure count too: what is invented there costs.

    Raises:
        LearnError: if there are no pictures, or none shows the structure.
    """
    if not any(truth.any() for truth in truths):
        raise LearnError("A structure is drawn in none of the pictures; its rule cannot be learned.")
    first = [RegionRule(threshold=t, most_parts=most) for t, most in product(_THRESHOLDS, _MOST_PARTS)]
    rough = _best(first, confidences, truths)
    second = [replace(rough, peak=peak, least_share=share) for peak, share in product(_PEAKS, _LEAST_SHARES)]
    return _best(second, confidences, truths)


def tune_contour(
    rule: RegionRule, pictures: Sequence[F32], confidences: Sequence[F32], truths: Sequence[Mask]
) -> RegionRule:
    """The rule with the active contour that raises the mean Dice most, or with none where none does."""
    rough = [rule(confidence) for confidence in confidences]
    best, worth = rule, _mean_dice(rough, truths)
    for name in CONTOURS:
        tried = replace(rule, contour=name)
        found = _mean_dice((outlined(p, r, rule=tried) for p, r in zip(pictures, rough, strict=True)), truths)
        if found > worth:
            best, worth = tried, found
    return best


def outlined(picture: F32, rough: Mask, *, rule: RegionRule) -> Mask:
    """Regions with the rule's active contour."""
    return rough if rule.contour is None else refine_mask(picture, rough, method=rule.contour)


def _best(rules: Sequence[RegionRule], confidences: Sequence[F32], truths: Sequence[Mask]) -> RegionRule:
    return max(rules, key=lambda rule: _mean_dice((rule(one) for one in confidences), truths))


def _mean_dice(found: Iterable[Mask], truths: Sequence[Mask]) -> float:
    return float(np.nanmean([dice(truth, one) for one, truth in zip(found, truths, strict=True)]))
