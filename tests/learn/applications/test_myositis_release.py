"""The myositis release, read from made files of the published layout."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.applications.matlab_file import open_matlab
from mskus.learn.applications.myositis_release import read_release, write_release
from mskus.learn.manifest import load, read_manifest

pytest.importorskip("h5py")

_SPEC = importlib.util.spec_from_file_location("matlab_writer", Path(__file__).with_name("matlab_writer.py"))
writer = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(writer)
Table, Categorical = writer.Table, writer.Categorical

CODES = ["N", "I", "P", "D", "N"]
GROUPS = ["normal", "IBM", "PM", "DM", "normal"]
MUSCLES = ["LD", "RB", "LFCR", "RG", "LR"]
PATIENTS = [7.0, 8.0, 9.0, 10.0, 7.0]


def pictures():
    """Five pictures of 12 x 20; fat is 1 in the rows 2-4, muscle 2 in the rows 5-9."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (12, 20), dtype=np.uint8) for _ in CODES]
    region = np.zeros((12, 20), np.uint8)
    region[2:5], region[5:10] = 1, 2
    return images, [region.copy() for _ in CODES]


def made(path, *, chart, people=None, images=None, regions=None):
    default_images, default_regions = pictures()
    out = writer.MatlabWriter(path)
    out.variable("im", images or default_images)
    out.variable("imSeg", regions or default_regions)
    out.variable("im_muscle_chart", chart)
    if people is not None:
        out.variable("patient_chart", people)
    out.close()
    return path


CHARTS = {
    "table with a categorical": Table(
        Image2D=[[str(k) for k in range(5)]],
        Muscle=[MUSCLES],
        Diagnosis=Categorical(CODES),
        PatientID=np.array(PATIENTS)[:, None],
    ),
    "table of text": Table(PatientID=[["7", "8", "9", "10", "7"]], Diagnosis=[CODES], Muscle=[MUSCLES]),
    "struct": {"muscle": [MUSCLES], "diagnosis": [CODES], "patient": np.array(PATIENTS)[:, None]},
    "struct of characters": {"muscle": [MUSCLES], "diagnosis": "NIPDN", "patient": np.array([PATIENTS])},
    "cell of three columns": [MUSCLES + ["normal", "IBM", "Polymyositis", "DM", "Normal"] + ["7", "8", "9", "10", "7"]],
}


@pytest.mark.parametrize("layout", CHARTS)
def test_every_layout_of_the_chart_gives_the_same_release(layout, tmp_path):
    people = Table(PatientID=np.array([[7.0], [8.0], [9.0], [10.0]]), Diagnosis=Categorical(["N", "I", "P", "D"]))
    read = list(read_release(made(tmp_path / "PatientData.mat", chart=CHARTS[layout], people=people)))
    images, regions = pictures()
    assert [one.group for one in read] == GROUPS
    assert [one.muscle for one in read] == MUSCLES
    assert [one.patient for one in read] == ["7", "8", "9", "10", "7"]
    for one, image, region in zip(read, images, regions, strict=True):
        assert np.array_equal(one.image, image)  # rows are rows again
        assert np.array_equal(one.mask, region == 2)


@pytest.mark.parametrize(
    ("region", "value", "expected"),
    [
        (np.repeat(np.array([[2], [2], [1], [1]]), 6, 1), None, [0, 0, 1, 1]),  # muscle is the deeper one
        (np.repeat(np.array([[2], [2], [1], [1]]), 6, 1), 2, [1, 1, 0, 0]),
        (np.repeat(np.array([[0], [1], [1], [0]]), 6, 1), None, [0, 1, 1, 0]),
    ],
)
def test_muscle_is_below_the_fat_unless_its_number_is_given(region, value, expected, tmp_path):
    path = made(
        tmp_path / "p.mat", chart=CHARTS["struct"], images=[np.full((4, 6), 9, np.uint8)] * 5,
        regions=[region.astype(float)] * 5,
    )  # fmt: skip
    one = next(read_release(path, muscle_value=value))
    assert one.mask[:, 0].tolist() == [bool(v) for v in expected]


