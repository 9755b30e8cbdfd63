"""``mskus zscore MANIFEST -o TABLE``: echo intensity and thickness against reference values, and the Heckmatt grade."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mskus.cli.options import existing_file

_MANIFEST = """
The manifest needs the columns image, mask and muscle and, as far as the reference asks for them, device, age_years,
sex, height_cm and weight_kg; thickness_mm where it was measured, and bone_in_view (0 or 1) where a Heckmatt grade is
wanted. Without --reference the shipped example is used: it was made from simulated people and is not for patients.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "z-scores of echo intensity and thickness against reference values, and the Heckmatt grade"
    parser = commands.add_parser(
        "zscore", help=about, description=about.capitalize() + ".", epilog=_MANIFEST, allow_abbrev=False
    )
    parser.add_argument("manifest", type=existing_file, metavar="MANIFEST", help="table of pictures")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="TABLE", help="table to write, .csv or .parquet"
    )
    parser.add_argument(
        "--reference", type=existing_file, metavar="TABLE", help="reference equations of your own people"
    )
    parser.add_argument("--patient", default="patient", metavar="COLUMN", help="column that says who (patient)")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Score all; 1 if a picture has no echo z-score."""
    from mskus.features.reference import ReferenceTable, simulated_reference
    from mskus.learn.applications.muscle_disease import seen_cases
    from mskus.learn.applications.reference_scores import reference_scores
    from mskus.learn.manifest import read_manifest, write_table

    reference = simulated_reference() if asked.reference is None else ReferenceTable.read(asked.reference)
    if asked.reference is None:
        print("mskus: the reference is a simulated example, not for patients; give --reference.", file=sys.stderr)
    table = reference_scores(seen_cases(read_manifest(asked.manifest, patient=asked.patient)), reference=reference)
    write_table(table, asked.out)
    scored, graded = int(table["z_echo"].notna().sum()), int(table["heckmatt"].notna().sum())
    print(f"{scored} of {len(table)} pictures have an echo z-score, {graded} a Heckmatt grade. Table: {asked.out}")
    for reason, count in table.loc[table["z_echo"].isna(), "withheld"].value_counts().head(5).items():
        print(f"mskus: withheld in {count}: {reason}", file=sys.stderr)
    return 0 if scored == len(table) else 1
