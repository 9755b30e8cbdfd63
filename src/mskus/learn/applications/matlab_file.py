"""MATLAB 7.3 files: HDF5 with cells as references, text as numbers, and objects (tables) in a store of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError

_OBJECT = 0xDD000000  # first word of a reference to an object
_HEAD_WORDS = 10  # version, number of names, eight offsets
_FIRST_VALUE = 2  # cells before the values: the metadata and an empty one


class MatlabFile:
    """An open MATLAB 7.3 file.

    Values come as MATLAB would show them: numbers as arrays with rows first, text as ``str`` (a matrix of characters
    as a list of its rows), cells as lists in MATLAB's order (columns first), structs as dictionaries, a table as a
    dictionary of its columns, a categorical as a list of its categories' names.

    Source:
        MathWorks, MAT-file versions (7.3 is HDF5). The store of objects (``#subsystem#/MCOS``) is undocumented; its
        layout is as found out by the authors of open readers and holds for the classes ``table`` and ``categorical``.
    """

    def __init__(self, handle: Any, path: Path) -> None:
        self._file, self.path = handle, path
        self._objects: _ObjectStore | None = None

    @property
    def names(self) -> list[str]:
        """The variables."""
        return [name for name in self._file if not name.startswith("#")]

    def value(self, name: str) -> Any:
        """A whole variable.

        Raises:
            LearnError: if there is no such variable or it is of a class that is not read.
        """
        return self._decode(self._variable(name))

    def cells(self, name: str) -> _Cells:
        """A cell array whose cells are read one at a time.

        Raises:
            LearnError: if there is no such variable or it is not a cell array.
        """
        found = self._variable(name)
        if not _is_cell(found):
            raise LearnError(f"{self.path}: the variable {name!r} is not a cell array.")
        return _Cells(self, found[()].ravel())

    def _variable(self, name: str) -> Any:
        if name not in self._file:
            raise LearnError(f"{self.path} has no variable {name!r}; its variables are {', '.join(self.names)}.")
        return self._file[name]

    def _decode(self, item: Any) -> Any:
        if not hasattr(item, "shape"):  # a struct is a group with one entry a field
            return {field: self._decode(item[field]) for field in item}
        kind = _class(item)
        if item.attrs.get("MATLAB_empty", 0):
            return "" if kind == "char" else [] if kind == "cell" else np.empty((0, 0))
        if _is_cell(item):
            return [self._decode(self._file[ref]) for ref in item[()].ravel()]
        data = item[()]
        if kind == "char":
            rows = ["".join(map(chr, row)) for row in np.atleast_2d(data.T)]
            return rows[0] if len(rows) == 1 else [row.rstrip() for row in rows]
        if data.dtype == np.uint32 and data.size >= 6 and int(data.flat[0]) == _OBJECT:
            return self._object(data.ravel(), kind)
        return np.asarray(data).T

    def _object(self, words: NDArray[np.uint32], kind: str) -> Any:
        if self._objects is None:
            self._objects = _ObjectStore(self._file, self.path)
        number = int(words[2 + int(words[1])])
        # property names changed their capitals between releases of MATLAB
        held = {name.lower(): value for name, value in self._objects.properties(number).items()}
        try:
            if kind == "table":
                columns = self._decode(self._file[held["data"]])
                names = self._decode(self._file[held["varnames"]])
                return dict(zip(names, columns, strict=True))
            if kind == "categorical":
                names = self._decode(self._file[held["categorynames"]])
                codes = np.asarray(self._decode(self._file[held["codes"]])).ravel(order="F")
                return [names[int(code) - 1] if code > 0 else "" for code in codes]
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise LearnError(f"{self.path} holds a {kind} of a layout that is not known; {_RESAVE}") from error
        raise LearnError(f"{self.path} holds an object of class {kind!r}, which is not read; {_RESAVE}")


_RESAVE = "in MATLAB, turn it into a struct with table2struct(..., 'ToScalar', true) and cellstr, and save it again."


class _Cells:
    """The cells of a cell array, decoded when asked for."""

    def __init__(self, file: MatlabFile, references: NDArray[Any]) -> None:
        self._of, self._references = file, references

    def __len__(self) -> int:
        return len(self._references)

    def __getitem__(self, index: int) -> Any:
        return self._of._decode(self._of._file[self._references[index]])


class _ObjectStore:
    """The store of objects: a cell of metadata (names, classes, objects, properties), then the properties' values."""

    def __init__(self, handle: Any, path: Path) -> None:
        store = handle.get("#subsystem#/MCOS")
        if store is None:
            raise LearnError(f"{path} refers to objects but holds no store of them; the file is damaged.")
        self._cells = store[()].ravel()
        meta = np.asarray(handle[self._cells[0]][()], np.uint8).ravel().tobytes()
        words = np.frombuffer(meta[: len(meta) // 4 * 4], "<u4").astype(np.int64)
        start = words[2:_HEAD_WORDS] // 4
        self._names = meta[4 * _HEAD_WORDS : 4 * int(start[0])].decode("ascii", "replace").split("\0")
        self._saved = _segments(words[start[1] : start[2]])
        self._table = words[start[2] : start[3]].reshape(-1, 6)
        self._plain = _segments(words[start[3] : start[4]])

    def properties(self, number: int) -> dict[str, Any]:
        """References to the values of an object's properties, by name; those by default are left out."""
        saved, plain = int(self._table[number, 3]), int(self._table[number, 4])
        segment = self._saved[saved] if saved else self._plain[plain]
        return {self._names[name - 1]: self._cells[value + _FIRST_VALUE] for name, kind, value in segment if kind == 1}


def _segments(words: NDArray[np.int64]) -> list[list[tuple[int, int, int]]]:
    """Lists of ``(name, kind, value)``, each led by its length and padded to eight bytes."""
    found, at = [], 0
    while at < len(words):
        count = int(words[at])
        triples = words[at + 1 : at + 1 + 3 * count].reshape(-1, 3)
        found.append([(int(a), int(b), int(c)) for a, b, c in triples])
        at += 1 + 3 * count
        at += at % 2
    return found


def _class(item: Any) -> str:
    name = item.attrs.get("MATLAB_class", b"")
    return name.decode("ascii") if isinstance(name, bytes) else str(name)


def _is_cell(item: Any) -> bool:
    return getattr(item, "dtype", None) is not None and item.dtype.kind == "O"


@contextmanager
def open_matlab(path: str | Path) -> Iterator[MatlabFile]:
    """Open a MATLAB 7.3 file for reading.

    Raises:
        LearnError: if it is not there, or not of version 7.3.
    """
    try:
        import h5py
    except ImportError as error:
        raise LearnError("A MATLAB 7.3 file needs h5py: pip install 'mskus[classical]'.") from error

    given = Path(path)
    if not given.is_file():
        raise LearnError(f"{given} is not a file; give the MATLAB file.")
    if not h5py.is_hdf5(given):
        raise LearnError(f"{given} is not a MATLAB 7.3 file; in MATLAB, save it again with save(..., '-v7.3').")
    with h5py.File(given, "r") as handle:
        yield MatlabFile(handle, given)
