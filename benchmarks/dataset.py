"""How many displaced masks the brightness test finds, and how many near-duplicates the thumbnails find."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import binomtest

from _results import data_root, record
from mskus.learn.dataset.check import check_dataset
from mskus.learn.dataset.contact_sheet import contact_sheet
from mskus.learn.dataset.displaced import ShiftContrast, brightness_test, shift_contrast
from mskus.learn.manifest import read_manifest
from mskus.learn.near_duplicates import groups_of_pairs, near_duplicates, thumbnail
from mskus.statistics import auc

SETS = {
    "vessel": ("nerve/peripheral_blocks", 2),
    "nerve": ("nerve/peripheral_blocks", 1),
    "superficial aponeurosis": ("muscle/rectus_femoris_gait", 1),
    "deep aponeurosis": ("muscle/rectus_femoris_gait", 2),
}
SHARE, DRAWS = 0.1, 20
Mask = NDArray[np.bool_]


def grey(path: Path) -> NDArray[np.uint8]:
    """A picture file."""
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def moved(mask: Mask, rng: np.random.Generator) -> Mask:
    """The mask 5 to 15 per cent of the picture's side away, in any direction."""
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.15) * max(mask.shape)
    shift = np.array([[1, 0, far * np.cos(angle)], [0, 1, far * np.sin(angle)]])
    size = (mask.shape[1], mask.shape[0])
    return cv2.warpAffine(mask.astype(np.uint8), shift, size, flags=cv2.INTER_NEAREST) > 0


