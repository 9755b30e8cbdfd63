"""Draw the pictures of the pages on muscle disease and the hip: python benchmarks/application_pictures.py."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import data_root
from mskus.learn.applications.hip_landmarks import find_landmarks, normalised
from mskus.learn.manifest import load, read_manifest
from mskus.simulate.cohort import CohortImage, simulate_cohort

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
BAR = 22
HIPS = {
    "adequate": "standard_16",
    "adequate, another": "standard_20",
    "incomplete ilium": "incomplete_ilium_substandard_20",
    "no bony border": "lack_border_substandard_6",
    "not the middle plane": "nonmiddle_plane_substandard_12",
}


def titled(picture: NDArray[np.uint8], title: str) -> NDArray[np.uint8]:
    """A colour picture with its name above."""
    head = np.full((BAR, picture.shape[1], 3), 255, np.uint8)
    cv2.putText(head, title, (4, BAR - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return np.pad(np.vstack([head, picture]), ((0, 3), (0, 3), (0, 0)), constant_values=255)


def save(name: str, rows: list[list[NDArray[np.uint8]]]) -> None:
    path = IMAGES / name
    cv2.imwrite(str(path), np.vstack([np.hstack(row) for row in rows]), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(path.name, path.stat().st_size // 1000, "kB")


def of_muscle(one: CohortImage) -> NDArray[np.uint8]:
    colour = cv2.cvtColor(one.image, cv2.COLOR_GRAY2BGR)
    outline, _ = cv2.findContours(one.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(colour, outline, -1, (0, 200, 255), 1)
    return titled(cv2.resize(colour, (126, 151), interpolation=cv2.INTER_AREA), f"{one.person.group}, {one.device}")


def muscles() -> None:
    """The rectus femoris of the most typical patient of each group, on both machines."""
    rows: list[list[NDArray[np.uint8]]] = [[], []]
    for study, groups in (("myositis", ("normal", "IBM", "DM")), ("duchenne", ("Duchenne",))):
        for group in groups:
            seen = list(simulate_cohort(patients=5, images=2, study=study, groups=(group,), both_machines=True, seed=2))
            rectus = [one for one in seen if one.muscle == "rectus femoris"]
            typical = sorted({one.person.texture.echo_db for one in rectus})[2]
            for row, one in zip(rows, (o for o in rectus if o.person.texture.echo_db == typical), strict=True):
                row.append(of_muscle(one))
    save("muscle_disease.png", rows)


def hips() -> None:
    """Public hips with the landmark lines that are measured."""
    cases = {case.image.stem: case for case in read_manifest(data_root() / "hip" / "standard_plane" / "manifest.csv")}
    row = []
    for title, name in HIPS.items():
        image = load(cases[name]).image
        colour = cv2.cvtColor(image.astype(np.uint8), cv2.COLOR_GRAY2BGR)
        found = find_landmarks(normalised(image))
        for line in (found.ilium, found.femur):
            cv2.polylines(colour, [np.rint(line.points).astype(np.int32)], False, (0, 200, 255), 1, cv2.LINE_AA)
        x, y = found.head_centre
        cv2.circle(colour, (int(x), int(y)), int(found.head_radius), (120, 220, 80), 1, cv2.LINE_AA)
        row.append(titled(cv2.resize(colour, (190, 190), interpolation=cv2.INTER_AREA), title))
    save("hip_plane.png", [row])


if __name__ == "__main__":
    muscles()
    hips()
