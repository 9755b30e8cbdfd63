"""What runs a network fastest on this processor, how soon it starts, and what int8 gives.

    python benchmarks/runtime.py [--rounds 8] [--models muscle_aponeurosis nerve]

OpenVINO and ONNX Runtime take turns on the same pictures. Under a minute on two quiet cores.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from _results import record
from mskus.models import available, card
from mskus.models.cards import checked_file
from mskus.models.engines import Engine, OnnxRuntime, OpenVino, engine

SIDE_PX = 256
BATCHES = (1, 16)
PEER = "onnxruntime"


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - started)


def start_ms(name: str, picture: np.ndarray) -> dict[str, float]:
    """From file to the first answer: anew, and with what the run before left in the cache."""
    path, digest = checked_file(name), card(name).sha256
    with tempfile.TemporaryDirectory() as cache:
        os.environ["MSKUS_CACHE"] = cache
        cold = milliseconds(lambda: OpenVino(path, sha256=digest).run(picture))
        warm = milliseconds(lambda: OpenVino(path, sha256=digest).run(picture))
        del os.environ["MSKUS_CACHE"]
    peer = milliseconds(lambda: OnnxRuntime(path, cuda=False).run(picture))
    return {"cold": cold, "warm": warm, PEER: peer}


def frame_ms(engines: dict[str, Engine], batch: np.ndarray, rounds: int) -> dict[str, np.ndarray]:
    """Milliseconds a picture of each round; the first, which warms up, is left out."""
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds + 1):
        for name, each in engines.items():
            taken[name].append(milliseconds(lambda each=each: each.run(batch)) / len(batch))
    return {name: np.array(ms[1:]) for name, ms in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--models", nargs="*", default=list(available()))
    asked = parser.parse_args()
    rows = []
    for name in asked.models:
        sides = [SIDE_PX if side is None else side for side in card(name).input_shape[1:]]
        sides[0] = 1 if card(name).input_shape[1] is None else sides[0]
        pictures = np.random.default_rng(0).random((max(BATCHES), *sides), np.float32)
        started = start_ms(name, pictures[:1])
        path, digest = Path(checked_file(name)), card(name).sha256
        engines = {kind: engine(path, sha256=digest, name=kind) for kind in ("openvino", PEER)}
        for size in BATCHES:
            ms = frame_ms(engines, pictures[:size], asked.rounds)
            rows.append(
                {
                    "network": name,
                    "batch": size,
                    **{f"{kind}, ms a picture": f"{np.median(found):.2f}" for kind, found in ms.items()},
                    f"openvino times faster than {PEER}": f"{np.median(ms[PEER] / ms['openvino']):.2f}",
                    "openvino start, anew / warm (ms)": f"{started['cold']:.0f} / {started['warm']:.0f}",
                    f"{PEER} start (ms)": f"{started[PEER]:.0f}",
                }
            )
    record(
        "Runtime: OpenVINO against ONNX Runtime",
        rows,
        data=f"random pictures of {SIDE_PX}x{SIDE_PX} where the card leaves the size free",
        split="none; nothing is learned or scored",
        kind=f"timing on this machine ({os.cpu_count()} cores), medians of {asked.rounds} rounds in turn",
        command="python benchmarks/runtime.py",
        note="float32. Start: from the file to the first answer, without importing the library.",
    )


if __name__ == "__main__":
    main()
