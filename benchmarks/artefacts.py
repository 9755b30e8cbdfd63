"""Artefact maps against what was laid over phantoms and real pictures; burned-in marks by picture and by pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

from _results import RESULTS, data_root, record
from mskus.enhance.artefacts import artefact_maps
from mskus.quality import burned_in_marks
from mskus.simulate import artefacts as made
from mskus.simulate import random_scanner, simulate_muscle
from mskus.statistics import bootstrap

ADDED: dict[str, Callable[..., tuple[made.Picture, made.Truth]]] = {
    "shadow": made.add_shadow,
    "reverberation": made.add_reverberation,
    "gain_saturation": made.add_saturation,
}
PHANTOMS, REAL_EACH, EVERY = 12, 4, 4
# Sets looked through by eye: those of the first group show tissue only, but for the pictures named in the note.
CLEAN = {"nerve": "nerve/peripheral_blocks/images/*.png", "infant hip": "hip/standard_plane/images/*.png"}
MARKED = {
    "cadaver bone (focus mark at the right)": "bone/lower_limb_unlabelled/*.png",
    "vastus readings (logo, force curve in some)": "muscle/architecture_readings/images/vastus_lateralis/*.png",
    "lower-limb masks (whole screens in some)": "muscle/lower_limb_masks/images/*.png",
    "rectus femoris (tick at the bottom in some, bright slanted field)": "muscle/rectus_femoris_gait/images/*.png",
}


def grey_pictures(pattern: str, every: int = 1) -> list[NDArray[np.uint8]]:
    return [cv2.imread(str(p), cv2.IMREAD_GRAYSCALE) for p in sorted(data_root().glob(pattern))[::every]]


def area_under_curve(score: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """Probability that a pixel inside scores higher than one outside; ties count half."""
    ranks, inside = rankdata(score[::4, ::4].ravel()), truth[::4, ::4].ravel()
    n = int(inside.sum())
    return float((ranks[inside].sum() - n * (n + 1) / 2) / max(n * (inside.size - n), 1))


def laid_over(name: str) -> Iterator[tuple[str, int, NDArray[np.float32], NDArray[np.bool_]]]:
    """Kind of picture, its number, map found, truth."""
    if name == "poor_contact":
        for seed in range(PHANTOMS):
            rng = np.random.default_rng(seed)
            middle, width = rng.uniform(0.1, 0.9), rng.uniform(0.06, 0.2)
            scanner = random_scanner(rng, curved=0.0)
            lossy = type(scanner)(**(vars(scanner) | {"shadows": ((middle, width, 25.0),), "slant_deg": 0.0}))
            image = simulate_muscle(seed=seed, scanner=lossy).image
            across = np.linspace(0, 1, image.shape[1])
            truth = np.broadcast_to((np.abs(across - middle) < width / 2)[None], image.shape)
            yield "phantom", seed, artefact_maps(image)[name], truth
        return
    pictures = [("phantom", simulate_muscle(seed=seed).image) for seed in range(PHANTOMS)]
    pictures += [
        ("real", image)
        for pattern in CLEAN.values()
        for image in grey_pictures(pattern)[:: 40 if "nerve" in pattern else 10][:REAL_EACH]
    ]
    for number, (kind, image) in enumerate(pictures):
        picture, truth = ADDED[name](image, np.random.default_rng(number))
        if truth.mean() > 0.002:
            yield kind, number, artefact_maps(picture)[name], truth


def maps() -> None:
    rows: list[dict[str, Any]] = []
    for name in ("shadow", "poor_contact", "reverberation", "gain_saturation"):
        found = list(laid_over(name))
        for kind in ("phantom", "real"):
            cases = [(f, t) for k, _, f, t in found if k == kind]
            if not cases:
                continue
            iou = np.array([((f > 0.5) & t).sum() / max(((f > 0.5) | t).sum(), 1) for f, t in cases])
            auc = np.array([area_under_curve(f, t) for f, t in cases])
            beside = np.array([(f > 0.5)[~t].mean() for f, t in cases])
            groups = np.arange(len(cases))
            rows.append(
                {
                    "map": name,
                    "laid over": kind,
                    "pictures": len(cases),
                    "IoU at 0.5": bootstrap(lambda i, v=iou: float(v[i].mean()), groups).text(),
                    "AUC of pixels": bootstrap(lambda i, v=auc: float(v[i].mean()), groups).text(),
                    "marked outside, %": f"{100 * beside.mean():.1f}",
                }
            )
    record(
        "Artefact maps",
        rows,
        data="artefacts of `mskus.simulate.artefacts` laid over phantoms and over nerve and hip pictures; lost contact"
        " by the simulated scanner",
        split="limits were set while looking at phantoms 0 to 3 and at some of these pictures",
        kind="phantom; public data with laid-over artefacts",
        command="python benchmarks/artefacts.py",
        note="Means with 95 % bootstrap intervals over pictures. Real pictures hold shadows of their own, which count"
        " as marked outside.",
    )


def share(count: int, total: int) -> str:
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return f"{100 * count / total:.0f} ({100 * interval.low:.0f} to {100 * interval.high:.0f})"


def marks() -> None:
    sources = {name: grey_pictures(pattern, EVERY) for name, pattern in CLEAN.items()}
    sources["phantom"] = [simulate_muscle(seed=seed).image for seed in range(2 * PHANTOMS)]
    rows: list[dict[str, Any]] = []
    for name, pictures in sources.items():
        clean = [image for image in pictures if not burned_in_marks(image)]
        row: dict[str, Any] = {"pictures": name, "n": len(pictures)}
        row["called marked before drawing, %"] = share(len(pictures) - len(clean), len(pictures))
        ink_found = ink_true = on_ink = 0
        for kind in made.MARKS:
            hits = 0
            for number, image in enumerate(clean):
                rng = np.random.default_rng([number, made.MARKS.index(kind)])
                picture, truth = made.add_mark(image, rng, kind=kind, ink=int(rng.integers(170, 256)))
                found = burned_in_marks(picture).mask
                near = cv2.dilate(truth.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
                hits += bool((found & near).any())
                on_ink += int((found & near).sum())
                ink_found += int(found.sum())
                ink_true += int(truth.sum())
            row[f"{kind} found, %"] = share(hits, len(clean))
        row["precision of pixels"] = f"{on_ink / max(ink_found, 1):.2f}"
        row["recall of pixels"] = f"{min(on_ink / ink_true, 1):.2f}"
        rows.append(row)
    record(
        "Burned-in marks, drawn",
        rows,
        data=f"every {EVERY}th picture of the clean sets, phantoms; marks of grey 170 to 255 drawn at random places",
        split="limits were set on other draws over pictures of the same sets",
        kind="public data and phantom with drawn marks",
        command="python benchmarks/artefacts.py",
        note="By picture, per cent with 95 % Wilson intervals: one mark (a pair of calipers) in each. Some hip pictures"
        " and one nerve picture do hold marks of the scanner.",
    )
    record(
        "Burned-in marks, real",
        [
            {"set": name, "pictures": len(pictures), "called marked, %": share(sum(map(bool, found)), len(pictures))}
            for name, pattern in MARKED.items()
            for pictures in [grey_pictures(pattern, EVERY)]
            for found in [[burned_in_marks(image) for image in pictures]]
        ],
        data=f"every {EVERY}th picture",
        split="none",
        kind="public data",
        command="python benchmarks/artefacts.py",
        note="These sets do hold marks, see the name; how many pictures of each was not counted by eye;"
        " at the slanted side of bright rectus femoris fields there are false marks too.",
    )


def picture() -> None:
    """The figure of the docs: a bone picture and a marked phantom under their maps."""
    colours = {
        "shadow": (255, 120, 0),
        "reverberation": (0, 220, 255),
        "poor_contact": (200, 0, 200),
        "burned_in": (0, 0, 255),
    }
    rng = np.random.default_rng(2)
    phantom = made.add_reverberation(simulate_muscle(seed=0).image, rng, level=200.0)[0]
    phantom = made.add_mark(phantom, rng, kind="text")[0]
    tiles = []
    for image in (grey_pictures("bone/lower_limb_unlabelled/*.png")[36], phantom):
        shown = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR).astype(np.float32)
        for name, colour in colours.items():
            weight = (0.9 if name == "burned_in" else 0.35) * artefact_maps(image)[name][..., None]
            shown = shown * (1 - weight) + weight * np.array(colour, np.float32)
        for tile in (cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), shown.astype(np.uint8)):
            tiles.append(cv2.resize(tile, (150, 128), interpolation=cv2.INTER_AREA))
    cv2.imwrite(str(RESULTS.parents[1] / "docs/images/artefact_maps.png"), np.hstack(tiles))


def main() -> None:
    """All three sections of the results and the figure."""
    maps()
    marks()
    picture()


if __name__ == "__main__":
    main()
