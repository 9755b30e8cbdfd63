"""Half precision only where it is fast; a number in YAML is understood."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn.train.config import ScheduleConfig, checked_config
from mskus.learn.train.precision import arithmetic


@pytest.mark.parametrize(
    ("precision", "capabilities", "expected"),
    [
        ("auto", {"avx2": True, "avx512_bf16": False, "amx_bf16": False}, "32"),
        ("auto", {"avx2": True, "avx512_bf16": True, "amx_bf16": False}, "bf16-mixed"),
        ("auto", {"avx2": True, "avx512_bf16": False, "amx_bf16": True}, "bf16-mixed"),
        ("auto", {}, "32"),
        ("bf16-mixed", {}, "bf16-mixed"),
        ("32", {"amx_bf16": True}, "32"),
    ],
)
def test_a_processor_decides(
    precision: Any, capabilities: dict[str, bool], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert arithmetic(ScheduleConfig(precision=precision, accelerator="cpu")) == expected


@pytest.mark.parametrize(("fast", "expected"), [(True, "bf16-mixed"), (False, "16-mixed")])
def test_a_card_decides(fast: bool, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: fast)
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert arithmetic(ScheduleConfig(accelerator="auto")) == expected
    assert arithmetic(ScheduleConfig(accelerator="cpu")) == "32"


def test_a_torch_that_cannot_tell_trains_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert arithmetic(ScheduleConfig(accelerator="cpu")) == "32"


def test_the_number_32_is_the_precision_32() -> None:
    given = {"data": {"manifest": "m.csv", "classes": {"a": 1}}, "output": {"folder": "out"}}
    assert checked_config({**given, "schedule": {"precision": 32}}, source="run.yaml").schedule.precision == "32"
    with pytest.raises(LearnError, match=r"run\.yaml: schedule\.precision"):
        checked_config({**given, "schedule": {"precision": 64}}, source="run.yaml")
