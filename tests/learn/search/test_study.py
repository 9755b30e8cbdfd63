"""The shared memory: no double work between processes, what a dead process left, and searches that do not match."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")

import optuna

from mskus.errors import LearnError, SaveError
from mskus.learn.search.evolution import AgingEvolution
from mskus.learn.search.study import finished, open_study, run_trials

CHOICES = {"x": tuple(range(8)), "y": tuple(range(8))}
WORKER = """
import os, sys, time
from test_study import CHOICES, joined
from mskus.learn.search.study import run_trials

def train(trial, genes):
    trial.set_user_attr("process", os.getpid())
    time.sleep(float(sys.argv[3]))
    return genes["x"] + genes["y"] / 10

run_trials(joined(sys.argv[1]), train, choices=CHOICES, trials=int(sys.argv[2]))
"""


def joined(address: str, *, resume: bool = True, said: dict[str, Any] | None = None) -> optuna.Study:
    return open_study(
        address,
        name="search",
        said=said or {"size": [32, 32]},
        resume=resume,
        sampler=AgingEvolution(CHOICES, seed=0, population=3, tournament=2),
        pruner=optuna.pruners.NopPruner(),
        heartbeat_s=1,
    )


def worker(address: str, *, trials: int, seconds: float) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    arguments = [sys.executable, "-c", WORKER, address, str(trials), str(seconds)]
    return subprocess.Popen(arguments, env={**os.environ, "PYTHONPATH": path})


def scored(address: str, *, trials: int) -> list[dict[str, Any]]:
    study = joined(address)
    run_trials(study, lambda _, genes: genes["x"] + genes["y"] / 10, choices=CHOICES, trials=trials)
    return [t.params for t in finished(study)]


def test_two_processes_share_the_budget_and_nothing_is_trained_twice(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    joined(address, resume=False)
    both = [worker(address, trials=8, seconds=0.15) for _ in range(2)]
    assert [p.wait(timeout=60) for p in both] == [0, 0]
    done = finished(joined(address))
    assert len(done) == 8
    assert len({tuple(t.params.values()) for t in done}) == 8
    assert {t.user_attrs["process"] for t in done} == {p.pid for p in both}


def test_what_a_killed_process_left_is_done_again(tmp_path: Path) -> None:
    """The candidate that was being trained is given up at once, and the search goes on as if nothing had been."""
    address = f"sqlite:///{tmp_path / 'study.db'}"
    study = joined(address, resume=False)
    run_trials(study, lambda _, genes: genes["x"] + genes["y"] / 10, choices=CHOICES, trials=4)
    process = worker(address, trials=9, seconds=60)
    running: list[Any] = []
    while not any("worker" in t.user_attrs for t in running):
        time.sleep(0.05)
        running = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,))
    process.kill()
    process.wait()
    went_on = scored(address, trials=9)
    failed = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.FAIL,))
    assert [t.number for t in failed] == [4]
    assert not study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,))
    undisturbed = f"sqlite:///{tmp_path / 'other.db'}"
    assert went_on == scored(undisturbed, trials=9)
    assert len(went_on) == 9


def test_a_finished_search_stays(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    before = scored(address, trials=3)
    assert scored(address, trials=3) == before
    assert scored(address, trials=5)[:3] == before


def test_a_slow_process_that_was_taken_for_dead_goes_on(tmp_path: Path) -> None:
    study = joined(f"sqlite:///{tmp_path / 'study.db'}")

    def train(trial: optuna.Trial, genes: dict[str, Any]) -> float:
        if trial.number == 1:
            joined(f"sqlite:///{tmp_path / 'study.db'}").tell(trial.number, state=optuna.trial.TrialState.FAIL)
        return float(genes["x"])

    run_trials(study, train, choices=CHOICES, trials=3)
    assert [t.number for t in finished(study)] == [0, 2, 3]


def test_a_fault_of_a_training_is_not_hidden(tmp_path: Path) -> None:
    def train(*_: Any) -> float:
        raise OSError("no pictures")

    with pytest.raises(OSError, match="no pictures"):
        run_trials(joined(f"sqlite:///{tmp_path / 'study.db'}"), train, choices=CHOICES, trials=3)


def test_minutes_end_a_search(tmp_path: Path) -> None:
    study = joined(f"sqlite:///{tmp_path / 'study.db'}")
    run_trials(study, lambda *_: time.sleep(0.1) or 1.0, choices=CHOICES, trials=60, minutes=0.3 / 60)
    assert 1 <= len(finished(study)) <= 3


def test_searches_that_do_not_match(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    joined(address, resume=False)
    with pytest.raises(LearnError, match=r"study\.db holds the search 'search' already; .* --resume"):
        joined(address, resume=False)
    with pytest.raises(LearnError, match="with another size; join it with its own configuration"):
        joined(address, said={"size": [64, 64]})


@pytest.mark.parametrize("address", ["sqlite:////nowhere/study.db", "sofa:///study", "no address"])
def test_a_storage_that_cannot_be(address: str) -> None:
    with pytest.raises(SaveError, match="The search cannot be kept in"):
        joined(address)


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "study.db").write_text("a poem, long enough to be no empty database " * 10)
    with pytest.raises(SaveError, match="file is not a database"):
        joined(f"sqlite:///{tmp_path / 'study.db'}")


def test_no_password_is_shown() -> None:
    pytest.importorskip("sqlalchemy")
    with pytest.raises(SaveError) as error:
        joined("postgresql+nodriver://anna:secret@host/name")
    assert "secret" not in str(error.value)
