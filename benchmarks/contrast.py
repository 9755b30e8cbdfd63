"""Draw the pictures of the contrast and harmonisation pages, and record what each contrast method does in numbers."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import record
from mskus.enhance import enhance, methods
from mskus.enhance.contrast import entropy_bits, mean_brightness_error, rms_contrast
from mskus.enhance.harmonise import Harmoniser, Scan
from mskus.simulate import simulate_muscle
from mskus.simulate.cohort import simulate_cohort

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
PHANTOMS = 20
BAR = 22


def titled(image: NDArray[np.float32], title: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture at ``(width, height)`` with its name above."""
    small = cv2.resize(np.rint(image).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    head = np.full((BAR, size[0]), 255, np.uint8)
    cv2.putText(head, title, (4, BAR - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 0, 1, cv2.LINE_AA)
    return np.pad(np.vstack([head, small]), ((0, 3), (0, 3)), constant_values=255)


def montage(tiles: list[NDArray[np.uint8]], *, across: int, path: Path) -> None:
    blank = np.full_like(tiles[0], 255)
    tiles = tiles + [blank] * (-len(tiles) % across)
    rows = [np.hstack(tiles[k : k + across]) for k in range(0, len(tiles), across)]
    # 32 greys are enough to look at and make a small file
    cv2.imwrite(str(path), np.vstack(rows) // 8 * 8, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(path, path.stat().st_size // 1024, "kB")


def contrast_picture() -> None:
    image = simulate_muscle(seed=0).image.astype(np.float32)
    tiles = [titled(image, "as scanned", (172, 138))]
    tiles += [titled(enhance(image, method=name), name, (172, 138)) for name in methods("contrast")]
    montage(tiles, across=4, path=IMAGES / "contrast.png")


def harmonise_picture() -> None:
    """Two patients seen by both machines; the harmoniser is fitted on sixteen others."""
    images = list(simulate_cohort(patients=20, images=1, both_machines=True, seed=3))
    fit, shown = images[8:], images[:8]
    sides = [
        [Scan(image=o.image.astype(np.float32), spacing_mm=o.spacing_mm) for o in fit if o.device == device]
        for device in ("machine 2", "machine 1")
    ]
    chain = ("spacing", "blur", "depth_gain", "quantiles")
    curve = Harmoniser.fit(*sides, steps=("quantiles",))
    whole = Harmoniser.fit(*sides, steps=chain)
    tiles = []
    for one, two in ((shown[0], shown[1]), (shown[2], shown[3])):
        first, second = (Scan(image=o.image.astype(np.float32), spacing_mm=o.spacing_mm) for o in (one, two))
        size = (172, 206)
        tiles += [
            titled(second.image, f"machine 2, {two.person.group}", size),
            titled(curve.apply_to_scan(second).image, "quantiles", size),
            titled(whole.apply_to_scan(second).image, "all four steps", size),
            titled(whole.apply_to_reference(first).image, "machine 1, blurred", size),
            titled(first.image, "machine 1, same muscle", size),
        ]
    montage(tiles, across=5, path=IMAGES / "harmonise.png")


def scores() -> None:
    images = [simulate_muscle(seed=seed).image.astype(np.float32) for seed in range(PHANTOMS)]
    rows = []
    for name in methods("contrast"):
        start = time.perf_counter()
        results = [enhance(image, method=name) for image in images]
        each = 1e3 * (time.perf_counter() - start) / PHANTOMS
        pairs = list(zip(images, results, strict=True))
        rows.append(
            {
                "method": name,
                "brightness error (grey levels)": f"{np.mean([mean_brightness_error(b, a) for b, a in pairs]):.1f}",
                "entropy kept (%)": f"{100 * np.mean([entropy_bits(a) / entropy_bits(b) for b, a in pairs]):.1f}",
                "contrast, ratio": f"{np.mean([rms_contrast(a) / rms_contrast(b) for b, a in pairs]):.2f}",
                "time (ms)": f"{each:.1f}",
            }
        )
    record(
        "Contrast methods",
        rows,
        data=f"{PHANTOMS} random muscle phantoms of 256 to 640 pixels a side, whole picture",
        split="none; nothing is fitted",
        kind="phantom",
        command="python benchmarks/contrast.py",
        note="Means over the phantoms with each method's default parameters. Contrast is the standard deviation of the "
        "grey levels after over before. None of these is accuracy; `mskus compare` shows the effect on a task.",
    )


if __name__ == "__main__":
    contrast_picture()
    harmonise_picture()
    scores()
