"""Running a shipped network on the processor with OpenVINO, in full float32 precision."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.models.cards import FOLDER, Card, ModelError, card, checked_file


class Network:
    """A compiled network; made by :func:`load`.

    Frames of a batch run as independent requests on all cores, which is faster on few cores than one request that is
    split over them.

    Attributes:
        card: what is known of it.
    """

    def __init__(self, path: Path, info: Card) -> None:
        import openvino as ov

        self.card = info
        core = ov.Core()
        self._model: Any = core.compile_model(
            str(path),
            "CPU",
            {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "THROUGHPUT"},
        )
        self._queue: Any = ov.AsyncInferQueue(self._model)
        self._queue.set_callback(_collect)
        self._one_caller = Lock()  # an exam asks from two threads; the queue serves one batch at a time

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits of a batch.

        Args:
            batch: ``(N, 1, H, W)`` float32, scaled as the card says.

        Returns:
            ``(N, C, H, W)`` float32.

        Raises:
            ModelError: if the shape is not what the card says.
        """
        wanted = self.card.input_shape
        if batch.ndim != 4 or any(w not in (None, got) for w, got in zip(wanted[1:], batch.shape[1:], strict=True)):
            raise ModelError(f"{self.card.name} takes pictures of shape {wanted}; got {batch.shape}.")
        found: list[NDArray[np.float32] | None] = [None] * len(batch)
        with self._one_caller:
            for index in range(len(batch)):
                frame = np.ascontiguousarray(batch[index : index + 1], np.float32)
                self._queue.start_async({0: frame}, (found, index))
            self._queue.wait_all()
        if not found:
            return np.zeros((0, len(self.card.classes), *batch.shape[2:]), np.float32)
        return np.concatenate([f for f in found if f is not None])


def _collect(request: Any, where: tuple[list[NDArray[np.float32] | None], int]) -> None:
    found, index = where
    found[index] = request.get_output_tensor(0).data.copy()


@lru_cache(maxsize=8)
def load(name: str, *, folder: Path = FOLDER) -> Network:
    """The compiled network of that name, kept for the life of the process.

    Args:
        name: one of :func:`mskus.models.available`.
        folder: where the ONNX file and its card lie.

    Raises:
        ModelError: if the file is missing or its SHA-256 differs from the card.
    """
    return Network(checked_file(name, folder=folder), card(name, folder=folder))
