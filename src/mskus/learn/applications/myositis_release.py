"""The published myositis release: pictures, regions, muscle, diagnosis and patient of ``PatientData.mat``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.applications.matlab_file import MatlabFile, open_matlab

_DIAGNOSES = {
    "n": "normal", "normal": "normal", "control": "normal", "healthy": "normal",
    "i": "IBM", "ibm": "IBM", "inclusionbodymyositis": "IBM",
    "p": "PM", "pm": "PM", "polymyositis": "PM",
    "d": "DM", "dm": "DM", "dermatomyositis": "DM",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class ReleaseImage:
    """One picture of the release.

    Attributes:
        number: row in ``im_muscle_chart``, from 0.
        image: ``(H, W)`` uint8.
        mask: ``(H, W)`` bool, the muscle.
        muscle: as written in the chart, like ``"LD"`` or ``"RFCR"``.
        group: ``"normal"``, ``"IBM"``, ``"PM"`` or ``"DM"``.
        patient: who.
    """

    number: int
    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    muscle: str
    group: str
    patient: str


def read_release(path: str | Path, *, muscle_value: int | None = None) -> Iterator[ReleaseImage]:
    """Pictures of the release one at a time, in the chart's order.

    Charts may be MATLAB tables, structs or cells of columns; diagnoses may be text, characters or categories.

    Args:
        path: ``PatientData.mat``.
        muscle_value: number of the muscle in the region pictures ``imSeg``; by default the deepest one, for fat lies
            above muscle.

    Raises:
        LearnError: if the file is not of version 7.3, a variable or column is missing, the charts contradict each
            other or do not fit the pictures, or a region has another size than its picture.

    Source:
        Burlina, Billings, Joshi, Albayda. Automated diagnosis of myositis from muscle ultrasound. PLoS ONE
        12:e0184059, 2017: 3214 pictures of 80 people (33 normal, 14 PM, 14 DM, 19 IBM).
    """
    with open_matlab(path) as file:
        pictures, regions = file.cells("im"), file.cells("imSeg")
        muscles, groups, patients = _chart(file, len(pictures))
        if len(regions) != len(pictures):
            raise LearnError(f"{path}: {len(pictures)} pictures (im) but {len(regions)} regions (imSeg).")
        for number in range(len(pictures)):
            image, region = _grey(pictures[number], number, path), np.asarray(regions[number])
            if region.shape[:2] != image.shape:
                raise LearnError(
                    f"{path}: region {number + 1} (imSeg) is {region.shape[1]} x {region.shape[0]} pixels but its "
                    f"picture {image.shape[1]} x {image.shape[0]}; the file is not as it was published."
                )
            yield ReleaseImage(
                number=number, image=image, mask=_muscle(region, muscle_value), muscle=muscles[number],
                group=groups[number], patient=patients[number],
            )  # fmt: skip


def write_release(path: str | Path, folder: str | Path, *, muscle_value: int | None = None) -> Path:
    """Write the release as PNG pictures and masks with a manifest, for every command that takes one.

    Pictures whose muscle was not outlined (an empty region) are left out.

    Returns:
        The manifest's path.

    Raises:
        LearnError: as :func:`read_release`, or if no picture has a region.
    """
    import cv2
    import pandas as pd

    out, rows = Path(folder), []
    for kind in ("images", "masks"):
        (out / kind).mkdir(parents=True, exist_ok=True)
    for one in read_release(path, muscle_value=muscle_value):
        if not one.mask.any():
            continue
        name = f"{one.number:04d}.png"
        cv2.imwrite(str(out / "images" / name), one.image)
        cv2.imwrite(str(out / "masks" / name), one.mask.astype(np.uint8))
        rows.append(
            {
                "image": f"images/{name}",
                "mask": f"masks/{name}",
                "patient": one.patient,
                "group": one.group,
                "muscle": one.muscle,
            }
        )
    if not rows:
        raise LearnError(f"{path}: no picture has a muscle region (imSeg).")
    manifest = out / "manifest.csv"
    pd.DataFrame(rows).to_csv(manifest, index=False)
    return manifest


def _chart(file: MatlabFile, count: int) -> tuple[list[str], list[str], list[str]]:
    chart = _columns(file.value("im_muscle_chart"), file, "im_muscle_chart", ("muscle", "diagnosis", "patient"))
    for name, column in chart.items():
        if len(column) != count:
            raise LearnError(f"{file.path}: {count} pictures (im) but {len(column)} entries in {name} of the chart.")
    groups = [_group(text, file.path) for text in chart["diagnosis"]]
    pairs = list(zip(chart["patient"], groups, strict=True))
    if "patient_chart" in file.names:
        people = _columns(file.value("patient_chart"), file, "patient_chart", ("diagnosis", "patient"))
        stated = zip(people["patient"], people["diagnosis"], strict=True)
        pairs = [(who, _group(text, file.path)) for who, text in stated] + pairs
    first: dict[str, str] = {}
    for who, group in pairs:
        if first.setdefault(who, group) != group:
            raise LearnError(f"{file.path}: patient {who} is {first[who]} in one place and {group} in another.")
    return chart["muscle"], groups, chart["patient"]


def _columns(chart: Any, file: MatlabFile, name: str, wanted: tuple[str, ...]) -> dict[str, list[str]]:
    """The columns that begin with the wanted words, as text; a cell holds them in the order wanted."""
    if isinstance(chart, Mapping):
        short = {re.sub(r"[^a-z0-9]", "", str(key).lower()): column for key, column in chart.items()}
        found = {want: next((column for key, column in short.items() if key.startswith(want)), None) for want in wanted}
    elif isinstance(chart, list) and len(chart) % len(wanted) == 0:
        rows = len(chart) // len(wanted)
        found = {want: chart[k * rows : (k + 1) * rows] for k, want in enumerate(wanted)}
    else:
        raise LearnError(f"{file.path}: {name} is neither a table, a struct nor a cell of {len(wanted)} columns.")
    missing = [want for want, column in found.items() if column is None]
    if missing:
        raise LearnError(f"{file.path}: {name} has no column {missing[0]!r}; it has {', '.join(map(str, chart))}.")
    return {want: _texts(column) for want, column in found.items()}


def _texts(column: Any) -> list[str]:
    if isinstance(column, str):  # a column of single characters is stored as one text
        return list(column)
    if isinstance(column, np.ndarray):
        return [f"{value:g}" for value in column.ravel(order="F")]
    return [entry.strip() if isinstance(entry, str) else f"{np.asarray(entry).ravel()[0]:g}" for entry in column]


def _group(text: str, path: Path) -> str:
    key = re.sub(r"[^a-z]", "", text.lower())
    if key not in _DIAGNOSES:
        raise LearnError(f"{path} holds the diagnosis {text!r}; known are N, I, P, D and their names.")
    return _DIAGNOSES[key]


def _grey(picture: Any, number: int, path: str | Path) -> NDArray[np.uint8]:
    """Luma of a picture of whatever class; fractions between 0 and 1 are spread to 0-255."""
    values = np.asarray(picture, np.float64)
    if values.ndim == 3:
        values = values[..., :3] @ np.array([0.299, 0.587, 0.114])
    if values.ndim != 2 or not np.isfinite(values).all() or min(values.shape) < 2:
        raise LearnError(f"{path}: picture {number + 1} (im) is no grey picture; its shape is {np.shape(picture)}.")
    if values.max() <= 1.0 and np.asarray(picture).dtype.kind == "f":
        values = values * 255.0
    return np.asarray(np.clip(values, 0, 255) + 0.5, np.uint8)


def _muscle(region: NDArray[Any], value: int | None) -> NDArray[np.bool_]:
    region = region if region.ndim == 2 else region.max(-1)
    if value is not None:
        return np.asarray(region == value)
    numbers = [n for n in np.unique(region) if n > 0]
    if not numbers:
        return np.zeros(region.shape, bool)
    return np.asarray(region == max(numbers, key=lambda n: float(np.nonzero(region == n)[0].mean())))
