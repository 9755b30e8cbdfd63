"""Predicted against drawn masks: overlap, distance of outlines and detection, per class and image, and in sum.

Torch-free; a network's evaluation and ``mskus evaluate`` share it. The figures and their rules for empty masks are
those of :mod:`mskus.statistics`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError, MskusError
from mskus.learn.manifest import Case, class_numbers, load, picture_names
from mskus.statistics import Estimate, detection, dice, iou, surface_distance, with_bootstrap
from mskus.statistics.detection import THRESHOLDS

if TYPE_CHECKING:
    import pandas as pd

ONE_CLASS = "one class"  # of a table's attributes: whether all masks are of one class, whatever its number
PICTURES = (".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg")


@dataclass(frozen=True, kw_only=True)
class MaskPair:
    """Two masks of one picture.

    Attributes:
        name: of the picture.
        truth: the drawn mask, a picture of class numbers.
        predicted: the other one.
        image: the picture itself, or None.
        patient: who.
        device: machine, or empty.
        spacing_mm: ``(row, column)`` mm per pixel, or None: lengths are then in pixels.
    """

    name: str
    truth: Path
    predicted: Path
    image: Path | None = None
    patient: str = ""
    device: str = ""
    spacing_mm: tuple[float, float] | None = None


Held = tuple[MaskPair, NDArray[np.integer[Any]], NDArray[np.integer[Any]]]


def pairs_of_folders(truth: Path, predicted: Path, *, images: Path | None = None) -> list[MaskPair]:
    """Masks of two folders, paired by file name without ending; each its own patient.

    Raises:
        LearnError: if a folder is missing or empty, or a drawn mask has no predicted one.
    """
    drawn, found = _pictures(truth), _pictures(predicted)
    missing = [name for name in drawn if name not in found]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise LearnError(f"{predicted} has no mask named {missing[0]}{more}; every drawn mask needs a predicted one.")
    pictures = {} if images is None else _pictures(images)
    return [
        MaskPair(name=name, truth=path, predicted=found[name], image=pictures.get(name), patient=name)
        for name, path in drawn.items()
    ]


def pairs_of_cases(
    cases: Sequence[Case], *, folder: Path, truth: str = "truth_mask", predicted: str = "predicted_mask"
) -> list[MaskPair]:
    """Masks named by two columns of a manifest.

    Args:
        cases: of :func:`mskus.learn.manifest.read_manifest`.
        folder: that the columns' paths are relative to.
        truth: column of the drawn masks.
        predicted: column of the predicted ones.

    Raises:
        LearnError: if a column is missing, or a row has no entry in it.
    """
    for number, case in enumerate(cases):
        absent = [name for name in (truth, predicted) if name not in case.row]
        if absent:
            raise LearnError(f"Row {number + 1} ({case.image}) names no {absent[0]}; every row needs both masks.")
    return [
        MaskPair(
            name=name,
            truth=folder / str(case.row[truth]),
            predicted=folder / str(case.row[predicted]),
            image=case.image,
            patient=case.patient,
            device=case.device,
            spacing_mm=case.spacing_mm,
        )
        for name, case in zip(picture_names(cases), cases, strict=True)
    ]


def score_mask(
    truth: NDArray[np.generic],
    predicted: NDArray[np.generic],
    *,
    classes: Iterable[int],
    spacing_mm: tuple[float, float] | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    least_px: int = 1,
) -> list[dict[str, Any]]:
    """Figures of one picture, a row a class.

    Args:
        truth: ``(H, W)`` class numbers.
        predicted: ``(H, W)`` class numbers.
        classes: to judge.
        spacing_mm: ``(row, column)``; without it distances are in pixels and ``unit`` says so.
        thresholds: of IoU, for the counts of found parts ``tp_0.5``, ``fp_0.5``, ``fn_0.5`` ...
        least_px: smaller parts do not count.

    Raises:
        StatisticsError: if the masks differ in size.
    """
    rows = []
    for one in classes:
        a, b = np.asarray(truth == one), np.asarray(predicted == one)
        distance = surface_distance(a, b, spacing_mm=spacing_mm or (1.0, 1.0))
        row: dict[str, Any] = {
            "class": int(one),
            "dice": dice(a, b),
            "iou": iou(a, b),
            "hausdorff": distance.hausdorff_mm,
            "hausdorff95": distance.hausdorff95_mm,
            "mean_surface_distance": distance.mean_mm,
            "unit": "px" if spacing_mm is None else "mm",
            "truth_px": int(a.sum()),
            "predicted_px": int(b.sum()),
        }
        for found in detection(a, b, thresholds=thresholds, least_px=least_px):
            for short, count in (("tp", found[1]), ("fp", found[2]), ("fn", found[3])):
                row[f"{short}_{found.threshold:g}"] = count
        rows.append(row)
    return rows


def score_pairs(
    pairs: Sequence[MaskPair],
    *,
    classes: Sequence[int] | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    least_px: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Figures of every picture and class.

    Masks of one class are taken for the same class whatever their number (1 in one folder, 255 in the other).

    Args:
        pairs: the masks.
        classes: class numbers to judge; all above zero that are drawn anywhere where not given.
        thresholds: of IoU, for detection.
        least_px: smaller parts do not count.
        progress: told of done and total.

    Returns:
        The table, and why a picture failed, by name.

    Raises:
        LearnError: if no picture could be judged, or a class is predicted that is drawn nowhere.
    """
    import pandas as pd

    held: list[Held] = []
    failures: dict[str, str] = {}
    for number, pair in enumerate(pairs, start=1):
        try:
            truth, predicted = class_numbers(pair.truth), class_numbers(pair.predicted)
            if truth.shape != predicted.shape:
                raise LearnError(
                    f"{pair.predicted} is {predicted.shape[1]} x {predicted.shape[0]} pixels but {pair.truth} "
                    f"{truth.shape[1]} x {truth.shape[0]}; both must be of the same picture."
                )
            held.append((pair, truth, predicted))
        except MskusError as error:
            failures[pair.name] = str(error)
        if progress is not None:
            progress(number, len(pairs))
    if not held:
        raise LearnError(f"None of {len(pairs)} pictures could be judged; the first: {next(iter(failures.values()))}")
    judged, rename = _classes(held, classes)
    rows: list[dict[str, Any]] = []
    for pair, truth, predicted in held:
        said = np.where(predicted > 0, rename, 0) if rename else predicted
        drawn = np.where(truth > 0, rename, 0) if rename else truth
        identity = {"image": pair.name, "patient": pair.patient, "device": pair.device}
        for row in score_mask(
            drawn, said, classes=judged, spacing_mm=pair.spacing_mm, thresholds=thresholds, least_px=least_px
        ):
            rows.append({**identity, **row})
    table = pd.DataFrame(rows)
    table.attrs[ONE_CLASS] = rename != 0
    return table, failures


