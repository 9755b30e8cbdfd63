"""The muscle simulator as an endless source of labelled pictures: drawn while training, every pixel known.

Phantoms are numbered without end. Epoch e draws from the window of ``data.simulated`` numbers that begins at ``e *
data.simulated_anew``; what a number shows depends on the run's seed and on nothing else, so that a resumed run sees the
same. Those of the window are kept on disk, some of them in memory.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic

import numpy as np

from mskus.errors import LearnError, SaveError
from mskus.learn import simulated
from mskus.learn.datasets import shrink
from mskus.learn.fascicle_data import FascicleSample, phantom_sample
from mskus.learn.manifest import Case
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.data import Item, Renewed
from mskus.learn.train.pictures import Picture, stored_size

STRUCTURES = {
    "superficial_aponeurosis": simulated.SUPERFICIAL,
    "deep_aponeurosis": simulated.DEEP,
    "other_aponeurosis": simulated.OTHER,
    "belly": simulated.BELLY,
    "fascicle": simulated.FASCICLE,
}
_IN_MEMORY = 512  # of each process; a third of a megabyte each at 192 pixels


class Phantoms(Generic[Item]):
    """Phantoms by number, as pictures to learn from.

    Args:
        folder: where those of the window are kept; made here.
        first_seed: of phantom 0; the others follow.
        count: size of the window.
        anew: how far each epoch moves it.
        make: turns a phantom and its name into a picture.

    Raises:
        SaveError: if the folder cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        *,
        first_seed: int,
        count: int,
        anew: int,
        make: Callable[[simulated.SimulatedPicture, str], Item],
    ) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SaveError(f"{folder} cannot be written: {' '.join(str(error).split())[:120]}.") from error
        self.folder, self.first_seed, self.count, self.anew, self.make = folder, first_seed, count, anew, make
        self._memory: OrderedDict[int, Item] = OrderedDict()
        self._swept = 0

    def at(self, place: int, epoch: int) -> Item:
        """The phantom that stands at a place of the window in an epoch; it keeps its place while it is in the window.

        Example:
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as name:
            ...     p = Phantoms(Path(name), first_seed=0, count=4, anew=1, make=lambda seen, name: name)
            ...     [[p.number(place, epoch) for place in range(4)] for epoch in range(3)]
            [[0, 1, 2, 3], [4, 1, 2, 3], [4, 5, 2, 3]]
        """
        self._sweep(before=(epoch - 1) * self.anew)  # others may still be at the epoch before
        number = self.number(place, epoch)
        if number in self._memory:
            self._memory.move_to_end(number)
        else:
            self._memory[number] = self.make(self._phantom(number), f"{number:06d}")
            if len(self._memory) > min(self.count, _IN_MEMORY):
                self._memory.popitem(last=False)
        return self._memory[number]

    def number(self, place: int, epoch: int) -> int:
        """Which phantom stands there."""
        first = epoch * self.anew
        return first + (place - first) % self.count

    def _phantom(self, number: int) -> simulated.SimulatedPicture:
        path = self.folder / f"{number:06d}.npz"
        if path.exists():
            return simulated.read(path)
        drawn = simulated.simulate(self.first_seed + number)
        with contextlib.suppress(OSError):  # on a full disk it is drawn again when it is needed
            simulated.write(drawn, path)
        return drawn

    def _sweep(self, *, before: int) -> None:
        for number in range(self._swept, before):
            (self.folder / f"{number:06d}.npz").unlink(missing_ok=True)
        self._swept = max(self._swept, before)


class _Place(Renewed[Item]):
    def __init__(self, phantoms: Phantoms[Item], place: int) -> None:
        self.phantoms, self.place = phantoms, place

    def at(self, epoch: int) -> Item:
        return self.phantoms.at(self.place, epoch)


def endless_pictures(config: TrainConfig) -> list[Renewed[Picture]]:
    """Phantoms with masks; a class that the simulator does not know has weight 0.

    Raises:
        LearnError: if the simulator knows none of the classes.
        SaveError: if the run's folder cannot be written.
    """
    classes, size = config.data.classes, config.data.size
    if not set(classes) & set(STRUCTURES):
        raise LearnError(
            f"The simulator knows none of the classes {', '.join(classes)}; it knows {', '.join(STRUCTURES)}."
        )
    return _places(config, lambda seen, name: phantom_picture(seen, name=name, classes=classes, size=size))


def endless_fascicles(config: TrainConfig) -> list[Renewed[FascicleSample]]:
    """Phantoms with the direction at every pixel of the belly.

    Raises:
        SaveError: if the run's folder cannot be written.
    """

    def made(seen: simulated.SimulatedPicture, name: str) -> FascicleSample:
        sample = phantom_sample(seen, name=name)
        if sample is None:
            raise LearnError(f"The simulated muscle {name} shows no belly; choose another seed.")
        return sample

    return _places(config, made)


def _places(config: TrainConfig, make: Callable[[simulated.SimulatedPicture, str], Item]) -> list[Renewed[Item]]:
    phantoms = Phantoms(
        config.output.folder / "simulated",
        first_seed=simulated.FIRST_SEED + 100_000 * config.seed,
        count=config.data.simulated,
        anew=config.data.simulated_anew,
        make=make,
    )
    return [_Place(phantoms, place) for place in range(config.data.simulated)]


def phantom_picture(
    seen: simulated.SimulatedPicture, *, name: str, classes: Mapping[str, int], size: tuple[int, int]
) -> Picture:
    """A phantom as a picture with masks.

    Args:
        seen: the phantom.
        name: of it.
        classes: names as in :data:`STRUCTURES`, and others.
        size: ``(H, W)`` of the network's input.
    """
    bits = [STRUCTURES.get(name, 0) for name in classes]
    masks = np.stack([(seen.bits & bit) > 0 for bit in bits], axis=-1).astype(np.uint8) * 255
    return Picture(
        image=shrink(seen.image, size=stored_size(size)),
        masks=shrink(masks, size=stored_size(size)),
        weights=np.array([name in STRUCTURES for name in classes], np.float32),
        case=Case(image=Path(f"phantom_{name}"), patient=f"phantom {name}", device="simulation"),
    )
