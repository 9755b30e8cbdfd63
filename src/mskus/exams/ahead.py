"""A clip's frames in batches, worked on in threads while the exam measures the batch before."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Clip, Region

U8 = NDArray[np.uint8]
Found = TypeVar("Found")

WORKERS = 2
_BATCH = 8


def ahead(clip: Clip, region: Region, work: Callable[[int, U8], Found]) -> Iterator[tuple[U8, Found]]:
    """Batches of image regions with what ``work(first frame, batch)`` makes of them, two batches ahead in threads.

    Networks and filters run outside Python's lock, so the next batches are worked on while this one is measured.
    """
    frames = clip.frames()
    with ThreadPoolExecutor(WORKERS) as workers:
        waiting: deque[tuple[U8, Future[Found]]] = deque()
        first = 0
        while batch := list(islice(frames, _BATCH)):
            images = np.stack([np.asarray(frame)[region.slices] for frame in batch])
            waiting.append((images, workers.submit(work, first, images)))
            first += len(images)
            if len(waiting) > WORKERS:
                images, found = waiting.popleft()
                yield images, found.result()
        while waiting:
            images, found = waiting.popleft()
            yield images, found.result()
