"""Speed and memory of the whole command on a 300-frame 640x480 clip, as a person would run it."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from _results import record

FRAMES = 300


def make_clip(path: Path) -> float:
    """Write the clip as MPEG-4 video; returns its mm per pixel."""
    import av

    from mskus.simulate import Scanner, simulate_muscle

    scanner = Scanner(width_mm=60.0, depth_mm=45.0, size_px=(480, 640))
    phantom = simulate_muscle(seed=7, n_frames=60, scanner=scanner)
    frames = [np.asarray(f) for f in phantom.clip.frames()]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        stream.bit_rate = 8_000_000
        for i in range(FRAMES):
            # to and fro through one simulated contraction
            k = i % (2 * len(frames) - 2)
            k = k if k < len(frames) else 2 * len(frames) - 2 - k
            picture = av.VideoFrame.from_ndarray(np.repeat(frames[k][..., None], 3, axis=2), format="rgb24")
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
    return scanner.mm_per_px_col


def timed(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MiB of one command."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


PEER = """
import av, sys, cv2
with av.open(sys.argv[1]) as clip:
    for frame in clip.decode(video=0):
        cv2.imwrite(sys.argv[2], frame.to_ndarray(format="gray"))
"""


def main() -> None:
    """Three runs of the command; the median counts. The peer reads the clip and writes every frame as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        scale = make_clip(clip)
        peers = [timed([sys.executable, "-c", PEER, str(clip), str(Path(folder) / "frame.png")])[0] for _ in range(3)]
        runs = []
        for i in range(3):
            out = str(Path(folder) / f"out{i}")
            runs.append(
                timed(
                    [
                        sys.executable,
                        "-m",
                        "mskus",
                        "examine",
                        "muscle",
                        str(clip),
                        "-o",
                        out,
                        "--mm-per-px",
                        str(scale),
                    ]
                )
            )
        seconds, memory = float(np.median([r[0] for r in runs])), max(r[1] for r in runs)
    record(
        "Speed and memory, whole process",
        [
            {
                "clip": f"{FRAMES} frames 640x480, MP4",
                "frames/s, start to report and annotated video": f"{FRAMES / seconds:.1f} "
                f"({FRAMES / max(r[0] for r in runs):.1f} to {FRAMES / min(r[0] for r in runs):.1f})",
                "goal": "30 frames/s, 1024 MiB",
                "peak memory (MiB)": f"{memory:.0f}",
                "time over PyAV decoding + OpenCV PNG writing of the same frames": f"{seconds / np.median(peers):.1f}",
            }
        ],
        data="one simulated contraction, played to and fro",
        split="none (timing); the interval is the range of three runs",
        kind="phantom",
        command="python benchmarks/speed.py",
    )


if __name__ == "__main__":
    main()
