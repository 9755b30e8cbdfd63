"""A training run: from a typed configuration to weights, figures and the state to go on from."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
import yaml
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, EarlyStopping
from torch import nn

from mskus.errors import LearnError, SaveError
from mskus.learn.train.adversarial_module import AdversarialModule
from mskus.learn.train.config import TrainConfig, names_a_model, write_config
from mskus.learn.train.judge import judge
from mskus.learn.train.keep import BEST, STATE, KeepRun
from mskus.learn.train.loaders import RunData
from mskus.learn.train.material import Material, gather
from mskus.learn.train.module import TrainingModule
from mskus.learn.train.network import make_network
from mskus.learn.train.precision import arithmetic
from mskus.learn.train.split import Split, is_split, write_split
from mskus.models.cards import card, sha256_of

STARTED, FINISHED = "started.json", "finished.json"

# what may differ when a run goes on: it changes where and how fast, not what is computed
FREE: dict[str, Any] = {
    "output": True,
    "data": {"workers"},
    "schedule": {"accelerator", "devices", "num_nodes", "strategy", "threads"},
}


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """What a run left.

    Attributes:
        checkpoint: ``best.pt``, the weights of the best epoch, or of the last where the schedule keeps that (averaged
            ones where it averages).
        metrics: their figures on the held-out part; empty without one.
        folder: where ``last.ckpt``, ``config.yaml``, ``metrics.csv``, ``split.csv`` and ``scores.csv`` lie too.
        epochs: epochs done.
        stopped_early: whether patience ran out.
    """

    checkpoint: Path
    metrics: dict[str, float] = field(default_factory=dict)
    folder: Path
    epochs: int
    stopped_early: bool = False


def train(config: TrainConfig, *, resume: bool = False) -> TrainResult:
    """Train one network.

    Args:
        config: all of the run.
        resume: go on from the last whole epoch in the output folder; a folder without one starts anew, and a run that
            ended is left as it is.

    Raises:
        LearnError: if data or configuration cannot be used, the folder holds another run, or the loss is NaN.
        SaveError: if an epoch cannot be kept.
    """
    folder = config.output.folder
    _claim(folder, config, resume=resume)
    if config.schedule.threads:
        torch.set_num_threads(config.schedule.threads)
    material = gather(config)
    state = folder / STATE
    if state.exists() and not is_split(material.split, folder / "split.csv"):
        raise LearnError(f"{folder} holds a run on other pictures or another split; choose another folder.")
    _note_start(folder, config, material)
    if state.exists() and (folder / FINISHED).is_file():
        return TrainResult(
            checkpoint=folder / BEST, folder=folder, **json.loads((folder / FINISHED).read_text(encoding="utf-8"))
        )
    write_split(material.split, folder / "split.csv")
    torch.manual_seed(config.seed)
    network = make_network(
        config.network,
        n_outputs=len(material.outputs),
        task=config.task,
        clips=config.data.clip_length is not None,
        pictures=_some_pictures(material) if config.network.weights and names_a_model(config.network.weights) else None,
    )
    data = RunData(material, config=config)
    kind = AdversarialModule if config.loss.adversarial else TrainingModule
    module = kind(network, material.rules, config=config, total_steps=data.steps * config.schedule.epochs)
    module.patients = [c.patient for c in material.split.choosing or material.split.held_out]
    last = config.schedule.keep == "last"
    at_the_end = last or material.choosing is not None
    keep = KeepRun(folder, held_out=() if at_the_end else material.scored, last=last)
    judged = len(material.validation) > 0
    stopping = _early_stopping(config) if judged and config.schedule.patience else None
    trainer = _trainer(config, [keep, *([stopping] if stopping else [])], validate=judged)
    try:
        with quiet():
            trainer.fit(
                module.to(memory_format=torch.channels_last),
                datamodule=data,
                ckpt_path=state if state.is_file() else None,
                weights_only=True,
            )
    except SystemExit:  # what Lightning makes of Ctrl-C
        raise KeyboardInterrupt from None
    done: dict[str, Any] = {
        "metrics": _final_figures(network, material, keep, write=trainer.is_global_zero)
        if at_the_end
        else _best_figures(keep),
        "epochs": len(keep.history),
        "stopped_early": bool(stopping and stopping.stopped_epoch),
    }
    if trainer.is_global_zero:
        _write_json(folder / FINISHED, done)
    return TrainResult(checkpoint=folder / BEST, folder=folder, **done)


def _note_start(folder: Path, config: TrainConfig, material: Material) -> None:
    """Write once what a run began with and the configuration does not say; a resumed run must begin with the same.

    Raises:
        LearnError: if the first weights, pictures or masks are others now.
        SaveError: if it cannot be written.
    """
    now = {
        "precision": arithmetic(config.schedule),
        "torch": torch.__version__,
        "first_weights_sha256": _first_weights(config),
        "pictures_sha256": _digest_of_files(material.split),
    }
    said = folder / STARTED
    if not (said.is_file() and (folder / STATE).exists()):
        _write_json(said, now)
        return
    before = json.loads(said.read_text(encoding="utf-8"))
    for what, entry in (("first weights", "first_weights_sha256"), ("pictures or masks", "pictures_sha256")):
        if entry in before and now[entry] is not None and before[entry] != now[entry]:
            raise LearnError(f"{folder} holds a run that began with other {what} of that name; choose another folder.")


def _first_weights(config: TrainConfig) -> str | None:
    """SHA-256 of the weights that the network begins with; None of none, or of a file that is gone."""
    weights = config.network.weights
    if weights is None:
        return None
    if names_a_model(weights):
        return card(str(weights)).sha256
    return sha256_of(weights) if weights.is_file() else None


def _digest_of_files(split: Split) -> str:
    """Of the bytes of all pictures and masks, in the order of the split."""
    whole = hashlib.sha256()
    for path in dict.fromkeys(
        path
        for case in (*split.training, *split.choosing, *split.held_out)
        for path in (case.image, case.mask)
        if path is not None and path.is_file()
    ):
        whole.update(bytes.fromhex(sha256_of(path)))
    return whole.hexdigest()


def _write_json(path: Path, what: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(what, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise SaveError(f"{path.parent} cannot be written: {' '.join(str(error).split())[:120]}.") from error


def _some_pictures(material: Material, *, most: int = 32) -> torch.Tensor | None:
    """Training pictures ``(N, 1, H, W)`` as they are; None where they have not one size, or are clips."""
    n = len(material.training)
    some = [material.training[i][0] for i in sorted({k * n // most for k in range(most)})]
    alike = len({one.shape for one in some}) == 1 and some[0].dim() == 3
    return torch.stack(some) if alike else None


def _claim(folder: Path, config: TrainConfig, *, resume: bool) -> None:
    """Make the folder this run's, or see that it is."""
    said = folder / "config.yaml"
    if (folder / STATE).exists():
        if not resume:
            raise LearnError(f"{folder} holds a run already; go on with --resume, or choose another folder.")
        before = TrainConfig.model_validate(yaml.safe_load(said.read_text(encoding="utf-8")))
        changed = _first_difference(_lasting(before), _lasting(config))
        if changed:
            raise LearnError(
                f"{folder} holds a run with another {changed}; resume with its own config.yaml, or choose "
                "another folder."
            )
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FINISHED).unlink(missing_ok=True)
        write_config(config, said)
    except OSError as error:
        raise SaveError(f"{folder} cannot be written: {' '.join(str(error).split())[:120]}.") from error


