"""The manual lists the networks as the code has them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from mskus.learn.networks.table import markdown_table

PAGE = Path(__file__).parents[3] / "docs" / "methods" / "networks-list.md"


def test_the_manual_holds_the_table_of_the_code() -> None:
    assert markdown_table() in PAGE.read_text(encoding="utf-8")
