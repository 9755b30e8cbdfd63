"""``mskus search CONFIG``: look for a network that fits the data, alone or on several machines at once."""

from __future__ import annotations

import argparse

from mskus.cli.options import existing_file
from mskus.cli.train import entry

_CONFIG = """
CONFIG is a YAML file: a training run (see mskus train), which is that of a candidate and therefore short, and a section
search:

  data: {manifest: manifest.csv, classes: {nerve: 1, vessel: 2}, size: [128, 128]}
  schedule: {epochs: 4, steps_per_epoch: 40, batch: 16, averaging: 0.95}
  split: {folds: 4, fold: 0}           # on what candidates are compared
  output: {folder: found}
  search:
    trials: 60                         # of all processes together
    minutes: 25                        # of this one
    leave_out: {folds: 5, fold: 0}     # what no candidate ever sees
    limits: {max_parameters: 1000000}
    storage: study.db                  # or postgresql+pg8000://user@host/name

The output folder holds best.json, trials.csv, seen.csv, cell.png, front.png. Train what was found by
network: {name: searched, options: {genotype: found/best.json}}. Start the same command with --resume on every further
machine to search together.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "search for a network's architecture: evolution of cells, within limits, resumable, on several machines"
    parser = commands.add_parser(
        "search",
        help=about,
        description=about.capitalize() + ".",
        epilog=_CONFIG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("config", type=existing_file, metavar="CONFIG", help="the search, YAML")
    parser.add_argument("--resume", action="store_true", help="go on with a search, or join one that runs")
    parser.add_argument(
        "--set",
        dest="settings",
        type=entry,
        action="append",
        default=[],
        metavar="A.B=C",
        help="overrule an entry, like search.trials=30; repeatable",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Search and say what was found."""
    from mskus.cli.learning import needs_learn

    needs_learn("optuna", "sqlalchemy")
    from mskus.learn.search.config import read_search_config
    from mskus.learn.search.run import BEST, search

    config = read_search_config(asked.config, settings=asked.settings)
    result = search(config, resume=asked.resume, say=(lambda _: None) if asked.quiet else print)
    if not asked.quiet:
        print(f"Best score {result.score:.4f} of {len(result.trials)} candidates: {result.folder / BEST}")
    return 0
