"""JPEG lossless and JPEG-LS frames by GDCM in a process of its own.

GDCM ends the whole process on some damaged streams; as a child it can only end itself.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import ReadError


def gdcm_frames(path: Path, indices: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Frames of a DICOM file by index, decoded by GDCM in a child process and sent through a pipe one by one.

    Raises:
        ReadError: if the child ends before the last frame.
    """
    command = [sys.executable, "-m", "mskus.reading.gdcm_process", str(path), *map(str, indices)]
    if isinstance(indices, range):
        command[4:] = [f"{indices.start}:{indices.stop}:{indices.step}"]
    # stderr into a file: a pipe that nobody empties would block the child
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL) as child,
    ):
        assert child.stdout is not None
        try:
            for _ in indices:
                try:
                    yield _receive(child.stdout)
                except (ValueError, EOFError, OSError) as fault:
                    raise ReadError(
                        f"{path} cannot be decoded: its compressed pixels are damaged; export it again."
                    ) from fault
        finally:
            child.kill()


def _receive(pipe: IO[bytes]) -> NDArray[Any]:
    """One array in the NPY format; NumPy's own reader needs a file that can seek."""
    np.lib.format.read_magic(pipe)
    shape, _, dtype = np.lib.format.read_array_header_1_0(pipe)
    size = int(np.prod(shape)) * dtype.itemsize
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError("the decoder ended inside a frame")
    return np.frombuffer(data, dtype).reshape(shape)


def _main(arguments: Sequence[str]) -> None:
    import warnings

    from pydicom.pixels.utils import iter_pixels

    warnings.simplefilter("ignore")
    path, *rest = arguments
    indices = [n for part in rest for n in (range(*map(int, part.split(":"))) if ":" in part else [int(part)])]
    for pixels in iter_pixels(path, indices=indices, decoding_plugin="gdcm"):
        frame = io.BytesIO()  # into memory first: NumPy writes to a file by its number, past Python's own buffer
        np.lib.format.write_array(frame, np.ascontiguousarray(pixels), version=(1, 0), allow_pickle=False)
        sys.stdout.buffer.write(frame.getbuffer())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main(sys.argv[1:])
