"""Dense orientation maps of the belly, made when a picture of a frame is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mskus.clip import Clip
from mskus.exams.muscle.belly import CropPlan
from mskus.exams.muscle.fascicles import inside_belly, orientations
from mskus.exams.muscle.frame_result import FrameResult
from mskus.exams.muscle.settings import Orientation
from mskus.exams.plane import Plane
from mskus.features.orientation import OrientationField


class OrientationMaps:
    """``maps[frame]`` is the orientation field at frame resolution: mm geometry, confidence 0 outside the belly."""

    def __init__(
        self, clip: Clip, plane: Plane, plan: CropPlan, results: Sequence[FrameResult], method: Orientation
    ) -> None:
        self._clip, self._plane, self._plan, self._results, self._method = clip, plane, plan, results, method

    def __len__(self) -> int:
        """Number of frames."""
        return self._clip.n_frames

    def __getitem__(self, frame: int) -> OrientationField:
        """The field of one frame, ``(H, W)``; all confidence is 0 where no belly was found."""
        _, height, width = self._clip.shape
        angle = np.zeros((height, width), np.float32)
        confidence = np.zeros((height, width), np.float32)
        belly = self._results[frame].belly
        aspect = self._plane.spacing_xy[1] / self._plane.spacing_xy[0]
        if belly is None:
            return OrientationField(angle, confidence, aspect)
        plan, region = self._plan, self._plane.region
        image = np.asarray(self._clip.frame(frame))[region.slices]
        (maps,) = orientations([plan.cut(image)], [belly], plan, self._method)
        inside, _, _ = inside_belly(belly, plan, step=1, share=1.0)
        size = (plan.x1_px - plan.x0_px, plan.y1_px - plan.y0_px)
        # several methods: the mean of their doubled angles, each with its confidence
        cosine = np.mean([sure * np.cos(np.deg2rad(2.0 * found)) for found, sure in maps], axis=0)
        sine = np.mean([sure * np.sin(np.deg2rad(2.0 * found)) for found, sure in maps], axis=0)
        cosine, sine, weight = (
            cv2.resize(np.asarray(a, np.float32), size, interpolation=cv2.INTER_LINEAR)
            for a in (cosine, sine, np.mean([sure for _, sure in maps], axis=0) * inside)
        )
        box = (
            slice(region.y + plan.y0_px, region.y + plan.y1_px),
            slice(region.x + plan.x0_px, region.x + plan.x1_px),
        )
        angle[box] = 0.5 * np.rad2deg(np.arctan2(sine, cosine))
        confidence[box] = weight
        return OrientationField(angle, confidence, aspect)