def fitted(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """The mask at another picture's size."""
    return cv2.resize(mask.astype(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST) > 0


def share(count: int, total: int) -> str:
    """A share with its 95 % Wilson interval."""
    if total == 0:
        return "-"
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return f"{count / total:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def found(good: list[ShiftContrast], bad: list[ShiftContrast], rng: np.random.Generator) -> dict[str, Any]:
    """One mask in ten displaced, drawn many times: precision and recall in sum."""
    hits = alarms = asked = 0
    told = 0
    scores, truths = [], []
    for _ in range(DRAWS):
        chosen = rng.random(len(good)) < SHARE
        answer = brightness_test([b if c else g for g, b, c in zip(good, bad, chosen, strict=True)])
        called = np.array([s.displaced for s in answer.sittings])
        hits, alarms, asked = hits + (called & chosen).sum(), alarms + (called & ~chosen).sum(), asked + chosen.sum()
        told += answer.tells
        scores += [s.beaten for s in answer.sittings]
        truths += list(chosen)
    clean = brightness_test(good)
    return {
        "brightness tells": f"{told} of {DRAWS}",
        "recall": share(int(hits), int(asked)),
        "precision": share(int(hits), int(hits + alarms)),
        "AUC of the beaten share": f"{auc(np.array(truths, int), np.array(scores)):.3f}",
        "called in the set as it is": f"{sum(s.displaced for s in clean.sittings)} of {len(good)}",
    }


def displaced() -> list[dict[str, Any]]:
    """Every class of both sets, with masks moved and masks of another picture."""
    rows = []
    for name, (folder, value) in SETS.items():
        root = data_root() / folder
        table = pd.read_csv(root / "manifest.csv")
        pairs = [(grey(root / i), grey(root / m) == value) for i, m in zip(table.image, table["mask"], strict=True)]
        pairs = [(i, m) for i, m in pairs if m.any()]
        rng = np.random.default_rng(7)
        good = [shift_contrast(i, m) for i, m in pairs]
        other = [pairs[k][1] for k in np.roll(np.arange(len(pairs)), len(pairs) // 2)]
        kinds: dict[str, Callable[[int], Mask]] = {
            "moved 5 to 15 % of the side": lambda n, pairs=pairs, rng=rng: moved(pairs[n][1], rng),
            "mask of another picture": lambda n, pairs=pairs, other=other: fitted(other[n], pairs[n][1].shape),
        }
        for kind, make in kinds.items():
            bad = []
            for n, (image, drawn) in enumerate(pairs):
                wrong = make(n)
                bad.append(shift_contrast(image, wrong if wrong.any() else drawn))
            rows.append({"class": name, "masks": len(pairs), "displaced by": kind, **found(good, bad, rng)})
    return rows


def duplicates() -> list[dict[str, Any]]:
    """Pairs of the nerve set's own groups, and copies made by mirroring, rescaling and brightening."""
    root = data_root() / "nerve/peripheral_blocks"
    table = pd.read_csv(root / "manifest.csv")
    pictures = [grey(root / i) for i in table.image]
    group = table.near_duplicate_group.to_numpy()
    small = [thumbnail(p) for p in pictures]
    rows = []
    stated = np.triu(group[:, None] == group[None, :], k=1)
    called = np.zeros_like(stated)
    for pair in near_duplicates(small):
        called[pair.first, pair.second] = True
    both = int((stated & called).sum())
    rows.append(
        {
            "pairs": "near_duplicate_group",
            "recall": share(both, int(stated.sum())),
            "precision": share(both, int(called.sum())),
        }
    )
    makes: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
        "mirrored left to right": lambda p: np.ascontiguousarray(p[:, ::-1]),
        "rescaled to 60 x 80 %": lambda p: np.asarray(
            cv2.resize(p, None, fx=0.8, fy=0.6, interpolation=cv2.INTER_AREA)
        ),
        "gamma 0.6": lambda p: (255 * (p / 255.0) ** 0.6).astype(np.uint8),
    }
    for name, make in makes.items():
        copies = [thumbnail(make(p)) for p in pictures]
        pairs = near_duplicates([*small, *copies])
        across = [(p.first, p.second - len(small)) for p in pairs if p.first < len(small) <= p.second]
        own = len({i for i, j in across if i == j})
        right = sum(group[i] == group[j] for i, j in across)
        rows.append({"pairs": name, "recall": share(own, len(small)), "precision": share(right, len(across))})
    groups = groups_of_pairs(near_duplicates(small), count=len(small))
    print(f"{len(set(groups.tolist()))} groups found, {len(set(group.tolist()))} stated")
    return rows


def sheet(path: Path) -> None:
    """The contact sheet of the docs: simulated vessels, three masks displaced, one picture copied."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        for n in range(18):
            rng = np.random.default_rng(0 if n == 17 else n)
            image = np.abs(cv2.GaussianBlur(rng.normal(0, 1, (160, 200)).astype(np.float32), (0, 0), 1.2)) * 260
            mask = np.zeros(image.shape, np.uint8)
            x, y = int(rng.integers(50, 150)), int(rng.integers(40, 90))
            cv2.ellipse(mask, (x, y), (20, 15), 0, 0, 360, 2, cv2.FILLED)
            cv2.rectangle(mask, (x - 30, y + 32), (x + 30, y + 40), 1, cv2.FILLED)
            image = np.where(mask == 2, 0.2 * image, np.where(mask == 1, 2.2 * image + 30, image))
            if n in {4, 9, 13}:
                mask = np.roll(mask, (14, 22), axis=(0, 1))
            for kind, picture in (("images", np.clip(image, 0, 255).astype(np.uint8)), ("masks", mask)):
                (folder / kind).mkdir(exist_ok=True)
                cv2.imwrite(str(folder / kind / f"patient_{n:02d}.png"), picture)
        checked = check_dataset(read_manifest(folder), classes={"tendon": 1, "vessel": 2})
        contact_sheet(checked, path, most=12)
    drawn = Image.open(path)
    # small enough for a page: speckle hardly compresses
    small = drawn.resize((drawn.width * 2 // 3, drawn.height * 2 // 3), Image.Resampling.LANCZOS)
    small.quantize(48, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Both tables, or the picture of the docs."""
    if sys.argv[1:2] == ["--sheet"]:
        sheet(Path(sys.argv[2]))
        return
    record(
        "Displaced masks found by brightness",
        displaced(),
        data="nerve/peripheral_blocks (CC BY 4.0), muscle/rectus_femoris_gait (CC0 1.0); one mask in ten displaced at"
        f" random, {DRAWS} draws",
        split="none; the limits were set on these sets",
        kind="public data",
        command="python benchmarks/dataset.py",
        note="Share with 95 % Wilson interval over draws that reuse the same masks. Where brightness does not tell a"
        " class, `mskus dataset check` says so and calls none.",
    )
    record(
        "Near-duplicates found by thumbnails",
        duplicates(),
        data="nerve/peripheral_blocks (CC BY 4.0), 244 pictures; groups as stated in its manifest",
        split="none; the limit was set on this set",
        kind="public data",
        command="python benchmarks/dataset.py",
        note="A called pair of two stated groups counts as wrong.",
    )


if __name__ == "__main__":
    main()
