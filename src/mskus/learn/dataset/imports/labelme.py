"""LabelMe: one JSON file a picture (github.com/wkentaro/labelme)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.dataset.imports.shapes import Annotated, Shape, box, ellipse, placed, polygons, undrawable


def read_labelme(path: Path) -> Iterator[Annotated]:
    """Pictures of one JSON file, or of all of a folder."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise LearnError(f"{path} holds no JSON files; give the folder that LabelMe saved to.")
    for file in files:
        told = json.loads(file.read_text(encoding="utf-8"))
        if "shapes" not in told:
            raise LearnError(f"{file} is no LabelMe file: it has no 'shapes'; take it out of the folder.")
        height, width = told.get("imageHeight"), told.get("imageWidth")
        yield Annotated(
            # saved on another system it may hold that system's path
            name=str(told["imagePath"]).replace("\\", "/"),
            shapes=[_shape(s) for s in told["shapes"]],
            size=None if height is None or width is None else (int(height), int(width)),
        )


def _shape(told: Mapping[str, Any]) -> Shape:
    label, kind = str(told["label"]), told.get("shape_type") or "polygon"
    points = np.asarray(told["points"], float).reshape(-1, 2)
    if kind == "polygon":
        return polygons(label, [points])
    if kind == "rectangle" and len(points) == 2:
        (left, top), (right, bottom) = points
        return box(label, left, top, right, bottom)
    if kind == "rectangle":
        return polygons(label, [points])
    if kind == "circle" and len(points) == 2:
        radius = float(np.hypot(*(points[1] - points[0])))
        return ellipse(label, (float(points[0, 0]), float(points[0, 1])), (radius, radius))
    if kind == "mask" and len(points) == 2 and isinstance(told.get("mask"), str):
        packed = str(told["mask"])
        return placed(label, lambda: _picture(packed), left=int(points[0, 0]), top=int(points[0, 1]))
    return undrawable(label, kind)


def _picture(packed: str) -> NDArray[np.bool_]:
    try:
        bytes_ = np.frombuffer(base64.b64decode(packed), np.uint8)
    except ValueError:
        bytes_ = np.zeros(0, np.uint8)
    drawn = cv2.imdecode(bytes_, cv2.IMREAD_GRAYSCALE) if bytes_.size else None
    if drawn is None:
        raise LearnError("its mask is no picture")
    return np.asarray(drawn > 0)
