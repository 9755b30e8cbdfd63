"""Bad input: one clear sentence of the project's own error, and never another exception."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import mskus
from mskus.errors import MskusError, ReadError

from .conftest import write_dicom
from .test_entry import write_video

Make = Callable[..., Path]
PIXELS = np.random.default_rng(5).integers(0, 255, (6, 40, 48), np.uint8)


def one_sentence(error: ReadError, path: Path) -> str:
    text = str(error)
    assert str(path) in text
    assert text.endswith(".")
    assert "\n" not in text
    assert "Traceback" not in text
    return text


def test_missing_empty_and_text(tmp_path: Path) -> None:
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "notes.png").write_text("patient seen on Monday\n" * 20)
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 4)
    cases = {
        "gone.png": "does not exist",
        "empty.dcm": "is empty",
        "notes.png": "text file although its name ends in .png",
        "noise.bin": "unknown kind",
    }
    for name, words in cases.items():
        with pytest.raises(ReadError) as caught:
            mskus.read(tmp_path / name)
        assert words in one_sentence(caught.value, tmp_path / name)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"Modality": "CT"}, "modality CT, not ultrasound"),
        ({"NumberOfFrames": 0}, "zero frames"),
        ({"Rows": 0}, "zero frames"),
        ({"NumberOfFrames": 500}, "truncated"),
        ({"PhotometricInterpretation": "HSV"}, "'HSV'"),
    ],
)
def test_dicom_that_cannot_be(make_dicom: Make, tags: dict[str, object], words: str) -> None:
    path = make_dicom(PIXELS, tags=tags)
    with pytest.raises(ReadError) as caught:
        mskus.read(path)
    assert words in one_sentence(caught.value, path)


@pytest.mark.parametrize(
    ("syntax", "share"),
    [(s, share) for s in ("explicit", "rle", "jpeg", "jpeg2000") for share in (0.02, 0.4, 0.9)] + [("jpeg_ls", 0.6)],
)
def test_truncated_dicom(make_dicom: Make, syntax: str, share: float) -> None:
    path = make_dicom(PIXELS, syntax=syntax)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ReadError) as caught:
        mskus.read(path)
    one_sentence(caught.value, path)


def test_encrypted_dicom(make_dicom: Make, tmp_path: Path) -> None:
    envelope = tmp_path / "secure.dcm"
    # the head of a CMS enveloped-data object, which secure DICOM media hold
    envelope.write_bytes(bytes.fromhex("308006092a864886f70d010703a080") + np.random.default_rng(1).bytes(900))
    with pytest.raises(ReadError, match="is encrypted"):
        mskus.read(envelope)
    from pydicom import dcmread
    from pydicom.dataset import Dataset

    path = make_dicom(PIXELS)
    dataset = dcmread(path)
    for keyword in ("Rows", "Columns", "PixelData"):
        delattr(dataset, keyword)
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID, item.EncryptedContent = "1.2.840.10008.1.2", bytes(64)
    dataset.EncryptedAttributesSequence = [item]
    dataset.save_as(path)
    with pytest.raises(ReadError, match="is an encrypted DICOM file"):
        mskus.read(path)


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_corrupt_video(tmp_path: Path, share: float) -> None:
    path = write_video(tmp_path / "clip.mp4", PIXELS, codec="mpeg4", pix_fmt="yuv420p")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ReadError) as caught:
        mskus.read(path)
    one_sentence(caught.value, path)


def test_corrupt_picture(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    Image.fromarray(PIXELS[0]).save(path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ReadError) as caught:
        mskus.read(path)
    one_sentence(caught.value, path)


def test_frames_of_a_folder_that_is_broken_inside(tmp_path: Path) -> None:
    for n in range(6):
        Image.fromarray(PIXELS[n]).save(tmp_path / f"f{n}.png")
    data = (tmp_path / "f3.png").read_bytes()
    (tmp_path / "f3.png").write_bytes(data[:600])
    with pytest.raises(ReadError, match=r"f3\.png is a damaged picture"):
        mskus.read(tmp_path)


@pytest.fixture(scope="module")
def valid_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("valid")
    files = [write_dicom(folder / f"{s}.dcm", PIXELS[:2], syntax=s) for s in ("explicit", "rle", "jpeg", "jpeg2000")]
    Image.fromarray(PIXELS[0]).save(folder / "one.png")
    Image.fromarray(PIXELS[0]).save(folder / "one.tif")
    files += [folder / "one.png", folder / "one.tif"]
    files.append(write_video(folder / "clip.avi", PIXELS, codec="mjpeg", pix_fmt="yuvj420p"))
    return files


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_files_raise_nothing_but_the_projects_own_error(valid_files: list[Path], data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(valid_files))
    content = bytearray(source.read_bytes())
    head = st.integers(0, min(len(content), 1200) - 1)
    anywhere = st.integers(0, len(content) - 1)
    for at, value in data.draw(st.lists(st.tuples(head | anywhere, st.integers(0, 255)), max_size=12)):
        content[at] = value
    cut = data.draw(st.none() | st.integers(1, len(content)))
    mutated = source.with_name(f"mutated{source.suffix}")
    mutated.write_bytes(content[:cut])
    try:
        clip = mskus.read(mutated)
    except MskusError:
        return
    assert clip.n_frames >= 1
    assert all(frame.shape == clip.shape[1:] for frame in clip.frames())