def _lasting(config: TrainConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude=FREE)


def _first_difference(a: Any, b: Any, name: str = "") -> str:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys((*a, *b)):
            found = _first_difference(a.get(key), b.get(key), f"{name}.{key}" if name else key)
            if found:
                return found
        # the order of the classes is that of the network's outputs
        return name if name == "data.classes" and list(a) != list(b) else ""
    return "" if a == b or name in ("data.manifest", "network.weights") else name


def _early_stopping(config: TrainConfig) -> EarlyStopping:
    return EarlyStopping("score", mode="max", patience=config.schedule.patience, check_finite=False)


def _trainer(config: TrainConfig, callbacks: list[Callback], *, validate: bool) -> pl.Trainer:
    if config.output.progress:
        from lightning.pytorch.callbacks import RichProgressBar

        callbacks = [*callbacks, RichProgressBar()]
    try:
        return _made_trainer(config, callbacks, validate=validate)
    except (MisconfigurationException, ValueError) as error:
        raise LearnError(f"The schedule cannot be followed here: {' '.join(str(error).split())[:160]}.") from error


def _made_trainer(config: TrainConfig, callbacks: list[Callback], *, validate: bool) -> pl.Trainer:
    schedule = config.schedule
    with quiet():
        return pl.Trainer(
            max_epochs=schedule.epochs,
            accelerator=schedule.accelerator,
            devices=schedule.devices,
            num_nodes=schedule.num_nodes,
            strategy=_strategy(config),
            precision=arithmetic(schedule),
            gradient_clip_val=None if config.loss.adversarial else schedule.clip,  # see AdversarialModule
            callbacks=callbacks,
            logger=_logger(config),
            check_val_every_n_epoch=min(schedule.validate_every, schedule.epochs),
            limit_val_batches=1.0 if validate else 0,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            enable_checkpointing=True,
            enable_progress_bar=config.output.progress,
            enable_model_summary=False,
            deterministic="warn",
            default_root_dir=config.output.folder,
        )


