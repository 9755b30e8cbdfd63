"""``mskus evaluate TRUTH [PREDICTED]``: judge predicted masks, or the scores and classes of a table."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.cli.features import names
from mskus.cli.options import at_least, spacing

if TYPE_CHECKING:
    import pandas as pd

    from mskus.learn.mask_scores import MaskPair
    from mskus.statistics import AccuracyRow

_FORMS = """
Masks: two folders with masks of the same file names, or one manifest with the columns truth_mask and predicted_mask
(and image, patient, device, spacing_row_mm, spacing_col_mm where known).
Tables: one table with --label and --score (several scores are compared), or --label and --predicted for classes.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "judge predicted masks (Dice, Hausdorff 95, detection) or scores (ROC, calibration, confusion)"
    parser = commands.add_parser(
        "evaluate", help=about, description=about.capitalize() + ".", epilog=_FORMS, allow_abbrev=False
    )
    parser.add_argument("truth", type=Path, metavar="TRUTH", help="folder of drawn masks, manifest or table")
    parser.add_argument("predictions", type=Path, nargs="?", metavar="PREDICTED", help="folder of predicted masks")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER", help="where to write")
    parser.add_argument("--patient", default="patient", metavar="COLUMN", help="column that says who (patient)")
    parser.add_argument("--repeats", type=at_least(0), default=1000, metavar="N", help="bootstrap draws (1000)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    masks = parser.add_argument_group("masks")
    masks.add_argument("--classes", type=names, default=(), metavar="LIST", help="class numbers, like 1,2 (all drawn)")
    masks.add_argument("--images", type=Path, metavar="FOLDER", help="pictures for the sheet of worst cases")
    masks.add_argument("--mm-per-px", type=spacing, metavar="R[,C]", help="scale where none is stated; row,column")
    masks.add_argument("--least-px", type=at_least(1), default=1, metavar="N", help="smaller parts do not count (1)")
    masks.add_argument("--truth-column", default="truth_mask", metavar="COLUMN", help="of a manifest (truth_mask)")
    masks.add_argument("--predicted-column", default="predicted_mask", metavar="COLUMN", help="(predicted_mask)")
    table = parser.add_argument_group("tables")
    table.add_argument("--label", metavar="COLUMN", help="the true class")
    table.add_argument("--score", type=names, default=(), metavar="A,B", help="columns of scores, higher for positive")
    table.add_argument("--predicted", metavar="COLUMN", help="column of the predicted class")
    table.add_argument(
        "--positive", metavar="CLASS", help="the class that scores are for, where labels are not 0 and 1"
    )
    table.add_argument("--threshold", type=float, default=0.5, metavar="T", help="positive at or above it (0.5)")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Judge; 1 if a picture could not be judged."""
    from mskus.errors import LearnError
    from mskus.report.save import make_folder

    if asked.label is not None:
        if asked.predictions is not None:
            raise LearnError("Give one table with --label, or two folders of masks without it.")
        judged = _table(asked)
        make_folder(asked.out)
        _write_table(asked, *judged)
        return 0
    if asked.score or asked.predicted:
        raise LearnError("Say which column holds the true class with --label COLUMN.")
    return _masks(asked)


def _masks(asked: argparse.Namespace) -> int:
    from mskus.cli.figure_table import print_figures
    from mskus.cli.progress import counting
    from mskus.learn.manifest import write_table
    from mskus.learn.mask_scores import ONE_CLASS, score_pairs, summarise, worst
    from mskus.report.save import make_folder

    pairs = _pairs(asked)
    with counting("Judging", shown=not asked.quiet) as progress:
        table, failures = score_pairs(
            pairs, classes=_class_numbers(asked.classes), least_px=asked.least_px, progress=progress
        )
    make_folder(asked.out)
    write_table(table, asked.out / "images.csv")
    summary = summarise(table, repeats=asked.repeats)
    write_table(summary, asked.out / "summary.csv")
    written = ["images.csv", "summary.csv"]
    if table.device.nunique() > 1:
        write_table(summarise(table, by="device", repeats=asked.repeats), asked.out / "by_device.csv")
        written.append("by_device.csv")
    chosen = worst(table)
    if len(chosen):
        _sheet(chosen, {pair.name: pair for pair in pairs}, asked.out / "worst.png", one_class=table.attrs[ONE_CLASS])
        written.append("worst.png")
    for reason in failures.values():
        print(f"mskus: {reason}", file=sys.stderr)
    if not asked.quiet:
        print_figures(summary, lead=("class", "figure", "unit"))
        for one, part in summary.groupby("class"):
            row = part.iloc[0]
            print(
                f"class {one}: {row.images} pictures of {row.patients} patients, "
                f"missed in {row.missed}, invented in {row.invented}"
            )
        print(f"Results: {asked.out}  ({', '.join(written)})")
    return 1 if failures else 0


def _pairs(asked: argparse.Namespace) -> list[MaskPair]:
    from mskus.learn.manifest import read_manifest
    from mskus.learn.mask_scores import pairs_of_cases, pairs_of_folders

    if asked.predictions is not None:
        pairs = pairs_of_folders(asked.truth, asked.predictions, images=asked.images)
    else:
        cases = read_manifest(asked.truth, patient=asked.patient)
        pairs = pairs_of_cases(
            cases, folder=asked.truth.parent, truth=asked.truth_column, predicted=asked.predicted_column
        )
    if asked.mm_per_px is None:
        return pairs
    stated = asked.mm_per_px if isinstance(asked.mm_per_px, tuple) else (asked.mm_per_px, asked.mm_per_px)
    return [pair if pair.spacing_mm else replace(pair, spacing_mm=stated) for pair in pairs]


def _class_numbers(given: tuple[str, ...]) -> list[int] | None:
    from mskus.errors import LearnError

    if not all(name.isdigit() for name in given):
        raise LearnError(f"--classes takes class numbers like 1,2; got {','.join(given)}.")
    return [int(name) for name in given] or None


def _sheet(rows: pd.DataFrame, pairs: dict[str, MaskPair], path: Path, *, one_class: bool) -> None:
    from mskus.learn.mask_scores import picture_of, same_numbers
    from mskus.report.mask_sheet import SheetCase, save_mask_sheet

    cases = []
    for row in rows.to_dict("records"):
        pair = pairs[row["image"]]
        truth, predicted = same_numbers(pair, int(row["class"]), one_class=one_class)
        far = row["hausdorff95"]
        distance = f", HD95 {far:.3g} {row['unit']}" if far < float("inf") else ""
        title = f"{row['image'][:28]}, class {row['class']}\nDice {row['dice']:.2f}{distance}"
        cases.append(SheetCase(picture_of(pair), truth, predicted, title))
    save_mask_sheet(cases, path)


def _table(asked: argparse.Namespace) -> tuple[pd.DataFrame, list[AccuracyRow]]:
    from mskus.errors import LearnError
    from mskus.learn.manifest import read_table
    from mskus.statistics import judge_classes, judge_scores, positive_labels

    table = read_table(asked.truth)
    if not asked.score and asked.predicted is None:
        raise LearnError("Say what to judge: --score COLUMN for scores, or --predicted COLUMN for classes.")
    needed = [asked.label, *asked.score, *([asked.predicted] if asked.predicted else [])]
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise LearnError(
            f"{asked.truth} has no column {missing[0]!r}; its columns are {', '.join(map(str, table.columns))}."
        )
    gaps = table[needed].isna().any(axis=1)
    if gaps.any():
        raise LearnError(
            f"{asked.truth}: {int(gaps.sum())} of {len(table)} rows lack a label, score or class (the first is row "
            f"{int(gaps.to_numpy().argmax()) + 1}); fill them or leave the rows out."
        )
    words = [name for name in asked.score if table[name].dtype.kind not in "fiu"]
    if words:
        raise LearnError(f"Column {words[0]!r} of {asked.truth} holds no numbers; a score is a number.")
    patients = table[asked.patient].to_numpy() if asked.patient in table.columns else None
    rows: list[AccuracyRow] = []
    if asked.score:
        rows += judge_scores(
            positive_labels(table[asked.label], asked.positive),
            {name: table[name].to_numpy(float) for name in asked.score},
            patients=patients,
            threshold=asked.threshold,
            repeats=asked.repeats,
        )
    if asked.predicted:
        rows += judge_classes(table[asked.label], table[asked.predicted], patients=patients, repeats=asked.repeats)
    return table, rows


def _write_table(asked: argparse.Namespace, table: pd.DataFrame, rows: list[AccuracyRow]) -> None:
    from mskus.cli.figure_table import print_figures
    from mskus.learn.manifest import write_table
    from mskus.report.score_plots import save_calibration, save_confusion, save_roc
    from mskus.statistics import confusion_matrix, positive_labels

    frame = accuracy_frame(rows)
    write_table(frame, asked.out / "accuracy.csv")
    written = ["accuracy.csv"]
    patients = table[asked.patient].to_numpy() if asked.patient in table.columns else None
    if asked.score:
        labels = positive_labels(table[asked.label], asked.positive)
        scores = {name: table[name].to_numpy(float) for name in asked.score}
        save_roc(labels, scores, asked.out / "roc.png", patients=patients)
        written.append("roc.png")
        chances = {name: s for name, s in scores.items() if s.min() >= 0 and s.max() <= 1}
        if chances:
            save_calibration(labels, chances, asked.out / "calibration.png")
            written.append("calibration.png")
        for name, s in scores.items():
            counts, classes = confusion_matrix(labels, (s >= asked.threshold).astype(int), classes=[0, 1])
            file = f"confusion_{''.join(c if c.isalnum() else '-' for c in name)}.png"
            save_confusion(counts, classes, asked.out / file)
            written.append(file)
    if asked.predicted:
        counts, classes = confusion_matrix(table[asked.label].astype(str), table[asked.predicted].astype(str))
        save_confusion(counts, classes, asked.out / "confusion.png")
        written.append("confusion.png")
    if not asked.quiet:
        print_figures(frame, lead=("of", "figure"))
        who = "every row its own patient" if patients is None else f"{len(set(patients.tolist()))} patients"
        print(f"{len(table)} rows, {who}. Results: {asked.out}  ({', '.join(written)})")


def accuracy_frame(rows: list[AccuracyRow]) -> pd.DataFrame:
    """The figures as a table."""
    import pandas as pd

    from mskus.cli.figure_table import figure_cells

    return pd.DataFrame(
        {
            "of": row.of,
            "figure": row.figure,
            **figure_cells(row.estimate, row.by_patient),
            "note": row.note,
        }
        for row in rows
    )
