from __future__ import annotations

import csv
import hashlib
import shutil
from pathlib import Path

import pytest

from mskus.batch import examine_batch
from mskus.errors import MskusError, SaveError

FAST = {"formats": ("json",)}


def _rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _by_name(outcomes):
    return {"/".join(Path(o.file).parts[-2:]): o for o in outcomes}


def test_failures_are_rows_and_the_others_go_on(folder, tmp_path):
    found = _by_name(examine_batch([folder], out=tmp_path / "out", **FAST))
    assert {name: o.status for name, o in found.items()} == {
        "p1/scan.png": "ok",
        "p2/scan.png": "ok",
        "data/black.png": "failed",
        "data/white.png": "failed",
        "data/text.png": "failed",
    }
    assert found["p2/scan.png"].values[0].value == 140.0
    assert found["data/black.png"].reason == f"{folder / 'black.png'} is black; record it again."
    assert (
        "fault in mskus itself (ZeroDivisionError: division by zero); please report it"
        in found["data/white.png"].reason
    )
    assert "text.png" in found["data/text.png"].reason


def test_reasons_are_one_line_each(folder, tmp_path):
    for o in examine_batch([folder], out=tmp_path / "out", **FAST):
        assert "\n" not in o.reason


def test_equal_names_get_folders_of_their_own(folder, tmp_path):
    found = _by_name(examine_batch([folder], out=tmp_path / "out", **FAST))
    first, second = Path(found["p1/scan.png"].folder), Path(found["p2/scan.png"].folder)
    digest = hashlib.sha256((folder / "p1/scan.png").read_bytes()).hexdigest()
    assert first.name == f"scan-{digest[:8]}"
    assert first != second
    assert (first / "findings.json").is_file()
    assert (second / "findings.json").is_file()


def test_summary_and_failures(folder, tmp_path):
    examine_batch([folder], out=tmp_path / "out", **FAST)
    summary = {"/".join(Path(r["file"]).parts[-2:]): r for r in _rows(tmp_path / "out" / "summary.csv")}
    row = summary["p1/scan.png"]
    assert (row["status"], row["muscle_thickness_mean_mm"], row["muscle_thickness_mean_mm_low"]) == ("ok", "120", "119")
    assert row["muscle_thickness_mean_mm_frames"] == "1"
    assert summary["data/black.png"]["muscle_thickness_mean_mm"] == ""
    failures = _rows(tmp_path / "out" / "failures.csv")
    assert sorted(Path(r["file"]).name for r in failures) == ["black.png", "text.png", "white.png"]
    assert all(r["reason"] for r in failures)


def test_an_argument_that_leads_nowhere_is_a_failed_row(folder, tmp_path):
    outcomes = examine_batch([tmp_path / "nowhere", folder / "p1"], out=tmp_path / "out", **FAST)
    assert [o.status for o in outcomes] == ["failed", "ok"]
    assert "nowhere does not exist" in outcomes[0].reason


def test_an_input_named_twice_is_examined_once(folder, tmp_path):
    assert len(examine_batch([folder / "p1", folder / "p1/scan.png"], out=tmp_path / "out", **FAST)) == 1


def test_resume_leaves_what_is_done(folder, tmp_path):
    out = tmp_path / "out"
    done = examine_batch([folder / "p1"], out=out, **FAST)[0]
    file = Path(done.folder) / "findings.json"
    before = file.stat().st_mtime_ns
    outcomes = _by_name(examine_batch([folder / "p1", folder / "p2"], out=out, resume=True, **FAST))
    assert {name: o.status for name, o in outcomes.items()} == {"p1/scan.png": "skipped", "p2/scan.png": "ok"}
    assert file.stat().st_mtime_ns == before
    assert outcomes["p1/scan.png"].values == done.values
    assert [r["muscle_thickness_mean_mm"] for r in _rows(out / "summary.csv")] == ["120", "140"]