def _strategy(config: TrainConfig) -> str:
    schedule = config.schedule
    several = schedule.devices != 1 or schedule.num_nodes > 1
    if config.loss.adversarial and several and schedule.strategy in ("auto", "ddp"):
        return "ddp_find_unused_parameters_true"  # each half of a step leaves the other network aside
    return schedule.strategy


def _logger(config: TrainConfig) -> Any:
    """TensorBoard's where it is wanted and installed; figures go to ``metrics.csv`` in any case."""
    from importlib.util import find_spec

    if not config.output.tensorboard or not (find_spec("tensorboard") or find_spec("tensorboardX")):
        return False
    from lightning.pytorch.loggers import TensorBoardLogger

    return TensorBoardLogger(config.output.folder, name="tensorboard", version="")


def _final_figures(network: nn.Module, material: Material, keep: KeepRun, *, write: bool) -> dict[str, float]:
    """One look at the held-out part with the weights that were kept."""
    if not len(material.held_out):
        return {}
    network.load_state_dict(torch.load(keep.folder / BEST, weights_only=True, map_location="cpu"))
    scores = judge(network.cpu(), material)
    if write:
        keep.keep_scores(scores, material.scored)
    return material.rules.figures(scores, [c.patient for c in material.split.held_out])


def _best_figures(keep: KeepRun) -> dict[str, float]:
    judged = [row for row in keep.history if not math.isnan(row.get("score", math.nan))]
    best = max(judged, key=lambda row: row["score"], default={})
    return {name: value for name, value in best.items() if name not in ("epoch", "loss", "discriminator_loss")}


class quiet:  # noqa: N801  a context, used like a function
    """No chatter of the libraries on the user's screen."""

    def __enter__(self) -> None:
        self._caught = warnings.catch_warnings()
        self._caught.__enter__()
        warnings.filterwarnings("ignore", module="lightning|torch")
        for name in ("lightning.pytorch", "lightning.fabric", "lightning.pytorch.utilities.rank_zero"):
            logging.getLogger(name).setLevel(logging.ERROR)

    def __exit__(self, *what: Any) -> None:
        self._caught.__exit__(*what)
