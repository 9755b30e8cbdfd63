from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mskus.errors import EnhanceError, FeatureError, LeakError, LearnError, MskusError
from mskus.learn.classical import comparison
from mskus.learn.classical.cell_result import CellResult
from mskus.learn.classical.comparison import compare, family_tags
from mskus.learn.classical.grid import Grid, read_grid
from mskus.learn.classical.ranking import auc_difference, ranking, winner_without_optimism


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen patients with two pictures each: the ill have coarser speckle of the same brightness."""
    folder, rng = tmp_path_factory.mktemp("cohort"), np.random.default_rng(4)
    lines = ["image,patient,diagnosis"]
    for patient in range(16):
        ill = patient % 2 == 1
        for k in range(2):
            grain = cv2.GaussianBlur(rng.standard_normal((40, 40)), (0, 0), 2.0 if ill else 1.0)
            picture = 110 + 30 * grain / grain.std()
            cv2.imwrite(str(folder / f"{patient}_{k}.png"), np.clip(picture, 0, 255).astype(np.uint8))
            lines.append(f"{patient}_{k}.png,P{patient},{'ill' if ill else 'well'}")
    (folder / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def grid_of(folder: Path, **changes: object) -> Grid:
    given: dict[str, object] = {
        "manifest": folder / "manifest.csv",
        "label": "diagnosis",
        "positive": "ill",
        "preprocess": ["none", {"median": {"size_px": 3}}],
        "features": ["glcm", "first_order"],
        "classifier": ["logistic_regression"],
        "trials": 0,
        "outer_folds": 4,
    }
    return Grid.model_validate(given | changes)


def test_texture_beats_brightness_and_the_run_resumes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    results = compare(grid_of(folder), out=tmp_path, progress=lambda *counts: seen.append(counts))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert results[0].features == "glcm"
    assert results[0].auc.value > 0.95
    assert results[0].n_columns == 25
    assert {r.preprocess for r in results} == {"none", "median(size_px=3)"}
    assert len(results[0].fold_auc) == 4
    assert len(list((tmp_path / "features").glob("*.csv"))) == 2

    table = ranking(results)
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["AUC"].is_monotonic_decreasing
    assert table.loc[0, "AUC behind best"] == 0.0
    honest = winner_without_optimism(results, repeats=50)
    assert honest.low <= honest.value <= results[0].auc.value + 0.02

    def again(*_: object, **__: object) -> None:
        raise AssertionError("a cell that is done is not run again")

    monkeypatch.setattr(comparison, "nested_cross_validation", again)
    assert compare(grid_of(folder), out=tmp_path) == results
    with pytest.raises(AssertionError, match="not run again"):
        compare(grid_of(folder, seed=1), out=tmp_path)  # judged in another way: another result


def test_a_half_written_result_is_made_again(folder: Path, tmp_path: Path) -> None:
    grid = grid_of(folder, preprocess=["none"], features=["first_order"])
    (first,) = compare(grid, out=tmp_path)
    (path,) = (tmp_path / "cells").glob("*.json")
    path.write_text(path.read_text(encoding="utf-8")[:50], encoding="utf-8")
    (second,) = compare(grid, out=tmp_path)
    assert second.probabilities == first.probabilities


def test_a_cell_that_fails_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    few = grid_of(
        folder,
        preprocess=["none"],
        features=["all"],
        classifier=["k_nearest_neighbours", "logistic_regression"],
    )
    good, bad = compare(few, out=tmp_path)
    assert good.classifier == "logistic_regression"
    assert good.auc.value > 0.8
    assert "too many for k_nearest_neighbours without a selection" in bad.failure
    assert ranking([good, bad]).loc[1, "failure"] == bad.failure


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"classifier": ["no_such"]}, "no classifier named 'no_such'"),
        ({"selection": ["no_such"]}, "no selection named 'no_such'"),
        ({"preprocess": ["no_such"]}, "no enhancement named 'no_such'"),
        ({"label": "no_such"}, "no column 'no_such' for the label"),
        ({"positive": "no_such"}, "No row is of the positive class 'no_such'"),
    ],
)
def test_a_wrong_name_stops_before_features_are_made(
    folder: Path, tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(MskusError, match=sentence):
        compare(grid_of(folder, **change), out=tmp_path)
    assert not (tmp_path / "features").exists()


def result(name: str, chances: list[float]) -> CellResult:
    return CellResult(
        name=name,
        preprocess="none",
        features="all",
        selection="none",
        classifier=name,
        n_columns=1,
        truth=(0, 1) * 10,
        probabilities=tuple((1 - c, c) for c in chances),
        patients=tuple(f"P{i}" for i in range(20)),
    )


def test_difference_and_winner_by_hand() -> None:
    perfect, inverted = result("right", [0.1, 0.9] * 10), result("wrong", [0.9, 0.1] * 10)
    assert auc_difference(perfect, inverted) == (1.0, 1.0, 1.0, 0.0)
    assert winner_without_optimism([perfect, inverted]).value == 1.0


def test_the_best_of_many_useless_cells_is_no_better_than_chance(rng: np.random.Generator) -> None:
    many = [result(str(k), rng.uniform(size=20).tolist()) for k in range(40)]
    naive = max(
        np.mean([p > q for p in np.array(r.probabilities)[1::2, 1] for q in np.array(r.probabilities)[::2, 1]])
        for r in many
    )
    assert naive > 0.7
    assert winner_without_optimism(many, repeats=200).value == pytest.approx(0.5, abs=0.12)


def test_family_tags() -> None:
    assert family_tags(["glcm", "first_order"]) == {"cm", "stat"}


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"features": ["glmc"]}, FeatureError, "no family of features named 'glmc'"),
        ({"preprocess": ["sradd"]}, EnhanceError, "no enhancement named 'sradd'"),
        ({"label": "grade"}, LearnError, "no column 'grade'"),
    ],
)
def test_bad_grids(
    folder: Path, tmp_path: Path, changes: dict[str, object], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        compare(grid_of(folder, **changes), out=tmp_path)


def test_a_copy_under_another_patient_stops_the_run(folder: Path, tmp_path: Path) -> None:
    picture = cv2.imread(str(folder / "0_0.png"), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(folder / "copy.png"), cv2.resize(picture[:, ::-1], None, fx=1.5, fy=1.5))
    text = (folder / "manifest.csv").read_text(encoding="utf-8")
    (folder / "leaky.csv").write_text(text + "\ncopy.png,P99,well", encoding="utf-8")
    grid = grid_of(folder, manifest=folder / "leaky.csv", preprocess=["none"], features=["first_order"])
    with pytest.raises(LeakError, match=r"0_0.png .* and .*copy.png .* show the same \(mirrored"):
        compare(grid, out=tmp_path)
    assert len(compare(grid, out=tmp_path, guarded=False)) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("manifest: [", "cannot be read as YAML"),
        ("- a", "does not hold entries"),
        ("label: y", "entry 'manifest': field required"),
        ("manifest: m.csv\nlabel: y\nclassifer: svm", "entry 'classifer': extra inputs"),
        ("manifest: m.csv\nlabel: y\nouter_folds: 1", "entry 'outer_folds'"),
    ],
)
def test_bad_grid_files(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LearnError, match=sentence):
        read_grid(path)


def test_a_grid_file(tmp_path: Path) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(
        "manifest: m.csv\nlabel: y\nfeatures: [all, [lbp, mbp]]\nclassifier: random_forest\n", encoding="utf-8"
    )
    grid = read_grid(path)
    assert grid.manifest == tmp_path / "m.csv"
    assert [cell.name for cell in grid.cells()] == [
        "none | all | none | random_forest",
        "none | lbp+mbp | none | random_forest",
    ]


def test_a_mistyped_patient_column_is_refused_before_folds_leak(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="has no column 'pateint' that says who"):
        compare(grid_of(folder, patient="pateint"), out=tmp_path)
