"""How long the segmentation networks take for a frame, against the published U-Net in the same run.

    python benchmarks/networks.py [--rounds 6]

Random weights (they do not change the time); OpenVINO in float32 on the processor, one frame at a time. The networks
take turns in short runs of frames, as a video has them: what else the machine does disturbs all alike, and the first
frame of a run, which finds another network's weights in the cache, is not counted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from _results import record
from mskus.learn.export import export_onnx
from mskus.learn.networks import build, parameter_count
from mskus.models.engines import openvino

NAMES = ("light", "small_unet", "deconv_regression", "dilated_unet", "unet")
SIZES = (256, 512)
PEER = "unet"
RUN = 5


def request(name: str, *, size: int, folder: Path) -> Any:
    """A compiled network of two classes for one frame."""
    torch.manual_seed(0)
    path = folder / f"{name}_{size}.onnx"
    export_onnx(build(name, n_classes=2).eval(), path, size=(size, size))
    core = openvino().Core()
    model = core.read_model(str(path))
    model.reshape([1, 1, size, size])
    hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    return core.compile_model(model, "CPU", hints).create_infer_request()


def run_ms(asked: Any, frame: np.ndarray) -> list[float]:
    """Milliseconds of the frames of a run but the first."""
    taken = []
    for _ in range(RUN):
        started = time.perf_counter()
        asked.infer([frame])
        taken.append(1e3 * (time.perf_counter() - started))
    return taken[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    rounds = parser.parse_args().rounds
    rows = [{"network": n, "parameters": f"{parameter_count(build(n, n_classes=2)) / 1e6:.2f} M"} for n in NAMES]
    for size in SIZES:
        frame = np.random.default_rng(0).random((1, 1, size, size), np.float32)
        with tempfile.TemporaryDirectory() as folder:
            requests = {name: request(name, size=size, folder=Path(folder)) for name in NAMES}
            taken: dict[str, list[list[float]]] = {name: [] for name in NAMES}
            for _ in range(rounds):
                for name, asked in requests.items():
                    taken[name].append(run_ms(asked, frame))
        peer = np.array(taken[PEER])
        for row in rows:
            ms = np.array(taken[row["network"]])
            low, middle, high = np.percentile(ms, (25, 50, 75))
            row[f"ms at {size}x{size} (quartiles)"] = f"{middle:.1f} ({low:.1f}-{high:.1f})"
            row[f"times faster than {PEER} at {size}"] = f"{np.median(peer / ms):.1f}"
    record(
        "Networks: time for a frame",
        rows,
        data="random pictures, random weights",
        split="none; nothing is learned or scored",
        kind=f"timing on this machine ({os.cpu_count()} cores), median of {rounds * (RUN - 1)} frames",
        command="python benchmarks/networks.py",
        note=f"OpenVINO, float32, one frame at a time, in turn. Peer: `{PEER}`, the published U-Net.",
    )


if __name__ == "__main__":
    main()
