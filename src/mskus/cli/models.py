"""``mskus models``: the shipped networks and the user's own: list, show a card, verify, add, remove."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mskus.cli.options import existing_file

if TYPE_CHECKING:
    from mskus.models.cards import Card

_EPILOG = """
Your own networks lie in MSKUS_MODELS, else among your user data. MSKUS_RUNTIME chooses what runs them: openvino (the
default), onnxruntime, or cuda.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "list networks with data, scores and limits; show a card, verify, add your own, remove"
    parser = commands.add_parser(
        "models", help=about, description=about.capitalize() + ".", epilog=_EPILOG, allow_abbrev=False
    )
    parser.set_defaults(run=run)
    steps = parser.add_subparsers(title="steps (list, if none is given)", metavar="STEP")

    steps.add_parser("list", help="every network in a few lines", allow_abbrev=False).set_defaults(run=run)

    show = steps.add_parser("show", help="the whole card as JSON", allow_abbrev=False)
    show.add_argument("name", metavar="NAME", help="of a network")
    show.set_defaults(run=run_show)

    verify = steps.add_parser(
        "verify", help="compare files with cards and run on a black picture; 1 if anything is wrong", allow_abbrev=False
    )
    verify.add_argument("names", nargs="*", metavar="NAME", help="of networks (all)")
    verify.set_defaults(run=run_verify)

    add = steps.add_parser("add", help="add your own network, so that it is found by name", allow_abbrev=False)
    add.add_argument("network", type=existing_file, metavar="ONNX", help="the network")
    add.add_argument("card", type=existing_file, metavar="CARD", help="its card (JSON); files that it names lie beside")
    add.add_argument("--replace", action="store_true", help="take the place of one of the same name")
    add.set_defaults(run=run_add)

    remove = steps.add_parser("remove", help="delete one of your own networks", allow_abbrev=False)
    remove.add_argument("name", metavar="NAME", help="of a network that you added")
    remove.set_defaults(run=run_remove)


def run(_asked: argparse.Namespace) -> int:
    """Print every card in a few lines."""
    from mskus.models import available, card
    from mskus.models.folders import FOLDER

    names = available()
    if not names:
        print("No networks are shipped with this version.")
    shipped = available(folder=FOLDER)
    for name in names:
        _print_card(card(name), own=name not in shipped)
    return 0


def run_show(asked: argparse.Namespace) -> int:
    """Print one card."""
    from mskus.models import card

    print(card(asked.name).model_dump_json(indent=2))
    return 0


def run_verify(asked: argparse.Namespace) -> int:
    """Say of each network whether it is whole."""
    from mskus.models import available
    from mskus.models.verify import problems

    failed = False
    for name in asked.names or available():
        found = problems(name)
        print(f"{name}: {'good' if not found else ' '.join(found)}")
        failed |= bool(found)
    return 1 if failed else 0


def run_add(asked: argparse.Namespace) -> int:
    """Add a network."""
    from mskus.models.folders import user_folder
    from mskus.models.own import add

    card = add(asked.network, asked.card, replace=asked.replace)
    print(f"{card.name} is added to {user_folder()} (SHA-256 {card.sha256[:12]}...).")
    return 0


def run_remove(asked: argparse.Namespace) -> int:
    """Remove a network."""
    from mskus.models.own import remove

    remove(asked.name)
    print(f"{asked.name} is removed.")
    return 0


def _print_card(c: Card, *, own: bool) -> None:
    print(
        f"{c.name}  ({c.date}, {c.parameters / 1e6:.2f} M parameters, SHA-256 {c.sha256[:12]}..."
        f"{', your own' if own else ''})"
    )
    print(f"  {c.task}")
    for data in c.training_data:
        print(f"  trained on {data.pictures} pictures of {data.name} ({data.licence})")
    for s in c.scores:
        interval = f" ({s.low:g} to {s.high:g})" if s.low is not None and s.high is not None else ""
        unit = "" if s.unit == "1" else f" {s.unit}"
        print(f"  {s.metric}: {s.value:g}{interval}{unit} - {s.data}, {s.split} [{s.kind}]")
    print(f"  limits: {c.limits}")
