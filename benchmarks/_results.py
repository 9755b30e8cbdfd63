"""Writes one section of RESULTS.md and leaves the others alone."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Results

Every section is written by the command that it names. *Kind* says what the truth is: **phantom** (simulated),
**public data** (a named set, see the data page of the docs) or **literature**. Intervals are 95 % bootstrap intervals
that draw whole groups (participants, devices or anatomies) unless the section says otherwise.
"""


def data_root() -> Path:
    """Where the public data lie: ``MSKUS_DATA``, else ``../shared/data`` beside the project."""
    root = Path(os.environ.get("MSKUS_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not root.is_dir():
        raise SystemExit(f"{root} is not there: set MSKUS_DATA to the folder with the public data.")
    return root


def record(
    section: str, rows: list[dict[str, Any]], *, data: str, split: str, kind: str, command: str, note: str = ""
) -> None:
    """Rewrite one section: title, date, data, split, kind, command, table, note; print it too."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    heads = [column.replace("|", "\\|") for column in columns]
    table = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    table += ["| " + " | ".join(str(row.get(c, "")) for c in columns) + " |" for row in rows]
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    lines = [
        f"## {section}",
        "",
        f"- date: {today}",
        f"- kind: {kind}",
        f"- data: {data}",
        f"- split: {split}",
        f"- command: `{command}`",
        "",
        *table,
        "",
        *([note, ""] if note else []),
    ]
    body = "\n".join(lines)
    print(body)
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    parts = re.split(r"(?m)^(?=## )", old)
    head, sections = parts[0], {p.splitlines()[0]: p.rstrip() + "\n" for p in parts[1:]}
    sections[lines[0]] = body.rstrip() + "\n"
    RESULTS.write_text(head.rstrip() + "\n\n" + "\n".join(sections.values()), encoding="utf-8")


def recorded(section: str) -> tuple[str, list[dict[str, str]]]:
    """A section's date and the rows of its table as they stand; none if it is not there."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    part = next((p for p in re.split(r"(?m)^(?=## )", text) if p.splitlines()[:1] == [f"## {section}"]), "")
    cells = [
        [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in part.splitlines()
        if line.startswith("|")
    ]
    date = re.search(r"(?m)^- date: (.+)$", part)
    return date[1] if date else "", [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]
