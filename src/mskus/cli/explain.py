"""``mskus explain MODEL CASES -o OUT``: what a classical model, or a network, looks at."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.cli.options import at_least, existing_file

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mskus.learn.classical.model import ClassicalModel

_EPILOG = """
Of a classical model OUT holds importance.csv and .png (how much worse the model gets when a feature is shuffled),
partial_dependence.csv and .png, and, with --known, nearest_cases.csv and .png and shapley.csv for the rows explained.
Importance is honest only on rows that the model was not trained on. Of a network OUT holds a picture for each method,
and says whether random weights destroy the map, as they must; with --exam also the exam's report with the maps in it.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "explain a classical model (importance, Shapley values, nearest cases) or a network (maps on a picture)"
    parser = commands.add_parser(
        "explain", help=about, description=about.capitalize() + ".", epilog=_EPILOG, allow_abbrev=False
    )
    parser.add_argument("model", metavar="MODEL", help="folder written by mskus fit, or a network of mskus models")
    parser.add_argument("cases", type=existing_file, metavar="CASES", help="features of cases; of a network a picture")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for the results")
    table = parser.add_argument_group("a classical model")
    table.add_argument("--label", metavar="COLUMN", help="column of the truth (needed)")
    table.add_argument("--known", type=existing_file, metavar="TABLE", help="features of cases with known diagnosis")
    table.add_argument("--cases", dest="shown", type=at_least(1), default=10, metavar="N", help="rows one by one (10)")
    table.add_argument("--repeats", type=at_least(1), default=10, metavar="N", help="shuffles (10)")
    table.add_argument("--seed", type=int, default=0, metavar="N", help="of the shuffles (0)")
    network = parser.add_argument_group("a network")
    network.add_argument("--structure", metavar="NAME", help="one of its classes (the first)")
    network.add_argument(
        "--method",
        action="append",
        choices=("gradcam", "integrated_gradients", "occlusion"),
        metavar="NAME",
        help="gradcam, integrated_gradients or occlusion, repeatable (gradcam)",
    )
    network.add_argument("--frame", type=at_least(1), default=1, metavar="N", help="of a clip (1)")
    network.add_argument("--exam", choices=("muscle", "nerve"), help="examine the picture too: maps in its report.html")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Explain and save: a classical model's folder, or else the name of a network."""
    from mskus.errors import LearnError

    if _is_network(asked.model):
        from mskus.cli.explain_network import run_network

        return run_network(asked)
    if asked.label is None:
        raise LearnError("A classical model is explained by the truth: name its column with --label.")
    return run_classical(asked)


def _is_network(model: str) -> bool:
    """A folder that happens to be called like a network, and holds no classical model, does not hide it."""
    from mskus.learn.classical.store import CARD_FILE
    from mskus.models import available

    folder = Path(model)
    return not folder.is_dir() or (not (folder / CARD_FILE).is_file() and model in available())


def run_classical(asked: argparse.Namespace) -> int:
    """Explain a classical model and save."""
    from mskus.learn.classical.columns import labels
    from mskus.learn.classical.explain import partial_dependence, permutation_importance
    from mskus.learn.classical.store import load_model
    from mskus.learn.manifest import read_table, write_table
    from mskus.report.explanation_plots import save_importance, save_partial_dependence
    from mskus.report.save import make_folder

    model, table = load_model(Path(asked.model)), read_table(asked.cases)
    truth = labels(table, asked.label)
    table, truth = table[truth != ""].reset_index(drop=True), truth[truth != ""]
    make_folder(asked.out)
    importance = permutation_importance(model, table, truth, repeats=asked.repeats, seed=asked.seed)
    write_table(importance, asked.out / "importance.csv")
    save_importance(importance, asked.out / "importance.png")
    curves = {name: partial_dependence(model, table, feature=name) for name in importance["feature"].head(6)}
    write_table(_stacked(curves), asked.out / "partial_dependence.csv")
    save_partial_dependence(curves, asked.out / "partial_dependence.png", of_class=model.classes[-1])
    if asked.known is not None:
        _explain_cases(model, table.head(asked.shown), importance, known=asked.known, out=asked.out, seed=asked.seed)
    for row in importance.head(10).itertuples():
        print(f"{row.feature:<40} {row.importance:8.4f}  ({row.low:.4f} to {row.high:.4f})")
    print(f"Results: {asked.out}")
    return 0


def _stacked(curves: dict[str, pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([curve.assign(feature=name) for name, curve in curves.items()], ignore_index=True)


def _explain_cases(
    model: ClassicalModel, cases: pd.DataFrame, importance: pd.DataFrame, *, known: Path, out: Path, seed: int
) -> None:
    """Shapley values and nearest known cases of each row, and the pictures side by side where they are there."""
    import pandas as pd

    from mskus.learn.classical.explain import nearest_cases, shapley_values
    from mskus.learn.manifest import read_table, write_table
    from mskus.report.explanation_plots import save_contact_sheet

    others = read_table(known)
    weights = dict(zip(importance["feature"], importance["importance"], strict=True))
    shares, nearest, sheet = [], [], []
    for number in range(len(cases)):
        case = cases.iloc[[number]]
        name = {"case": case["image"].iloc[0] if "image" in case else number + 1}
        shares.append(name | shapley_values(model, case, others, seed=seed))
        alike = nearest_cases(model, case, others, weights=weights)
        nearest.append(alike.assign(**name))
        if "image" in case and "image" in alike:
            row = [(known.parent / str(p), f"{d:.2f}") for p, d in zip(alike["image"], alike["distance"], strict=True)]
            sheet.append([(known.parent / str(name["case"]), "case"), *row])
    write_table(pd.DataFrame(shares), out / "shapley.csv")
    shown = ["case", "distance", *(c for c in ("image", "frame", "patient") if c in others.columns)]
    table = pd.concat(nearest, ignore_index=True)
    write_table(table[shown], out / "nearest_cases.csv")
    if sheet and all(path.is_file() for row in sheet for path, _ in row):
        save_contact_sheet([[(_picture(path), text) for path, text in row] for row in sheet], out / "nearest_cases.png")


def _picture(path: Path) -> NDArray[np.uint8]:
    from mskus.reading import read

    return read(path).frame(0)
