"""``mskus compare GRID -o OUT``: preprocess x features x selection x classifier on one patients-wise split."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.cli.options import at_least, existing_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mskus.learn.classical.cell_result import CellResult

_GRID = """
GRID is a YAML file:

  manifest: manifest.csv
  label: diagnosis
  positive: affected
  preprocess: [none, srad, {median: {size_px: 5}}, [srad, clahe]]
  features: [all, glcm, [lbp, mbp]]
  selection: [none, mrmr]
  classifier: [logistic_regression, random_forest]
  n_features: 20
  trials: 10
  outer_folds: 5

OUT holds ranking.csv, critical_difference.png, and what resuming needs. Run it again after a stop: what is done stays.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "compare classical pipelines by nested cross-validation over patients; ranked table, resumable"
    parser = commands.add_parser(
        "compare",
        help=about,
        description=about.capitalize() + ".",
        epilog=_GRID,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("grid", type=existing_file, metavar="GRID", help="the grid, YAML")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for the results")
    parser.add_argument("-j", "--jobs", type=at_least(1), default=1, metavar="N", help="number of processes (1)")
    parser.add_argument(
        "--allow-leaks", action="store_true", help="go on although copies cross patients or marks give the class away"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Compare and save; 1 if any cell failed."""
    from mskus.cli.progress import counting
    from mskus.learn.classical.comparison import compare
    from mskus.learn.classical.grid import read_grid
    from mskus.learn.classical.ranking import ranking
    from mskus.learn.manifest import write_table

    grid = read_grid(asked.grid)
    with counting("Comparing", shown=not asked.quiet) as progress:
        results = compare(grid, out=asked.out, jobs=asked.jobs, guarded=not asked.allow_leaks, progress=progress)
    write_table(ranking(results), asked.out / "ranking.csv")
    drawn = _draw(results, asked.out / "critical_difference.png")
    for failed in (r for r in results if r.failure):
        print(f"mskus: {failed.name}: {failed.failure}", file=sys.stderr)
    if not asked.quiet:
        _print([r for r in results if not r.failure])
        print(f"Results: {asked.out}{'' if drawn else ' (too few complete folds for a critical-difference plot)'}")
    return 1 if any(r.failure for r in results) else 0


def _draw(results: Sequence[CellResult], path: Path) -> bool:
    """The critical-difference plot over outer folds, where at least two cells and two folds allow one."""
    import numpy as np

    from mskus.errors import StatisticsError
    from mskus.report.agreement_plots import save_critical_difference
    from mskus.statistics import critical_difference

    done = [r for r in results if not r.failure]
    try:
        scores = np.array([[np.nan if a is None else a for a in r.fold_auc] for r in done], float).T
        save_critical_difference(
            critical_difference(scores), path, names=[r.name for r in done], title="Area under the curve"
        )
    except StatisticsError:
        return False
    return True


def _print(results: Sequence[CellResult], *, shown: int = 20) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from mskus.cli.tables import console
    from mskus.learn.classical.ranking import auc_difference, winner_without_optimism

    table = Table(box=SIMPLE_HEAD)
    for name in ("", "Preprocess", "Features", "Selection", "Classifier"):
        table.add_column(name)
    for name in ("AUC (95 %)", "by patient", "balanced acc.", "behind best"):
        table.add_column(name, justify="right")
    for place, r in enumerate(results[:shown], start=1):
        words = (str(place), r.preprocess, r.features, r.selection, r.classifier)
        by_patient = r.patient_scores.get("AUC")
        table.add_row(
            *words,
            r.auc.text(),
            "" if by_patient is None else by_patient.text(),
            f"{r.scores['balanced accuracy'].value:.2f}",
            "" if place == 1 else auc_difference(results[0], r).text(),
        )
    console().print(table)
    if len(results) > 1:
        print(
            f"The best was chosen among {len(results)}; to expect of it on new patients: AUC "
            f"{winner_without_optimism(results).text()}."
        )
