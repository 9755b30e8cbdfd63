"""``mskus finetune MODEL --manifest CSV -o OUT``: a shipped network goes on learning from a user's pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from mskus.cli.options import at_least, existing_file, setting


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "fine-tune a shipped network on your own pictures, and measure the gain on patients left out"
    parser = commands.add_parser("finetune", help=about, description=about.capitalize() + ".", allow_abbrev=False)
    parser.add_argument("model", metavar="MODEL", help="name of a network, see mskus models")
    parser.add_argument(
        "--manifest", type=existing_file, required=True, metavar="TABLE", help="columns image, mask, patient ..."
    )
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for network and figures")
    parser.add_argument(
        "--class",
        dest="classes",
        type=setting,
        action="append",
        metavar="NAME=NUMBER",
        help="number of a structure in the masks, repeatable; those not named are not drawn (1, 2 ... by the card)",
    )
    parser.add_argument("--steps", type=at_least(1), default=200, metavar="N", help="optimiser steps (200)")
    parser.add_argument("--rate", type=float, default=3e-4, metavar="R", help="highest learning rate (0.0003)")
    parser.add_argument("--batch", type=at_least(1), default=8, metavar="N", help="pictures a step (8)")
    parser.add_argument("--seed", type=at_least(0), default=0, metavar="N", help="of everything (0)")
    parser.add_argument("--patient", default="patient", metavar="COLUMN", help="column that says who (patient)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Fine-tune and print before and after."""
    from mskus.cli.learning import needs_learn

    needs_learn()
    from mskus.learn.train.finetune import finetune

    result = finetune(
        asked.model,
        manifest=asked.manifest,
        out=asked.out,
        classes=None if asked.classes is None else dict(asked.classes),
        steps=asked.steps,
        rate=asked.rate,
        batch=asked.batch,
        seed=asked.seed,
        patient=asked.patient,
        say=(lambda _: None) if asked.quiet else print,
    )
    if not asked.quiet:
        for name, gain in result.gain.items():
            before, after = (result.scores[f"{name} {when}"].mean() for when in ("before", "after"))
            word = "change" if "error" in name else "gain"
            print(f"{name}: {before:.3f} before, {after:.3f} after; {word} {gain.text(3)} by patient")
        print(f"Network and card: {result.onnx}")
    return 0
