"""``mskus search`` as typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lightning")
pytest.importorskip("optuna")
pytest.importorskip("yaml")


def test_what_is_wrong_is_one_sentence(mskus: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "search.yaml").write_text(
        "data: {manifest: none.csv, classes: {disc: 1}, size: [32, 32]}\noutput: {folder: out}\n"
        "search: {space: {widths: [4], depths: [1]}}\n"
    )
    answer = mskus("search", tmp_path / "search.yaml")
    assert answer.code == 1
    assert "none.csv" in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert "fault in mskus" not in answer.err
    assert "search.trial: is not an entry" in mskus("search", tmp_path / "search.yaml", "--set", "search.trial=1").err
