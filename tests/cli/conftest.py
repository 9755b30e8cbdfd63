from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mskus.cli import run


@dataclass
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def mskus(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """The command line in this process: ``mskus("info", path)``."""

    def call(*arguments: object) -> Answer:
        code = run([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call
