"""Which arithmetic a run trains in: half precision where the processor or card computes it fast, else single.

A processor without bfloat16 instructions emulates them: on one with AVX2 alone, training in bfloat16 took twelve times
as long as in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch

from mskus.learn.train.config import ScheduleConfig

Arithmetic = Literal["32", "bf16-mixed", "16-mixed"]


def arithmetic(schedule: ScheduleConfig) -> Arithmetic:
    """The precision to train in here; what ``schedule.precision`` says, unless that is ``auto``."""
    if schedule.precision != "auto":
        return schedule.precision
    if schedule.accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"
    if schedule.accelerator in ("auto", "gpu", "mps") and torch.backends.mps.is_available():
        return "32"
    return "bf16-mixed" if has_bfloat16() else "32"


def has_bfloat16() -> bool:
    """Whether this processor computes in bfloat16 itself; a torch too old to tell (before 2.10) is answered no."""
    told = getattr(torch.cpu, "get_capabilities", None)
    capabilities: Mapping[str, Any] = told() if told is not None else {}
    return any(bool(capabilities.get(name)) for name in ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16"))
