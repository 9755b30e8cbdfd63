"""``mskus harmonise MANIFEST --source A --reference B -o OUT``: pictures of one machine made like another's."""

from __future__ import annotations

import argparse
from pathlib import Path

from mskus.cli.features import names
from mskus.cli.options import existing_file

_EPILOG = """
Steps, in order: spacing, blur, depth_gain, dynamic_range, quantiles, histogram. OUT holds images, masks, manifest.csv
for the next command, and harmoniser.json, which --use applies to another manifest. Fit on training patients only, with
a like mix of diagnoses on both machines: matching ill people to healthy ones removes the disease. Whether it helped is
a question for the next step's score, before and after; published harmonisation helped about as often as it harmed.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "make pictures of one machine look as if another had taken them"
    parser = commands.add_parser(
        "harmonise", help=about, description=about.capitalize() + ".", epilog=_EPILOG, allow_abbrev=False
    )
    parser.add_argument("manifest", type=existing_file, metavar="MANIFEST", help="table of pictures with a device each")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for the results")
    parser.add_argument("--source", metavar="DEVICE", help="machine whose pictures are changed")
    parser.add_argument("--reference", metavar="DEVICE", help="machine that they are to look like")
    parser.add_argument("--steps", type=names, default=("quantiles",), metavar="LIST", help="in order (quantiles)")
    parser.add_argument("--fit-on", metavar="COLUMN=VALUE", help="fit on these rows only, like split=train")
    parser.add_argument("--use", type=existing_file, metavar="FILE", help="a harmoniser.json, instead of fitting one")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Fit or read the harmoniser, and write the set."""
    from mskus.cli.progress import counting
    from mskus.enhance.harmonise import Harmoniser
    from mskus.errors import LearnError
    from mskus.learn.harmonised_set import fit_harmoniser, write_harmonised
    from mskus.learn.manifest import read_manifest
    from mskus.report.save import make_folder

    cases = read_manifest(asked.manifest)
    if asked.use is not None:
        harmoniser = Harmoniser.load(asked.use)
    elif asked.source is None or asked.reference is None:
        raise LearnError("Name the two machines with --source and --reference, or give a harmoniser with --use.")
    else:
        chosen = cases
        if asked.fit_on is not None:
            column, equals, value = asked.fit_on.partition("=")
            chosen = [case for case in cases if str(case.row.get(column, "")) == value]
            if not equals or not chosen:
                raise LearnError(f"No row of {asked.manifest} has {asked.fit_on}; write --fit-on COLUMN=VALUE.")
        harmoniser = fit_harmoniser(chosen, source=asked.source, reference=asked.reference, steps=asked.steps)
    make_folder(asked.out)
    harmoniser.save(asked.out / "harmoniser.json")
    with counting("Harmonising", shown=not asked.quiet) as progress:
        table = write_harmonised(cases, harmoniser, asked.out, progress=progress)
    if not asked.quiet:
        print(
            f"{int(table['harmonised'].sum())} of {len(table)} pictures changed. Manifest: {asked.out / 'manifest.csv'}"
        )
    return 0
