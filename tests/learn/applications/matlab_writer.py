"""Writes MATLAB 7.3 files of the release's layout: cells, text, structs, tables and categoricals, as MATLAB does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

MARK = 0xDD000000


class Table(dict):
    """Columns of a MATLAB table."""


class Categorical(list):
    """Texts to be written as a MATLAB categorical."""


class MatlabWriter:
    def __init__(self, path: Path) -> None:
        # a MATLAB file is HDF5 behind a block of 512 bytes
        self.file = h5py.File(path, "w", userblock_size=512)
        self.refs = self.file.create_group("#refs#")
        self.count = 0
        self.names: list[str] = []
        self.objects: list[tuple[int, list[tuple[int, int]]]] = []  # class number, (name number, value number)
        self.classes: list[str] = []
        self.values: list[Any] = []

    def variable(self, name: str, value: Any) -> None:
        self._write(self.file, name, value)

    def close(self) -> None:
        if self.objects:
            self._write_store()
        name = Path(self.file.filename)
        self.file.close()
        with name.open("r+b") as raw:
            raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")

    def _reference(self, value: Any) -> Any:
        self.count += 1
        name = f"a{self.count}"
        self._write(self.refs, name, value)
        return self.refs[name].ref

    def _write(self, group: Any, name: str, value: Any) -> None:
        if isinstance(value, Table):
            columns = self._reference(list(value.values()))
            held = {"data": columns, "nrows": np.array([[float(len(next(iter(value.values()))))]])}
            self._object(group, name, "table", held | {"varnames": self._reference([list(value)])})
        elif isinstance(value, Categorical):
            kinds = sorted(set(value))
            codes = np.array([[kinds.index(v) + 1] for v in value], np.uint8)
            self._object(group, name, "categorical", {"codes": codes, "categoryNames": self._reference([kinds])})
        elif isinstance(value, dict):
            made = group.create_group(name)
            made.attrs["MATLAB_class"] = np.bytes_("struct")
            for key, entry in value.items():
                self._write(made, key, entry)
        elif isinstance(value, str):
            made = group.create_dataset(name, data=np.array([[ord(c)] for c in value], np.uint16))
            made.attrs["MATLAB_class"] = np.bytes_("char")
        elif isinstance(value, list):
            # [[...]] is a column cell (n, 1), [...] a row cell (1, n); the file holds the transpose
            column = len(value) == 1 and isinstance(value[0], list)
            entries = [self._reference(entry) for entry in (value[0] if column else value)]
            data = np.array(entries, h5py.ref_dtype).reshape((1, -1) if column else (-1, 1))
            made = group.create_dataset(name, data=data, dtype=h5py.ref_dtype)
            made.attrs["MATLAB_class"] = np.bytes_("cell")
        else:
            made = group.create_dataset(name, data=np.asarray(value).T)
            made.attrs["MATLAB_class"] = np.bytes_("uint8" if np.asarray(value).dtype == np.uint8 else "double")

    def _object(self, group: Any, name: str, kind: str, held: dict[str, Any]) -> None:
        if kind not in self.classes:
            self.classes.append(kind)
        triples = []
        for key, value in held.items():
            self.values.append(value if isinstance(value, h5py.Reference) else self._reference(value))
            triples.append((self._name(key), len(self.values) - 1))
        self.objects.append((self.classes.index(kind) + 1, triples))
        words = np.array([[MARK, 2, 1, 1, len(self.objects), self.classes.index(kind) + 1]], np.uint32)
        made = group.create_dataset(name, data=words)
        made.attrs["MATLAB_class"] = np.bytes_(kind)
        made.attrs["MATLAB_object_decode"] = np.int32(3)

    def _name(self, text: str) -> int:
        if text not in self.names:
            self.names.append(text)
        return self.names.index(text) + 1

    def _write_store(self) -> None:
        classes = [[0, 0, 0, 0]] + [[0, self._name(kind), 0, 0] for kind in self.classes]
        table = [[0] * 6] + [[kind, 0, 0, 0, k + 1, k + 1] for k, (kind, _) in enumerate(self.objects)]
        segments = [0, 0]
        for _, triples in self.objects:
            segments.append(len(triples))
            for name, value in triples:
                segments += [name, 1, value]
            segments += [0] * (len(segments) % 2)
        text = b"\0".join(n.encode() for n in self.names) + b"\0"
        text += b"\0" * (-len(text) % 8)
        parts = [text, *(np.array(p, "<u4").tobytes() for p in (classes, [0, 0], table, segments))]
        ends = np.cumsum([40] + [len(p) for p in parts])[1:]
        offsets = [*ends, *[ends[-1]] * 3]
        head = np.array([4, len(self.names), *offsets], "<u4").tobytes()
        meta = np.frombuffer(head + b"".join(parts), np.uint8)[:, None]
        refs = [self._reference(meta), self._reference(np.zeros((0, 1))), *self.values]
        made = self.file.create_dataset("#subsystem#/MCOS", data=np.array([refs], h5py.ref_dtype))
        made.attrs["MATLAB_class"] = np.bytes_("FileWrapper__")
