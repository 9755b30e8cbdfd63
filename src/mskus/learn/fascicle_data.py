"""Fascicle pictures for training, and what each label proves.

In the lower-limb set only clearly visible fragments are drawn: they prove a direction and a fascicle where they lie;
the rest proves nothing, except that a clearly dark pixel shows no fascicle. The simulator knows every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.learn import simulated
from mskus.learn.datasets import LearnError, image_box, read_grey, set_manifest


@dataclass(frozen=True, kw_only=True)
class FascicleSample:
    """One picture with square pixels and what is known of its fascicles.

    Attributes:
        image: ``(H, W)`` uint8.
        presence: ``(H, W)`` uint8, 255 on a fascicle.
        presence_weight: ``(H, W)`` uint8; 0 where nothing is known, 255 full weight.
        angle_deg: ``(H, W)`` float16, positive = rising to the right; NaN where unknown.
        belly: box ``(x, y, w, h)`` that holds the fascicles.
        source: name of the set.
        group: what must not be split (near-duplicate group, simulated anatomy).
        stratum: what a fold leaves out (``device:Telemed-A 660x556``, ``simulation``).
        name: file name.
    """

    image: NDArray[np.uint8]
    presence: NDArray[np.uint8]
    presence_weight: NDArray[np.uint8]
    angle_deg: NDArray[np.float16]
    belly: tuple[int, int, int, int]
    source: str
    group: str
    stratum: str
    name: str


def fragment_angles(mask: NDArray[np.bool_], *, reach_px: int = 2, rough_px: float = 2.5) -> NDArray[np.float16]:
    """Local direction of every drawn fragment.

    A polynomial of first (short) or second degree is fitted to the fragment's middle line; its slope is the angle.
    Fragments that this does not describe (two that touch) give nothing.

    Args:
        mask: ``(H, W)`` bool.
        reach_px: the angle also holds that far around the fragment.
        rough_px: largest root mean square distance of the middle line from the fit.

    Returns:
        ``(H, W)`` float16 degrees, positive = rising to the right; NaN elsewhere.

    Example:
        >>> m = np.zeros((40, 60), bool); m[[20 - i // 2 for i in range(40)], range(10, 50)] = True
        >>> float(np.nanmedian(fragment_angles(m)).round(0))
        27.0
    """
    out = np.full(mask.shape, np.nan, np.float16)
    near = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    n, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    for index in range(1, n):
        x0, y0, w, h, _ = (int(v) for v in stats[index])
        if w < 8:
            continue
        pad_y, pad_x = max(0, y0 - reach_px), max(0, x0 - reach_px)
        box = np.s_[pad_y : y0 + h + reach_px, pad_x : x0 + w + reach_px]
        part = (labels[box] == index).astype(np.uint8)
        rows = np.arange(part.shape[0], dtype=np.float64)[:, None]
        filled = part.any(axis=0)
        columns = np.nonzero(filled)[0].astype(np.float64)
        middle = (part * rows).sum(axis=0)[filled] / part.sum(axis=0)[filled]
        degree = 2 if w > 60 else 1
        fit = np.polynomial.Polynomial.fit(columns, middle, degree)
        if float(np.sqrt(np.mean((fit(columns) - middle) ** 2))) > rough_px:
            continue
        slope = fit.deriv()(np.clip(np.arange(part.shape[1]), columns[0], columns[-1]))
        angle = np.rad2deg(np.arctan(-slope)).astype(np.float16)
        around = cv2.dilate(part, near) > 0
        out[box][around] = np.broadcast_to(angle, part.shape)[around]
    return out


def clearly_dark(image: NDArray[np.uint8], *, sigma_px: float = 2.0, span_px: float = 20.0) -> NDArray[np.bool_]:
    """Pixels well below the local mean after smoothing the speckle away: no fascicle there."""
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma_px)
    around = cv2.GaussianBlur(smooth, (0, 0), span_px)
    return np.asarray(smooth < 0.7 * around)


def load_lower_limb_fascicles(root: Path) -> list[FascicleSample]:
    """The lower-limb fascicle masks (Apache-2.0, njcronin/DL_Track), cropped to the picture; pixels taken as square."""
    folder = root / "muscle" / "lower_limb_masks"
    manifest = set_manifest(folder)
    samples = []
    for row in manifest[manifest.structure == "fascicle"].itertuples():
        full = read_grey(folder / str(row.image))
        x, y, w, h = image_box(full)
        image = np.ascontiguousarray(full[y : y + h, x : x + w])
        mask = read_grey(folder / str(row.mask))[y : y + h, x : x + w] > 0
        if not mask.any():
            continue
        samples.append(
            drawn_sample(
                image,
                mask,
                source="lower_limb_masks",
                group=f"lower_limb:{row.near_duplicate_group}",
                stratum=f"device:{row.device_family}",
                name=Path(str(row.image)).stem,
            )
        )
    return samples


def drawn_sample(
    image: NDArray[np.uint8], mask: NDArray[np.bool_], *, source: str, group: str, stratum: str, name: str
) -> FascicleSample:
    """A picture with square pixels and the fragments drawn on it, at least one; see the module for what they prove."""
    away = cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    weight = np.where(mask, 255, 0).astype(np.uint8)
    weight[clearly_dark(image) & away] = 80
    return FascicleSample(
        image=image,
        presence=mask.astype(np.uint8) * 255,
        presence_weight=weight,
        angle_deg=fragment_angles(mask),
        belly=_box(mask),
        source=source,
        group=group,
        stratum=stratum,
        name=name,
    )


def load_simulated_fascicles(folder: Path) -> list[FascicleSample]:
    """The phantoms of :mod:`mskus.learn.simulated`, resampled to square pixels; every pixel is known."""
    paths = sorted(p for p in folder.glob("*.npz") if not p.name.endswith(".part.npz"))
    if not paths:
        raise LearnError(f"{folder} holds no simulated pictures; write some with python -m mskus.learn.simulated.")
    samples = [phantom_sample(simulated.read(path), name=path.stem) for path in paths]
    return [sample for sample in samples if sample is not None]


def phantom_sample(picture: simulated.SimulatedPicture, *, name: str) -> FascicleSample | None:
    """A phantom resampled to square pixels; None if it shows no belly."""
    row_mm, column_mm = picture.mm_per_px
    h, w = picture.image.shape
    spacing = max(row_mm, column_mm)
    size = (max(16, round(w * column_mm / spacing)), max(16, round(h * row_mm / spacing)))
    bits = np.asarray(cv2.resize(picture.bits, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    lines = ((picture.bits & simulated.FASCICLE) > 0).astype(np.uint8) * 255
    angle = cv2.resize(picture.angle_deg.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    belly = (bits & simulated.BELLY) > 0
    if not belly.any():
        return None
    return FascicleSample(
        image=cv2.resize(picture.image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False),
        presence=cv2.resize(lines, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False),
        presence_weight=np.full(size[::-1], 160, np.uint8),
        angle_deg=np.where(belly, angle, np.nan).astype(np.float16),
        belly=_box(belly),
        source="simulation",
        group=f"simulation:{name}",
        stratum="simulation",
        name=name,
    )


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    return int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)
