"""``mskus predict MODEL TABLE -o PREDICTIONS``: a trained classifier on a table of features."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "classify the rows of a table of features, and their patients, with a model of mskus fit"
    parser = commands.add_parser("predict", help=about, description=about.capitalize() + ".", allow_abbrev=False)
    parser.add_argument("model", type=Path, metavar="MODEL", help="folder written by mskus fit")
    parser.add_argument("table", type=Path, metavar="TABLE", help="features, computed as for the training")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="PREDICTIONS", help="table to write")
    parser.add_argument("--patient", default="patient", metavar="COLUMN", help="column that says who (patient)")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Predict and save."""
    from mskus.learn.classical import load_model, predict_table
    from mskus.learn.manifest import read_table, write_table

    model, table = load_model(asked.model), read_table(asked.table)
    write_table(predict_table(model, table, patient=asked.patient), asked.out)
    decided = {"pictures": model.predict(table).tolist()}
    if asked.patient in table.columns:
        decided["patients"] = model.predict_patients(table, patient=asked.patient)["predicted"].tolist()
    for what, classes in decided.items():
        print(f"{len(classes)} {what}: {', '.join(f'{n} {name}' for name, n in Counter(classes).most_common())}")
    print(f"Predictions: {asked.out}. Research software, not validated on patients.")
    return 0
