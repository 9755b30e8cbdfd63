"""Nerve and vessel without windows or labels of pixels: k-means clusters, the template, an active contour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.applications.nerve.frame import WorkingFrame, working_frame
from mskus.learn.applications.nerve.template import Template
from mskus.learn.applications.nerve.windows import Classes, Labelled, WindowSettings, common_settings
from mskus.learn.classical.clustering import kmeans_localise
from mskus.segment.active_contour import Contour, refine_mask
from mskus.statistics import dice

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SCALE_PX = 2.0
_SURROUNDINGS_PX = 24.0
_OPENING_PX = 9
# Clustering is slow beside all else; the choice of a cluster needs few pictures.
_PICTURES = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterRoad:
    """Where to look among the clusters of a frame.

    Attributes:
        classes: class numbers, the first wins where regions overlap.
        windows: how frames are prepared.
        template: where the structures lie.
        k: clusters, numbered by rising brightness.
        clusters: which one holds each class.
        shares: smallest and largest part of the picture that each class covers.
        contour: active contour that outlines end with.
    """

    classes: tuple[int, ...]
    windows: WindowSettings
    template: Template
    k: int
    clusters: tuple[int, ...]
    shares: tuple[tuple[float, float], ...]
    contour: Contour = "chan_vese"

    def regions(self, frame: WorkingFrame) -> Classes:
        """``(h, w)`` class numbers on the working frame's pixels."""
        labels, prior = _clusters(frame, self.k), self.template.at(frame.grey.shape)
        found = np.zeros(frame.grey.shape, np.uint8)
        for c in reversed(range(len(self.classes))):
            rough = likeliest_part(labels == self.clusters[c], prior[..., c], share=self.shares[c])
            found[refine_mask(frame.smooth, rough, method=self.contour)] = self.classes[c]
        return found

    def segment(self, frame: NDArray[np.uint8]) -> Classes:
        """``(H, W)`` class numbers of a frame, 0 for neither.

        Raises:
            LearnError: if the frame shows nothing.
        """
        seen = working_frame(frame, width_px=self.windows.width_px, despeckle=self.windows.despeckle)
        return seen.put_back_classes(self.regions(seen), classes=self.classes)


def fit_cluster_road(examples: Sequence[Labelled], *, classes: Sequence[int], k: int = 4) -> ClusterRoad:
    """Learn in which cluster, where and how large each structure is.

    Args:
        examples: of :func:`~mskus.learn.applications.nerve.windows.label_windows`.
        classes: numbers in the masks; the first wins where regions overlap.
        k: clusters.

    Raises:
        LearnError: if there are no pictures, or a class is drawn in none of those looked at.
    """
    settings = common_settings(examples)
    template = Template.of(examples, classes=classes)
    some = examples[:: max(1, len(examples) // _PICTURES)]
    labels = [_clusters(one.windows.frame, k) for one in some]
    chosen, shares = [], []
    for c, value in enumerate(classes):
        truths = [one.truth == value for one in some]
        drawn = [float(truth.mean()) for truth in truths if truth.any()]
        if not drawn:
            raise LearnError(f"Class {value} is drawn in none of {len(some)} pictures; its cluster cannot be learned.")
        share = (0.3 * float(np.quantile(drawn, 0.05)), 1.5 * float(np.quantile(drawn, 0.95)))
        priors = [template.at(truth.shape)[..., c] for truth in truths]
        worth = [
            np.nanmean(
                [
                    dice(likeliest_part(one == cluster, prior, share=share), truth)
                    for one, prior, truth in zip(labels, priors, truths, strict=True)
                ]
            )
            for cluster in range(k)
        ]
        chosen.append(int(np.argmax(worth)))
        shares.append(share)
    return ClusterRoad(
        classes=tuple(classes), windows=settings, template=template, k=k,
        clusters=tuple(chosen), shares=tuple(shares),
    )  # fmt: skip


def likeliest_part(cluster: Mask, prior: F32, *, share: tuple[float, float]) -> Mask:
    """The connected part of a possible size that lies where the template is high and fills its convex hull.

    The template's mean times the share of the hull decides; the mask is empty where no part has a possible size.

    Example:
        >>> cluster = np.zeros((60, 60), bool)
        >>> cluster[5:20, 5:20] = cluster[35:50, 35:50] = True
        >>> prior = np.tile(np.linspace(0, 1, 60, dtype=np.float32), (60, 1))
        >>> np.flatnonzero(likeliest_part(cluster, prior, share=(0.01, 0.5)).any(0))[[0, -1]].tolist()
        [35, 49]
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_OPENING_PX, _OPENING_PX))
    opened = cv2.morphologyEx(cluster.astype(np.uint8), cv2.MORPH_OPEN, disc)
    # opening by a disc rounds corners off; they come back where they were
    count, parts = cv2.connectedComponents(cv2.dilate(opened, disc) & cluster.astype(np.uint8))
    area = np.bincount(parts.ravel(), minlength=count)
    possible = (area >= share[0] * cluster.size) & (area <= share[1] * cluster.size)
    possible[0] = False
    if not possible.any():
        return np.zeros(cluster.shape, bool)
    worth = np.bincount(parts.ravel(), prior.ravel(), minlength=count) / np.maximum(area, 1)
    for number in np.flatnonzero(possible):
        points = np.argwhere(parts == number).astype(np.int32)
        worth[number] *= area[number] / max(cv2.contourArea(cv2.convexHull(points)), 1.0)
    return np.asarray(parts == int(np.argmax(np.where(possible, worth, -1.0))))


def _clusters(frame: WorkingFrame, k: int) -> Classes:
    """By brightness against the surroundings: shadows and depth darken, and the spread would single out walls."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    fine, coarse = (
        cv2.GaussianBlur(frame.smooth, (0, 0), s, borderType=cv2.BORDER_REFLECT) for s in (_SCALE_PX, _SURROUNDINGS_PX)
    )
    with threadpool_limits(1):  # a small job: more threads wait for one another longer than they work
        return kmeans_localise(frame.smooth, k=k, maps=[fine - coarse]).labels
