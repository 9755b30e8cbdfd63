"""COCO instances: polygons and run lengths, the packed text of pycocotools too (cocodataset.org, "Data format")."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.dataset.imports.shapes import Annotated, Shape, polygons, runs


def read_coco(path: Path) -> Iterator[Annotated]:
    """Pictures of a COCO file with their shapes."""
    told = json.loads(path.read_text(encoding="utf-8"))
    labels = {c["id"]: str(c["name"]) for c in told["categories"]}
    shapes: dict[Any, list[Shape]] = defaultdict(list)
    known = {image["id"] for image in told["images"]}
    for number, a in enumerate(told["annotations"], start=1):
        if a["category_id"] not in labels:
            raise LearnError(
                f"{path}, annotation {number}: there is no category {a['category_id']}; add it to the file."
            )
        if a["image_id"] not in known:
            raise LearnError(f"{path}, annotation {number}: there is no image {a['image_id']}; add it to the file.")
        shapes[a["image_id"]].append(_shape(labels[a["category_id"]], a.get("segmentation") or []))
    for image in told["images"]:
        size = (int(image["height"]), int(image["width"]))
        yield Annotated(name=str(image["file_name"]), shapes=shapes[image["id"]], size=size)


def _shape(label: str, told: list[list[float]] | Mapping[str, Any]) -> Shape:
    if not isinstance(told, Mapping):
        if not told:
            return Shape(label, _nothing)
        return polygons(label, [np.reshape(part[: len(part) // 2 * 2], (-1, 2)) for part in told])
    height, width = (int(n) for n in told["size"])

    def draw(shape: tuple[int, int]) -> NDArray[np.bool_]:
        if shape != (height, width):
            raise LearnError(
                f"its run lengths are of {width} x {height} pixels, the picture of {shape[1]} x {shape[0]}"
            )
        counts = told["counts"]
        return runs(unpack(counts) if isinstance(counts, str) else counts, shape, by_column=True)

    return Shape(label, draw)


def _nothing(shape: tuple[int, int]) -> NDArray[np.bool_]:
    raise LearnError("it has no segmentation, only a box or nothing; draw its outline")


def unpack(text: str) -> list[int]:
    """Run lengths of the packed text of COCO.

    Five bits a character from ``"0"`` on, lowest first, a sixth bit for more to come; from the fourth run on the
    difference to the run before the last.

    Example:
        >>> unpack("3211")  # 3, 2 and 1 as they are, then 1 more than the last but one
        [3, 2, 1, 3]
    """
    counts: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64:
            raise LearnError(f"its packed run lengths hold {character!r}, which no tool writes")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    if shift:
        raise LearnError("its packed run lengths break off")
    return counts
