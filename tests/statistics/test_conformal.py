"""Quantiles by hand, and the promise that they make, kept on simulated patients."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.conformal import calibrate_ratio, conformal_quantile


@pytest.mark.parametrize(
    ("scores", "groups", "share", "quantile"),
    [
        ([3, 1, 2], None, 0.5, 2.0),  # ceil(0.5 x 4) = 2nd of 3
        ([3, 1, 2], None, 0.75, 3.0),
        ([3, 1, 2], None, 0.8, np.inf),
        # patient a weighs 1/3 on 1 and 2 together, b 1/3 on 9: masses 1/6, 1/6, 1/3, and 1/3 at infinity
        ([1, 2, 9], ["a", "a", "b"], 0.3, 2.0),
        ([1, 2, 9], ["a", "a", "b"], 0.5, 9.0),
        ([1, 2, 9], ["a", "a", "b"], 0.7, np.inf),
        ([1, 2, np.nan], None, 0.75, np.inf),
    ],
)
def test_quantile_by_hand(scores: list[float], groups: list[str] | None, share: float, quantile: float) -> None:
    assert conformal_quantile(scores, groups=groups, share=share) == quantile


def test_a_new_patient_is_covered_as_promised() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(2000):
        sizes = rng.integers(1, 8, 40)
        level = rng.exponential(1.0, 41)  # patients differ in how hard they are
        scores = np.abs(rng.normal(0, np.repeat(level[:40], sizes)))
        limit = conformal_quantile(scores, groups=np.repeat(np.arange(40), sizes), share=0.9)
        held.append(abs(rng.normal(0, level[40])) <= limit)
    # at least 0.90, at most 1/(G+1) more; 2000 trials have a standard error of 0.007
    assert 0.88 < np.mean(held) < 0.945


@pytest.mark.parametrize(
    ("scores", "groups", "share", "says"),
    [
        ([], None, 0.9, "got 0 and 0"),
        ([1.0], ["a", "b"], 0.9, "got 1 and 2"),
        ([1.0], None, 1.0, "between 0 and 1"),
    ],
)
def test_impossible_questions_are_refused(
    scores: list[float], groups: list[str] | None, share: float, says: str
) -> None:
    with pytest.raises(StatisticsError, match=says):
        conformal_quantile(scores, groups=groups, share=share)


def test_a_ratio_interval_by_hand() -> None:
    # spreads 0.1, so the floor is 0.1; scores |log ratio| / 0.2: 0 for 18 cases, log 2 / 0.2 for the 19th
    predicted, truth = np.full(19, 10.0), np.array([10.0] * 18 + [20.0])
    rule = calibrate_ratio(predicted, np.full(19, 0.1), truth, groups=np.arange(19))
    assert rule.quantile == pytest.approx(np.log(2) / 0.2)
    assert rule.interval(50.0, 0.1) == pytest.approx((25.0, 100.0))
    assert rule.interval(50.0, 0.0) == pytest.approx((50 / np.sqrt(2), 50 * np.sqrt(2)))


def test_areas_of_nothing_make_the_promise_impossible() -> None:
    rule = calibrate_ratio([1.0] * 20, [0.1] * 20, [1.0] * 17 + [0.0] * 3, groups=np.arange(20))
    assert rule.interval(1.0, 0.1) == (0.0, np.inf)


def test_ratio_intervals_hold_as_promised_and_widen_with_the_spread() -> None:
    rng = np.random.default_rng(1)

    def drawn(count: int) -> tuple[np.ndarray, ...]:
        spread = rng.uniform(0.05, 0.5, count)
        truth = np.exp(rng.normal(3, 1, count))
        return truth * np.exp(rng.normal(0, spread)), spread, truth

    rule = calibrate_ratio(*drawn(400), groups=np.arange(400), share=0.9)
    v, s, t = drawn(4000)
    ends = np.array([rule.interval(a, b) for a, b in zip(v, s, strict=True)])
    assert 0.87 < ((ends[:, 0] <= t) & (t <= ends[:, 1])).mean() < 0.93
    assert rule.interval(1.0, 0.5)[1] > rule.interval(1.0, 0.05)[1]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (([], [], []), "got 0, 0, 0, 0"),
        (([1.0], [0.1], [1.0, 2.0]), "got 1, 1, 2, 1"),
        (([0.0], [0.1], [1.0]), "must be positive"),
        (([1.0], [-0.1], [1.0]), "must be positive"),
        (([1.0], [0.1], [np.nan]), "must be positive"),
    ],
)
def test_columns_that_calibrate_nothing_are_refused(columns: tuple[list[float], ...], says: str) -> None:
    with pytest.raises(StatisticsError, match=says):
        calibrate_ratio(*columns, groups=["a"] * len(columns[0]))
