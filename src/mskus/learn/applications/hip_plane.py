"""Adequacy of an infant hip's plane: what the standard plane must show, put into numbers, and a classifier on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.applications.hip_landmarks import F32, MARKED_ROWS, SIZE_PX, find_landmarks, normalised, smoothed
from mskus.learn.manifest import Case, load_all

if TYPE_CHECKING:
    import pandas as pd

    from mskus.learn.classical import CrossValidated, FitResult
    from mskus.statistics import Estimate

_CELL, _BINS = 32, 6  # of the histograms of edge directions
_STEEP_DEG = np.arange(35.0, 86.0, 10.0)


def landmark_features(image: NDArray[Any]) -> dict[str, float]:
    """Numbers for the landmarks of the standard plane, each where it lies when the plane is right.

    The ilium is a straight level bright line over a shadow on the left; the bony roof falls steeply from its end; the
    lower limb of the ilium is a bright spot below the head; the bony edge of the femur lies over a shadow on the
    right; labrum and capsule are bright spots over the head; the head is round, dark and finely speckled.

    Args:
        image: ``(H, W)`` grey levels of the B-mode picture alone, left of the picture towards the head (cranial).

    Returns:
        Features by name, ``hip_...``. Levels are fractions of the picture's 99th percentile, places fractions of its
        height.

    Raises:
        LearnError: if the picture is no grey picture of at least 64 x 64 pixels, holds NaN or is constant.

    Source:
        Graf. Hip Sonography, 2nd ed., Springer 2006 (usability: lower limb, plane, labrum); Liu et al. 2021, IEEE TMI
        (reasons of failure).
    """
    grey = normalised(image)
    fine, seen = smoothed(grey), find_landmarks(grey)
    level = seen.level
    columns, rows = seen.ilium.points.T
    slope, offset = np.polyfit(columns, rows, 1, w=seen.ilium.strength + 1e-3)
    found = {
        "hip_ilium_level": level / SIZE_PX,
        "hip_ilium_angle": float(np.rad2deg(np.arctan(abs(slope)))),
        "hip_ilium_roughness": float(np.median(np.abs(rows - slope * columns - offset))),
        "hip_ilium_strength": float(seen.ilium.strength.mean()),
        "hip_ilium_length": float((seen.ilium.strength > 0.5 * seen.ilium.strength.max()).mean()),
    }
    first = int(np.clip(level - 10, MARKED_ROWS, SIZE_PX - 90))
    found |= _steep_line(fine[first : first + 90, 60:150], "hip_roof")

    rows = seen.femur.points[:, 1]
    found["hip_femur_strength"] = float(seen.femur.strength.mean())
    found["hip_femur_rise"] = float(rows[:20].mean() - rows[-20:].mean()) / SIZE_PX
    found["hip_femur_roughness"] = float(np.median(np.abs(np.diff(rows))))

    spots = cv2.GaussianBlur(grey, (0, 0), 5) - cv2.GaussianBlur(grey, (0, 0), 14)
    found["hip_lower_limb"] = float(spots[int(min(level + 35, 200)) : 235, 100:200].max())
    found["hip_labrum"] = float(spots[int(max(level - 80, MARKED_ROWS)) : int(max(level, 40)), 110:190].max())

    centre = fine[int(max(level - 30, 20)) : int(min(level + 50, 240)), 100:165]
    found["hip_head_level"] = float(np.median(centre))
    found["hip_head_spread"] = float(centre.std())
    found["hip_head_roundness"], found["hip_head_radius"] = seen.roundness, seen.head_radius / SIZE_PX

    upper = grey[MARKED_ROWS : int(max(level - 10, 60))]
    found["hip_soft_tissue_level"] = float(upper.mean())
    down = np.abs(cv2.Sobel(upper, cv2.CV_32F, 0, 1))
    across = np.abs(cv2.Sobel(upper, cv2.CV_32F, 1, 0))
    found["hip_soft_tissue_layers"] = float(down.mean() / (across.mean() + 1e-6))
    found["hip_right_soft_tissue"] = float(grey[64:128, 130:].mean())
    return found


def edge_histograms(image: NDArray[Any]) -> dict[str, float]:
    """Directions of edges in 8 x 8 cells, each cell's histogram of unit length (Dalal & Triggs 2005, CVPR, 886).

    Returns:
        384 features ``hog_row_column_bin``; the rows that may hold a ruler are left out.

    Raises:
        LearnError: as :func:`landmark_features`.
    """
    grey = cv2.GaussianBlur(np.sqrt(normalised(image)), (0, 0), 2.0)
    dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    size = np.hypot(dx, dy)
    bins = np.floor(np.arctan2(dy, dx) % np.pi / np.pi * _BINS).astype(int) % _BINS
    found: dict[str, float] = {}
    cells = SIZE_PX // _CELL
    for r in range(cells):
        for c in range(cells):
            at = (slice(r * _CELL, (r + 1) * _CELL), slice(c * _CELL, (c + 1) * _CELL))
            histogram = np.bincount(bins[at].ravel(), size[at].ravel(), _BINS)
            histogram = histogram / (np.linalg.norm(histogram) + 0.5)
            found |= {f"hog_{r}_{c}_{k}": float(v) for k, v in enumerate(histogram)}
    return found


def brightness(image: NDArray[Any]) -> dict[str, float]:
    """Mean and spread of the grey levels: what a classifier must beat."""
    grey = np.asarray(image, np.float64)
    return {"hip_mean": float(grey.mean()), "hip_spread": float(grey.std())}


DESCRIPTIONS = {"landmarks": landmark_features, "edges": edge_histograms, "brightness": brightness}


def hip_table(cases: Sequence[Case], *, descriptions: Sequence[str] = ("landmarks",)) -> pd.DataFrame:
    """A row a picture: the manifest's columns, then the features.

    Raises:
        LearnError: if a description is unknown or a picture cannot be described.
    """
    import pandas as pd

    for name in descriptions:
        if name not in DESCRIPTIONS:
            raise LearnError(f"There is no description {name!r} of a hip; choose from {', '.join(DESCRIPTIONS)}.")
    rows: list[dict[str, Any]] = []
    for case, seen in load_all(list(cases)):
        row: dict[str, Any] = {"image": case.image.name, "patient": case.patient} | case.row
        for name in descriptions:
            row |= DESCRIPTIONS[name](seen.image)
        rows.append(row)
    return pd.DataFrame(rows)


def fit_hip_plane(
    cases: Sequence[Case],
    *,
    label: str = "standard_plane",
    descriptions: Sequence[str] = ("landmarks", "edges"),
    classifier: str = "logistic_regression",
    repeats: int = 5,
    seed: int = 0,
    **choices: Any,
) -> FitResult:
    """Judge and train a classifier of the plane: adequate or not, or the reason of failure.

    Args:
        cases: from :func:`mskus.learn.manifest.read_manifest`; pictures without a label are left out.
        label: the manifest's column, such as ``"standard_plane"`` (0, 1) or ``"reason"``.
        descriptions: of ``landmarks``, ``edges`` and ``brightness``.
        classifier: a name of :func:`mskus.learn.classical.classifiers.classifiers`; a regularised one by default, for
            there are more features than pictures.
        repeats: of the outer folds.
        seed: of everything.
        **choices: further ones of :func:`mskus.learn.classical.fit_classifier`.

    Returns:
        Model, out-of-fold predictions, figures with intervals; ``save(folder)`` writes model and card.

    Raises:
        LearnError: if the column is missing, a class has one case, or a picture cannot be described.
    """
    from mskus.learn.classical import fit_classifier

    table = hip_table(cases, descriptions=descriptions)
    # the manifest's other columns are no features, though they may be numbers
    others = [name for name in table.columns if not name.startswith(("hip_", "hog_"))]
    return fit_classifier(
        table, label=label, classifier=classifier, repeats=repeats, seed=seed, ignore=others,
        **{"selection": "none", "n_features": None, "trials": 0} | choices,
    )  # fmt: skip


def share_among_first(judged: CrossValidated, count: int, *, seed: int = 0) -> Estimate:
    """Share of cases whose true class is among the ``count`` most probable ones, with a bootstrap by patient."""
    from mskus.statistics import bootstrap

    order = np.argsort(-judged.by_repeat, axis=2, kind="stable")[:, :, :count]
    hit = (order == judged.y[None, :, None]).any(2).mean(0)
    return bootstrap(lambda rows: float(hit[rows].mean()), judged.patients, seed=seed)


def _steep_line(part: F32, name: str) -> dict[str, float]:
    """The strongest line that falls to the right: response and angle, by line integrals less those beside it."""
    best, angle = -1.0, 0.0
    for degrees in _STEEP_DEG:
        kernel = _line_kernel(float(degrees))
        response = float(cv2.filter2D(part, cv2.CV_32F, kernel)[15:-15, 15:-15].max())
        if response > best:
            best, angle = response, float(degrees)
    return {f"{name}_strength": best, f"{name}_angle": angle}


def _line_kernel(degrees: float, *, length: float = 30.0) -> F32:
    y, x = np.mgrid[-20:21, -20:21].astype(np.float32)
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    along, across = c * x + s * y, -s * x + c * y
    window = (np.abs(along) <= length / 2).astype(np.float32)
    line = np.exp(-0.5 * (across / 2.0) ** 2) - 0.5 * np.exp(-0.5 * (across / 4.0) ** 2)
    kernel = window * line
    kernel -= window * kernel.sum() / window.sum()
    return np.asarray(kernel / np.abs(kernel).sum(), np.float32)
