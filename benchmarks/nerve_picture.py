"""Draws ``docs/images/nerve.png``: the nerve exam's overlay on a public picture."""

from __future__ import annotations

from pathlib import Path

import cv2

import mskus
from _results import data_root

PICTURE = "images/0150.png"
WIDTH_PX = 900


def main() -> None:
    """Examine, draw, shrink, write with few grey levels so that the file stays small."""
    findings = mskus.examine(mskus.read(data_root() / "nerve" / "peripheral_blocks" / PICTURE), "nerve", refuse=False)
    picture = findings.overlay()
    height = round(picture.shape[0] * WIDTH_PX / picture.shape[1])
    small = cv2.resize(picture, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    few = (small // 8) * 8 + 4
    target = Path(__file__).parents[1] / "docs" / "images" / "nerve.png"
    cv2.imwrite(str(target), cv2.cvtColor(few, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(f"{target}: {target.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
