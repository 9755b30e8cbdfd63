"""Simulated muscle as training pictures: written once to a folder, with masks and the dense orientation.

``python -m mskus.learn.simulated --out DIR --first 0 --count 1500``; a file per phantom, named by its seed, so several
processes can share the work and a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# seeds of the training phantoms; the benchmarks' phantoms stay below
FIRST_SEED = 1_000_000

SUPERFICIAL, DEEP, OTHER, BELLY, FASCICLE, FIELD = (1 << bit for bit in range(6))


@dataclass(frozen=True, kw_only=True)
class SimulatedPicture:
    """One phantom frame.

    Attributes:
        image: ``(H, W)`` uint8.
        bits: ``(H, W)`` uint8, the sum of the structures that a pixel belongs to.
        angle_deg: ``(H, W)`` float16, orientation in mm geometry; NaN outside the belly.
        mm_per_px: ``(row, column)``.
    """

    image: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    angle_deg: NDArray[np.float16]
    mm_per_px: tuple[float, float]


def simulate(seed: int) -> SimulatedPicture:
    """The training phantom of that seed, at a random state of contraction."""
    from mskus.simulate import simulate_muscle

    state = float(np.random.default_rng([seed, 99]).random())
    phantom = simulate_muscle(seed=seed, n_frames=1, contraction=state)
    truth, calibration = phantom.truth[0], phantom.clip.calibration
    assert calibration is not None
    bits = (
        truth.superficial_mask * np.uint8(SUPERFICIAL)
        + truth.deep_mask * np.uint8(DEEP)
        + truth.other_mask * np.uint8(OTHER)
        + truth.belly_mask * np.uint8(BELLY)
        + truth.fascicle_mask * np.uint8(FASCICLE)
        + truth.field * np.uint8(FIELD)
    ).astype(np.uint8)
    crop = phantom.clip.image_region.slices
    return SimulatedPicture(
        image=np.ascontiguousarray(phantom.image[crop]),
        bits=np.ascontiguousarray(bits[crop]),
        angle_deg=np.ascontiguousarray(truth.orientation_deg[crop]).astype(np.float16),
        mm_per_px=(calibration.mm_per_px_row, calibration.mm_per_px_col),
    )


def write(picture: SimulatedPicture, path: Path) -> None:
    """Write as ``.npz`` (arrays only, no pickle)."""
    partial = path.with_suffix(f".{os.getpid()}.part.npz")  # several processes may write the same phantom
    np.savez_compressed(
        partial, image=picture.image, bits=picture.bits, angle_deg=picture.angle_deg, mm_per_px=picture.mm_per_px
    )
    partial.rename(path)


def read(path: Path) -> SimulatedPicture:
    """Read a file of :func:`write`."""
    with np.load(path, allow_pickle=False) as file:
        row, column = (float(v) for v in file["mm_per_px"])
        return SimulatedPicture(
            image=file["image"], bits=file["bits"], angle_deg=file["angle_deg"], mm_per_px=(row, column)
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1500)
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    for index in range(given.first, given.first + given.count):
        path = given.out / f"{index:06d}.npz"
        if not path.exists():
            write(simulate(FIRST_SEED + index), path)


if __name__ == "__main__":
    main()
