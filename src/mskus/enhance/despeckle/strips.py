"""Run a compiled kernel on all cores, a strip of rows each."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

_MOST_THREADS = 8


class Strips:
    """Threads for kernels that release the interpreter and write only their own rows.

    Threads of our own, because numba's may not be entered from two threads at once and a batch does just that.

    Example:
        >>> from numba import njit
        >>> import numpy as np
        >>> @njit(nogil=True)
        ... def double(first, last, source, target):
        ...     for row in range(first, last):
        ...         target[row] = 2 * source[row]
        >>> target = np.zeros(5)
        >>> with Strips(5) as strips:
        ...     strips(double, np.arange(5.0), target)
        >>> target.tolist()
        [0.0, 2.0, 4.0, 6.0, 8.0]
    """

    def __init__(self, height: int) -> None:
        count = max(1, min(os.cpu_count() or 1, _MOST_THREADS, height))
        self._bounds = [(height * k // count, height * (k + 1) // count) for k in range(count)]

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(len(self._bounds))
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def __call__(self, kernel: Callable[..., None], *arrays: Any) -> None:
        """Call ``kernel(first_row, end_row, *arrays)`` for every strip and wait for all."""
        for done in [self._pool.submit(kernel, first, end, *arrays) for first, end in self._bounds]:
            done.result()
