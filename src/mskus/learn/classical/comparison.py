"""Compare pipelines on the same patients-wise split: run the cells of a grid, keep each, resume."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mskus.errors import LearnError, MskusError, SaveError
from mskus.features.family import FeatureRegion, FeatureSettings
from mskus.features.table import chosen_families, feature_row
from mskus.learn.classical.cell_result import CellResult, read_result, write_result
from mskus.learn.classical.classifiers import classifier_kind
from mskus.learn.classical.columns import feature_columns, feature_matrix, labels, patients
from mskus.learn.classical.folds import check_patients
from mskus.learn.classical.grid import Cell, Grid
from mskus.learn.classical.scores import auc
from mskus.learn.classical.selection import selection_kind
from mskus.learn.classical.validation import CrossValidated, class_numbers, nested_cross_validation
from mskus.learn.feature_extraction import extract_features
from mskus.learn.manifest import Case, read_manifest, read_table, write_table
from mskus.learn.near_duplicates import COPY
from mskus.learn.split_guard import guard

if TYPE_CHECKING:
    import pandas as pd


def compare(
    grid: Grid,
    *,
    out: Path,
    jobs: int = 1,
    guarded: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> list[CellResult]:
    """Run every cell of a grid that has not been run, and return all, best first.

    Each result is written to ``out/cells`` as it ends, features to ``out/features``; what is there and was made from
    the same data and settings is not made again. A cell that fails is kept with its reason and the others go on.

    Args:
        grid: what to compare.
        out: folder.
        jobs: processes that work on outer folds.
        guarded: stop where pictures of two patients are copies, or burned-in marks give the class away.
        progress: called with cells done and cells in all.

    Raises:
        LeakError: if a split by patient would leak, with the list.
        LearnError: if the manifest or the labels do not allow a comparison at all.
        SaveError: if the folder cannot be written.
    """
    cases = read_manifest(grid.manifest, patient=grid.patient)
    data = _fingerprint(grid.manifest, cases)
    cells = list({cell.name: cell for cell in grid.cells()}.values())
    _check(grid, cells, cases)
    paths = {cell.name: out / "cells" / f"{cell.key(data=data, **grid.judged_alike())}.json" for cell in cells}
    if guarded and not all(path.is_file() for path in paths.values()):
        labelled = [case for case in cases if grid.label in case.row]
        guard(labelled, folds=[case.patient for case in labelled], label=grid.label, alike=COPY)
    try:
        for folder in ("cells", "features"):
            (out / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{out} cannot be written: {error.strerror or error}.") from error
    tables: dict[str, pd.DataFrame] = {}
    results = []
    for count, cell in enumerate(cells, start=1):
        result = read_result(paths[cell.name])
        if result is None:
            if cell.chain not in tables:
                tables[cell.chain] = _features(cell, grid, cases, data=data, folder=out / "features")
            result = _run(cell, grid, tables[cell.chain], jobs=jobs)
            write_result(paths[cell.name], result)
        results.append(result)
        if progress is not None:
            progress(count, len(cells))
    return sorted(results, key=lambda r: -np.nan_to_num(r.auc.value, nan=-1.0))


def _check(grid: Grid, cells: Sequence[Cell], cases: Sequence[Case]) -> None:
    """See that labels, patients and every name will do, before hours go into features."""
    import pandas as pd

    from mskus.enhance import method_named

    cell_labels = labels(pd.DataFrame([case.row for case in cases]), grid.label)
    known = cell_labels != ""
    classes, y = class_numbers(cell_labels[known], positive=grid.positive)
    # the manifest would make every row a patient of its own, and the folds would leak
    if not any(grid.patient in case.row for case in cases):
        raise LearnError(
            f"{grid.manifest} has no column {grid.patient!r} that says who; name it, or where every picture is of "
            "another person name the column of the picture."
        )
    who = np.array([case.patient or f"case {n}" for n, case in enumerate(cases)])
    check_patients(y, who[known], names=classes)
    for cell in cells:
        chosen_families(cell.features)
        classifier_kind(cell.classifier)
        if cell.selection != "none":
            selection_kind(cell.selection)
        for step in cell.preprocess:
            method_named(step.method)


def _run(cell: Cell, grid: Grid, table: pd.DataFrame, *, jobs: int) -> CellResult:
    started = time.perf_counter()
    known = labels(table, grid.label) != ""
    table = table[known]
    names = _columns(cell, table)
    try:
        judged = nested_cross_validation(
            feature_matrix(table, names),
            labels(table, grid.label),
            patients(table, "patient"),
            classifier=cell.classifier,
            selection=cell.selection,
            n_features=grid.n_features,
            trials=grid.trials,
            outer_folds=grid.outer_folds,
            repeats=grid.repeats,
            seed=grid.seed,
            positive=grid.positive,
            jobs=jobs,
        )
    except MskusError as error:
        return _result(cell, names, failure=str(error))
    return _result(
        cell,
        names,
        scores=judged.scores(seed=grid.seed),
        patient_scores=judged.patient_scores(seed=grid.seed),
        fold_auc=_fold_auc(judged),
        truth=tuple(judged.y.tolist()),
        probabilities=tuple(map(tuple, judged.probabilities.tolist())),
        patients=tuple(judged.patients.tolist()),
        seconds=time.perf_counter() - started,
    )


def _result(cell: Cell, names: Sequence[str], **found: Any) -> CellResult:
    return CellResult(
        name=cell.name,
        preprocess=cell.chain,
        features=cell.family_names,
        selection=cell.selection,
        classifier=cell.classifier,
        n_columns=len(names),
        **found,
    )


def _fold_auc(judged: CrossValidated) -> tuple[float | None, ...]:
    found: list[float | None] = []
    for chances, fold in zip(judged.by_repeat, judged.fold, strict=True):
        for number in np.unique(fold):
            area = auc(judged.y[fold == number], chances[fold == number])
            found.append(None if np.isnan(area) else area)
    return tuple(found)


def _features(cell: Cell, grid: Grid, cases: list[Case], *, data: str, folder: Path) -> pd.DataFrame:
    """All families of a preprocessing at once, from the folder if they are there."""
    settings = FeatureSettings(bin_count=grid.bins)
    needed = () if any(not c.features for c in grid.cells()) else sorted({f for c in grid.cells() for f in c.features})
    key = Cell(preprocess=cell.preprocess, features=tuple(needed), selection="", classifier="").key(
        data=data, settings=settings.text(), patient=grid.patient
    )
    path = folder / f"{key}.csv"
    if path.is_file():
        return read_table(path)
    extracted = extract_features(cases, enhance=cell.preprocess, names=needed, settings=settings)
    if extracted.failures:
        first = next(iter(extracted.failures.values()))
        raise LearnError(
            f"{len(extracted.failures)} of {len(cases)} cases cannot be described, the first: {first} "
            "Leave them out of the manifest, so that every cell sees the same pictures."
        )
    write_table(extracted.table, path)
    return extracted.table


def _columns(cell: Cell, table: pd.DataFrame) -> list[str]:
    names = feature_columns(table)
    if not cell.features:
        return names
    tags = family_tags(cell.features)
    return [name for name in names if name.partition("_")[0] in tags]


def family_tags(names: Sequence[str]) -> set[str]:
    """First words of the columns of some families, like ``{"cm"}`` for ``glcm``."""
    trial = FeatureRegion.of(np.random.default_rng(0).integers(0, 255, (24, 24)), spacing_mm=(0.1, 0.1))
    return {column.partition("_")[0] for column in feature_row(trial, names=names)}


def _fingerprint(manifest: Path, cases: list[Case]) -> str:
    """Of the manifest's bytes and those of every picture and mask that it names."""
    digest = hashlib.sha256(manifest.read_bytes())
    for path in (p for case in cases for p in (case.image, case.mask) if p is not None and p.is_file()):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
