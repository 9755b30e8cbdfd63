"""``mskus examine muscle|nerve PATH... -o OUT``: examine clips and save what was found."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from mskus.cli.options import add_inputs, at_least, existing_file, formats, reading_options, rectangle, setting

_RESULTS = """
Each clip's results go to a folder of its own under OUT: findings.json, measurements.csv, overlay.png (and overlay.mp4
of a clip), report.html; summary.csv and failures.csv tell of all clips. The exit code is 0 if every clip was examined,
1 if any failed, 2 for wrong usage.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its exams."""
    about = "examine clips: measurements with intervals, overlay and report"
    parser = commands.add_parser("examine", help=about, description=about.capitalize() + ".")
    exams = parser.add_subparsers(title="exams", metavar="EXAM", required=True)
    muscle = exams.add_parser(
        "muscle",
        help="thickness, pennation, fascicle length and echo intensity",
        description="Thickness, pennation, fascicle length and echo intensity of a muscle.",
        epilog=_RESULTS,
        allow_abbrev=False,
    )
    add_inputs(muscle)
    muscle.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for the results")
    muscle.add_argument(
        "--polygon", type=existing_file, metavar="FILE", help="outline of the muscle, for its area and echo intensity"
    )
    muscle.add_argument(
        "--transverse", action="store_true", help="a cross-section: only area and echo intensity inside --polygon"
    )
    add_run_options(muscle)
    muscle.set_defaults(run=run_muscle)
    nerve = exams.add_parser(
        "nerve",
        help="area, diameters, depth and echo of nerves and vessels",
        description="Area, diameters, depth and echo of nerves and vessels in cross-section, followed through a clip.",
        epilog=_RESULTS,
        allow_abbrev=False,
        conflict_handler="resolve",
    )
    add_inputs(nerve)
    nerve.add_argument(
        "--region",
        type=name_or_rectangle,
        metavar="NAME|X,Y,W,H",
        help="body region (elbow, wrist, ...), or the B-mode image in pixels; for both: --set region=NAME",
    )
    nerve.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for the results")
    nerve.add_argument(
        "--stiffness",
        type=stiffness_scale,
        metavar="LOW,HIGH[,UNIT]",
        help="what the elastogram's colour bar runs from and to (kPa, m/s or 1), for the mean of each nerve",
    )
    add_run_options(nerve)
    nerve.set_defaults(run=run_nerve)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options of every exam: output formats, resuming, processes."""
    parser.add_argument(
        "--format",
        type=formats,
        default=("json", "csv", "overlay", "html"),
        metavar="LIST",
        help="any of json,csv,overlay,html (all)",
    )
    parser.add_argument(
        "--set", type=setting, action="append", default=[], metavar="NAME=VALUE", help="a setting of the exam"
    )
    parser.add_argument("--resume", action="store_true", help="skip what is done (same bytes, settings and version)")
    parser.add_argument("-j", "--jobs", type=at_least(1), default=1, metavar="N", help="number of processes (1)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")


def run_muscle(asked: argparse.Namespace) -> int:
    """Examine muscles; the exit code."""
    settings: dict[str, Any] = {}
    if asked.polygon is not None:
        from mskus.features.polygon import read_polygon

        settings["polygon"] = [(float(x), float(y)) for x, y in read_polygon(asked.polygon)]
    if asked.transverse:
        settings["transverse"] = True
    return run_exam(asked, exam="muscle", settings=settings)


def run_nerve(asked: argparse.Namespace) -> int:
    """Examine nerves; the exit code."""
    settings: dict[str, Any] = {}
    if isinstance(asked.region, str):
        settings["region"], asked.region = asked.region, None
    if asked.stiffness is not None:
        settings["stiffness"] = asked.stiffness
    return run_exam(asked, exam="nerve", settings=settings)


def name_or_rectangle(text: str) -> str | tuple[int, int, int, int]:
    """``"elbow"`` as a body region, ``"10,20,300,200"`` as a part of the picture.

    Example:
        >>> name_or_rectangle("elbow"), name_or_rectangle("10,20,300,200")
        ('elbow', (10, 20, 300, 200))
    """
    if text.isalpha():
        return text.lower()
    try:
        return rectangle(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, nor a body region (elbow, femoral, wrist, ...)") from None


def stiffness_scale(text: str) -> dict[str, Any]:
    """``"0,300"`` or ``"0,10,m/s"``: ends and unit of a colour bar.

    Example:
        >>> stiffness_scale("0,300")
        {'low': 0.0, 'high': 300.0, 'unit': 'kPa'}
    """
    low, _, rest = text.partition(",")
    high, _, unit = rest.partition(",")
    try:
        return {"low": float(low), "high": float(high), "unit": unit.strip() or "kPa"}
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not of the form LOW,HIGH or LOW,HIGH,UNIT, like 0,300,kPa"
        ) from None


def run_exam(asked: argparse.Namespace, *, exam: str, settings: dict[str, Any]) -> int:
    """Run an exam over all inputs with progress, print the table at the end.

    Returns:
        0 if every clip was examined or done before, 1 if not, 2 if a setting is wrong.
    """
    from mskus.batch import examine_batch
    from mskus.cli.progress import batch_progress
    from mskus.cli.tables import print_outcomes
    from mskus.errors import ExamError
    from mskus.exams import check_settings

    settings = {**settings, **dict(asked.set)}
    try:
        check_settings(exam, settings)
    except ExamError as error:
        print(f"mskus: {error}", file=sys.stderr)
        return 2
    with batch_progress(shown=not asked.quiet) as progress:
        outcomes = examine_batch(
            asked.paths,
            out=asked.out,
            exam=exam,
            reading=reading_options(asked),
            settings=settings,
            formats=asked.format,
            resume=asked.resume,
            jobs=asked.jobs,
            progress=progress,
        )
    print_outcomes(outcomes, out=asked.out, quiet=asked.quiet)
    return 1 if not outcomes or any(o.status == "failed" for o in outcomes) else 0
