"""What a user may set in the muscle exam."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from mskus.exams.settings import ExamSettings

Orientation = Literal["combined", "learned", "gabor", "structure_tensor", "hough"]


class MuscleSettings(ExamSettings):
    """Settings of the muscle exam.

    Attributes:
        orientation: how fascicle direction is found; by default wavelets and network together, because
            alone the wavelets are lost on some machines (``benchmarks/fascicle_network.py``).
        direction_every: in a smoothed clip, fascicle direction is looked for in every n-th frame, at both ends and
            wherever the motion is not to be trusted; between, the motion carries it. 1 looks at every frame.
        smooth: fuse the frames of a clip of five or more with their motion (Kalman smoother); off measures each alone.
        perturbed_frames: how many frames, spread over the clip, are measured again under perturbation for the
            intervals and searched for single fascicle fragments; 0 gives neither.
        polygon: region for echo intensity in frame pixels, ``((x, y), ...)``; None takes the belly.
        transverse: the picture is a cross-section: only area and echo intensity inside ``polygon`` are measured.
        seed: of the perturbations.
    """

    exam: ClassVar[str] = "muscle"

    orientation: Orientation = "combined"
    direction_every: int = Field(default=2, ge=1, le=4)
    smooth: bool = True
    perturbed_frames: int = Field(default=4, ge=0, le=100)
    polygon: tuple[tuple[float, float], ...] | None = None
    transverse: bool = False
    seed: int = Field(default=0, ge=0)
