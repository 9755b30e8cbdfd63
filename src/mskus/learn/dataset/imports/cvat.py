"""CVAT XML 1.1: pictures, and tracks over the frames of a video (docs.cvat.ai, "CVAT for image", "CVAT for video")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from mskus.errors import LearnError
from mskus.learn.dataset.imports.shapes import Annotated, Shape, box, ellipse, placed, polygons, runs, undrawable

_KINDS = ("polygon", "box", "ellipse", "mask", "polyline", "points", "cuboid", "skeleton")


def read_cvat(path: Path) -> Iterator[Annotated]:
    """Pictures, or frames of a video, of a CVAT file; frames where a track is outside have none of it."""
    told = ElementTree.parse(path).getroot()
    if told.tag != "annotations":
        raise LearnError(f"{path} is no CVAT file: it begins with <{told.tag}>; export 'CVAT 1.1'.")
    for image in told.iter("image"):
        size = (int(image.attrib["height"]), int(image.attrib["width"]))
        found = [e for e in image if e.tag in _KINDS]
        yield Annotated(
            name=image.attrib["name"], shapes=_in_order(found, [e.attrib["label"] for e in found]), size=size
        )
    tracks = list(told.iter("track"))
    if tracks:
        yield from _frames(told, tracks)


def _frames(told: Element, tracks: list[Element]) -> Iterator[Annotated]:
    source, height, width = (
        told.findtext(f".//{tag}") for tag in ("source", "original_size/height", "original_size/width")
    )
    size = None if height is None or width is None else (int(height), int(width))
    by_frame: dict[int, list[tuple[Element, str]]] = defaultdict(list)
    for track in tracks:
        name = track.attrib.get("source_file", source or "")
        for element in track:
            if element.tag in _KINDS:
                drawn = by_frame[int(element.attrib["frame"])]
                if element.attrib.get("outside", "0") != "1":
                    drawn.append((element, track.attrib["label"]))
    for frame, found in sorted(by_frame.items()):
        shapes = _in_order([e for e, _ in found], [label for _, label in found])
        yield Annotated(name=name, shapes=shapes, size=size, frame=frame)


def _in_order(elements: list[Element], labels: list[str]) -> list[Shape]:
    depth = [int(e.attrib.get("z_order", "0")) for e in elements]
    return [_shape(elements[i], labels[i]) for i in np.argsort(depth, kind="stable")]


def _shape(element: Element, label: str) -> Shape:
    told = element.attrib
    if element.tag == "polygon":
        points = [[float(v) for v in pair.split(",")] for pair in told["points"].split(";") if pair]
        return polygons(label, [np.reshape(points, (-1, 2))])
    if element.tag == "box":
        return box(label, *(float(told[side]) for side in ("xtl", "ytl", "xbr", "ybr")))
    if element.tag == "ellipse":
        centre, radii = (float(told["cx"]), float(told["cy"])), (float(told["rx"]), float(told["ry"]))
        return ellipse(label, centre, radii, turned_rad=float(np.deg2rad(float(told.get("rotation", "0")))))
    if element.tag == "mask":
        counts = [int(n) for n in told["rle"].split(",")]
        patch = partial(runs, counts, (int(told["height"]), int(told["width"])), by_column=False)
        return placed(label, patch, left=int(told["left"]), top=int(told["top"]))
    return undrawable(label, element.tag)
