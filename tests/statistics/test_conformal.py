"""Quantiles by hand, and the promise that they make, kept on simulated patients."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.conformal import conformal_quantile


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