def summarise(table: pd.DataFrame, *, by: str | None = None, repeats: int = 1000) -> pd.DataFrame:
    """Means over pictures with bootstrap intervals by patient, a row a class (and value of ``by``).

    A picture in which a class is neither drawn nor predicted does not count for its overlap. Infinite distances (a
    class missed or invented) are left out of the mean distance and counted in ``missed`` and ``invented``.

    Args:
        table: of :func:`score_pairs`.
        by: a column, such as ``"device"``.
        repeats: bootstrap draws.

    Returns:
        Columns ``class``, ``by``, ``figure``, ``value``, ``low``, ``high``, ``unit``, ``images``, ``patients``,
        ``missed``, ``invented``.
    """
    import pandas as pd

    keys = ["class", "unit"] + ([by] if by else [])
    rows = []
    for key, part in table.groupby(keys, sort=True):
        found = dict(zip(keys, key, strict=True))
        there = (part.truth_px > 0) | (part.predicted_px > 0)
        counts = {
            "images": int(there.sum()),
            "patients": int(part.patient[there].nunique()),
            "missed": int(((part.truth_px > 0) & (part.predicted_px == 0)).sum()),
            "invented": int(((part.truth_px == 0) & (part.predicted_px > 0)).sum()),
        }
        for figure, unit, estimate in _figures(part, str(found["unit"]), repeats):
            rows.append(
                {
                    "class": found["class"],
                    **({by: found[by]} if by else {}),
                    "figure": figure,
                    "value": estimate.value,
                    "low": estimate.low,
                    "high": estimate.high,
                    "unit": unit,
                    **counts,
                }
            )
    return pd.DataFrame(rows)


