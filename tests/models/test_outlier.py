"""The Mahalanobis distance in numbers that can be checked by hand."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from mskus.models.cards import ModelError
from mskus.models.outlier import OutlierScore

# S = diag(2, 1, 1) diag(4, 0.25, 0.25) diag(2, 1, 1): one direction of its own, standard deviation 2 x 2
SCORE = OutlierScore(
    mean=np.array([1.0, 0.0, 0.0], np.float32),
    scale=np.array([2.0, 1.0, 1.0], np.float32),
    directions=np.array([[1.0, 0.0, 0.0]], np.float32),
    variances=np.array([4.0], np.float32),
    rest=0.25,
    limit=3.0,
    refusal=5.0,
    seen=np.array([0.5, 1.0, 2.0, 2.5], np.float32),
)


@pytest.mark.parametrize(
    ("features", "distance"),
    [
        ([1.0, 0.0, 0.0], 0.0),
        ([5.0, 0.0, 0.0], 1.0),  # (5 - 1) / 2 = 2 along a direction of variance 4
        ([1.0, 3.0, 4.0], 10.0),  # 5 / sqrt(0.25)
        ([5.0, 3.0, 4.0], np.sqrt(101.0)),
        ([np.nan, 0.0, 0.0], np.inf),
        ([np.inf, 0.0, 0.0], np.inf),
    ],
)
def test_distance_by_hand(features: list[float], distance: float) -> None:
    assert SCORE.distance([features])[0] == pytest.approx(distance, rel=1e-6)
    assert bool(SCORE.is_outlier([features])[0]) == (distance > 3.0)


def test_the_distance_is_that_of_the_whole_covariance(rng: np.random.Generator) -> None:
    full = np.diag([2.0, 1.0, 1.0]) @ np.diag([4.0, 0.25, 0.25]) @ np.diag([2.0, 1.0, 1.0])
    points = rng.normal(size=(20, 3))
    from_mean = points - SCORE.mean
    expected = np.sqrt(np.einsum("ni,ij,nj->n", from_mean, np.linalg.inv(full), from_mean))
    np.testing.assert_allclose(SCORE.distance(points), expected, rtol=1e-6)


@pytest.mark.parametrize(("distance", "share"), [(0.0, 1.0), (1.0, 0.8), (2.2, 0.4), (9.0, 0.2)])
def test_share_of_right_pictures_as_far(distance: float, share: float) -> None:
    assert SCORE.share_farther(distance) == pytest.approx(share)


def test_a_refusal_says_why() -> None:
    assert SCORE.reason(3.0) is None
    assert "somewhat unlike" in str(SCORE.reason(3.1))
    assert not SCORE.refuses(5.0)
    assert SCORE.refuses(5.1)
    assert "another body part, plane or device look" in str(SCORE.reason(5.1))


@pytest.mark.parametrize("features", [[1.0, 2.0, 3.0], [[1.0, 2.0]]])
def test_another_number_of_features_is_refused(features: list[float]) -> None:
    with pytest.raises(ModelError, match="3 features a picture"):
        SCORE.distance(features)


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    SCORE.save(tmp_path / "a.outlier.npz")
    again = OutlierScore.load(tmp_path / "a.outlier.npz")
    for f in fields(SCORE):
        np.testing.assert_array_equal(getattr(again, f.name), getattr(SCORE, f.name))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.outlier.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="release the network again"):
        OutlierScore.load(path)


def test_no_pickle_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.outlier.npz"
    np.savez(path, **{f.name: np.array([{"a": 1}], object) for f in fields(SCORE)})
    with pytest.raises(ModelError, match="release the network again"):
        OutlierScore.load(path)
