"""The manifest: one row an image (or a frame of a clip) with its mask, patient, device, scale and label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError, SaveError

if TYPE_CHECKING:
    import pandas as pd

    from mskus.clip import Clip

# Columns with a meaning of their own; every other column travels along (labels, age, muscle ...).
KNOWN = ("image", "frame", "mask", "mask_value", "patient", "device", "spacing_row_mm", "spacing_col_mm")
# one frame each: a column "frame" then says where the picture was taken from
PLAIN = {".png", ".jpg", ".jpeg", ".bmp"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of a manifest.

    Attributes:
        image: picture, clip or DICOM file.
        frame: which frame of it.
        mask: picture of the region, or None for the whole picture.
        mask_value: class number in the mask that is the region; None takes everything above zero.
        patient: who; rows of one patient are never split.
        device: machine, or empty.
        spacing_mm: ``(row, column)`` mm per pixel as stated in the manifest, or None (then as the file states).
        row: the whole row, by column.
    """

    image: Path
    frame: int = 0
    mask: Path | None = None
    mask_value: int | None = None
    patient: str = ""
    device: str = ""
    spacing_mm: tuple[float, float] | None = None
    row: dict[str, Any] = field(default_factory=dict)


def read_manifest(path: str | Path, *, patient: str = "patient", check_files: bool = True) -> list[Case]:
    """Read a manifest from CSV or Parquet, or a folder by convention; paths in a table are relative to its folder.

    Args:
        path: the table; needs a column ``image``. Optional: ``frame, mask, mask_value, patient, device,
            spacing_row_mm, spacing_col_mm`` and any further ones. Or a folder with ``images`` and ``masks``, see
            :func:`mskus.learn.dataset.folder.table_of_folder`.
        patient: name of the column that says who, which must be there unless it is the usual one; a row without one
            counts as a patient of its own.
        check_files: False lets files be missing, for who wants to report them all.

    Raises:
        LearnError: if the table cannot be read, has no rows, no ``image`` column or not the named one of patients, or
            names files that are missing.
    """
    path = Path(path)
    if path.is_dir():
        from mskus.learn.dataset.folder import table_of_folder

        table, path = table_of_folder(path), path / "manifest.csv"
    else:
        table = read_table(path, text=(patient, "patient", "device"))
    if "image" not in table.columns:
        raise LearnError(f"{path} has no column 'image'; its columns are {', '.join(map(str, table.columns))}.")
    cases = [_case(row, path, patient, n) for n, row in enumerate(table.to_dict("records"), start=1)]
    # a name mistyped would make every row a patient of its own, and let validation leak
    if patient != "patient" and not any(patient in case.row for case in cases):
        raise LearnError(
            f"{path} has no column {patient!r} that says who; its columns are {', '.join(map(str, table.columns))}."
        )
    missing = [p for c in cases for p in (c.image, c.mask) if p is not None and not p.exists()]
    if missing and check_files:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise LearnError(f"{path} names {missing[0]}{more}, which is not there; paths are relative to the manifest.")
    return cases


def picture_names(cases: Sequence[Case]) -> list[str]:
    """A name for every row's picture: the file's, the frame where there is one, and folders where others share it.

    Example:
        >>> picture_names([Case(image=Path(f)) for f in ("a/1.png", "b/1.png", "b/2.png")])
        ['a_1', 'b_1', '2']
    """
    paths = {
        (c.image, c.frame): (*c.image.parent.parts, c.image.stem + (f"_{c.frame:05d}" if c.frame else ""))
        for c in cases
    }
    name = {key: path[-1] for key, path in paths.items()}
    for depth in range(2, max(map(len, paths.values()), default=0) + 1):
        taken = Counter(name.values())
        name |= {key: "_".join(paths[key][-depth:]) for key, short in name.items() if taken[short] > 1}
    taken = Counter()
    for key, short in name.items():  # files that differ in their endings only, for one
        taken[short] += 1
        name[key] = short if taken[short] == 1 else f"{short}-{taken[short]}"
    return [name[c.image, c.frame] for c in cases]


def read_table(path: str | Path, *, text: Collection[str] = ()) -> pd.DataFrame:
    """A CSV or Parquet table with at least one row.

    In a CSV, columns of words are words: "NA" and "None" are names like others there, a gap only where nothing stands.

    Args:
        path: the file.
        text: columns that are words even where they look like numbers, so that 01 and 1 differ.

    Raises:
        LearnError: if it cannot be read or is empty.
    """
    import pandas as pd

    path = Path(path)
    if not path.is_file():
        raise LearnError(f"{path} is not a file; give a table in CSV or Parquet.")
    try:
        table = pd.read_parquet(path) if path.suffix.lower() == ".parquet" else _csv(path, text)
    except ImportError:
        raise LearnError(f"{path} needs pyarrow to be read; pip install pyarrow, or save the table as CSV.") from None
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        raise LearnError(f"{path} cannot be read as a table: {' '.join(str(error).split())[:120]}.") from error
    if table.empty:
        raise LearnError(f"{path} has no rows.")
    return table


def _csv(path: Path, text: Collection[str]) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(path)
    # truth values count as numbers
    words = [c for c in table.columns if c in text or not pd.api.types.is_numeric_dtype(table[c])]
    if not words:
        return table
    as_written = pd.read_csv(path, dtype=str, keep_default_na=False, usecols=words)
    for column in words:
        stripped = as_written[column].str.strip()
        table[column] = stripped.where(stripped != "", None)
    return table


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as CSV, or as Parquet where the name says so.

    Raises:
        SaveError: if it cannot be written there.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".parquet":
            table.to_parquet(path)
        else:
            table.to_csv(path, index=False)
    except ImportError:
        raise SaveError(f"{path} needs pyarrow to be written; pip install pyarrow, or name a .csv file.") from None
    except OSError as error:
        raise SaveError(f"{path} cannot be written: {' '.join(str(error).split())[:120]}.") from error


