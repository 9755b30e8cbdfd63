"""What runs a network: OpenVINO, which measured faster within the exams, ONNX Runtime, or ONNX Runtime with CUDA.

``MSKUS_RUNTIME`` chooses: ``openvino`` (the default), ``onnxruntime`` or ``cuda``. Measured by
``benchmarks/runtime.py``, network alone, and ``benchmarks/nerve_clip.py speed``, whole exam. All compute in float32; a
network that was made int8 stays int8.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mskus.models.cards import ModelError, sha256_of
from mskus.models.folders import cache_folder

Array = NDArray[np.float32]
VARIABLE = "MSKUS_RUNTIME"
NAMES = ("openvino", "onnxruntime", "cuda")

# Two threads whose first batches meet in OpenVINO's own set-up wait for each other and for Python for ever (2026.4);
# a batch uses all cores, so that one at a time, of all networks, loses nothing.
_ONE_BATCH = Lock()
_NOTE = ".sha256"


class Engine(Protocol):
    """A compiled network."""

    def run(self, batch: Array) -> list[Array]:
        """Every output for a batch of at least one picture, ``(N, ...)`` each."""


def engine(path: Path, *, sha256: str, name: str | None = None) -> Engine:
    """The engine for a file.

    Args:
        path: ONNX, compared with its card already.
        sha256: of the file; compiled networks are kept under it.
        name: of :data:`NAMES`; ``MSKUS_RUNTIME`` or OpenVINO by default.

    Raises:
        ModelError: if there is no engine of that name, or what it needs is not installed.
    """
    chosen = name or os.environ.get(VARIABLE, "").strip().lower() or "openvino"
    if chosen not in NAMES:
        raise ModelError(f"There is no runtime {chosen!r}; set {VARIABLE} to {', '.join(NAMES[:-1])} or {NAMES[-1]}.")
    if chosen == "openvino":
        return OpenVino(path, sha256=sha256)
    return OnnxRuntime(path, cuda=chosen == "cuda")


class OpenVino:
    """OpenVINO on the processor.

    A picture alone runs on all cores. Frames of a batch run as independent requests, one a core, which is faster on few
    cores than one request that is split over them. The network is compiled for either when it is first asked so, and
    kept in the user's cache, so that the next process starts sooner.
    """

    def __init__(self, path: Path, *, sha256: str) -> None:
        self._path, self._cache = path, _cache_of(sha256)
        self._alone: Any = None
        self._queue: Any = None

    def run(self, batch: Array) -> list[Array]:
        """Every output for a batch."""
        found: list[list[Array]] = [[] for _ in batch]
        try:
            with _ONE_BATCH:
                self._run(batch, found)
        except RuntimeError as error:
            raise _cannot_run(self._path, "OpenVINO", error) from error
        return [np.concatenate(answers) for answers in zip(*found, strict=True)]

    def _run(self, batch: Array, found: list[list[Array]]) -> None:
        if len(batch) == 1 and self._queue is None:
            self._alone = self._alone or self._compiled("LATENCY").create_infer_request()
            self._alone.infer([batch])
            _collect(self._alone, found[0])
            return
        self._queue = self._queue or self._requests()
        for index in range(len(batch)):
            self._queue.start_async({0: batch[index : index + 1]}, found[index])
        self._queue.wait_all()

    def _requests(self) -> Any:
        queue = openvino().AsyncInferQueue(self._compiled("THROUGHPUT"))
        queue.set_callback(_collect)
        return queue

    def _compiled(self, hint: str) -> Any:
        hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": hint}
        if self._cache is not None:
            _drop_damaged(self._cache)
            hints["CACHE_DIR"] = str(self._cache)
        compiled = openvino().Core().compile_model(str(self._path), "CPU", hints)
        if self._cache is not None:
            _note_whole(self._cache)
        return compiled


def openvino() -> Any:
    """The library, without the package by which it reports every import to its maker over the network."""
    if "openvino" not in sys.modules:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # not there: it goes on without
    return import_module("openvino")


def _collect(request: Any, into: list[Array]) -> None:
    into.extend(tensor.data.copy() for tensor in request.output_tensors)


def _drop_damaged(folder: Path) -> None:
    """Delete kept networks that are not as they were written: OpenVINO would run changed weights without a word."""
    with suppress(OSError):
        for blob in folder.glob("*.blob"):
            note = blob.with_suffix(_NOTE)
            if not note.is_file() or note.read_text(encoding="ascii") != sha256_of(blob):
                blob.unlink(missing_ok=True)
                note.unlink(missing_ok=True)


def _note_whole(folder: Path) -> None:
    with suppress(OSError):
        for blob in folder.glob("*.blob"):
            note = blob.with_suffix(_NOTE)
            if not note.exists():
                note.write_text(sha256_of(blob), encoding="ascii")


def _cache_of(sha256: str) -> Path | None:
    """A folder that can be written, or None: without it the network is compiled anew every time."""
    folder = cache_folder() / "openvino" / sha256[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


class OnnxRuntime:
    """ONNX Runtime on the processor, or on an NVIDIA card with ``pip install 'mskus[cuda]'``."""

    def __init__(self, path: Path, *, cuda: bool) -> None:
        extra = "cuda" if cuda else "learn"
        try:
            runtime: Any = import_module("onnxruntime")
        except ImportError:
            raise ModelError(f"This runtime needs ONNX Runtime: pip install 'mskus[{extra}]'.") from None
        if cuda and "CUDAExecutionProvider" not in runtime.get_available_providers():
            raise ModelError(
                "CUDA was asked for but ONNX Runtime finds none; pip install 'mskus[cuda]' with an NVIDIA driver, or"
                f" unset {VARIABLE}."
            )
        providers = [*(["CUDAExecutionProvider"] if cuda else []), "CPUExecutionProvider"]
        try:
            self._session: Any = runtime.InferenceSession(str(path), providers=providers)
        except Exception as error:  # its exceptions have no common base
            raise _cannot_run(path, "ONNX Runtime", error) from error
        self._path = path
        self._input = self._session.get_inputs()[0].name

    def run(self, batch: Array) -> list[Array]:
        """Every output for a batch."""
        try:
            answers = self._session.run(None, {self._input: batch})
        except Exception as error:
            raise _cannot_run(self._path, "ONNX Runtime", error) from error
        return [np.asarray(answer, np.float32) for answer in answers]


def _cannot_run(path: Path, by: str, error: Exception) -> ModelError:
    return ModelError(f"{path.name} cannot be run by {by}: {' '.join(str(error).split())[:160]}.")
