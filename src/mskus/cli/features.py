"""``mskus features MANIFEST -o TABLE``: describe regions by numbers, one row each."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.cli.options import at_least

if TYPE_CHECKING:
    from mskus.features.family import FeatureSettings
    from mskus.learn.manifest import Case

_MANIFEST = """
A manifest is a CSV or Parquet table with a column `image` (paths relative to the table) and, where known, frame, mask,
mask_value, patient, device, spacing_row_mm, spacing_col_mm; further columns (diagnosis, age ...) travel along.
Pictures may be given instead; each is then described as a whole.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "describe regions by features (IBSI, filter banks, binary patterns, fractal ...), one row each"
    parser = commands.add_parser(
        "features", help=about, description=about.capitalize() + ".", epilog=_MANIFEST, allow_abbrev=False
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="one manifest, or pictures")
    parser.add_argument("-o", "--out", type=Path, metavar="TABLE", help="the table to write, .csv or .parquet")
    parser.add_argument("--families", type=names, default=(), metavar="LIST", help="like glcm,lbp (all)")
    parser.add_argument(
        "--enhance", type=names, default=(), metavar="LIST", help="enhancements before, in order, like srad,clahe"
    )
    parser.add_argument("--patient", default="patient", metavar="COLUMN", help="column that says who (patient)")
    parser.add_argument("--bins", type=at_least(2), default=32, metavar="N", help="grey levels after binning (32)")
    parser.add_argument(
        "--bin-width", type=float, metavar="W", help="bins of this many grey levels from 0, instead of --bins"
    )
    parser.add_argument("--distance", type=at_least(1), default=1, metavar="PX", help="of neighbours, in pixels (1)")
    parser.add_argument("--list", action="store_true", help="list the families and leave")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Describe all; 1 if any could not be described."""
    from mskus.errors import FeatureError

    if asked.list:
        return _list()
    if not asked.paths or asked.out is None:
        raise FeatureError("Give a manifest or pictures, and the table to write with -o; --list shows the families.")
    from mskus.cli.progress import counting
    from mskus.learn.feature_extraction import Step, extract_features
    from mskus.learn.manifest import write_table

    _check_target(asked.out, asked.paths)
    cases = _cases(asked.paths, patient=asked.patient)
    alone = sum(asked.patient not in case.row for case in cases)
    if alone and not asked.quiet:
        then = "the table has no column 'patient'" if alone == len(cases) else "each counts as a patient of its own"
        print(f"mskus: {alone} of {len(cases)} rows do not say whose they are; {then}.", file=sys.stderr)
    with counting("Describing", shown=not asked.quiet) as progress:
        extracted = extract_features(
            cases,
            enhance=[Step(method=name) for name in asked.enhance],
            names=asked.families,
            settings=_settings(asked),
            root=str(asked.out.parent),
            progress=progress,
        )
    # where nobody is named, fit must ask and not take every picture for another person
    table = extracted.table.drop(columns="patient") if alone == len(cases) else extracted.table
    write_table(table, asked.out)
    for reason in extracted.failures.values():
        print(f"mskus: {reason}", file=sys.stderr)
    if not asked.quiet:
        rows, columns = table.shape
        failed = f", {len(extracted.failures)} failed" if extracted.failures else ""
        print(f"{rows} regions described by {columns} columns{failed}. Table: {asked.out}")
    return 1 if extracted.failures else 0


def names(text: str) -> tuple[str, ...]:
    """``"glcm, lbp"`` as names, each once.

    Example:
        >>> names("glcm, lbp,glcm")
        ('glcm', 'lbp')
    """
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _cases(paths: list[str], *, patient: str) -> list[Case]:
    from mskus.errors import FeatureError
    from mskus.learn.manifest import Case, read_manifest

    tables = [p for p in paths if Path(p).suffix.lower() in {".csv", ".parquet"}]
    if tables and len(paths) > 1:
        raise FeatureError(f"{tables[0]} is a manifest; give it alone, or pictures alone.")
    if tables:
        return read_manifest(tables[0], patient=patient)
    from mskus.reading import expand_inputs

    return [Case(image=path, patient=path.stem) for path in expand_inputs(paths)]


def _check_target(out: Path, paths: list[str]) -> None:
    from mskus.errors import FeatureError

    if out.suffix.lower() not in {".csv", ".parquet"}:
        raise FeatureError(f"{out} is neither .csv nor .parquet; name the table to write so.")
    if any(out.resolve() == Path(path).resolve() for path in paths):
        raise FeatureError(f"{out} is the manifest itself; give the table of features another name.")


def _settings(asked: argparse.Namespace) -> FeatureSettings:
    from mskus.features.family import FeatureSettings

    if asked.bin_width is None:
        return FeatureSettings(bin_count=asked.bins, distance_px=asked.distance)
    return FeatureSettings(discretisation="bin_width", bin_width=asked.bin_width, distance_px=asked.distance)


def _list() -> int:
    from mskus.features.family import families

    for name, family in families().items():
        print(f"{name:<14} {family.source}")
    return 0
