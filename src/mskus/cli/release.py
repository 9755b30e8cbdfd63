"""``mskus release RUN``: a trained network becomes a model with features and a card."""

from __future__ import annotations

import argparse
from pathlib import Path

from mskus.cli.options import existing_file

_ABOUT = """
ABOUT is a YAML file of what no run knows of itself:

  name: my_nerves
  task: Nerve and vessel at every pixel of a cross-section of a limb
  training_data: [{name: my pictures, pictures: 200, licence: own, citation: none}]
  split: five folds by patient; the network itself learned from all pictures
  limits: one scanner, adults
  kind: user's data
  command: mskus train nerves.yaml

OUT then holds NAME.onnx, NAME.outlier.npz and NAME.card.json; "mskus models add" makes them known by name.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "release the network of a training run: ONNX, features that tell other pictures, card"
    parser = commands.add_parser(
        "release",
        help=about,
        description=about.capitalize() + ".",
        epilog=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="output folder of mskus train")
    parser.add_argument(
        "--about", type=existing_file, required=True, metavar="ABOUT", help="the rest of the card, YAML"
    )
    parser.add_argument("--judged", type=Path, metavar="RUN", help="run whose scores.csv judges it (RUN itself)")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for network and card")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Release and say what the card holds."""
    from mskus.cli.learning import needs_learn

    needs_learn()
    from mskus.learn.train.release_run import read_about, release_run

    card = release_run(asked.folder, about=read_about(asked.about), folder=asked.out, judged=asked.judged)
    if not asked.quiet:
        for score in card.scores:
            ends = "" if score.low is None else f" ({score.low:.2f} to {score.high:.2f})"
            print(f"{score.metric}: {score.value:.2f}{ends}")
        print(f"Network and card: {asked.out / card.name}.onnx, .card.json")
    return 0