def worst(table: pd.DataFrame, *, count: int = 12) -> pd.DataFrame:
    """Rows of the lowest Dice, missed structures first, then by distance."""
    known = table[table.dice.notna()]
    return known.sort_values(["dice", "hausdorff95"], ascending=[True, False], kind="stable").head(count)


def same_numbers(pair: MaskPair, one: int, *, one_class: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Both masks of a class as bool; where the set has ``one_class``, it is that class whatever the number."""
    truth, predicted = class_numbers(pair.truth), class_numbers(pair.predicted)
    if one_class:
        return np.asarray(truth > 0), np.asarray(predicted > 0)
    return np.asarray(truth == one), np.asarray(predicted == one)


def picture_of(pair: MaskPair) -> NDArray[np.float32] | None:
    """The picture that the masks are of, or None where it is not known or cannot be read."""
    if pair.image is None:
        return None
    try:
        return load(Case(image=pair.image)).image
    except MskusError:
        return None


def _figures(part: pd.DataFrame, unit: str, repeats: int) -> Iterable[tuple[str, str, Estimate]]:
    patients = part.patient.to_numpy()
    for figure in ("dice", "iou", "hausdorff95", "mean_surface_distance"):
        values = part[figure].to_numpy(float)
        yield (
            figure,
            unit if "dist" in figure or "haus" in figure else "1",
            with_bootstrap(_finite_mean, values, patients=patients, repeats=repeats),
        )
    for name in (column for column in part.columns if column.startswith("tp_")):
        threshold = name.removeprefix("tp_")
        counts = part[[name, f"fp_{threshold}", f"fn_{threshold}"]].to_numpy(float)
        yield (
            f"detection F at IoU {threshold}",
            "1",
            with_bootstrap(_f1_of_counts, counts, patients=patients, repeats=repeats),
        )


def _finite_mean(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _f1_of_counts(counts: NDArray[np.float64]) -> float:
    hits, invented, missed = counts.sum(axis=0)
    return float(2 * hits / (2 * hits + invented + missed)) if hits + invented + missed else float("nan")


def _classes(held: Sequence[Held], asked: Sequence[int] | None) -> tuple[list[int], int]:
    """Classes to judge, and the one number that all above zero stands for (0: numbers are as they are)."""
    drawn: set[int] = set().union(*(np.unique(truth).tolist() for _, truth, _ in held)) - {0}
    said: set[int] = set().union(*(np.unique(found).tolist() for _, _, found in held)) - {0}
    if asked:
        return sorted(set(asked)), 0
    if not drawn and not said:
        raise LearnError("All masks are empty; there is nothing to judge.")
    if len(drawn) <= 1 and len(said) <= 1:
        return (only := sorted(drawn or said)), only[0]
    strange = sorted(said - drawn)
    if strange:
        raise LearnError(
            f"Class {strange[0]} is predicted but drawn nowhere (drawn: {', '.join(map(str, sorted(drawn)))}); "
            "give the classes to judge with --classes."
        )
    return sorted(drawn), 0


def _pictures(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise LearnError(f"{folder} is not a folder of masks.")
    found = {p.stem: p for p in sorted(folder.iterdir()) if p.suffix.lower() in PICTURES}
    if not found:
        raise LearnError(f"{folder} holds no pictures ({', '.join(PICTURES)}).")
    return found
