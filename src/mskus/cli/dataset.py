"""``mskus dataset init|check|import``: labelled pictures, before anything is learned from them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_FORMATS = ("coco", "labelme", "cvat", "via", "nifti", "slicer")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "make a manifest of labelled pictures, import one from annotation tools, check one before training"
    parser = commands.add_parser("dataset", help=about, description=about.capitalize() + ".", allow_abbrev=False)
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)

    init = steps.add_parser("init", help="write the manifest of a folder with images/ and masks/", allow_abbrev=False)
    init.add_argument("folder", type=Path, metavar="FOLDER", help="sub-folders of images/, or names, say the patient")
    init.add_argument("-o", "--out", type=Path, metavar="TABLE", help=".csv or .parquet (FOLDER/manifest.csv)")
    init.set_defaults(run=run_init)

    check = steps.add_parser(
        "check", help="counts, displaced masks, duplicates, leaks, scale; 1 if there is a problem", allow_abbrev=False
    )
    check.add_argument("manifest", type=Path, metavar="MANIFEST", help="table, or folder with images/ and masks/")
    check.add_argument("-o", "--out", type=Path, metavar="DIR", help="write report.md, rows.csv, contact_sheet.png")
    check.add_argument("--classes", metavar="LIST", help="mask values, like nerve=1,vessel=2 (classes.json, or each)")
    check.add_argument("--split", metavar="COLUMN", help="column that says the side of a split")
    check.add_argument("--patient", default="patient", metavar="COLUMN", help="column that says who (patient)")
    check.add_argument("-q", "--quiet", action="store_true", help="print problems only")
    check.set_defaults(run=run_check)

    imported = steps.add_parser(
        "import",
        help="annotations of COCO, LabelMe, CVAT, VGG VIA, NIfTI, 3D Slicer to masks and a manifest",
        allow_abbrev=False,
    )
    imported.add_argument("format", choices=_FORMATS, metavar="FORMAT", help=", ".join(_FORMATS))
    imported.add_argument(
        "path", type=Path, metavar="PATH", help="the annotation file; of LabelMe and label maps a folder as well"
    )
    imported.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="for manifest.csv and masks/")
    imported.add_argument("--images", type=Path, metavar="DIR", help="where the pictures are (beside PATH)")
    imported.add_argument("--classes", metavar="LIST", help="labels to take, like nerve=1,vessel=2 (all, by name)")
    imported.set_defaults(run=run_import)


def run_init(asked: argparse.Namespace) -> int:
    """Write the manifest of a folder."""
    import os

    from mskus.errors import LearnError
    from mskus.learn.dataset.folder import table_of_folder
    from mskus.learn.manifest import write_table

    table = table_of_folder(asked.folder)
    out = asked.out or asked.folder / "manifest.csv"
    if out.exists():
        raise LearnError(
            f"{out} is there already, perhaps with columns filled by hand; move it, or name another by -o."
        )
    for column in ("image", "mask"):
        # paths in a manifest are relative to the manifest
        given = table[column]
        table[column] = [Path(os.path.relpath(asked.folder / p, out.parent)).as_posix() if p else "" for p in given]
    write_table(table, out)
    who = f"{table['patient'].nunique()} patient(s)" if "patient" in table else "no patients known"
    print(f"{len(table)} pictures, {int((table['mask'] != '').sum())} masks, {who}. Manifest: {out}")
    return 0


def run_check(asked: argparse.Namespace) -> int:
    """Say what was found; 1 if there is a problem."""
    from mskus.cli.progress import counting
    from mskus.learn.dataset.check import check_dataset
    from mskus.learn.dataset.check_report import headline, save_check
    from mskus.learn.dataset.classes import parse_classes, read_classes
    from mskus.learn.manifest import read_manifest

    cases = read_manifest(asked.manifest, patient=asked.patient, check_files=False)
    classes = parse_classes(asked.classes) if asked.classes else read_classes(asked.manifest)
    with counting("Looking", shown=not asked.quiet and sys.stderr.isatty()) as progress:
        checked = check_dataset(cases, classes=classes or None, split=asked.split, progress=progress)
    for line in headline(checked):
        if line.startswith("PROBLEM") or not asked.quiet:
            print(line)
    if asked.out is not None:
        save_check(checked, asked.out)
        if not asked.quiet:
            print(f"Report: {asked.out / 'report.md'}, with contact_sheet.png and rows.csv")
    return 1 if checked.problems else 0


def run_import(asked: argparse.Namespace) -> int:
    """Write masks and a manifest; 1 if a shape could not be drawn."""
    from mskus.learn.dataset.classes import parse_classes
    from mskus.learn.dataset.imports import import_annotations

    classes = parse_classes(asked.classes) if asked.classes else None
    done = import_annotations(asked.format, asked.path, out=asked.out, images=asked.images, classes=classes)
    for warning in done.warnings:
        print(f"mskus: {warning}", file=sys.stderr)
    named = ",".join(f"{name}={value}" for name, value in done.classes.items())
    print(f"{done.pictures} pictures, {done.shapes} shapes, classes {named}. Manifest: {done.manifest}")
    return 1 if done.warnings else 0
