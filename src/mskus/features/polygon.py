"""A region that the user drew: read from a file, checked, measured, turned into a mask."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.clip import Calibration
from mskus.errors import CalibrationError, ExamError, ReadError
from mskus.geometry import polygon_area, to_mm

F64 = NDArray[np.float64]

_ROI_AREAS = {0: "polygon", 7: "freehand", 8: "traced"}
_ROI_SUBPIXEL = 128


def read_polygon(path: str | Path) -> F64:
    """Vertices of a region from a file, in pixels with pixel centres at whole numbers.

    Args:
        path: a CSV or text file with ``x,y`` per line (a header line is allowed), a JSON list ``[[x, y], ...]`` or a
            list of ``{"x": ..., "y": ...}``, or an ImageJ ``.roi`` file with a polygon, freehand or traced region.

    Returns:
        ``(N, 2)``, not closed.

    Raises:
        ReadError: if the file is missing or holds no such list of at least three points.

    Source:
        ImageJ RoiDecoder (file layout). ImageJ counts from the corner of the first pixel, hence half a pixel is taken
        off.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReadError(
            f"{path}: the region's file cannot be read ({reason}); give a CSV, JSON or .roi file."
        ) from None
    if data[:4] == b"Iout":
        points = _roi(path, data)
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ReadError(f"{path}: neither text nor an ImageJ region; give a CSV, JSON or .roi file.") from None
        points = _json(path, text) if text.lstrip().startswith(("[", "{")) else _csv(path, text)
    if points.ndim != 2 or points.shape[-1] != 2 or len(points) < 3 or not np.isfinite(points).all():
        raise ReadError(f"{path}: a region needs at least three points with finite x and y; found {len(points)}.")
    return points


def _csv(path: Path, text: str) -> F64:
    rows: list[tuple[float, float]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.replace(";", ",").replace("\t", ",").split(",") if any(c in line for c in ",;\t") else line.split()
        if not any(cell.strip() for cell in cells):
            continue
        try:
            x, y = (float(cell) for cell in cells)
        except ValueError:
            if rows or number > 1:
                raise ReadError(f"{path}, line {number}: {line.strip()[:40]!r} is not an x and a y.") from None
            continue  # the header
        rows.append((x, y))
    return np.asarray(rows, float).reshape(-1, 2)


def _json(path: Path, text: str) -> F64:
    try:
        listed = json.loads(text)
        pairs = [(p["x"], p["y"]) if isinstance(p, dict) else tuple(p) for p in listed]
        return np.asarray(pairs, float)
    except (ValueError, TypeError, KeyError):
        raise ReadError(f"{path}: not a JSON list of points such as [[12, 30], [80, 31], [75, 90]].") from None


def _roi(path: Path, data: bytes) -> F64:
    try:
        version, kind = struct.unpack_from(">hB", data, 4)
        if kind not in _ROI_AREAS:
            raise ReadError(f"{path}: this ImageJ region is no polygon; draw it with the polygon or freehand tool.")
        top, left = struct.unpack_from(">hh", data, 8)
        (n,) = struct.unpack_from(">H", data, 16)
        (options,) = struct.unpack_from(">h", data, 50)
        if options & _ROI_SUBPIXEL and version >= 222:
            values = np.array(struct.unpack_from(f">{2 * n}f", data, 64 + 4 * n), float).reshape(2, n)
        else:
            values = np.array(struct.unpack_from(f">{2 * n}h", data, 64), float).reshape(2, n) + [[left], [top]]
    except struct.error:
        raise ReadError(f"{path}: the ImageJ region is cut short; save it again.") from None
    return np.asarray(values.T - 0.5, float)


def check_polygon(points: ArrayLike, *, size: tuple[int, ...]) -> F64:
    """A region that can be measured: at least three corners, inside the picture, no crossing of itself.

    Args:
        points: ``(N, 2)`` pixels; a last point equal to the first is dropped, and so are repeated ones.
        size: ``(height, width)`` of the picture.

    Returns:
        ``(N, 2)``, not closed.

    Raises:
        ExamError: saying which of these it is not.

    Example:
        >>> check_polygon([(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)], size=(10, 10)).shape
        (4, 2)
    """
    given = np.asarray(points, float)
    if given.ndim != 2 or given.shape[1] != 2 or not np.isfinite(given).all():
        raise ExamError("The region must be a list of finite (x, y) points.")
    corners = given[np.any(given != np.roll(given, -1, axis=0), axis=1)]
    if len(corners) < 3:
        raise ExamError(f"The region has {len(corners)} different corners; it needs at least three.")
    height, width = size
    outside = (corners < -0.5).any(1) | (corners > (width - 0.5, height - 0.5)).any(1)
    if outside.any():
        x, y = corners[outside][0]
        raise ExamError(
            f"The region's point ({x:g}, {y:g}) lies outside the picture of {width} x {height} pixels; was it drawn on "
            f"another picture?"
        )
    crossing = _first_crossing(corners)
    if crossing is not None:
        i, j = crossing
        raise ExamError(f"The region's outline crosses itself (sides {i + 1} and {j + 1}); draw it without a loop.")
    return corners


def _first_crossing(corners: F64) -> tuple[int, int] | None:
    """Two sides that cross, or None."""
    start, end = corners, np.roll(corners, -1, axis=0)

    def side(p: F64, q: F64, r: F64) -> F64:
        return np.asarray(
            (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        )

    a, b, c, d = start[:, None], end[:, None], start[None], end[None]
    crossed = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
    pairs = np.argwhere(np.triu(crossed, 1))
    return (int(pairs[0, 0]), int(pairs[0, 1])) if len(pairs) else None


def polygon_mask(points: ArrayLike, *, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Pixels whose centre lies inside (even-odd rule; left and upper sides belong to the region).

    Args:
        points: ``(N, 2)`` corners in pixels.
        shape: ``(H, W)``.

    Returns:
        ``(H, W)`` bool.

    Example:
        >>> int(polygon_mask([(0.5, 0.5), (4.5, 0.5), (4.5, 3.5), (0.5, 3.5)], shape=(6, 6)).sum())
        12
    """
    corners = np.asarray(points, float)
    height, width = shape
    start, end = corners, np.roll(corners, -1, axis=0)
    rows = np.arange(height)[:, None]
    spans = (start[:, 1] <= rows) != (end[:, 1] <= rows)
    row, side = np.nonzero(spans)
    part = (row - start[side, 1]) / (end[side, 1] - start[side, 1])
    x = start[side, 0] + part * (end[side, 0] - start[side, 0])
    # Every side crossed flips all pixels to its right.
    flips = np.zeros((height, width + 1), np.int32)
    np.add.at(flips, (row, np.clip(np.ceil(x), 0, width).astype(int)), 1)
    return np.asarray(np.cumsum(flips[:, :width], axis=1) % 2 == 1)


def region_area(points: ArrayLike, calibration: Calibration | None) -> float:
    """Area of a region in square millimetres (shoelace formula).

    Args:
        points: ``(N, 2)`` corners in pixels.
        calibration: the scale.

    Raises:
        CalibrationError: if there is no scale.

    Example:
        >>> scale = Calibration(mm_per_px_row=0.1, mm_per_px_col=0.2, source="user")
        >>> round(region_area([(0, 0), (100, 0), (100, 50), (0, 50)], scale), 6)
        100.0
    """
    if calibration is None:
        raise CalibrationError("An area in square millimetres needs a scale; give it with --mm-per-px.")
    return polygon_area(to_mm(points, calibration.mm_per_px))
