from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance.harmonise import DeviceFeatures, harmonisation_report, report_table
from mskus.errors import StatisticsError

LABELS = np.repeat([0, 1], 40)
PATIENTS = np.repeat(np.arange(40), 2)  # two pictures each


@pytest.fixture
def noise(rng):
    return rng.normal(0, 1, (2, 80))


def report(before, after, **options):
    return harmonisation_report(before, after, labels=LABELS, patients=PATIENTS, repeats=300, **options)


def test_a_gain_is_called_help(noise):
    found = report(noise[0], noise[1] + 3 * LABELS, source_device="A", reference_device="B", steps=["quantiles"])
    assert found.verdict == "helped"
    assert found.direction == "kept"
    assert found.p < 0.01
    assert found.n_patients == 40
    assert found.text().startswith("A to B, quantiles: helped. AUC 0.")


def test_a_loss_is_called_harm(noise):
    found = report(noise[0] + 3 * LABELS, noise[1])
    assert found.verdict == "did harm"
    assert found.change.high < 0
    assert found.direction == "not shown"


def test_no_change_did_not_help(noise):
    found = report(noise[0] + LABELS, noise[0] + LABELS + 0.02 * noise[1])
    assert found.verdict == "did not help"
    assert "did not help. AUC" in found.text()
    assert found.change.low <= 0 <= found.change.high


def test_a_shift_of_the_scale_is_no_change(noise):
    found = report(noise[0] + LABELS, 100 + 7 * (noise[0] + LABELS))
    assert found.change.value == 0
    assert found.p == 1.0
    assert found.verdict == "did not help"


def test_a_reversed_score_is_named(noise):
    found = report(noise[0], noise[1] - 3 * LABELS)
    assert found.direction == "reversed"
    assert "REVERSED" in found.text()


def test_values_by_hand():
    # label 0 scores 1, 2, 3, 4; label 1 before 2.5, 5, 6, 7: 14 of 16 pairs in order; after 5, 6, 7, 8: all
    labels, patients = np.repeat([0, 1], 4), np.arange(8)
    before, after = [1, 2, 3, 4, 2.5, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 8]
    found = harmonisation_report(before, after, labels=labels, patients=patients, repeats=200)
    assert (found.before.value, found.after.value, found.change.value) == (0.875, 1.0, 0.125)


def test_the_test_keeps_its_level():
    # no true change: about 5 % of repeats may be called one
    hits = 0
    for seed in range(40):
        scores = np.random.default_rng(seed).normal(0, 1, (2, 40))
        labels = np.tile([0, 1], 20)
        found = harmonisation_report(*(scores + 0.8 * labels), labels=labels, patients=np.arange(40), repeats=60)
        hits += found.verdict != "did not help"
    assert hits <= 6


def test_shift_of_features(noise):
    features = DeviceFeatures(
        {"mean": [6.0, 8], "sd": [1.0, 2]}, {"mean": [1.0, 3], "sd": [1.0, 3]}, {"mean": [1.0, 3], "sd": [1.0, 2]}
    )
    found = report(noise[0], noise[1], features=features)
    mean, sd = found.shifts
    # the reference has a standard deviation of 1; every value moves by 5, then by nothing
    assert (mean.ks_before, mean.ks_after, mean.wasserstein_before, mean.wasserstein_after) == (1.0, 0.0, 5.0, 0.0)
    # standard deviation 0.5: nothing, then one of two values by 1
    assert (sd.wasserstein_before, sd.wasserstein_after, sd.ks_after) == (0.0, 1.0, 0.5)
    assert "1 of 2 features came nearer to the reference machine, which by itself is no gain." in found.text()


def test_a_constant_feature_is_left_out(noise):
    found = report(noise[0], noise[1], features=DeviceFeatures({"a": [1.0, 2]}, {"a": [1.0, 2]}, {"a": [3.0, 3]}))
    assert found.shifts == ()


def test_a_reference_that_was_treated_too(noise):
    features = DeviceFeatures({"a": [1.0, 3]}, {"a": [1.0, 3]}, {"a": [2.0, 4]}, {"a": [11.0, 13]})
    (shift,) = report(noise[0], noise[1], features=features).shifts
    assert (shift.wasserstein_before, shift.wasserstein_after) == (1.0, 10.0)


def test_a_shift_of_the_scale_shows_in_the_decisions(noise):
    # the new machine adds 10 to every score: order unchanged, but all are called ill until it is taken away
    score = 0.2 * noise[0] + 2 * LABELS
    found = report(score + 10, score, threshold=1.0)
    assert found.verdict == "did not help"
    assert found.decisions is not None
    assert (found.decisions.before.value, found.decisions.after.value) == (0.5, 1.0)
    assert "Decisions at the learned threshold are better: balanced accuracy 0.50" in found.text()


def test_a_table_of_pairs(noise):
    table = report_table([report(noise[0], noise[1] + 3 * LABELS, source_device="A", reference_device="B")])
    assert table.loc[0, ["pair", "patients", "verdict"]].tolist() == ["A to B", 40, "helped"]


@pytest.mark.parametrize(
    ("scores", "labels", "patients", "message"),
    [
        ([1.0, 2, 3], [0, 0, 1], [1, 2, 3], r"Label 1 has 1 patient"),
        ([1.0, 2, 3], [0, 0, 0], [1, 2, 3], r"Label 1 has 0 patient"),
        ([1.0, 2, np.nan, 1], [0, 0, 1, 1], [1, 2, 3, 4], "NaN"),
        ([1.0, 2, 3], [0, 0, 1, 1], [1, 2, 3, 4], "do not pair up"),
    ],
)
def test_what_cannot_be_judged(scores, labels, patients, message):
    with pytest.raises(StatisticsError, match=message):
        harmonisation_report(scores, scores, labels=labels, patients=patients)
