"""All commands on one tree."""

from __future__ import annotations

import argparse

from mskus.cli import (
    agree,
    compare,
    dataset,
    enhance,
    evaluate,
    examine,
    explain,
    features,
    finetune,
    fit,
    harmonise,
    info,
    models,
    predict,
    release,
    search,
    simulate,
    train,
    zscore,
)

_ABOUT = "From a musculoskeletal ultrasound clip to measurements in mm and degrees. Research software."


def command_line() -> argparse.ArgumentParser:
    """The parser of the whole command line; what it parses has ``run``, the command's function."""
    parser = argparse.ArgumentParser(prog="mskus", description=_ABOUT, allow_abbrev=False)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (
        examine,
        info,
        simulate,
        models,
        enhance,
        harmonise,
        features,
        fit,
        predict,
        compare,
        explain,
        zscore,
        agree,
        evaluate,
        dataset,
        train,
        finetune,
        search,
        release,
    ):
        command.add_parser(commands)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from mskus import __version__

        print(f"mskus {__version__}")
        parser.exit()
