from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mskus
from mskus.errors import FeatureError
from mskus.features import FeatureRegion, FeatureSettings, families, feature_row, feature_table
from mskus.features.family import _FAMILIES, family
from mskus.features.table import PROVENANCE, chosen_families


@pytest.fixture
def regions():
    return [FeatureRegion.of(np.arange(20.0).reshape(4, 5) * k) for k in (1, 2, 3)]


@pytest.fixture
def own_family():
    @family("own", source="this test")
    def own(region):
        return {"own_top": float(region.values.max())}

    yield
    _FAMILIES.pop("own")


def test_identity_then_provenance_then_features(regions):
    identity = pd.DataFrame({"image_sha256": list("xyz"), "patient": [1, 1, 2]}, index=[7, 8, 9])
    table = feature_table(regions, identity=identity, names=["first_order"])
    assert list(table.columns[:5]) == ["patient", *PROVENANCE, "stat_mean"]
    assert table["patient"].tolist() == [1, 1, 2]
    assert table["image_sha256"].tolist() == ["x", "y", "z"]
    assert set(table["mskus_version"]) == {mskus.__version__}
    assert table["stat_max"].tolist() == [19, 38, 57]


def test_without_identity_there_is_no_hash(regions):
    table = feature_table(regions, names=["first_order"])
    assert list(table.columns[:2]) == ["mskus_version", "feature_settings"]
    assert "image_sha256" not in table


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (pd.DataFrame({"patient": [1, 2]}), "3 regions came with 2 rows"),
        (pd.DataFrame({"stat_mean": [1, 2, 3]}), "'stat_mean' is filled by"),
        (pd.DataFrame({"mskus_version": [1, 2, 3]}), "'mskus_version' is filled by"),
    ],
)
def test_an_identity_that_does_not_fit(regions, identity, words):
    with pytest.raises(FeatureError, match=words):
        feature_table(regions, identity=identity, names=["first_order"])


def test_no_regions():
    with pytest.raises(FeatureError, match="no region"):
        feature_table([])


def test_unknown_families_are_named_with_the_known_ones(regions):
    with pytest.raises(FeatureError, match=r"named 'glmc'; choose from .*glcm"):
        feature_row(regions[0], names=["first_order", "glmc"])


def test_no_names_are_all_families():
    assert chosen_families() == families() == chosen_families([])
    assert {"first_order", "histogram", "glcm", "glrlm", "glszm", "gldzm", "gldm", "ngtdm", "shape"} <= set(families())


def test_a_users_own_family_joins(regions, own_family):
    assert "own" in families()
    assert feature_table(regions, names=["own"])["own_top"].tolist() == [19, 38, 57]
    assert feature_row(regions[0], names=["own", "shape"])["own_top"] == 19


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "bins=32;distance=1px"),
        ({"bin_count": 64, "distance_px": 2}, "bins=64;distance=2px"),
        ({"discretisation": "bin_width", "bin_width": 4.0}, "width=4;origin=0;distance=1px"),
        ({"discretisation": "bin_width", "bin_origin": None}, "width=8;origin=min;distance=1px"),
    ],
)
def test_settings_are_written_into_the_table(settings, text):
    region = FeatureRegion.of(np.arange(20.0).reshape(4, 5), settings=FeatureSettings(**settings))
    assert feature_table([region], names=["glcm"]).loc[0, "feature_settings"] == text


def test_no_two_families_share_a_column(regions):
    names = [name for one in families().values() for name in one.function(regions[0])]
    assert len(names) == len(set(names))
