"""The muscle simulator as a source of labelled pictures: as many as asked for, every pixel known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mskus.errors import LearnError, SaveError
from mskus.learn import simulated
from mskus.learn.datasets import shrink
from mskus.learn.manifest import Case
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.pictures import ROOM_TO_ZOOM, Picture

STRUCTURES = {
    "superficial_aponeurosis": simulated.SUPERFICIAL,
    "deep_aponeurosis": simulated.DEEP,
    "other_aponeurosis": simulated.OTHER,
    "belly": simulated.BELLY,
    "fascicle": simulated.FASCICLE,
}


def phantoms(config: TrainConfig) -> Path:
    """The folder ``simulated`` of the run, with at least as many phantoms as the run draws; those there are kept.

    Raises:
        SaveError: if they cannot be written.
    """
    folder = config.output.folder / "simulated"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(config.data.simulated):
            path = folder / f"{number:06d}.npz"
            if not path.exists():
                simulated.write(simulated.simulate(simulated.FIRST_SEED + 100_000 * config.seed + number), path)
    except OSError as error:
        raise SaveError(f"{folder} cannot be written: {' '.join(str(error).split())[:120]}.") from error
    return folder


def simulated_pictures(folder: Path, *, classes: Mapping[str, int], size: tuple[int, int]) -> list[Picture]:
    """Phantoms as pictures with masks; a class that the simulator does not know has weight 0.

    Args:
        folder: of :func:`phantoms`.
        classes: names as in :data:`STRUCTURES`, and others.
        size: ``(H, W)`` of the network's input.

    Raises:
        LearnError: if the simulator knows none of the classes.
    """
    known = np.array([name in STRUCTURES for name in classes])
    if not known.any():
        raise LearnError(
            f"The simulator knows none of the classes {', '.join(classes)}; it knows {', '.join(STRUCTURES)}."
        )
    stored = (round(size[0] * ROOM_TO_ZOOM), round(size[1] * ROOM_TO_ZOOM))
    bits = [STRUCTURES.get(name, 0) for name in classes]
    pictures = []
    for path in sorted(p for p in folder.glob("*.npz") if not p.name.endswith(".part.npz")):
        seen = simulated.read(path)
        masks = np.stack([(seen.bits & bit) > 0 for bit in bits], axis=-1).astype(np.uint8) * 255
        pictures.append(
            Picture(
                image=shrink(seen.image, size=stored),
                masks=shrink(masks, size=stored),
                weights=known.astype(np.float32),
                case=Case(image=path, patient=f"phantom {path.stem}", device="simulation"),
            )
        )
    return pictures
