"""Simulate a muscle recording: clip and truth together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Calibration, Clip, Region
from mskus.simulate.bmode import BeamGrid
from mskus.simulate.kinematics import MuscleState
from mskus.simulate.mapping import to_space
from mskus.simulate.muscle import MuscleAnatomy, random_muscle
from mskus.simulate.presets import gastrocnemius, reference_scanner
from mskus.simulate.scanner import Scanner, random_scanner
from mskus.simulate.screen import Screen
from mskus.simulate.tissue import muscle_tissue
from mskus.simulate.truth import MuscleTruth


@dataclass(frozen=True, eq=False)
class Phantom:
    """A simulated clip and what is true of it.

    Attributes:
        clip: the recording, calibrated (source ``"simulation"``).
        truth: one :class:`MuscleTruth` a frame.
        scanner: the scanner used.
        seed: the seed that gives the same phantom again.
        screen: the screen around the picture, if any.
    """

    kind: ClassVar[str] = "muscle"

    clip: Clip
    truth: list[MuscleTruth] = field(default_factory=list)
    scanner: Scanner = field(default_factory=Scanner)
    seed: int = 0
    screen: Screen | None = None

    @property
    def image(self) -> NDArray[np.uint8]:
        """The first frame, ``(H, W)``."""
        return self.clip.frame(0)


def contraction_cycle(n_frames: int) -> NDArray[np.float64]:
    """One smooth contraction and relaxation over a clip: 0 at both ends, 1 in the middle."""
    if n_frames < 2:
        return np.zeros(n_frames)
    return np.asarray((1.0 - np.cos(2 * np.pi * np.arange(n_frames) / (n_frames - 1))) / 2)


def simulate_muscle(
    *,
    seed: int = 0,
    n_frames: int = 1,
    anatomy: MuscleAnatomy | None = None,
    scanner: Scanner | None = None,
    contraction: Sequence[float] | NDArray[np.float64] | float | None = None,
    frame_rate_hz: float = 25.0,
    screen: Screen | None = None,
) -> Phantom:
    """Simulate a longitudinal recording of a pennate muscle, with exact truth.

    Args:
        seed: of all randomness; equal arguments give equal pixels. Seed 0 without anatomy and scanner is the house's
            reference recording, a gastrocnemius (`presets`).
        n_frames: number of frames.
        anatomy: the muscle; a random one that fits the scanner's picture if None.
        scanner: the scanner; a random one if None.
        contraction: state of every frame, 0 (rest) to 1; one number holds it still; None is one smooth cycle
            (rest for a still).
        frame_rate_hz: frames per second.
        screen: draw the picture on this screen; a bare picture if None.

    Returns:
        Clip and truth.

    Raises:
        ValueError: if the number of contraction states is not ``n_frames`` or ``n_frames`` is below 1.

    Example:
        >>> phantom = simulate_muscle(seed=1)
        >>> phantom.clip.n_frames, phantom.clip.calibration.source
        (1, 'simulation')
    """
    if n_frames < 1:
        raise ValueError(f"a clip needs at least one frame; got n_frames={n_frames}")
    anatomy_rng, scanner_rng, tissue_rng, noise_rng = (np.random.default_rng([seed, k]) for k in range(4))
    if seed == 0 and anatomy is None and scanner is None:
        anatomy, scanner = gastrocnemius(), reference_scanner()
    scanner = random_scanner(scanner_rng) if scanner is None else scanner
    if anatomy is None:
        anatomy = random_muscle(anatomy_rng, width_mm=scanner.width_mm, depth_mm=scanner.depth_mm)
    if contraction is None:
        states = contraction_cycle(n_frames)
    else:
        given = np.asarray(contraction, np.float64)
        states = np.full(n_frames, float(given)) if given.ndim == 0 else given
    if len(states) != n_frames:
        raise ValueError(f"{len(states)} contraction states for {n_frames} frames")
    tissue = muscle_tissue(anatomy, scanner=scanner, rng=tissue_rng)
    grid = BeamGrid(scanner, noise_rng)
    frames = np.empty((n_frames, *scanner.size_px), np.uint8)
    truth = []
    height, width = scanner.size_px
    region = Region(0, 0, width, height) if screen is None else screen.region(scanner)
    frame_size = scanner.size_px if screen is None else screen.size_px(scanner)
    for k, state_of_contraction in enumerate(states):
        state = MuscleState(anatomy, float(state_of_contraction))
        x, y = to_space(state, x_mm=tissue.x, v=tissue.v)
        envelope = grid.envelope(x, y_mm=y, amplitude=tissue.amplitude, rng=noise_rng)
        frames[k] = grid.picture(grid.compress(envelope))
        truth.append(MuscleTruth(state, scanner, frame_size, (region.x, region.y), tissue.lines))
    clip = Clip(
        luma=frames if screen is None else screen.show(frames, scanner=scanner),
        calibration=Calibration(
            mm_per_px_row=scanner.mm_per_px_row, mm_per_px_col=scanner.mm_per_px_col, source="simulation",
            note=f"simulated picture of {scanner.width_mm:g} x {scanner.depth_mm:g} mm",
        ),
        frame_times_s=np.arange(n_frames) / frame_rate_hz,
        region=region,
        field=truth[0].field,
        acquisition={"manufacturer": "mskus simulator", "depth_mm": scanner.depth_mm, "probe": scanner.probe},
        notes=(f"simulated muscle, seed {seed}",),
    )  # fmt: skip
    return Phantom(clip, truth, scanner, seed, screen)
