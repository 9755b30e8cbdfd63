"""Paired tests, ranks of methods, and how many cases a study needs."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics import critical_difference, mcnemar, permutation_by_patient, reader_table, repeatability, wilcoxon
from mskus.statistics import sample_size as size


@pytest.mark.parametrize(
    ("only_first", "only_second", "p", "mid"),
    [(5, 2, 0.453125, 0.2890625), (9, 1, 0.021484375, 0.01171875), (4, 4, 1.0, 0.86328125), (0, 0, 1.0, 1.0)],
)
def test_mcnemar_of_the_binomial(only_first, only_second, p, mid):
    first = [1] * only_first + [0] * only_second + [1, 0]
    second = [0] * only_first + [1] * only_second + [1, 0]
    found = mcnemar(np.ones(len(first)), first, second)
    assert (found.only_first, found.only_second) == (only_first, only_second)
    assert (found.p, found.mid_p) == pytest.approx((p, mid))


def test_permutation_of_all_signs_by_hand():
    # of the eight sign changes only +++ and --- are as far from zero
    assert permutation_by_patient([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]).p == 0.25
    assert permutation_by_patient([1.0, 1.0, 2.0], [0.0, 0.0, 0.0], patients=["a", "a", "b"]).p == 0.5


def test_permutation_by_patient_is_not_fooled_by_many_pictures(rng):
    shift = np.repeat(rng.normal(0, 1, 16), 50)
    values = shift + rng.normal(0, 0.1, 800)
    by_patient = permutation_by_patient(values, np.zeros(800), patients=np.repeat(np.arange(16), 50), repeats=999)
    assert (by_patient.n_patients, by_patient.exact) == (16, False)
    assert by_patient.p > 0.05 > permutation_by_patient(values, np.zeros(800), repeats=999).p


def test_wilcoxon_of_equal_values():
    assert wilcoxon([1, 2, 3], [1, 2, 3]) == 1.0
    assert wilcoxon(np.arange(1, 11), np.zeros(10)) == pytest.approx(2 / 1024)


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)])
def test_critical_difference_has_demsars_factors(k, q):
    """Table 5a of Demsar 2006."""
    found = critical_difference(np.tile(np.arange(k), (14, 1)))
    assert found.cd / np.sqrt(k * (k + 1) / (6 * 14)) == pytest.approx(q, abs=1e-3)
    assert found.ranks.tolist() == list(range(k, 0, -1))


def test_friedman_as_scipy_and_groups(rng):
    stats = pytest.importorskip("scipy.stats")
    scores = rng.normal(size=(14, 4)) + [0, 0, 0, 5]
    found = critical_difference(scores)
    assert found.chi_squared == pytest.approx(stats.friedmanchisquare(*scores.T).statistic)
    assert found.ranks[3] == 1.0
    assert all(3 not in group for group in found.groups)
    assert critical_difference(np.ones((5, 3))).p == 1.0


def test_study_sizes_as_published():
    assert size.cases_for_icc(least=0.6, expected=0.8) == 39  # Walter et al. 1998, table II: 39.1
    assert size.cases_for_limits_of_agreement(mean=0, sd=3.3, allowed=8) == 145  # SimplyAgree's example of Lu 2016
    assert size.cases_for_sensitivity(expected=0.9, half_width=0.1, prevalence=0.2) == 173
    assert size.auc_standard_error(0.893, positive=51, negative=58) == pytest.approx(0.0325, abs=5e-5)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: size.cases_for_icc(least=0.8, expected=0.6),
        lambda: size.cases_for_limits_of_agreement(mean=0, sd=5, allowed=8),
        lambda: size.cases_for_sensitivity(expected=1.0, half_width=0.1),
        lambda: size.cases_for_mcnemar(only_first_right=0.1, only_second_right=0.1),
        lambda: critical_difference([[1, 2]]),
        lambda: permutation_by_patient([np.nan], [1]),
        lambda: repeatability(["a", "b"], [1, 2]),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(ask):
    with pytest.raises(StatisticsError):
        ask()


def test_repeatability_and_readers_by_hand():
    case, reader = list("aabbaabb"), list("RRRRSSSS")
    value = [1.0, 3.0, 5.0, 7.0, 2.0, 2.0, 8.0, 8.0]
    rows = {(row.kind, row.reader): row for row in reader_table(case, reader, value)}
    # R: within variance 2 in both cases
    assert rows["intra", "R"].repeatability.sem.value == pytest.approx(np.sqrt(2))
    assert rows["intra", "R"].repeatability.mdc.value == pytest.approx(1.96 * 2, abs=1e-3)
    assert rows["intra", "S"].repeatability.sem.value == 0.0
    # means 2, 2 and 6, 8: within variances 0 and 2
    assert rows["inter", "all"].repeatability.sem.value == pytest.approx(1.0)
