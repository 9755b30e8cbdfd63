"""The fitted Gaussian keeps 95 % of its own kind and refuses others."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn")

from mskus.errors import LearnError
from mskus.learn.outlier_fit import fit_outlier

MIX = np.random.default_rng(7).normal(size=(12, 12))


def drawn(count: int, *, seed: int, shift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return ((rng.normal(size=(count, 12)) + shift) @ MIX).astype(np.float32)


def names(count: int) -> list[str]:
    return [str(n) for n in range(count)]


@pytest.mark.parametrize("with_held_out", [True, False])
def test_new_pictures_of_the_kind_are_kept_and_others_refused(with_held_out: bool) -> None:
    held_out = drawn(300, seed=2) if with_held_out else None
    score = fit_outlier(
        drawn(300, seed=1),
        groups=names(300),
        held_out=held_out,
        held_out_groups=names(300) if with_held_out else [],
    )
    assert 0.91 < 1 - score.is_outlier(drawn(2000, seed=3)).mean() < 0.98
    assert score.is_outlier(drawn(200, seed=4, shift=2.0)).mean() > 0.95
    # a chi distribution of 12 degrees of freedom has its median at 3.37
    assert np.median(score.distance(drawn(2000, seed=3))) == pytest.approx(3.37, abs=0.25)


def test_changed_pictures_of_the_kind_widen_the_refusal_but_not_the_warning() -> None:
    features = drawn(300, seed=1)
    plain = fit_outlier(features, groups=names(300))
    wide = fit_outlier(features, groups=names(300), looks=drawn(300, seed=5, shift=0.7))
    assert wide.limit == plain.limit
    new = wide.distance(drawn(2000, seed=6, shift=0.7))
    assert np.mean(new <= wide.refusal) == pytest.approx(0.95, abs=0.03)
    assert np.mean(new <= plain.refusal) < 0.85
    assert np.mean(wide.distance(drawn(200, seed=4, shift=4.0)) > wide.refusal) == 1.0


def test_fewer_pictures_than_features_still_make_a_score() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(40, 200)).astype(np.float32)
    score = fit_outlier(features, groups=names(40))
    assert score.directions.shape[0] <= 40
    assert score.is_outlier(rng.normal(size=(100, 200)).astype(np.float32)).mean() < 0.25
    assert score.is_outlier(features + 3.0).all()


def test_a_channel_that_never_answered_does_not_decide_alone() -> None:
    features = drawn(100, seed=1)
    features[:, 0] = 0.0
    new = drawn(100, seed=2)
    new[:, 0] = 1e-4
    assert fit_outlier(features, groups=names(100)).is_outlier(new).mean() < 0.2


@pytest.mark.parametrize(
    ("features", "groups", "says"),
    [
        (drawn(30, seed=0), ["one"] * 30, "1 patients or groups are too few"),
        (drawn(30, seed=0), names(29), "needs its patient or group"),
        (np.full((30, 4), np.nan, np.float32), names(30), "NaN or infinity"),
        (np.ones((30, 4), np.float32), names(30), "all training pictures alike"),
    ],
)
def test_what_makes_no_score_is_refused(features: np.ndarray, groups: list[str], says: str) -> None:
    with pytest.raises(LearnError, match=says):
        fit_outlier(features, groups=groups)
