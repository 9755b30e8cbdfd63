"""Two processes, started by torchrun, train one network together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")
pytest.importorskip("yaml")

import torch
import yaml

from .conftest import tiny


@pytest.mark.skipif(not torch.distributed.is_available() or sys.platform != "linux", reason="needs torchrun and gloo")
def test_two_processes_train_one_network(discs: Path, tmp_path: Path) -> None:
    schedule = {"epochs": 2, "devices": 2, "strategy": "ddp", "accelerator": "cpu"}
    split = {"folds": 3, "inner": 0.3}
    given = tiny(discs, tmp_path / "run", schedule=schedule, split=split)
    said = tmp_path / "run.yaml"
    said.write_text(yaml.safe_dump(given))
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", "-m", "mskus"]
    done = subprocess.run(
        [*command, "train", str(said), "--quiet"],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(pd.read_csv(tmp_path / "run" / "metrics.csv")) == 2
    sides = pd.read_csv(tmp_path / "run" / "split.csv").groupby("side").patient.unique()
    scores = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert set(scores.patient) == set(sides["held out"])
    state = torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)
    assert state["global_step"] == 2 * 3
