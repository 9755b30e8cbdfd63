"""Splits keep patients whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from mskus.errors import LeakError, LearnError
from mskus.learn.manifest import Case
from mskus.learn.train.config import SplitConfig
from mskus.learn.train.split import Split, split_cases, stop_at_leaks


def rows(*who: str, device: str = "") -> list[Case]:
    return [
        Case(image=Path(f"{n}{device}.png"), patient=w, device=device, row={"device": device})
        for n, w in enumerate(who)
    ]


def test_every_patient_is_held_out_once_and_never_trained_on_then() -> None:
    cases = rows("a", "a", "b", "c", "c", "d")
    held = []
    for fold in range(2):
        split = split_cases(cases, SplitConfig(folds=2, fold=fold), labelled=[True] * 6)
        assert not {c.patient for c in split.training} & {c.patient for c in split.held_out}
        held += [c.image.name for c in split.held_out]
    assert sorted(held) == [f"{n}.png" for n in range(6)]


def test_an_unlabelled_row_of_a_held_out_patient_is_not_trained_on() -> None:
    cases = rows("a", "a", "b", "b")
    split = split_cases(cases, SplitConfig(folds=2, fold=0), labelled=[True, False, True, False])
    held = split.held_out[0].patient
    assert len(split.held_out) == 1
    assert {c.patient for c in split.training} == {"a", "b"} - {held}


def test_no_folds_trains_on_all() -> None:
    split = split_cases(rows("a", "b"), SplitConfig(folds=0), labelled=[True, True])
    assert (len(split.training), split.held_out) == (2, [])


def test_too_few_patients() -> None:
    with pytest.raises(LearnError, match=r"1 labelled patient\(s\) cannot be split into 5 folds"):
        split_cases(rows("a", "a"), SplitConfig(folds=5), labelled=[True, True])


def test_a_patient_seen_by_two_devices_leaks_when_a_device_is_held_out() -> None:
    cases = rows("a", "b", device="X") + rows("a", "c", device="Y")
    with pytest.raises(LeakError, match="Patient a stands on several sides"):
        split_cases(cases, SplitConfig(column="device", held_out=("Y",)), labelled=[True] * 4)


def test_a_value_that_no_row_has() -> None:
    with pytest.raises(LearnError, match="No labelled row has device = Z; there are X"):
        split_cases(rows("a", device="X"), SplitConfig(column="device", held_out=("Z",)), labelled=[True])


def test_a_darker_copy_under_another_patient_leaks() -> None:
    first, second = np.random.default_rng(0).integers(0, 255, (2, 80, 80)).astype(np.uint8)
    training, held_out = rows("a", "b"), rows("c", device="X")
    split, pictures = Split(training, held_out), [first, second, second // 2]
    with pytest.raises(LeakError, match=r"1 place\(s\): 1\.png \(training\) and 0X\.png \(held out\) show the same"):
        stop_at_leaks(split, pictures=pictures, copies_at=0.9)
    stop_at_leaks(split, pictures=pictures, copies_at=1.0)
    stop_at_leaks(Split(training[:1], held_out), pictures=[first, second], copies_at=0.9)


def test_frames_of_one_video_under_two_patients_leak() -> None:
    cases = [Case(image=Path(f"walk_frame_{n}.png"), patient=f"p{n}") for n in range(4)]
    with pytest.raises(LeakError, match=r"Frames of one video \(walk\)"):
        split_cases(cases, SplitConfig(folds=2), labelled=[True] * 4)


def test_a_column_of_numbers_with_gaps_holds_out_by_the_number() -> None:
    cases = [
        Case(image=Path(f"{n}.png"), patient=str(n), row={"site": v} if v else {})
        for n, v in enumerate([2.0, 3.0, None])
    ]
    split = split_cases(cases, SplitConfig(column="site", held_out=(3,)), labelled=[True] * 3)
    assert [c.patient for c in split.held_out] == ["1"]
    assert [c.patient for c in split.training] == ["0", "2"]


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(LearnError, match="in the column 'sight'"):
        split_cases(rows("a", "b"), SplitConfig(column="sight", held_out=("Y",)), labelled=[True] * 2)
