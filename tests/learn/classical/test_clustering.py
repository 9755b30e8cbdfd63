from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.classical.clustering import kmeans_localise
from mskus.statistics import dice


@pytest.fixture
def tissue(rng):
    """A bright disc and a dark corner in grey, under multiplicative speckle; truth as a mask."""
    y, x = np.mgrid[:96, :128]
    disc = (x - 70) ** 2 + (y - 48) ** 2 < 22**2
    level = np.where(disc, 150.0, np.where((x < 30) & (y < 30), 20.0, 70.0))
    return level * rng.rayleigh(1.0, level.shape) / np.sqrt(np.pi / 2), disc


@pytest.mark.parametrize(("choose", "number"), [("brightest", 2), ("darkest", 0), ("largest", 1)])
def test_the_cluster_that_is_asked_for_is_chosen(tissue, choose, number):
    assert kmeans_localise(tissue[0], choose=choose).chosen == number


def test_a_disc_under_speckle_is_found(tissue):
    picture, disc = tissue
    assert dice(kmeans_localise(picture).mask, disc) > 0.9


def test_own_maps_replace_the_default_ones(tissue):
    picture, disc = tissue
    found = kmeans_localise(picture, k=2, maps=[disc.astype(float)])
    assert dice(found.mask, disc) == 1.0


@pytest.mark.parametrize(
    ("picture", "options", "sentence"),
    [
        (np.full((20, 20), 7.0), {}, "The picture is constant"),
        (np.full((20, 20), np.nan), {}, "without NaN"),
        (np.zeros((1, 4, 4)), {}, "grey picture"),
        (np.eye(20), {"k": 1}, "k = 1 clusters are not possible"),
        (np.eye(20), {"choose": "best"}, "'best' is no way to choose"),
        (np.eye(20), {"maps": [np.eye(20)], "k": 3}, "fewer than 3 different pixels"),
        (np.eye(20), {"maps": [np.eye(10)]}, "must fit the picture"),
    ],
)
def test_what_cannot_be_cut_is_refused(picture, options, sentence):
    with pytest.raises(LearnError, match=sentence):
        kmeans_localise(picture, **options)
