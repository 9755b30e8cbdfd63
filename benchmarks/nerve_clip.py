"""The nerve exam on a clip: speed of the whole command, and what becomes of a nerve that is lost.

The clip is a public picture that slides and breathes under fresh speckle, 300 frames of 512x512 as MP4, played as a
person would record it. For losses, runs of frames are turned to shadow; a nerve seen before and after a loss must keep
its number, and in a short loss its area must stay near that of the frames around it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

import mskus
from _results import data_root, record
from mskus.clip import Calibration, Clip
from mskus.models.runtime import load
from mskus.statistics import bootstrap
from speed import PEER, timed

FRAMES, SIZE = 300, 512
MM_PER_PX = 0.08
LOSSES = ((60, 4), (120, 8), (200, 40))  # first frame, length: two are bridged, one is not


def moving(picture: np.ndarray, *, seed: int, frames: int = FRAMES, losses: tuple[tuple[int, int], ...] = ()) -> Any:
    """Frames of a picture that slides, breathes and carries new grain; dark and blurred in losses."""
    rng = np.random.default_rng(seed)
    still = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    grain = [
        8.0 * cv2.GaussianBlur(rng.standard_normal((SIZE, SIZE)).astype(np.float32), (0, 0), 1.2) for _ in range(8)
    ]
    for t in range(frames):
        stretch = 1.0 + 0.03 * np.sin(t / 20)
        shift = np.array([[stretch, 0, 12 * np.sin(t / 25)], [0, 1 / stretch, 5 * np.sin(t / 33)]])
        frame = cv2.warpAffine(still, shift, (SIZE, SIZE)).astype(np.float32)
        if any(first <= t < first + length for first, length in losses):
            frame = 0.35 * cv2.GaussianBlur(frame, (0, 0), 20.0)
        yield np.clip(np.where(frame > 3, frame + grain[t % 8], frame), 0, 255).astype(np.uint8)


def write_clip(path: Path, frames: Any) -> None:
    """MPEG-4 video at 30 frames/s."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = SIZE, SIZE, "yuv420p"
        stream.bit_rate = 8_000_000
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.repeat(frame[..., None], 3, axis=2), format="rgb24")
            out.mux(stream.encode(picture))
        out.mux(stream.encode())


def speed(picture: np.ndarray, runs: int) -> None:
    """Whole command and network alone, against decoding and PNG writing of the same frames."""
    network = load("nerve")
    height, width = network.card.input_shape[-2:]
    batch = np.random.default_rng(0).random((64, 1, height, width), np.float32)
    network.predict(batch[:8])
    started = time.perf_counter()
    network.predict(batch)
    alone_ms = 1e3 * (time.perf_counter() - started) / len(batch)
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        write_clip(clip, moving(picture, seed=0))
        peers = [
            timed([sys.executable, "-c", PEER, str(clip), str(Path(folder) / "frame.png")])[0] for _ in range(runs)
        ]
        command = [sys.executable, "-m", "mskus", "examine", "nerve", str(clip), "--mm-per-px", str(MM_PER_PX), "-q"]
        times = [timed([*command, "-o", str(Path(folder) / f"out{i}")]) for i in range(runs)]
    seconds, memory = [run[0] for run in times], max(run[1] for run in times)
    middle = float(np.median(seconds))
    record(
        "Nerve exam: speed and memory, whole process",
        [
            {
                "clip": f"{FRAMES} frames {SIZE}x{SIZE}, MP4",
                "frames/s, start to report and annotated video": f"{FRAMES / middle:.1f} "
                f"({FRAMES / max(seconds):.1f} to {FRAMES / min(seconds):.1f})",
                "goal": "30 frames/s on two cores",
                "network alone (ms a frame)": f"{alone_ms:.1f} at {height}x{width}",
                "peak memory (MiB)": f"{memory:.0f}",
                "time over PyAV decoding + OpenCV PNG writing of the same frames": f"{middle / np.median(peers):.1f}",
            }
        ],
        data="one picture of nerve/peripheral_blocks, moved",
        split=f"none (timing); the interval is the range of {runs} runs",
        kind="public data",
        command="python benchmarks/nerve_clip.py speed",
    )


