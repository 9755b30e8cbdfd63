"""``mskus fit TABLE --label COLUMN -o MODEL``: judge and train a classifier of regions."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.cli.features import names
from mskus.cli.options import at_least

if TYPE_CHECKING:
    from mskus.learn.classical import FitResult

_EPILOG = """
The scores come from nested cross-validation by patient: selection, tuning, calibration and threshold are done anew in
each fold, on its training patients only. The model itself is then trained on all rows. MODEL is a folder with
model.skops and card.json; `mskus predict` uses it.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "train a classifier on a table of features, judged by nested cross-validation by patient"
    parser = commands.add_parser(
        "fit", help=about, description=about.capitalize() + ".", epilog=_EPILOG, allow_abbrev=False
    )
    parser.add_argument("table", nargs="?", type=Path, metavar="TABLE", help="features, .csv or .parquet")
    parser.add_argument("--label", metavar="COLUMN", help="column to predict")
    parser.add_argument("-o", "--out", type=Path, metavar="MODEL", help="folder to write the model and its card to")
    parser.add_argument("--patient", default="patient", metavar="COLUMN", help="column that says who (patient)")
    parser.add_argument("--positive", metavar="CLASS", help="the positive of two classes (the later in the alphabet)")
    parser.add_argument("--ignore", type=names, default=(), metavar="LIST", help="columns that are no features")
    recipe = parser.add_argument_group("recipe")
    recipe.add_argument("--classifier", default="random_forest", metavar="NAME", help="see --list (random_forest)")
    recipe.add_argument("--selection", default="mrmr", metavar="NAME", help="see --list, or none (mrmr)")
    recipe.add_argument("--n-features", type=_number_or_auto, default=20, metavar="N", help="kept, or auto (20)")
    recipe.add_argument("--correlation-limit", type=float, metavar="R", help="leave out the later of two such twins")
    recipe.add_argument("--imbalance", choices=("weights", "oversample", "none"), default="weights")
    recipe.add_argument("--calibration", choices=("sigmoid", "isotonic", "none"), default="sigmoid")
    recipe.add_argument("--patient-rule", choices=("mean", "max", "majority"), default="mean")
    judged = parser.add_argument_group("how it is judged")
    judged.add_argument("--folds", type=_folds, default=5, metavar="N", help="by patient; or leave-one-out (5)")
    judged.add_argument("--repeats", type=at_least(1), default=1, metavar="N", help="of the folds, shuffled anew (1)")
    judged.add_argument("--trials", type=at_least(0), default=25, metavar="N", help="of Optuna in each fold (25)")
    judged.add_argument("--seed", type=int, default=0, metavar="N", help="of everything (0)")
    judged.add_argument("--jobs", type=at_least(1), default=1, metavar="N", help="processes (1)")
    judged.add_argument("--resume-file", type=Path, metavar="FILE", help="SQLite file that keeps the search")
    parser.add_argument("--list", action="store_true", help="list classifiers and selections with sources, and leave")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Fit, show the scores, save."""
    from mskus.cli.progress import counting
    from mskus.errors import LearnError

    if asked.list:
        return _list()
    if asked.table is None or asked.label is None or asked.out is None:
        raise LearnError("Give a table of features, its --label column, and the folder for the model with -o.")
    from mskus.learn.classical import fit_classifier
    from mskus.learn.manifest import read_table

    taken_over = ("label", "patient", "positive", "ignore", "repeats", "seed", "jobs")
    recipe = ("classifier", "selection", "n_features", "correlation_limit", "imbalance", "calibration", "patient_rule")
    with counting("Outer folds", shown=sys.stderr.isatty()) as progress:
        result = fit_classifier(
            read_table(asked.table),
            **{option: getattr(asked, option) for option in (*taken_over, *recipe, "trials")},
            outer_folds=asked.folds,
            storage=asked.resume_file,
            name=asked.table.name,
            progress=progress,
        )
    result.save(asked.out)
    for note in result.notes:
        print(f"mskus: {note}", file=sys.stderr)
    _print_scores(result)
    print(f"Model: {asked.out}  (model.skops, card.json). Research software, not validated on patients.")
    return 0


def _print_scores(result: FitResult) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from mskus.cli.tables import console

    data, by_patient = result.card.data, result.patient_scores
    table = Table(title=result.card.task, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("Figure")
    table.add_column("By picture (95 % interval)", justify="right")
    if by_patient:
        table.add_column("By patient (95 % interval)", justify="right")
    for name, estimate in result.scores.items():
        table.add_row(name, estimate.text(), *([by_patient[name].text()] if by_patient else []))
    console().print(table)
    counts = ", ".join(f"{n} {name}" for name, n in data.rows_by_class.items())
    positive = f"; positive is {result.model.classes[1]}" if len(result.model.classes) == 2 else ""
    print(f"{data.rows} pictures ({counts}) of {data.patients} patients; {result.card.split}{positive}.")
    often = [f"{name} ({n})" for name, n in list(result.times_selected.items())[:5]]
    print(f"Most often selected, of {len(result.validated.records)} folds: {', '.join(often)}.")


def _list() -> int:
    from mskus.learn.classical.classifiers import classifiers
    from mskus.learn.classical.selection import selections

    for title, kinds in (("classifiers", classifiers()), ("selections", selections())):
        print(title)
        for name, kind in kinds.items():
            print(f"  {name:<24} {kind.source}")
    return 0


def _number_or_auto(text: str) -> int | None:
    number: int | None = None if text == "auto" else at_least(1)(text)
    return number


def _folds(text: str) -> int | str:
    folds: int | str = "leave_one_patient_out" if text == "leave-one-out" else at_least(2)(text)
    return folds
