"""Which frames of a clip to read: ``"10:200:2"`` as Python slices it."""

from __future__ import annotations

import re

from mskus.errors import ReadError

_SLICE = re.compile(r"^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$")
_SINGLE = re.compile(r"^\s*(-?\d+)\s*$")


def choose_frames(choice: str | slice | None, *, n_frames: int, name: str = "The clip") -> range:
    """Indices of the frames to read, ascending.

    Args:
        choice: ``"start:stop:step"`` with any part left out, one index, a slice, or None for all frames.
        n_frames: how many there are.
        name: the input, for the error.

    Raises:
        ReadError: if the text is no such choice, the step is not positive, or no frame is left.

    Example:
        >>> list(choose_frames("2:9:3", n_frames=100))
        [2, 5, 8]
    """
    if choice is None:
        return range(n_frames)
    if isinstance(choice, str):
        single, parts = _SINGLE.match(choice), _SLICE.match(choice)
        if single:
            at = int(single[1])
            wanted = slice(at, at + 1 if at != -1 else None)
        elif parts:
            wanted = slice(*(int(p) if p else None for p in parts.groups()))
        else:
            raise ReadError(f"frames = {choice!r} is not understood; write start:stop:step, for example 10:200:2.")
    else:
        wanted = choice
    if wanted.step is not None and wanted.step < 1:
        raise ReadError(f"frames = {choice!r} runs backwards; the step must be 1 or more.")
    indices = range(*wanted.indices(n_frames))
    if not indices:
        raise ReadError(f"{name} has {n_frames} frames and frames = {choice!r} leaves none of them.")
    return indices