def lost_and_found(root: Path, n: int) -> None:
    """Identities over losses and areas within them, over ``n`` pictures."""
    table = pd.read_csv(root / "manifest.csv").drop_duplicates("near_duplicate_group")
    rows: list[dict[str, Any]] = []
    for picture in table.iloc[:: max(len(table) // n, 1)].head(n).itertuples():
        grey = cv2.imread(str(root / str(picture.image)), cv2.IMREAD_GRAYSCALE)
        luma = np.stack(list(moving(grey, seed=int(picture.Index), frames=280, losses=LOSSES)))
        scale = Calibration(mm_per_px_row=MM_PER_PX, mm_per_px_col=MM_PER_PX, source="user")
        found = mskus.examine(Clip(luma=luma, calibration=scale), "nerve", refuse=False)
        rows += [{"group": picture.near_duplicate_group} | row for row in _through(found)]
    losses = pd.DataFrame(rows)
    out = []
    for length, part in losses.groupby("length"):
        kept = part.kept.to_numpy(float)
        share = bootstrap(lambda i, kept=kept: 100.0 * float(kept[i].mean()), part.group)
        out.append(
            {
                "loss (frames)": length, "nerves seen before and after": len(part),
                "same number after (%)": f"{share.value:.0f} ({share.low:.0f} to {share.high:.0f})",
                "median |area within - area around| (%)": f"{100 * part.error.median():.1f}"
                if part.error.notna().any()
                else "not bridged: withheld",
            }
        )  # fmt: skip
    record(
        "Nerve exam: lost and found",
        out,
        data=f"{n} pictures of nerve/peripheral_blocks, moved; frames of a loss dark and blurred",
        split="pictures that the network learned from: this judges tracking, not finding",
        kind="public data",
        command=f"python benchmarks/nerve_clip.py lost -n {n}",
    )


def _through(found: mskus.Findings) -> list[dict[str, Any]]:
    """One row a loss and a nerve seen steadily before it: is there the same one after it, at its place?"""
    outlines = {
        (s.label, s.frame): np.array(s.geometry.points) for s in found.structures if s.label.startswith("nerve")
    }
    names = sorted({label for label, _ in outlines if label.count("_") == 1})
    rows = []
    for first, length in LOSSES:
        before, after = range(first - 10, first), range(first + length + 2, first + length + 12)
        for name in names:
            seen = [t for t in before if (name, t) in outlines]
            back = [other for other in names if sum((other, t) in outlines for t in after) >= 5]
            if len(seen) < 8 or not back:
                continue
            area = {m.frame: m.value for m in found.values(f"{name}_cross_sectional_area_mm2") if m.frame is not None}
            within = [area[t] for t in range(first, first + length) if area.get(t) is not None]
            around = [area[t] for t in (*before, *after) if area.get(t) is not None]
            error = abs(np.median(within) / np.median(around) - 1.0) if within and name in back else np.nan
            rows.append({"length": length, "kept": name in back, "error": error})
    return rows


def main() -> None:
    """Both parts, or the one asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=("speed", "lost"), help="one of them; both by default")
    parser.add_argument("-n", type=int, default=12, help="pictures for lost and found")
    parser.add_argument("--runs", type=int, default=3, help="timed runs")
    args = parser.parse_args()
    root = data_root() / "nerve" / "peripheral_blocks"
    if args.part != "lost":
        speed(cv2.imread(str(root / "images" / "0020.png"), cv2.IMREAD_GRAYSCALE), args.runs)
    if args.part != "speed":
        lost_and_found(root, args.n)


if __name__ == "__main__":
    main()
