"""Quality: does the picture support an exam?

:func:`assess` puts numbers to a frame or a clip; :func:`verdict` and :func:`clip_verdict` turn them into pass, warn or
fail with reasons in plain words. :func:`confidence_map` says how far the sound reaches, :func:`motion_blur` which
frames of a clip are smeared, :func:`burned_in_marks` where somebody drew on the picture.
"""

from __future__ import annotations

from mskus.quality.burned_in import BurnedIn, burned_in_marks
from mskus.quality.confidence import confidence_map, penetration_fraction
from mskus.quality.motion_blur import MotionBlur, motion_blur
from mskus.quality.scores import FrameQuality, assess, assess_frame
from mskus.quality.verdict import clip_verdict, verdict

__all__ = [
    "BurnedIn",
    "FrameQuality",
    "MotionBlur",
    "assess",
    "assess_frame",
    "burned_in_marks",
    "clip_verdict",
    "confidence_map",
    "motion_blur",
    "penetration_fraction",
    "verdict",
]
