"""VGG Image Annotator 2: the project or annotations as JSON, or CSV (Dutta & Zisserman, ACM Multimedia 2019)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mskus.errors import LearnError
from mskus.learn.dataset.imports.shapes import Annotated, Shape, box, ellipse, polygons, undrawable

# attributes that name the thing, in this order; else the first that is filled in
_NAMING = ("label", "class", "structure", "name", "type")


def read_via(path: Path) -> Iterator[Annotated]:
    """Pictures of a VIA file with their regions."""
    if path.suffix.lower() == ".csv":
        yield from _csv(path)
        return
    told = json.loads(path.read_text(encoding="utf-8"))
    for entry in told.get("_via_img_metadata", told).values():
        regions = entry["regions"]
        given = list(regions.values()) if isinstance(regions, Mapping) else regions
        shapes = [_shape(r["shape_attributes"], r.get("region_attributes") or {}, path) for r in given]
        yield Annotated(name=str(entry["filename"]), shapes=shapes)


def _csv(path: Path) -> Iterator[Annotated]:
    by_name: dict[str, list[Shape]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            shapes = by_name.setdefault(row.get("filename") or row["#filename"], [])
            shape = json.loads(row["region_shape_attributes"] or "{}")
            if shape:
                shapes.append(_shape(shape, json.loads(row["region_attributes"] or "{}"), path))
    for name, shapes in by_name.items():
        yield Annotated(name=name, shapes=shapes)


def _shape(told: Mapping[str, Any], attributes: Mapping[str, Any], path: Path) -> Shape:
    label, kind = _label(attributes, path), told["name"]
    if kind == "polygon":
        return polygons(label, [np.column_stack([told["all_points_x"], told["all_points_y"]])])
    if kind == "rect":
        left, top = float(told["x"]), float(told["y"])
        return box(label, left, top, left + float(told["width"]), top + float(told["height"]))
    if kind == "circle":
        return ellipse(label, (float(told["cx"]), float(told["cy"])), (float(told["r"]), float(told["r"])))
    if kind == "ellipse":
        centre, radii = (float(told["cx"]), float(told["cy"])), (float(told["rx"]), float(told["ry"]))
        return ellipse(label, centre, radii, turned_rad=float(told.get("theta", 0.0)))
    return undrawable(label, str(kind))


def _label(attributes: Mapping[str, Any], path: Path) -> str:
    """What is filled in; of check boxes the first that is ticked."""
    for name in (*_NAMING, *attributes):
        value = attributes.get(name)
        if isinstance(value, Mapping):
            value = next((key for key, ticked in value.items() if ticked), "")
        if value:
            return str(value)
    raise LearnError(f"{path} has a region without a label; fill in its attribute, like label = nerve.")
