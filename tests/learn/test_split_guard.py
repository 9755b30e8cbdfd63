"""The split guard finds what was made to leak, and nothing in a clean split."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mskus.errors import LeakError, LearnError
from mskus.learn.manifest import Case, read_manifest
from mskus.learn.split_guard import check_split, guard, marks_and_classes


def case(name: str, patient: str, **row: object) -> Case:
    return Case(image=Path(name), patient=patient, row=dict(row))


@pytest.fixture
def pictures(rng):
    return [rng.integers(0, 256, (96, 128)).astype(np.uint8) for _ in range(4)]


def test_a_clean_split_passes(pictures):
    cases = [case(f"{n}.png", str(n), side="train" if n < 2 else "test") for n in range(4)]
    assert check_split(cases, split_column="side", pictures=pictures) == []
    guard(cases, split_column="side", pictures=pictures)


@pytest.mark.parametrize(
    "copy",
    [
        lambda p: p,
        lambda p: p[:, ::-1],
        lambda p: p[::-1],
        lambda p: p[::-1, ::-1],
        lambda p: cv2.resize(p, None, fx=0.7, fy=0.9, interpolation=cv2.INTER_AREA),
        lambda p: (p * 0.5 + 60).astype(np.uint8),
    ],
    ids=["same", "mirrored", "upside down", "turned by 180 degrees", "rescaled", "brightness"],
)
def test_a_copy_across_the_split_is_found(pictures, copy):
    cases = [case(f"{n}.png", str(n)) for n in range(4)]
    shown = [*pictures[:3], np.ascontiguousarray(copy(pictures[0]))]
    leaks = check_split(cases, folds=[0, 0, 1, 1], pictures=shown)
    assert [(leak.kind, leak.rows) for leak in leaks] == [("near-duplicate across the split", (1, 4))]


def test_a_patient_and_a_video_across_the_split_are_named():
    cases = [
        case("a/7_frame_001.png", "A"),
        case("a/7_frame_090.png", "B"),
        case("b/1.png", "C"),
        case("b/2.png", "C"),
        case("c/1.png", "D", video="sweep 3"),
        case("c/9.png", "E", video="sweep 3"),
    ]
    leaks = check_split(cases, folds=[0, 1, 0, 1, 0, 1], look=False)
    assert [(leak.kind, leak.rows) for leak in leaks] == [
        ("patient across the split", (3, 4)),
        ("video across the split", (1, 2)),
        ("video across the split", (5, 6)),
    ]


@pytest.mark.parametrize("numbers", [(1, 2, 1, 2), (1.0, 2.0, 1.0, 2.0), ("1", "2", "1", "2")])
def test_clips_numbered_within_each_patient_are_not_one_video(numbers):
    who = ("A", "A", "B", "B")
    cases = [case(f"{n}.png", p, clip=number) for n, (p, number) in enumerate(zip(who, numbers, strict=True))]
    assert check_split(cases, folds=[0, 0, 1, 1], look=False) == []
    (leak,) = [v for v in check_split(cases, folds=[0, 0, 0, 1], look=False) if "patient" in v.kind]
    assert leak.rows == (3, 4)


def test_numbered_pictures_are_not_taken_for_frames():
    cases = [case("0001.png", "A"), case("0002.png", "B"), case("scan_3.png", "C"), case("scan_4.png", "D")]
    assert check_split(cases, folds=[0, 1, 0, 1], look=False) == []


def test_marks_that_go_with_a_class():
    labels = ["ill"] * 20 + ["well"] * 20
    (leak,) = marks_and_classes([True] * 18 + [False] * 22, labels)
    assert leak.rows == tuple(range(1, 19))
    assert "class well away: 0 of 20" in leak.text
    assert "18 of 20 others" in leak.text
    assert marks_and_classes([n % 2 == 0 for n in range(40)], labels) == []
    assert marks_and_classes([True, False], ["", ""]) == []


def test_the_guard_stops_with_the_list():
    cases = [case(f"{n}.png", "A") for n in range(2)]
    with pytest.raises(LeakError, match=r"leaks in 1 place[\s\S]*- Patient A stands on several sides"):
        guard(cases, folds=["train", "test"], look=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Say how the rows are split"),
        ({"folds": [0]}, "1 folds are given for 2 rows"),
        ({"folds": [0, 0]}, "All rows stand on one side"),
        ({"split_column": "fold"}, "Row 1 of the manifest has no entry in 'fold'"),
    ],
)
def test_sides_that_are_not_known_are_one_sentence(options, message):
    with pytest.raises(LearnError, match=message):
        check_split([case("1.png", "A"), case("2.png", "B")], look=False, **options)


def test_the_published_split_of_the_nerve_set_leaks(mskus_data):
    cases = read_manifest(mskus_data / "nerve" / "peripheral_blocks" / "manifest.csv", patient="near_duplicate_group")
    leaks = check_split(cases, split_column="authors_split", look=False)
    assert len(leaks) == 10
    assert {leak.kind for leak in leaks} == {"patient across the split"}
