from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.enhance import enhance, methods
from mskus.reading import read


@pytest.fixture
def still(tmp_path, rng):
    path = tmp_path / "in" / "scan.png"
    path.parent.mkdir()
    cv2.imwrite(str(path), rng.integers(40, 120, (96, 128)).astype(np.uint8))
    return path


@pytest.fixture
def film(tmp_path, rng):
    folder = tmp_path / "film"
    folder.mkdir()
    for k in range(6):
        cv2.imwrite(str(folder / f"{k:02d}.png"), rng.integers(40, 120, (96, 128)).astype(np.uint8))
    return folder


def test_a_still_becomes_a_grey_png(mskus, still, tmp_path):
    out = tmp_path / "out"
    answer = mskus("enhance", "gamma", still, "-o", out, "--set", "exponent=2", "--region", "10,10,64,64")
    assert answer.code == 0
    (written,) = out.iterdir()
    assert answer.out.strip() == str(written)
    assert written.name.startswith("scan-")
    assert written.name.endswith("-gamma.png")
    before, after = cv2.imread(str(still), 0).astype(float), cv2.imread(str(written), cv2.IMREAD_UNCHANGED)
    assert after.ndim == 2
    assert np.abs(after[10:74, 10:74] - before[10:74, 10:74] ** 2 / 255).max() <= 0.5 + 1e-3
    assert np.array_equal(after[:10], before[:10])


def test_a_linear_picture_is_asked_for_by_null(mskus, still, tmp_path):
    linear = ("--set", "compression_db=null", "--set", "size_px=5.0")
    assert mskus("enhance", "lee", still, "-o", tmp_path / "out", *linear).code == 0
    (written,) = (tmp_path / "out").iterdir()
    expected = enhance(cv2.imread(str(still), 0), method="lee", compression_db=None, size_px=5)
    assert np.abs(cv2.imread(str(written), 0) - expected).max() <= 0.5 + 1e-3


def test_a_clip_becomes_a_video_or_numbered_pictures(mskus, film, tmp_path):
    assert mskus("enhance", "he", film, "-o", tmp_path / "video").code == 0
    (video,) = (tmp_path / "video").iterdir()
    assert read(video).shape == (6, 96, 128)
    assert mskus("enhance", "he", film, "-o", tmp_path / "lossless", "--numbered").code == 0
    (folder,) = (tmp_path / "lossless").iterdir()
    assert sorted(p.name for p in folder.iterdir()) == [f"{k}.png" for k in range(6)]


def test_a_broken_file_does_not_stop_the_others(mskus, still, tmp_path):
    (still.parent / "a_text.png").write_text("hello")
    answer = mskus("enhance", "clahe", tmp_path / "gone.png", still.parent, "-o", tmp_path / "out")
    assert answer.code == 1
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert "gone.png" in answer.err
    assert "a_text.png" in answer.err
    assert answer.err.count("mskus: ") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["clearer"], "There is no enhancement named 'clearer'; choose one of "),
        (["he", "--set", "levels=2"], "he has no parameter 'levels'; it takes no parameters."),
        (["rmshe", "--set", "levels=two"], "rmshe cannot take levels = 'two'; give a value like 2."),
        (["mborbhe", "--set", "weights=1"], "mborbhe cannot take weights = 1; give a value like (1.0, 1.0, 1.0)."),
        (["mborbhe", "--set", "weights=[1, 2]"], "give three, none negative"),
        (["clahe", "--set", "tile_mm=[5]"], "clahe cannot take tile_mm = [5]; give a value like 1."),
        (
            ["lee", "--set", "compression_db=none"],
            "lee cannot take compression_db = 'none'; give a value like 60.0 (or null).",
        ),
        (["srad", "--set", "iterations=2.5"], "srad needs a whole number for iterations, not 2.5."),
        (["srad", "--set", "decay=NaN"], "srad needs a finite number for decay, not nan."),
        (["gamma", "--set", "exponent=null"], "gamma cannot take exponent = None; give a value like 0.7."),
        (["gamma", "--set", "exponent=-1"], "exponent = -1 is not possible"),
    ],
)
def test_what_cannot_be_asked_for(mskus, still, tmp_path, arguments, message):
    answer = mskus("enhance", *arguments, still, "-o", tmp_path / "out")
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_the_list_names_every_method_with_its_source(mskus):
    answer = mskus("enhance", "--list")
    assert answer.code == 0
    for name, one in methods().items():
        assert f"\n  {name:<16} " in answer.out
        assert one.source in answer.out
    assert f"  {'gamma':<16} exponent=0.7\n" in answer.out
