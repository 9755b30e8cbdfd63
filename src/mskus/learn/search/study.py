"""The memory of a search: an Optuna study on SQLite or PostgreSQL that processes and machines share.

Source: Akiba et al. 2019, Optuna (KDD, p. 2623).
"""

from __future__ import annotations

import datetime
import os
import socket
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import optuna
from optuna import Study, Trial
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from mskus.errors import LearnError, SaveError
from mskus.learn.search.evolution import Genes

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
_WORKER, _SAID, _HEARTBEAT = "worker", "said", "heartbeat_s"


class _AlreadyTakenError(Exception):
    """Another process trains this candidate, or has done so; or the budget is spent."""


def open_study(
    address: str,
    *,
    name: str,
    said: dict[str, Any],
    resume: bool,
    sampler: BaseSampler,
    pruner: BasePruner,
    heartbeat_s: int,
) -> Study:
    """Begin a search, or join it.

    Args:
        address: of the storage, for SQLAlchemy.
        name: of the study in it.
        said: what must be the same for all that join.
        resume: join one that is there; otherwise that is an error.
        sampler: proposes candidates.
        pruner: gives candidates up.
        heartbeat_s: between signs of life of a process.

    Raises:
        LearnError: if there is one and ``resume`` is not set, or it is another search.
        SaveError: if the storage cannot be opened.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        storage = _storage(address, heartbeat_s=heartbeat_s)
        known = name in {s.study_name for s in optuna.get_all_study_summaries(storage)}
        if known and not resume:
            raise LearnError(
                f"{_where(address)} holds the search {name!r} already; go on with or join it by --resume, or choose "
                "another search.study or output.folder."
            )
        study = optuna.create_study(
            storage=storage, study_name=name, direction="maximize", sampler=sampler, pruner=pruner, load_if_exists=True
        )
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        why = " ".join(str(error).split())[:160]
        raise SaveError(
            f"The search cannot be kept in {_where(address)}: {why}. Name an SQLite file, or a database whose "
            "driver is installed."
        ) from error
    before = study.user_attrs.get(_SAID)
    if before is None:
        study.set_user_attr(_SAID, said)
    else:
        differing = [key for key in said if before.get(key) != said[key]]
        if differing:
            raise LearnError(
                f"{_where(address)} holds a search {name!r} with another {differing[0]}; join it with its own "
                "configuration, or choose another search.study."
            )
    study.set_user_attr(_HEARTBEAT, heartbeat_s)
    _give_up_dead(study)
    return study


def run_trials(
    study: Study,
    train: Callable[[Trial, Genes], float],
    *,
    choices: Mapping[str, Sequence[Any]],
    trials: int,
    minutes: float | None = None,
    said: Callable[[FrozenTrial], None] = lambda _: None,
) -> None:
    """Train candidates until the budget is spent by all processes together.

    Args:
        study: of :func:`open_study`.
        train: gives the score of a trial and its genes.
        choices: of every gene.
        trials: finished candidates in all.
        minutes: of this process.
        said: takes every trial that this process finishes.

    Raises:
        LearnError: if no further candidate is possible.
    """
    end = None if minutes is None else time.monotonic() + 60.0 * minutes
    begun: list[int] = []

    def claimed(trial: Trial) -> float:
        begun.append(trial.number)
        trial.set_user_attr(_WORKER, f"{socket.gethostname()} {os.getpid()}")
        genes = {name: trial.suggest_categorical(name, values) for name, values in choices.items()}
        earlier = _earlier(study, trial.number, genes=len(choices))
        if len(earlier) >= trials or any(t.params == genes for t in earlier):
            raise _AlreadyTakenError
        return train(trial, genes)

    def tell(_: Study, trial: FrozenTrial) -> None:
        if trial.state in FINISHED:
            said(trial)

    while end is None or time.monotonic() < end:
        if len(finished(study)) >= trials:
            break
        if sum(map(_counts, study.get_trials(deepcopy=False))) >= trials:
            time.sleep(0.5)  # the last ones are being trained; should their process die, this one takes over
            _give_up_dead(study)
            continue
        try:
            study.optimize(claimed, n_trials=1, catch=(_AlreadyTakenError,), callbacks=[tell])
        except (ValueError, AssertionError):  # Optuna, of a trial that another process gave up: this one was only slow
            if not begun or study.get_trials(deepcopy=False)[begun[-1]].state != TrialState.FAIL:
                raise


def finished(study: Study) -> list[FrozenTrial]:
    """Trials that were trained to the end or given up early, in their order."""
    return study.get_trials(deepcopy=False, states=FINISHED)


def _earlier(study: Study, number: int, *, genes: int) -> list[FrozenTrial]:
    """What was begun before and counts, once each of it has all its genes: a process writes them one by one."""
    while True:
        earlier = [t for t in study.get_trials(deepcopy=False) if t.number < number and _counts(t)]
        if all(len(t.params) == genes for t in earlier):
            return earlier
        time.sleep(0.02)
        _give_up_dead(study)


def _counts(trial: FrozenTrial) -> bool:
    return trial.state in FINISHED or trial.state == TrialState.RUNNING


def _storage(address: str, *, heartbeat_s: int) -> optuna.storages.RDBStorage:
    # an SQLite file is locked as a whole while one process writes: the others wait for it
    options = {"connect_args": {"timeout": 60}} if address.startswith("sqlite") else {"pool_pre_ping": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        for attempt in range(5):
            try:
                return optuna.storages.RDBStorage(
                    address, engine_kwargs=options, heartbeat_interval=heartbeat_s, grace_period=2 * heartbeat_s
                )
            except OperationalError as error:
                if attempt == 4 or "already exists" not in str(error):
                    raise
                time.sleep(0.3 * (attempt + 1))  # another process makes the tables at this moment
    raise AssertionError("unreachable")


def _where(address: str) -> str:
    """The address without a password."""
    try:
        url = make_url(address)
    except ArgumentError:
        return address
    return url.database or address if url.drivername.startswith("sqlite") else url.render_as_string(hide_password=True)


def _give_up_dead(study: Study) -> None:
    """Fail what was being trained when its process ended, so that it does not count and may be tried again.

    On this machine a process that is not there is known at once; of other machines it is the missing sign of life.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)
    silent_s = 2 * int(study.user_attrs[_HEARTBEAT])
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        worker = trial.user_attrs.get(_WORKER)
        started = trial.datetime_start or datetime.datetime.min
        nameless = worker is None and (datetime.datetime.now() - started).total_seconds() > silent_s
        if nameless or (worker is not None and _is_gone(worker)):
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)


def _is_gone(worker: str) -> bool:
    host, _, process = worker.rpartition(" ")
    if host != socket.gethostname() or os.name != "posix":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's, but alive
        return False
    return False
