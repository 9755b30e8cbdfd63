"""What is kept of a run after every epoch: state, best weights, figures; each file whole or not at all."""

from __future__ import annotations

import errno
import io
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import pandas as pd
import torch
from lightning.pytorch.callbacks import Checkpoint

from mskus.errors import SaveError
from mskus.learn.manifest import Case
from mskus.learn.train.module import TrainingModule
from mskus.learn.train.tasks import Score

STATE, BEST, FIGURES, SCORES = "last.ckpt", "best.pt", "metrics.csv", "scores.csv"


class KeepRun(Checkpoint):
    """Writes ``last.ckpt`` (to resume from), ``metrics.csv``, and of the best epoch ``best.pt`` and ``scores.csv``.

    Without a validation part the best weights are the last.

    Args:
        folder: of the run.
        held_out: what the validation's scores are of, in their order; empty where ``scores.csv`` is written later.
        last: keep the last weights, whatever their figures.
    """

    def __init__(self, folder: Path, *, held_out: Sequence[Case] = (), last: bool = False) -> None:
        self.folder, self.held_out, self.last = folder, held_out, last
        self.best = -math.inf
        self.history: list[dict[str, float]] = []

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run must know."""
        return {"best": self.best, "history": self.history}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take it up again."""
        self.best, self.history = state_dict["best"], list(state_dict["history"])

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep the epoch.

        Raises:
            SaveError: if it cannot be written; what was kept before is untouched.
        """
        assert isinstance(pl_module, TrainingModule)
        figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        judged = bool(pl_module.seen)
        self.history.append({"epoch": trainer.current_epoch + 1, **pl_module.running, **(figures if judged else {})})
        score = figures.get("score", math.nan) if judged else math.nan
        first = not (self.folder / BEST).exists()
        no_validation = not trainer.enable_validation
        if score > self.best or no_validation or self.last or (first and judged):
            self.best = score if score > self.best else self.best
            if trainer.is_global_zero:
                self._whole(BEST, lambda path: path.write_bytes(serialised(pl_module.judged.state_dict())))
                if judged and self.held_out:
                    self.keep_scores(pl_module.seen)
        if trainer.is_global_zero:
            self._whole(FIGURES, self._write_history)
        self._whole(STATE, lambda path: trainer.save_checkpoint(path), rename=trainer.is_global_zero)
        pl_module.seen = []

    def _write_history(self, path: Path) -> None:
        names = list(dict.fromkeys(name for row in self.history for name in row))
        lines = [",".join(names), *(",".join(_text(row.get(n)) for n in names) for row in self.history)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def keep_scores(self, scores: Sequence[Score], cases: Sequence[Case] | None = None) -> None:
        """Write ``scores.csv``, a row for each of ``cases`` (those held out).

        Raises:
            SaveError: if it cannot be written.
        """
        rows = [
            {"image": str(c.image), "frame": c.frame, "patient": c.patient, "device": c.device, **s.values}
            for c, s in zip(self.held_out if cases is None else cases, scores, strict=True)
        ]
        self._whole(SCORES, lambda path: pd.DataFrame(rows).to_csv(path, index=False))

    def _whole(self, name: str, write: Callable[[Path], object], *, rename: bool = True) -> None:
        partial = self.folder / f".{name}.part"
        try:
            write(partial)
            if rename:
                os.replace(partial, self.folder / name)
        except OSError as error:
            partial.unlink(missing_ok=True)
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            why = "the disk is full" if full else " ".join(str(error).split())[:120]
            raise SaveError(
                f"Epoch {len(self.history)} cannot be kept in {self.folder}: {why}. What was kept before is whole; "
                "make room and go on with --resume."
            ) from error


def serialised(state: dict[str, torch.Tensor]) -> bytes:
    """A ``state_dict`` as the bytes of a file.

    In memory first: writing itself, torch hides a full disk behind an error of its own.
    """
    whole = io.BytesIO()
    torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}, whole)
    return whole.getvalue()


def _text(value: float | None) -> str:
    return "" if value is None else repr(value) if isinstance(value, int) else f"{value:.9g}"
