from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from mskus.errors import ReadError, SaveError
from mskus.findings import Findings
from mskus.report.save import load_findings, replacing


def test_all_files_of_a_clip(make_findings, tmp_path):
    paths = make_findings().save(tmp_path / "new" / "out")
    names = ["findings.json", "measurements.csv", "overlay.png", "overlay.mp4", "report.html"]
    assert [p.name for p in paths] == names
    assert sorted(p.name for p in (tmp_path / "new" / "out").iterdir()) == sorted(names)


def test_a_still_has_no_video(make_findings, tmp_path):
    paths = make_findings(1).save(tmp_path, formats=("overlay",))
    assert [p.name for p in paths] == ["overlay.png"]


def test_findings_read_back_are_equal(make_findings, tmp_path):
    found = make_findings()
    found.save(tmp_path, formats=("json",))
    assert Findings.load(tmp_path / "findings.json") == found
    assert load_findings(tmp_path) == found


def test_the_png_is_the_overlay(make_findings, tmp_path):
    found = make_findings()
    found.save(tmp_path, formats=("overlay",))
    assert (cv2.imread(str(tmp_path / "overlay.png"))[:, :, ::-1] == found.overlay()).all()


def test_the_video_has_every_frame_at_the_clips_speed(make_findings, tmp_path):
    make_findings().save(tmp_path, formats=("overlay",))
    with av.open(str(tmp_path / "overlay.mp4")) as video:
        stream = video.streams.video[0]
        assert float(stream.average_rate) == 2.0
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
    assert len(frames) == 3
    assert frames[0].shape[0] % 2 == frames[0].shape[1] % 2 == 0
    # 160 px are shown three times as large; grey 60 stays grey where nothing is drawn
    assert np.abs(frames[0][330, 300].astype(int) - 60).max() <= 6
    assert frames[0][91, 240, 2] > 150  # the superficial aponeurosis in blue


@pytest.mark.parametrize("formats", [("pdf",), ("json", "docx")])
def test_an_unknown_format_is_named(make_findings, tmp_path, formats):
    with pytest.raises(SaveError, match=f"no output format '{formats[-1]}'; choose from json, csv"):
        make_findings().save(tmp_path, formats=formats)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_one_sentence(make_findings, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SaveError, match=r"file.* cannot be written .*; choose another output folder"):
        make_findings().save(tmp_path / "file" / "out")


def test_a_failed_write_leaves_the_old_file_and_no_scraps(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail_half_way():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist; give a findings.json"),
        (b"not json", "is not a findings file"),
        (b"\xff\xfe\x00", "cannot be read as text"),
        (b'{"exam": 3}', r"is not a findings file: .* \(at exam\)"),
        (b'{"schema_version": "7.0", "exam": "muscle"}', "has schema 7.0, this mskus reads 1.0"),
    ],
)
def test_what_is_not_findings_is_refused_in_one_sentence(tmp_path, content, message):
    path = tmp_path / "findings.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReadError, match=message) as caught:
        load_findings(path)
    assert "\n" not in str(caught.value)
