"""``mskus train CONFIG``: train a network as one typed YAML file says; stop and resume at will."""

from __future__ import annotations

import argparse
import json
from typing import Any

from mskus.cli.options import existing_file

_CONFIG = """
CONFIG is a YAML file; paths in it are relative to it:

  task: segmentation            # classification, orientation, pretraining
  data: {manifest: manifest.csv, classes: {nerve: 1, vessel: 2}, size: [256, 256]}
  network: {name: small_unet}
  loss: {terms: {bce: 5, dice: 1}}
  schedule: {epochs: 50, batch: 16, rate: 0.003, patience: 10}
  split: {folds: 5, fold: 0}    # fold: all runs every fold; inner: 0.15 lets other patients choose the epoch
  output: {folder: run}

The run's folder holds best.pt (weights), last.ckpt (to resume), config.yaml, metrics.csv, split.csv, scores.csv.
Several machines: start the same command with torchrun, or with srun in a SLURM job.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "train a network on a manifest: folds by patient, resumable, as one YAML file says"
    parser = commands.add_parser(
        "train",
        help=about,
        description=about.capitalize() + ".",
        epilog=_CONFIG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("config", type=existing_file, metavar="CONFIG", help="the run, YAML")
    parser.add_argument("--resume", action="store_true", help="go on from the last whole epoch")
    parser.add_argument("--fold", type=_fold, metavar="K|all", help="in place of split.fold")
    parser.add_argument(
        "--set",
        dest="settings",
        type=entry,
        action="append",
        default=[],
        metavar="A.B=C",
        help="overrule an entry, like schedule.epochs=3; repeatable",
    )
    parser.add_argument(
        "--masks", action="store_true", help="segmentation: write masks of the held-out pictures, for 'mskus evaluate'"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def entry(text: str) -> tuple[str, Any]:
    """``"a.b=c"``: the value as JSON where it is JSON, else as text.

    Example:
        >>> entry("schedule.epochs=3"), entry("network.name=unet")
        (('schedule.epochs', 3), ('network.name', 'unet'))
    """
    name, equals, value = text.partition("=")
    if not equals or not all(part.isidentifier() for part in name.split(".")):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form SECTION.ENTRY=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def run(asked: argparse.Namespace) -> int:
    """Train and say where the weights are."""
    from mskus.cli.learning import needs_learn

    needs_learn()
    from mskus.learn.train.config import read_config
    from mskus.learn.train.folds import mean_figures, train_folds
    from mskus.learn.train.held_out import write_held_out_masks
    from mskus.learn.train.run import train

    settings = [*asked.settings, ("output.progress", not asked.quiet)]
    if asked.fold is not None:
        settings.append(("split.fold", asked.fold))
    config = read_config(asked.config, settings=settings)
    if config.split.fold == "all":
        results = train_folds(config, resume=asked.resume, say=print if not asked.quiet else lambda _: None)
        figures, where = mean_figures(results), f"{config.output.folder}/fold*/best.pt"
    else:
        results = [train(config, resume=asked.resume)]
        figures, where = results[0].metrics, str(results[0].checkpoint)
    if asked.masks:
        for result in results:
            write_held_out_masks(result.folder, out=config.output.folder / "masks")
    if not asked.quiet:
        print(", ".join(f"{name} {value:.4f}" for name, value in figures.items()) or "no held-out part, no figures")
        if figures and not config.looks_once:
            print(
                "The held-out part chose the epoch, so these figures are too good for new patients; "
                "for figures to report set split.inner or schedule.keep: last."
            )
        print(f"Weights: {where}")
    return 0


def _fold(text: str) -> int | str:
    if text != "all" and not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is neither a fold's number nor 'all'")
    return text if text == "all" else int(text)