def test_without_resume_everything_is_done_again(folder, tmp_path):
    file = Path(examine_batch([folder / "p1"], out=tmp_path / "out", **FAST)[0].folder) / "findings.json"
    before = file.stat().st_mtime_ns
    assert examine_batch([folder / "p1"], out=tmp_path / "out", **FAST)[0].status == "ok"
    assert file.stat().st_mtime_ns > before


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"smooth": False}},
        {"reading": {"mm_per_px": 0.2}},
        {"formats": ("json", "csv")},
    ],
)
def test_other_settings_are_done_again(folder, tmp_path, change):
    examine_batch([folder / "p1"], out=tmp_path / "out", **FAST)
    again = examine_batch([folder / "p1"], out=tmp_path / "out", resume=True, **{**FAST, **change})
    assert again[0].status == "ok"


def test_a_result_that_has_gone_is_done_again(folder, tmp_path):
    done = examine_batch([folder / "p1"], out=tmp_path / "out", **FAST)[0]
    (Path(done.folder) / "findings.json").unlink()
    assert examine_batch([folder / "p1"], out=tmp_path / "out", resume=True, **FAST)[0].status == "ok"


def test_a_damaged_record_is_done_again(folder, tmp_path):
    done = examine_batch([folder / "p1"], out=tmp_path / "out", **FAST)[0]
    (Path(done.folder) / "done.json").write_text("[1, 2")
    assert examine_batch([folder / "p1"], out=tmp_path / "out", resume=True, **FAST)[0].status == "ok"


def test_a_changed_input_is_done_again_and_a_moved_one_is_not(folder, tmp_path):
    examine_batch([folder / "p1", folder / "p2"], out=tmp_path / "out", **FAST)
    shutil.move(folder / "p1", tmp_path / "moved")
    shutil.copy(folder / "white.png", folder / "p2" / "scan.png")
    outcomes = examine_batch([tmp_path / "moved", folder / "p2"], out=tmp_path / "out", resume=True, **FAST)
    assert [o.status for o in outcomes] == ["skipped", "failed"]


def test_failures_are_tried_again_on_resume(folder, tmp_path):
    examine_batch([folder / "black.png"], out=tmp_path / "out", **FAST)
    assert examine_batch([folder / "black.png"], out=tmp_path / "out", resume=True, **FAST)[0].status == "failed"


def test_progress_counts_every_input(folder, tmp_path):
    calls = []
    examine_batch(
        [tmp_path / "nowhere", folder],
        out=tmp_path / "out",
        progress=lambda done, total, rows: calls.append((done, total, len(rows))),
        **FAST,
    )
    assert [call[0] for call in calls] == [1, 2, 3, 4, 5, 6]
    assert {call[1] for call in calls} == {6}


def test_a_stopped_run_leaves_its_summary(folder, tmp_path, monkeypatch):
    def stop(done, total, rows):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine_batch([folder / "p1", folder / "p2"], out=tmp_path / "out", progress=stop, **FAST)
    assert len(_rows(tmp_path / "out" / "summary.csv")) == 2
    assert examine_batch([folder / "p1"], out=tmp_path / "out", resume=True, **FAST)[0].status == "skipped"


def test_a_split_clip_gets_a_row_and_a_folder_a_part(folder, tmp_path, monkeypatch):
    from mskus.reading import read

    monkeypatch.setattr("mskus.reading.read_all", lambda path, **options: [read(path, **options)] * 2)
    outcomes = examine_batch([folder / "p1"], out=tmp_path / "out", **FAST)
    assert [o.part for o in outcomes] == [1, 2]
    assert [Path(o.folder).name for o in outcomes] == ["part-1", "part-2"]
    again = examine_batch([folder / "p1"], out=tmp_path / "out", resume=True, **FAST)
    assert [(o.status, o.part) for o in again] == [("skipped", 1), ("skipped", 2)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exam": "liver"}, "no exam 'liver'; choose one of: .*muscle"),
        ({"formats": ("pdf",)}, "no output format 'pdf'"),
        ({"jobs": 0}, "--jobs 1 or more"),
    ],
)
def test_wrong_requests_are_refused_before_work(folder, tmp_path, options, message):
    with pytest.raises(MskusError, match=message):
        examine_batch([folder], out=tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_an_unwritable_folder_stops_before_work(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="cannot be written"):
        examine_batch([folder], out=tmp_path / "file" / "out")
