"""The Heckmatt grade: muscle echo against its reference, and whether the bone behind the muscle still shows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import FeatureError
from mskus.findings import Grade

SCALE = "Heckmatt 1-4"
_NEAR_MM = 2.0  # of the belly's edge: above it lies its fascia, below it the deep aponeurosis, which is no bone
_NEAR_SHARE = 0.04  # of the height, where no scale is known
_STRIPS = 16

# Stated, not learned: z above 2 is the usual limit of normal (Pillen et al. 2006); the bone's limits are where in the
# phantom cohort the way through the belly costs about 8 and 18 dB (docs/methods/muscle-disease.md).
Z_RAISED, Z_SOFTNESS = 2.0, 0.35
BONE_REDUCED, BONE_LOST, BONE_SOFTNESS = 0.9, 1.9, 0.2


def bone_deficit(
    image: NDArray[np.uint8], mask: NDArray[np.bool_], *, spacing_mm: tuple[float, float] | None = None
) -> float:
    r"""How much fainter the brightest echo behind the belly is than the fascia before it.

    .. math:: d = \frac{\mathrm{median}_k\,\max_{before} \bar I_k - \mathrm{median}_k\,\max_{behind} \bar I_k}{s}

    over upright strips :math:`k` of a sixteenth of the width, whose rows are averaged so that single bright speckles do
    not pass for bone; before: the 2 mm above the belly, behind: all that lies at least 2 mm below it. Grey is the
    logarithm of the echo and speckle has the same spread in dB on every machine, so in units of the belly's standard
    deviation :math:`s` a loss in dB is nearly the same number at any dynamic range. Both echoes pass the same skin, and
    the belly's own brightness, which the disease raises too, does not enter.

    Args:
        image: ``(H, W)`` uint8.
        mask: ``(H, W)`` bool, the belly.
        spacing_mm: ``(row, column)`` mm per pixel; 2 mm are taken as 4 % of the height without one.

    Returns:
        The deficit, near 0 in health, or NaN where nothing is seen before or behind the belly or the belly is constant.

    Raises:
        FeatureError: if the mask is empty or of another size.
    """
    if mask.shape != image.shape or not mask.any():
        raise FeatureError(f"The belly's mask {mask.shape} is empty or does not fit its picture {image.shape}.")
    height, width = image.shape
    near = int(np.ceil(_NEAR_MM / spacing_mm[0] if spacing_mm else _NEAR_SHARE * height))
    step = max(width // _STRIPS, 1)
    upper, lower = np.argmax(mask, axis=0), height - np.argmax(mask[::-1], axis=0)
    columns = np.flatnonzero(mask.any(0) & (upper > 0) & (lower + near < height))[::step]
    spread = float(image[mask].std())
    if columns.size == 0 or spread == 0:
        return float("nan")
    smooth = cv2.blur(image.astype(np.float32), (step, 3))
    before = [smooth[max(upper[c] - near, 0) : upper[c] + 1, c].max() for c in columns]
    behind = [smooth[lower[c] + near :, c].max() for c in columns]
    return float(np.median(before) - np.median(behind)) / spread


def heckmatt_grade(
    echo_z: float, *, bone: float, bone_in_view: bool, frame: int | None = None
) -> tuple[Grade | None, str]:
    r"""Grade a muscle's picture by echo intensity and bone reflection.

    1: normal; 2: raised echo, distinct bone; 3: markedly raised echo, reduced bone; 4: very strong echo, bone lost.
    With the logistic function :math:`\sigma`, echo z-score :math:`z` and bone deficit :math:`d`

    .. math:: P(>1) = \sigma((z - 2)/0.35), \quad P(>2) = P(>1)\,\sigma((d - 0.9)/0.2), \quad
              P(>3) = P(>1)\,\sigma((d - 1.9)/0.2)

    The limits are stated, not fitted on patients; the probabilities say how near a limit lies, no more.

    Args:
        echo_z: z-score of the echo intensity (:func:`mskus.features.reference.z_score`).
        bone: from :func:`bone_deficit`.
        bone_in_view: whether a bone lies in the picture's plane and depth. The picture cannot tell a bone that is
            hidden (grade 4) from one that is not there, so the user or the muscle's site must say it.
        frame: frame index.

    Returns:
        The grade and an empty text, or None and why there is none.

    Source:
        Heckmatt, Leeman, Dubowitz. Ultrasound imaging in the diagnosis of muscle disease. J Pediatr 101:656, 1982.

    Example:
        >>> grade, _ = heckmatt_grade(4.0, bone=1.4, bone_in_view=True)
        >>> grade.value, round(grade.probabilities["3"], 2)
        ('3', 0.85)
    """
    if not bone_in_view:
        return None, "No bone is in view behind this muscle, and the grade rests on its reflection."
    if not np.isfinite(echo_z):
        return None, "The echo intensity has no z-score, and the grade rests on it."
    if not np.isfinite(bone):
        return None, "Nothing is seen behind the muscle; scan deeper."
    raised = _logistic((echo_z - Z_RAISED) / Z_SOFTNESS)
    above = (
        1.0,
        raised,
        raised * _logistic((bone - BONE_REDUCED) / BONE_SOFTNESS),
        raised * _logistic((bone - BONE_LOST) / BONE_SOFTNESS),
        0.0,
    )
    shares = {str(g): above[g - 1] - above[g] for g in range(1, 5)}
    return (
        Grade(
            name="heckmatt", value=max(shares, key=lambda g: shares[g]), scale=SCALE, probabilities=shares,
            frame=frame, method="stated limits of echo z-score and bone deficit, not validated on patients",
        ),
        "",
    )  # fmt: skip


def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0))))
