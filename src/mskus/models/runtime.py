"""Running a network: its file and card are compared, its engine is chosen, pictures go in and logits come out."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mskus.models.cards import Card, ModelError, card, checked_companion, checked_file
from mskus.models.engines import Engine, engine
from mskus.models.outlier import SUFFIX, OutlierScore

Array = NDArray[np.float32]


class Network:
    """A compiled network; made by :func:`load`.

    Attributes:
        card: what is known of it.
        engine: what runs it.
    """

    def __init__(self, path: Path, info: Card, *, outlier: Path | None = None) -> None:
        self.card = info
        self.engine: Engine = engine(path, sha256=info.sha256)
        self._outlier = outlier

    @cached_property
    def outlier(self) -> OutlierScore | None:
        """What tells pictures of another kind; None for a network that was released without."""
        return None if self._outlier is None else OutlierScore.load(self._outlier)

    def predict(self, batch: Array) -> Array:
        """Logits of a batch.

        Args:
            batch: ``(N, 1, H, W)`` float32, scaled as the card says.

        Returns:
            ``(N, C, H, W)`` float32; ``(N, C)`` of a classifier.

        Raises:
            ModelError: if the shape is not what the card says.
        """
        return self._answers(batch)[0]

    def predict_with_features(self, batch: Array) -> tuple[Array, Array]:
        """Logits of a batch, and the ``(N, D)`` features that :attr:`outlier` judges.

        Raises:
            ModelError: if the shape is not what the card says, or the network has no features.
        """
        answers = self._answers(batch)
        if len(answers) < 2:
            raise ModelError(f"{self.card.name} was released without features; release it again to tell odd pictures.")
        return answers[0], answers[1]

    def _answers(self, batch: Array) -> list[Array]:
        wanted = self.card.input_shape
        fits = batch.ndim == len(wanted) and all(
            w in (None, got) for w, got in zip(wanted[1:], batch.shape[1:], strict=True)
        )
        if not fits:
            raise ModelError(f"{self.card.name} takes pictures of shape {wanted}; got {batch.shape}.")
        if not len(batch):
            # what an empty batch would answer has the shape of a picture's answer
            one = np.zeros((1, *batch.shape[1:]), np.float32)
            return [answer[:0] for answer in self._answers(one)]
        return self.engine.run(np.ascontiguousarray(batch, np.float32))


_LOADING = Lock()


def load(name: str, *, folder: Path | None = None) -> Network:
    """The compiled network of that name, kept for the life of the process.

    Args:
        name: one of :func:`mskus.models.available`.
        folder: where the ONNX file and its card lie; among the shipped and the user's own by default.

    Raises:
        ModelError: if the file is missing or its SHA-256 differs from the card.
    """
    with _LOADING:  # two threads of an exam ask at once, for one network and not for two
        return _loaded(name, folder)


def forget() -> None:
    """Let go of the networks in memory, because files have changed."""
    _loaded.cache_clear()


@lru_cache(maxsize=8)
def _loaded(name: str, folder: Path | None) -> Network:
    path = checked_file(name, folder=folder)
    outlier = checked_companion(name, SUFFIX, folder=folder)
    return Network(path, card(name, folder=folder), outlier=outlier)
