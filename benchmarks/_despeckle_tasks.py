"""Tasks that come after a filter, each scored with and without it on the same pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import mskus
from _readings import readings
from _results import data_root
from _speckle_phantom import judged_phantom
from mskus.enhance import enhance
from mskus.enhance.method import Picture
from mskus.features.family import FeatureRegion
from mskus.features.table import feature_row
from mskus.segment.aponeurosis_network import aponeurosis_probabilities
from mskus.simulate import simulate_muscle
from mskus.statistics import Estimate, bootstrap, dice
from mskus.statistics import auc as area_under_curve

NONE = "none"
BLUR = "(Gaussian blur, 2 px)"  # what a filter must beat
F64 = NDArray[np.float64]
Score = Callable[[NDArray[np.intp], str], float]

FIRST_SEED = 60_000  # the network learned from phantoms above a million
WITHHELD_DEG = 10.0  # what a withheld angle counts as
TEXTURE = ("first_order", "glcm", "glrlm")
MARGIN_PX = 24


@dataclass(frozen=True, eq=False)
class Task:
    """A score of every filter over the same rows; greater is better.

    Attributes:
        name: of the column.
        short: in the verdict.
        digits: after the point.
        groups: ``(N,)`` what is drawn together.
        score: of some rows under some filter.
    """

    name: str
    short: str
    digits: int
    groups: NDArray[Any]
    score: Score

    def value(self, method: str) -> float:
        """Over all rows."""
        return self.score(np.arange(len(self.groups)), method)

    @cache  # noqa: B019 - a run has few tasks and they live to its end
    def effect(self, method: str, *, against: str = NONE) -> Estimate:
        """Paired difference to no filter, or to another one."""
        return bootstrap(lambda i: self.score(i, method) - self.score(i, against), self.groups, repeats=500)


def filtered(image: NDArray[np.uint8], method: str) -> Picture:
    """The picture under a filter with its default parameters."""
    grey = image.astype(np.float32)
    if method == NONE:
        return grey
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 2.0)) if method == BLUR else enhance(grey, method=method)


def whole(picture: Picture) -> NDArray[np.uint8]:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def thresholding(methods: list[str], *, n: int) -> Task:
    """Dice of a bright lesion of 6 dB on phantoms, by the threshold midway between the means of lesion and tissue."""
    table: dict[str, list[float]] = {m: [] for m in methods}
    for seed in range(FIRST_SEED, FIRST_SEED + n):
        p = judged_phantom(seed=seed)
        inside, outside = p.lesion[p.lesion_window], (p.lesion_window & ~p.lesion)[p.lesion_window]
        for m in methods:
            levels = filtered(p.image, m)[p.lesion_window]
            table[m].append(dice(levels > (levels[inside].mean() + levels[outside].mean()) / 2, inside))
    return _mean_task("lesion by threshold, phantoms: Dice", "thresholding", 3, table, np.arange(n))


def phantom_segmentation(methods: list[str], *, n: int) -> Task:
    """Dice of the shipped aponeurosis network (both aponeuroses) on unseen phantoms."""
    table: dict[str, list[float]] = {m: [] for m in methods}
    for seed in range(FIRST_SEED, FIRST_SEED + n):
        phantom = simulate_muscle(seed=seed)
        truth = phantom.truth[0].superficial_mask | phantom.truth[0].deep_mask
        for m in methods:
            table[m].append(_network_dice(whole(filtered(phantom.image, m)), truth))
    return _mean_task("network, phantoms: Dice", "network on phantoms", 3, table, np.arange(n))


def traced_segmentation(methods: list[str], *, n: int) -> Task:
    """The same on traced pictures of five people, all of which the network has seen without a filter."""
    folder = data_root() / "muscle" / "rectus_femoris_gait"
    manifest = pd.read_csv(folder / "manifest.csv")
    manifest = manifest.iloc[:: max(1, len(manifest) // n)]
    table: dict[str, list[float]] = {m: [] for m in methods}
    for row in manifest.itertuples():
        image = cv2.imread(str(folder / str(row.image)), cv2.IMREAD_GRAYSCALE)
        truth = cv2.imread(str(folder / str(row.mask)), cv2.IMREAD_GRAYSCALE) > 0
        for m in methods:
            table[m].append(_network_dice(whole(filtered(image, m)), truth))
    return _mean_task("network, people: Dice", "network on people", 3, table, manifest.participant.to_numpy())


def pennation(methods: list[str], *, n: int) -> Task:
    """Less the absolute error of the pennation angle against the observers' median; no network saw these pictures."""
    rows = readings()
    rows = rows.iloc[:: max(1, len(rows) // n)]
    table: dict[str, list[float]] = {m: [] for m in methods}
    for row in rows.to_dict("records"):
        known = {"mm_per_px": row["mm_per_px"]} if np.isfinite(row["mm_per_px"]) else {"pixel_aspect": 1.0}
        clip = mskus.read(data_root() / "muscle" / "architecture_readings" / row["image"], **known)
        for m in methods:
            frame = clip.frame(0).copy()
            inside = clip.image_region.slices
            frame[inside] = whole(filtered(np.ascontiguousarray(frame[inside]), m))
            findings = mskus.examine(clip.with_(luma=frame[None]), "muscle", perturbed_frames=0)
            found = findings.value("pennation_angle_deg", 0)
            error = WITHHELD_DEG if found is None else min(abs(found - row["pennation_angle_deg"]), WITHHELD_DEG)
            table[m].append(-error)
    return _mean_task("pennation: -|error| (deg)", "pennation", 2, table, rows.subject.to_numpy())


def texture_classification(methods: list[str], *, n: int) -> Task:
    """AUC of nerve against vessel from texture; features and classifier are learned anew under every filter."""
    folder = data_root() / "nerve" / "peripheral_blocks"
    regions: list[tuple[NDArray[np.uint8], NDArray[np.bool_], int, int]] = []
    for row in pd.read_csv(folder / "manifest.csv").iloc[:n].itertuples():
        image = cv2.imread(str(folder / str(row.image)), cv2.IMREAD_GRAYSCALE)
        mask = cv2.imread(str(folder / str(row.mask)), cv2.IMREAD_GRAYSCALE)
        for label in (1, 2):
            if np.count_nonzero(mask == label) >= 100:
                regions.append((*_cropped(image, mask == label), label == 1, int(str(row.near_duplicate_group))))
    groups, labels = np.array([r[3] for r in regions]), np.array([r[2] for r in regions])
    probability = {}
    for m in methods:
        rows = [feature_row(FeatureRegion.of(filtered(r[0], m), mask=r[1]), names=TEXTURE) for r in regions]
        probability[m] = _out_of_fold(pd.DataFrame(rows), labels, groups)

    def auc(i: NDArray[np.intp], method: str) -> float:
        return area_under_curve(labels[i], probability[method][i])

    return Task("nerve or vessel by texture: AUC", "texture", 3, groups, auc)


def _network_dice(picture: NDArray[np.uint8], truth: NDArray[np.bool_]) -> float:
    share = aponeurosis_probabilities(picture[None])[0, :2].max(0)
    return dice(cv2.resize(share, truth.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5, truth)


def _mean_task(name: str, short: str, digits: int, table: dict[str, list[float]], groups: NDArray[Any]) -> Task:
    values = {m: np.array(v) for m, v in table.items()}
    return Task(name, short, digits, groups, lambda i, m: float(np.nanmean(values[m][i])))


def _cropped(image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    y, x = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.s_[max(0, y[0] - MARGIN_PX) : y[-1] + MARGIN_PX + 1, max(0, x[0] - MARGIN_PX) : x[-1] + MARGIN_PX + 1]
    return np.ascontiguousarray(image[box]), np.ascontiguousarray(mask[box])


def _out_of_fold(features: pd.DataFrame, labels: NDArray[Any], groups: NDArray[Any]) -> F64:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    folds = GroupKFold(5)
    return np.asarray(
        cross_val_predict(classifier, features, labels, groups=groups, cv=folds, method="predict_proba")[:, 1]
    )
