"""What a file is, told by its first bytes, and the decoder for it."""

from __future__ import annotations

from pathlib import Path

from mskus.errors import MskusError, ReadError
from mskus.reading.inputs import DICOM_SUFFIXES, PICTURE_SUFFIXES, VIDEO_SUFFIXES, numbered_frames
from mskus.reading.recording import Recording

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"BM")
_VIDEOS = (b"RIFF", b"\x30\x26\xb2\x75", b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"GIF8")
_CMS_ENVELOPE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"


def open_path(path: Path) -> tuple[Recording, list[Path]]:
    """A recording of a file or of a folder of numbered pictures, and the files that it is made of.

    Raises:
        ReadError: if there is no such file, it is empty, it is none of the known kinds, or it is damaged.
    """
    if not path.exists():
        raise ReadError(f"{path} does not exist; check the path.")
    if path.is_dir():
        return _open_folder(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as fault:
        raise ReadError(f"{path} cannot be opened ({fault.strerror}); check its permissions.") from fault
    if size == 0:
        raise ReadError(f"{path} is empty; copy or export it again.")
    kind = sniff(head, suffix=path.suffix.lower())
    if not kind:
        raise ReadError(_not_known(path, head))
    try:
        return _open_as(kind, path), [path]
    except MskusError:
        raise
    except MemoryError as fault:
        raise ReadError(f"{path} needs more memory than there is; read fewer frames of it.") from fault
    except Exception as fault:
        reason = " ".join(str(fault).split())[:120].rstrip(".") or type(fault).__name__
        raise ReadError(f"{path} is a damaged {kind} file ({reason}); export or copy it again.") from fault


def sniff(head: bytes, *, suffix: str = "") -> str:
    """``"DICOM"``, ``"picture"``, ``"video"`` or ``""`` from the first bytes of a file.

    Example:
        >>> sniff(bytes(128) + b"DICM"), sniff(b"BM" + bytes(60)), sniff(b"hello")
        ('DICOM', 'picture', '')
    """
    if head[128:132] == b"DICM":
        return "DICOM"
    if head.startswith(_PICTURES):
        return "picture"
    if head.startswith(_VIDEOS) or head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "video"
    # DICOM of the ACR-NEMA days has no preamble: it begins with group 0008 or 0002
    if suffix in DICOM_SUFFIXES | {""} and head[:4] in (b"\x08\x00\x00\x00", b"\x08\x00\x05\x00", b"\x08\x00\x08\x00"):
        return "DICOM"
    if head[:2] == b"\x02\x00" and head[4:6] in (b"UL", b"OB", b"UI"):
        return "DICOM"
    return ""


def _open_as(kind: str, path: Path) -> Recording:
    if kind == "DICOM":
        from mskus.reading.dicom import open_dicom

        return open_dicom(path)
    if kind == "picture":
        from mskus.reading.pictures import open_picture

        return open_picture(path)
    from mskus.reading.video import open_video

    return open_video(path)


def _open_folder(path: Path) -> tuple[Recording, list[Path]]:
    pictures = numbered_frames(path)
    if not pictures:
        raise ReadError(
            f"{path} is a folder that is not one clip of numbered pictures of equal size; "
            "give its files one by one or examine it as a folder of clips."
        )
    from mskus.reading.pictures import open_numbered_pictures

    return open_numbered_pictures(pictures), pictures


def _not_known(path: Path, head: bytes) -> str:
    suffix = path.suffix.lower()
    if _CMS_ENVELOPE in head[:64]:
        return f"{path} is encrypted (secure DICOM media); export it without encryption."
    text = sum(b in b"\t\n\r" or 32 <= b < 127 or b >= 128 for b in head) / len(head)
    if text > 0.98 and b"\x00" not in head:
        claim = f" although its name ends in {suffix}" if suffix in PICTURE_SUFFIXES | VIDEO_SUFFIXES else ""
        return f"{path} is a text file{claim}, not an ultrasound image; give a DICOM file, picture or video."
    if suffix in PICTURE_SUFFIXES | VIDEO_SUFFIXES | DICOM_SUFFIXES:
        return f"{path} is damaged or not what its name says ({suffix}); export or copy it again."
    return f"{path} is of an unknown kind; give DICOM, PNG, JPEG, TIFF, BMP, MP4, AVI, WMV or GIF."