def test_colour_and_fractions_become_grey_levels(tmp_path):
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 200
    images = [red, np.full((4, 6), 0.5), *[np.zeros((4, 6), np.uint8)] * 3]
    path = made(tmp_path / "p.mat", chart=CHARTS["struct"], images=images, regions=[np.ones((4, 6))] * 5)
    first, second, *_ = read_release(path)
    assert first.image[0, 0] == 60  # 0.299 * 200 = 59.8
    assert second.image[0, 0] == 128  # 127.5 rounds up


def test_manifest_leaves_out_pictures_without_a_region(tmp_path):
    images, regions = pictures()
    regions[1][:] = 0
    manifest = write_release(made(tmp_path / "p.mat", chart=CHARTS["struct"], regions=regions), tmp_path / "out")
    cases = read_manifest(manifest)
    assert [c.row["group"] for c in cases] == ["normal", "PM", "DM", "normal"]
    assert np.array_equal(load(cases[1]).image, images[2])
    assert np.array_equal(load(cases[1]).mask, regions[2] == 2)


BAD = {
    "missing variable": ({"chart": None}, "no variable 'im_muscle_chart'"),
    "missing column": ({"chart": {"muscle": [MUSCLES], "diagnosis": [CODES]}}, "no column 'patient'"),
    "unknown diagnosis": ({"chart": CHARTS["struct"] | {"diagnosis": "NIPXN"}}, "diagnosis 'X'"),
    "short chart": ({"chart": CHARTS["struct"] | {"diagnosis": "NIPD"}}, "5 pictures .* 4 entries in diagnosis"),
    "mask of another size": (
        {"chart": CHARTS["struct"], "regions": [np.ones((12, 19))] * 5},
        "region 1 .* 19 x 12 pixels but its picture 20 x 12",
    ),
    "fewer regions": ({"chart": CHARTS["struct"], "regions": [np.ones((12, 20))] * 4}, "5 pictures .* 4 regions"),
    "contradicting charts": (
        {"chart": CHARTS["struct"], "people": {"patient": np.array([[7.0]]), "diagnosis": ["D"]}},
        "patient 7 is DM in one place and normal in another",
    ),
    "pictures no cell": ({"chart": CHARTS["struct"], "images": np.ones((4, 4))}, "'im' is not a cell array"),
    "not a number": ({"chart": CHARTS["struct"], "images": [np.full((12, 20), np.nan)] * 5}, "picture 1 .* no grey"),
}


@pytest.mark.parametrize("fault", BAD)
def test_faults_are_named_in_one_sentence(fault, tmp_path):
    given, words = BAD[fault]
    path = tmp_path / "PatientData.mat"
    if given["chart"] is None:
        out = writer.MatlabWriter(path)
        images, regions = pictures()
        out.variable("im", images)
        out.variable("imSeg", regions)
        out.close()
    elif isinstance(given.get("images"), np.ndarray):
        out = writer.MatlabWriter(path)
        out.variable("im", given["images"])
        out.variable("imSeg", pictures()[1])
        out.close()
    else:
        made(path, **given)
    with pytest.raises(LearnError, match=words):
        list(read_release(path))


def test_an_older_file_is_refused(tmp_path):
    from scipy.io import savemat

    savemat(tmp_path / "old.mat", {"im": np.ones(3)})
    with pytest.raises(LearnError, match="not a MATLAB 7.3 file"):
        next(read_release(tmp_path / "old.mat"))
    with pytest.raises(LearnError, match="is not a file"):
        next(read_release(tmp_path / "nowhere.mat"))


def test_values_come_as_matlab_shows_them(tmp_path):
    out = writer.MatlabWriter(tmp_path / "v.mat")
    out.variable("number", np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    out.variable("text", "muscle")
    out.variable("nested", {"a": ["x", [["y", "z"]]]})
    out.close()
    with open_matlab(tmp_path / "v.mat") as file:
        assert file.names == ["nested", "number", "text"]
        assert file.value("number").tolist() == [[1, 2, 3], [4, 5, 6]]
        assert file.value("text") == "muscle"
        assert file.value("nested") == {"a": ["x", ["y", "z"]]}
