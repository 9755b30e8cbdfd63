"""Findings on disk: JSON, CSV, overlay and report, each written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.errors import ReadError, SaveError
from mskus.findings import SCHEMA_VERSION, Findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

FORMATS = ("json", "csv", "overlay", "html")


def save_findings(findings: Findings, folder: str | Path, *, formats: tuple[str, ...] = FORMATS) -> list[Path]:
    """Write the findings into a folder, made if it is not there.

    ``json`` gives findings.json; ``csv`` measurements.csv; ``overlay`` overlay.png and, for a clip of several frames,
    overlay.mp4; ``html`` report.html. Files of an earlier run are replaced; a file appears only when it is complete.

    Args:
        findings: what the exam found; ``overlay`` and the report's picture need the clip attached.
        folder: where to write.
        formats: any of ``json``, ``csv``, ``overlay``, ``html``.

    Returns:
        Paths written, in the order of the formats.

    Raises:
        SaveError: if a format is unknown, or the folder cannot be made or written.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise SaveError(f"There is no output format {unknown[0]!r}; choose from {', '.join(FORMATS)}.")
    target = Path(folder)
    make_folder(target)
    paths: list[Path] = []
    if "json" in formats:
        paths.append(write_text(target / "findings.json", findings.model_dump_json(indent=1)))
    if "csv" in formats:
        from mskus.report.table import measurement_csv

        paths.append(write_text(target / "measurements.csv", measurement_csv(findings)))
    if "overlay" in formats and findings.clip is not None:
        from mskus.report.overlay import draw_overlay

        paths.append(write_png(target / "overlay.png", draw_overlay(findings)))
        if findings.clip.n_frames > 1:
            from mskus.report.video import write_annotated_video

            with replacing(target / "overlay.mp4") as temporary:
                write_annotated_video(findings, temporary)
            paths.append(target / "overlay.mp4")
    if "html" in formats:
        from mskus.report.html import html_report

        paths.append(write_text(target / "report.html", html_report(findings)))
    return paths


def load_findings(path: str | Path) -> Findings:
    """Read ``findings.json`` (or the folder that holds it) back; equal to what was saved, without the clip.

    Raises:
        ReadError: if the file is missing, not JSON, or not findings of this schema.
    """
    from pydantic import ValidationError

    file = Path(path)
    if file.is_dir():
        file = file / "findings.json"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ReadError(f"{file} does not exist; give a findings.json or the folder that holds it.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{file} cannot be read as text ({error}); give a findings.json.") from None
    try:
        findings = Findings.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the top"
        raise ReadError(f"{file} is not a findings file: {first['msg']} (at {where}).") from None
    if findings.schema_version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise ReadError(
            f"{file} has schema {findings.schema_version}, this mskus reads {SCHEMA_VERSION}; use the matching version."
        )
    return findings


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, and try that it can be written.

    Raises:
        SaveError: if it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise _unwritable(folder, error) from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well, and vanishes when it does not.

    Raises:
        SaveError: if the folder cannot be written.
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text, whole or not at all; returns the path."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def write_png(path: Path, picture: NDArray[np.uint8]) -> Path:
    """Write an RGB or grey picture as PNG, whole or not at all; returns the path."""
    with replacing(path) as temporary:
        temporary.write_bytes(encode_picture(picture, suffix=".png"))
    return path


def encode_picture(picture: NDArray[np.uint8], *, suffix: str) -> bytes:
    """An RGB or grey picture as the bytes of a PNG or JPEG file."""
    import cv2

    quality = [cv2.IMWRITE_JPEG_QUALITY, 92] if suffix == ".jpg" else [cv2.IMWRITE_PNG_COMPRESSION, 3]
    stored = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(suffix, stored, quality)
    if not done:
        raise SaveError(f"The picture could not be encoded as {suffix}.")
    return data.tobytes()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> SaveError:
    reason = error.strerror or str(error)
    return SaveError(f"{path} cannot be written ({reason}); choose another output folder or free some space.")
