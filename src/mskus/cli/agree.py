"""``mskus agree TABLE``: how well readers (or a reader and a method) agree on the same cases."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.cli.features import names
from mskus.cli.options import at_least

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mskus.statistics import AgreementRow
    from mskus.statistics.repeatability import ReaderAgreement

_FORMS = """
A long table has one row a reading: --target says what was read, --reader who read it, --value what was found; a reader
who read a case twice gives intra-reader figures. A wide table has one row a case: --columns names the readers' columns.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "judge the agreement of readers: ICC, Bland-Altman, CCC, kappa, repeatability"
    parser = commands.add_parser(
        "agree", help=about, description=about.capitalize() + ".", epilog=_FORMS, allow_abbrev=False
    )
    parser.add_argument("table", type=Path, metavar="TABLE", help="CSV or Parquet")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER", help="where to write")
    parser.add_argument("--target", default="case", metavar="COLUMN", help="long: what was read (case)")
    parser.add_argument("--reader", default="reader", metavar="COLUMN", help="long: who read it (reader)")
    parser.add_argument("--value", metavar="COLUMN", help="long: what was found")
    parser.add_argument("--columns", type=names, default=(), metavar="A,B", help="wide: one column a reader")
    parser.add_argument("--patient", metavar="COLUMN", help="who the case is of; the bootstrap draws whole patients")
    parser.add_argument(
        "--kind", choices=("continuous", "ordinal", "nominal"), default="continuous", help="of the value (continuous)"
    )
    parser.add_argument(
        "--grades", type=names, metavar="LIST", help="ordinal: all grades in their order, like none,mild"
    )
    parser.add_argument("--repeats", type=at_least(0), default=1000, metavar="N", help="bootstrap draws (1000)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Write agreement.csv, agreement.json and the plots; print the table."""
    from mskus.cli.figure_table import print_figures
    from mskus.errors import StatisticsError
    from mskus.learn.manifest import read_table
    from mskus.report.save import make_folder, write_text
    from mskus.statistics import agreement, reader_table

    table = read_table(asked.table)
    wide, readers, patients = _wide(table, asked)
    rows = agreement(
        wide, readers=readers, kind=asked.kind, patients=patients, grades=asked.grades, repeats=asked.repeats
    )
    repeated: list[ReaderAgreement] = []
    if asked.kind == "continuous" and not asked.columns:
        try:
            repeated = reader_table(table[asked.target], table[asked.reader], table[asked.value])
        except StatisticsError:  # the readers share too few cases to say more than the rows above
            repeated = []
    make_folder(asked.out)
    frame = _frame(rows, repeated)
    write_text(asked.out / "agreement.csv", frame.to_csv(index=False))
    write_text(asked.out / "agreement.json", frame.to_json(orient="records", indent=1, force_ascii=False))
    plots = _plots(wide, readers, patients, asked) if asked.kind == "continuous" else []
    if not asked.quiet:
        print_figures(frame, lead=("between", "figure", "n"))
        print(f"Results: {asked.out}  ({', '.join(['agreement.csv', 'agreement.json', *plots])})")
    return 0


def _wide(
    table: pd.DataFrame, asked: argparse.Namespace
) -> tuple[NDArray[np.generic], list[str], NDArray[np.generic] | None]:
    """Cases x readers, the readers' names, and the patient of each case."""
    from mskus.errors import StatisticsError

    if not asked.columns and asked.value is None:
        raise StatisticsError("Say what was measured: --value COLUMN of a long table, or --columns A,B of a wide one.")
    needed = list(asked.columns) if asked.columns else [asked.target, asked.reader, asked.value]
    needed += [asked.patient] if asked.patient else []
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise StatisticsError(
            f"{asked.table} has no column {missing[0]!r}; its columns are {', '.join(map(str, table.columns))}."
        )
    if asked.kind == "continuous":
        measured = list(asked.columns) or [asked.value]
        words = [name for name in measured if table[name].dtype.kind not in "fiu"]
        if words:
            raise StatisticsError(f"Column {words[0]!r} holds no numbers; use --kind ordinal or nominal for grades.")
    if asked.columns:
        matrix = table[list(asked.columns)]
        patients = table[asked.patient].to_numpy() if asked.patient else None
        return matrix.to_numpy(), list(asked.columns), patients
    cells = table.groupby([asked.target, asked.reader], sort=True)[asked.value]
    matrix = (cells.mean() if asked.kind == "continuous" else cells.first()).unstack(asked.reader)
    patients = None
    if asked.patient:
        patients = table.groupby(asked.target)[asked.patient].first().reindex(matrix.index).to_numpy()
    return matrix.to_numpy(), [str(name) for name in matrix.columns], patients


def _frame(rows: list[AgreementRow], repeated: list[ReaderAgreement]) -> pd.DataFrame:
    import pandas as pd

    from mskus.cli.figure_table import figure_cells

    records = [
        {
            "between": row.between,
            "figure": row.figure,
            **figure_cells(row.estimate, row.by_patient),
            "n": row.n,
            "note": row.note,
        }
        for row in rows
    ]
    for one in (r for r in repeated if r.kind == "intra"):
        spread = one.repeatability
        note = f"{spread.n_readings} readings of {spread.n_cases} cases"
        for name, figure in (
            ("intra-reader ICC(1,1)", one.icc),
            ("intra-reader SEM", spread.sem),
            ("intra-reader MDC", spread.mdc),
            ("intra-reader CV %", spread.cv_percent),
        ):
            records.append(
                {
                    "between": one.reader,
                    "figure": name,
                    "value": figure.value,
                    "low": figure.low,
                    "high": figure.high,
                    "n": spread.n_cases,
                    "note": note,
                }
            )
    return pd.DataFrame(records)


def _plots(
    wide: NDArray[np.generic], readers: list[str], patients: NDArray[np.generic] | None, asked: argparse.Namespace
) -> list[str]:
    """A Bland-Altman plot of every pair of readers; names of the files."""
    import pandas as pd

    from mskus.report.agreement_plots import save_bland_altman
    from mskus.statistics.agreement import limits_of_pair, shared_pairs

    written = []
    for i, j in shared_pairs(pd.notna(wide), readers):
        a, b = wide[:, i], wide[:, j]
        found = limits_of_pair(a, b, patients=patients)
        safe = "".join(c if c.isalnum() else "-" for c in f"{readers[i]}_{readers[j]}")
        name = f"bland_altman_{safe}.png"
        save_bland_altman(
            a,
            b,
            found,
            asked.out / name,
            names=(readers[i], readers[j]),
            measure=asked.value or "value",
            patients=patients,
        )
        written.append(name)
    return written
