"""``mskus models``: the networks that are shipped, and their cards."""

from __future__ import annotations

import argparse


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "list the shipped networks, or show one's card: task, data with licences, held-out scores, limits"
    parser = commands.add_parser("models", help=about, description=about.capitalize() + ".", allow_abbrev=False)
    parser.add_argument("name", nargs="?", metavar="NAME", help="show this network's whole card as JSON")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print the cards."""
    from mskus.models import available, card

    if asked.name is not None:
        print(card(asked.name).model_dump_json(indent=2))
        return 0
    names = available()
    if not names:
        print("No networks are shipped with this version.")
    for each in names:
        c = card(each)
        print(f"{c.name}  ({c.date}, {c.parameters / 1e6:.2f} M parameters, SHA-256 {c.sha256[:12]}...)")
        print(f"  {c.task}")
        for data in c.training_data:
            print(f"  trained on {data.pictures} pictures of {data.name} ({data.licence})")
        for s in c.scores:
            interval = f" ({s.low:g} to {s.high:g})" if s.low is not None and s.high is not None else ""
            unit = "" if s.unit == "1" else f" {s.unit}"
            print(f"  {s.metric}: {s.value:g}{interval}{unit} - {s.data}, {s.split} [{s.kind}]")
        print(f"  limits: {c.limits}")
    return 0
