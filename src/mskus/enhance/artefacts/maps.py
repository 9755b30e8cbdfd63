"""All artefact maps of a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.enhance.artefacts.contact import poor_contact
from mskus.enhance.artefacts.reverberation import reverberation
from mskus.enhance.artefacts.saturation import gain_saturation
from mskus.enhance.artefacts.shadow import shadow
from mskus.enhance.method import as_picture
from mskus.errors import EnhanceError
from mskus.quality.burned_in import burned_in_marks


def artefact_maps(
    image: ArrayLike, *, field: NDArray[np.bool_] | None = None, spacing_mm: tuple[float, float] | None = None
) -> dict[str, NDArray[np.float32]]:
    """Maps of every artefact, each 0 (none) to 1 (sure).

    Args:
        image: ``(H, W)`` grey levels 0-255.
        field: ``(H, W)`` bool, the insonified field; the whole picture by default. Maps are 0 outside.
        spacing_mm: ``(row, column)`` mm per pixel; sets the range of distances that reverberation may have.

    Returns:
        ``shadow``, ``reverberation``, ``poor_contact``, ``gain_saturation`` and ``burned_in``, each ``(H, W)`` float32.

    Raises:
        EnhanceError: if the picture is not ``(H, W)``, is smaller than 3 x 3, holds NaN, or the field does not fit.

    Example:
        >>> maps = artefact_maps(np.full((64, 64), 255))
        >>> float(maps["gain_saturation"].min()), float(maps["shadow"].max())
        (1.0, 0.0)
    """
    picture = as_picture(image)
    if field is not None and field.shape != picture.shape:
        raise EnhanceError(f"The field is {field.shape} but its picture {picture.shape}; give a field to fit.")
    inside = np.ones(picture.shape, bool) if field is None else np.asarray(field, bool)
    row_mm = None if spacing_mm is None else spacing_mm[0]
    maps = {
        "shadow": shadow(picture, inside=inside),
        "reverberation": reverberation(picture, inside=inside, row_mm=row_mm),
        "poor_contact": poor_contact(picture, inside=inside),
        "gain_saturation": gain_saturation(picture),
        "burned_in": burned_in_marks(picture, field=inside).mask.astype(np.float32),
    }
    # a line without contact is dark from its top: that is not the shadow of something in the picture
    flanks = np.ones((1, 2 * (picture.shape[1] // 50) + 1), np.uint8)
    maps["shadow"] = np.minimum(maps["shadow"], 1.0 - cv2.dilate(maps["poor_contact"], flanks))
    return {name: np.where(inside, found, 0.0).astype(np.float32) for name, found in maps.items()}
