"""A road that is kept finds the same again; one that was changed is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("skops")

from mskus.errors import LearnError, SaveError
from mskus.learn.applications.nerve.keep import HASH_FILE, ROAD_FILE, load_road, save_road
from mskus.learn.applications.nerve.learner import LearnerSettings
from mskus.learn.applications.nerve.road import fit_nerve_road


@pytest.mark.parametrize(
    ("classifier", "contour"),
    [
        ("decision_tree", True),
        ("naive_bayes", False),
        ("gradient_boosting", False),
        ("support_vector_machine", False),
        ("neural_network", False),
        ("k_nearest_neighbours", False),
    ],
)
def test_a_kept_road_finds_the_same(phantoms, examples, tmp_path, classifier, contour):
    learner = LearnerSettings(classifier=classifier, selection="anova", n_features=12, folds=2)
    road = fit_nerve_road(examples[:8], classes=(1, 2), learner=learner, contour=contour)
    save_road(road, tmp_path / "road")
    again = load_road(tmp_path / "road")
    assert (again.classes, again.windows, again.rules) == (road.classes, road.windows, road.rules)
    for frame, _ in phantoms[12:14]:
        assert np.array_equal(again.segment(frame), road.segment(frame))


def test_what_was_changed_is_refused(examples, tmp_path):
    learner = LearnerSettings(classifier="decision_tree", selection="anova", n_features=12, folds=2)
    road = fit_nerve_road(examples[:4], classes=(2,), learner=learner, second_pass=False, contour=False)
    save_road(road, tmp_path)
    content = (tmp_path / ROAD_FILE).read_bytes()
    (tmp_path / ROAD_FILE).write_bytes(content[:-1] + b"x")
    with pytest.raises(LearnError, match="differs from its hash"):
        load_road(tmp_path)
    (tmp_path / ROAD_FILE).unlink()
    with pytest.raises(LearnError, match="holds no whole road"):
        load_road(tmp_path)


def test_a_foreign_type_is_refused(tmp_path):
    import hashlib

    import skops.io
    from sklearn.base import BaseEstimator

    class Stranger(BaseEstimator):
        pass

    content = skops.io.dumps({"classes": [1], "windows": Stranger()})
    (tmp_path / ROAD_FILE).write_bytes(content)
    (tmp_path / HASH_FILE).write_text(json.dumps({"sha256": hashlib.sha256(content).hexdigest()}))
    with pytest.raises(LearnError, match="a type that roads never hold"):
        load_road(tmp_path)


def test_a_place_that_cannot_be_written_is_named(examples, tmp_path):
    learner = LearnerSettings(classifier="decision_tree", selection="anova", n_features=12, folds=2)
    road = fit_nerve_road(examples[:4], classes=(2,), learner=learner, second_pass=False, contour=False)
    (tmp_path / "taken").write_text("")
    with pytest.raises(SaveError, match="taken"):
        save_road(road, tmp_path / "taken")