def _case(row: Mapping[Hashable, Any], manifest: Path, patient: str, number: int) -> Case:
    given = {str(name): value for name, value in row.items() if not _absent(value)}

    def number_of(column: str) -> float | None:
        try:
            return float(given[column]) if column in given else None
        except ValueError:
            raise LearnError(f"{manifest}, row {number}: {column} {given[column]!r} is not a number.") from None

    if "image" not in given:
        raise LearnError(f"{manifest}, row {number}: the column 'image' is empty; name a picture or leave the row out.")
    folder, mask = manifest.parent, given.get("mask")
    value, row_mm, col_mm = (number_of(c) for c in ("mask_value", "spacing_row_mm", "spacing_col_mm"))
    return Case(
        image=folder / str(given["image"]),
        frame=int(number_of("frame") or 0),
        mask=None if mask is None else folder / str(mask),
        mask_value=None if value is None else int(value),
        patient=name_of(given.get(patient, f"row {number}")),
        device=name_of(given.get("device", "")),
        spacing_mm=None if row_mm is None or col_mm is None else (row_mm, col_mm),
        row=given,
    )


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not np.isfinite(value)) or value == ""


def name_of(value: Any) -> str:
    """What a row calls somebody or something; 7.0 of a column with gaps is 7."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Loaded:
    """The pixels of a case.

    Attributes:
        image: ``(H, W)`` float32 grey levels.
        mask: ``(H, W)`` bool, the region.
        spacing_mm: ``(row, column)`` mm per pixel, or None.
        sha256: of the bytes that the picture was read from.
    """

    image: NDArray[np.float32]
    mask: NDArray[np.bool_]
    spacing_mm: tuple[float, float] | None
    sha256: str


def load(case: Case) -> Loaded:
    """Read a case's picture and mask.

    Raises:
        LearnError: if the mask is of another size than its picture, or the frame is not there.
        ReadError: if a file cannot be read.
    """
    clip = clip_of(case)
    image = clip.frame(frame_in_file(case)).astype(np.float32)
    stated = clip.calibration
    # A picture's own print density is no scale; only what a scanner or the user states is.
    spacing = case.spacing_mm or (None if stated is None else (stated.mm_per_px_row, stated.mm_per_px_col))
    return Loaded(image=image, mask=_mask(case, image.shape), spacing_mm=spacing, sha256=clip.source.sha256)


def clip_of(case: Case) -> Clip:
    """The clip that a case's frame is of; neighbouring rows of one clip read it once.

    Raises:
        LearnError: if the frame is not there.
        ReadError: if the file cannot be read.
    """
    clip = _last_read(case.image, case.image.stat().st_mtime_ns if case.image.exists() else 0)
    if not 0 <= frame_in_file(case) < clip.n_frames:
        raise LearnError(f"{case.image} has {clip.n_frames} frame(s); the manifest asks for frame {case.frame}.")
    return clip


def frame_in_file(case: Case) -> int:
    """Where in its file a case's frame stands: a plain picture has but one."""
    return 0 if case.image.suffix.lower() in PLAIN else case.frame


@lru_cache(maxsize=1)
def _last_read(path: Path, _changed_ns: int) -> Clip:
    from mskus.reading import read

    return read(path)


def load_all(cases: list[Case]) -> Iterator[tuple[Case, Loaded]]:
    """Cases with their pixels, one at a time."""
    for case in cases:
        yield case, load(case)


def _mask(case: Case, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if case.mask is None:
        return np.ones(shape, bool)
    drawn = class_numbers(case.mask, shape=shape)
    return np.asarray(drawn > 0 if case.mask_value is None else drawn == case.mask_value)


def class_numbers(mask: Path, *, shape: tuple[int, ...] | None = None) -> NDArray[np.integer[Any]]:
    """The class number at every pixel of a mask picture.

    A picture with a palette of colours (as of Pascal VOC) holds numbers; of a coloured one it is the brightest channel.

    Args:
        mask: the file.
        shape: ``(H, W)`` of the picture that it belongs to, where that is known.

    Raises:
        LearnError: if it cannot be read or is of another size.
    """
    import cv2

    numbers = _palette_numbers(mask)
    drawn = cv2.imread(str(mask), cv2.IMREAD_UNCHANGED) if numbers is None else numbers
    if drawn is None:
        raise LearnError(f"{mask} cannot be read as a mask; give a PNG of class numbers.")
    drawn = drawn if drawn.ndim == 2 else drawn[..., :3].max(-1)
    if shape is not None and drawn.shape != tuple(shape):
        raise LearnError(
            f"The mask {mask} is {drawn.shape[1]} x {drawn.shape[0]} pixels but its picture "
            f"{shape[1]} x {shape[0]}; draw it on the same picture."
        )
    return np.asarray(drawn)


def _palette_numbers(mask: Path) -> NDArray[np.uint8] | None:
    """The numbers of a picture whose palette has colours; None of any other, or of what is no picture."""
    from PIL import Image

    try:
        with Image.open(mask) as picture:
            if picture.mode != "P":
                return None
            numbers = np.asarray(picture)
            colours = np.array(picture.getpalette("RGB"), np.uint8).reshape(-1, 3)
    except OSError:
        return None
    return None if (colours == colours[:, :1]).all() else numbers
