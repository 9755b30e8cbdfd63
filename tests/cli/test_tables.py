from __future__ import annotations

from pathlib import Path

import pytest

from mskus.batch.outcome import HeadlineValue, Outcome
from mskus.cli.tables import print_outcomes

THICKNESS = HeadlineValue(
    name="muscle_thickness_mean_mm", unit="mm", value=17.26, low=16.8, high=17.7, n_measured=3, n_frames=4
)
NO_ANGLE = HeadlineValue(
    name="pennation_angle_deg", unit="deg", value=None, n_frames=4, withheld="fascicles not visible"
)


def _outcome(name, *, values=(THICKNESS, NO_ANGLE), **changes):
    return Outcome(file=f"in/{name}", status="ok", folder="out/x", quality="pass", n_frames=4, values=values, **changes)


def _words(text):
    return [line.split() for line in text.splitlines()]


def test_one_clip_gets_a_row_a_value(capsys):
    print_outcomes([_outcome("a.dcm")], out=Path("out"))
    words = _words(capsys.readouterr().out)
    assert ["Muscle", "thickness", "17.3", "mm", "16.8", "to", "17.7", "3", "of", "4"] in words
    assert ["Pennation", "angle", "withheld", "fascicles", "not", "visible", "0", "of", "4"] in words
    assert words[-1][:2] == ["1", "examined."]


def test_many_clips_get_a_row_each_and_the_reasons_below(capsys):
    print_outcomes(
        [_outcome("a.dcm"), _outcome("b.dcm", part=2), _outcome("c.dcm", values=(THICKNESS,))], out=Path("o")
    )
    words = _words(capsys.readouterr().out)
    assert ["a.dcm", "pass", "17.3", "-"] in words
    assert ["b.dcm", "part", "2", "pass", "17.3", "-"] in words
    assert ["c.dcm", "pass", "17.3"] in words
    assert ["withheld", "(-)", "in", "2", "clips:", "fascicles", "not", "visible"] in words


@pytest.mark.parametrize("quiet", [False, True])
def test_failures_go_to_the_error_stream(capsys, quiet):
    failed = Outcome(file="bad.dcm", status="failed", reason="bad.dcm is damaged; copy it again.")
    print_outcomes([failed, _outcome("a.dcm")], out=Path("o"), quiet=quiet)
    captured = capsys.readouterr()
    assert captured.err == "mskus: bad.dcm is damaged; copy it again.\n"
    assert (captured.out == "") == quiet
    if not quiet:
        assert "1 examined, 1 failed." in captured.out


def test_a_long_list_is_cut(capsys):
    print_outcomes([_outcome(f"{i:03d}.dcm") for i in range(40)], out=Path("o"))
    out = capsys.readouterr().out
    assert "029.dcm" in out
    assert "030.dcm" not in out
    assert "... and 10 more in summary.csv" in out


def test_many_values_are_cut_to_the_commonest(capsys):
    areas = tuple(
        HeadlineValue(name=f"nerve_{n}_area_mm2", unit="mm2", value=10.0 + n, n_measured=1, n_frames=1)
        for n in range(1, 12)
    )
    print_outcomes([_outcome("a.dcm", values=areas), _outcome("b.dcm", values=areas[:7])], out=Path("o"))
    out = capsys.readouterr().out
    assert ["b.dcm", "pass", "11", "12", "13", "14", "15", "16", "17"] in [
        [w.removesuffix(".0") for w in words] for words in _words(out)
    ]
    assert "3 more values in summary.csv" in out
