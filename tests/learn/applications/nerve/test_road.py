"""The roads on drawn frames that they have not learned from, and on pictures that teach nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.applications.nerve.context import context_features
from mskus.learn.applications.nerve.learner import LearnerSettings, folds_of
from mskus.learn.applications.nerve.localise import fit_cluster_road
from mskus.learn.applications.nerve.regions import RegionRule, tune_contour, tune_rule, votes
from mskus.learn.applications.nerve.road import fit_nerve_road
from mskus.learn.applications.nerve.windows import WindowSettings, label_windows
from mskus.statistics import dice

FEW = LearnerSettings(classifier="decision_tree", selection="anova", n_features=20, folds=2)


@pytest.mark.parametrize(("second_pass", "passes"), [(False, 1), (True, 2)])
def test_both_structures_are_found_where_they_were_drawn(phantoms, examples, second_pass, passes):
    road = fit_nerve_road(examples[:12], classes=(1, 2), learner=FEW, second_pass=second_pass, contour=False)
    assert len(road.passes) == passes
    found = [road.segment(frame) for frame, _ in phantoms[12:]]
    for value in (1, 2):
        scores = [dice(mask == value, one == value) for (_, mask), one in zip(phantoms[12:], found, strict=True)]
        assert np.mean(scores) > 0.75
    # most columns are of no use, and no more than asked for are used
    assert 0 < (road.passes[0].times_selected > 0).sum() <= 2 * 20


def test_the_same_seed_gives_the_same_masks(phantoms, examples):
    roads = [
        fit_nerve_road(examples[:6], classes=(2,), learner=FEW, second_pass=False, contour=False) for _ in range(2)
    ]
    first, second = (road.segment(phantoms[14][0]) for road in roads)
    assert (first == second).all()


def test_clusters_find_the_dark_vessel(phantoms, examples):
    road = fit_cluster_road(examples[:12], classes=(2,), k=3)
    assert road.clusters == (0,)
    for frame, mask in phantoms[12:]:
        assert dice(mask == 2, road.segment(frame) == 2) > 0.8


def test_no_picture_is_judged_by_what_learned_it():
    groups = ["a", "a", "b", "c", "c", "d"]
    fold = folds_of(groups, n=3)
    assert fold[0] == fold[1]
    assert fold[3] == fold[4]
    assert set(fold) == {0, 1, 2}


def test_too_few_people_are_named(examples):
    same = [replace(one, group="one") for one in examples[:4]]
    with pytest.raises(LearnError, match="1 groups cannot be cut into 2"):
        fit_nerve_road(same, classes=(1, 2), learner=FEW)


def test_a_class_of_one_person_is_named(phantoms, examples, small_windows):
    frame, mask = phantoms[0]
    only = label_windows(frame, mask, group="only", classes=(1, 2), settings=small_windows)
    others = [replace(one, truth=np.where(one.truth == 2, 0, one.truth)) for one in examples[1:6]]
    with pytest.raises(LearnError, match="Class 2 is drawn in pictures of one fold only"):
        fit_nerve_road([only, *others], classes=(1, 2), learner=FEW)


def test_pictures_described_differently_are_refused(phantoms, examples):
    frame, mask = phantoms[0]
    other = label_windows(frame, mask, group="x", classes=(1, 2), settings=WindowSettings(families=("grey",)))
    with pytest.raises(LearnError, match="different window settings"):
        fit_nerve_road([examples[0], other], classes=(1, 2), learner=FEW)


@pytest.mark.parametrize("fit", [fit_nerve_road, fit_cluster_road])
def test_no_pictures_are_named(fit):
    with pytest.raises(LearnError, match="no pictures"):
        fit([], classes=(1, 2))


def test_a_class_drawn_nowhere_is_named(examples):
    with pytest.raises(LearnError, match="Class 3 is drawn in no picture"):
        fit_nerve_road(examples[:6], classes=(1, 2, 3), learner=FEW, second_pass=False)
    with pytest.raises(LearnError, match="Class 3"):
        fit_cluster_road(examples[:6], classes=(3,))


@pytest.mark.parametrize("choice", [{"folds": 1}, {"n_features": 0}, {"windows_per_class": (0, 5)}])
def test_impossible_settings_are_refused(choice):
    with pytest.raises(LearnError):
        LearnerSettings(**choice)


def test_a_lone_window_is_outvoted():
    opinion = np.zeros((7, 7, 1), np.float32)
    opinion[3, 3] = 1.0
    cast = votes(opinion, window_nodes=3)[..., 0]
    assert cast[3, 3] == pytest.approx(1 / 9)
    assert cast[2, 2] == pytest.approx(1 / 9)
    assert cast[0, 0] == 0


def test_the_rule_is_the_one_that_fits():
    truth = np.zeros((40, 40), bool)
    truth[5:15, 5:15] = True
    sure = np.where(truth, 0.62, 0.0).astype(np.float32)
    sure[15:18, 5:15] = 0.41  # a fringe that must not count
    sure[30:33, 30:33] = 0.9  # a speck, surer than the truth
    rule = tune_rule([sure], [truth])
    assert 0.41 < rule.threshold <= 0.62
    assert dice(rule(sure), truth) == 1.0


def test_a_part_that_is_nowhere_sure_does_not_count():
    confidence = np.zeros((20, 40), np.float32)
    confidence[5:10, 5:10], confidence[5:10, 25:30] = 0.6, 0.6
    confidence[7, 27] = 0.9
    found = RegionRule(threshold=0.5, peak=0.8, least_share=0.0)(confidence)
    assert found.sum() == 25
    assert found[7, 27]


def test_a_structure_that_is_nowhere_has_no_rule():
    with pytest.raises(LearnError, match="none of the pictures"):
        tune_rule([np.zeros((9, 9), np.float32)], [np.zeros((9, 9), bool)])


def test_a_contour_is_taken_only_where_it_helps():
    y, x = np.mgrid[:80, :80]
    truth, blurred = np.hypot(y - 40, x - 40) < 18, np.hypot(y - 40, x - 38) < 14
    rule = RegionRule(threshold=0.5)
    picture = np.where(truth, 20.0, 140.0).astype(np.float32)
    helped = tune_contour(rule, [picture], [blurred.astype(np.float32)], [truth])
    assert helped.contour is not None
    assert tune_contour(rule, [picture], [truth.astype(np.float32)], [truth]).contour is None


def test_context_sees_the_neighbourhood():
    opinion = np.zeros((24, 24, 2), np.float32)
    opinion[10:14, 12:16, 1] = 0.9
    found = context_features(opinion)
    assert found.shape == (24, 24, 2 * 49)
    first, second = found[..., :49], found[..., 49:]
    assert not first.any()
    assert second[12, 14, -2] == 16
    assert second[0, 0, -2] == 0
    assert second[12, 14, -1] == pytest.approx(16 * 0.9, rel=1e-5)
    looks = second[12, 6, 4 + 3 * 8 : 4 + 4 * 8]  # eight nodes away: to the right first
    assert looks.argmax() == 0
    assert looks[4] == 0
