"""Agreement with pyradiomics 3.0.1, whose numbers were written down by ``python benchmarks/radiomics.py --fixture``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mskus.features import FeatureRegion, FeatureSettings, feature_row

HELD = json.loads((Path(__file__).parent / "pyradiomics_values.json").read_text())
FAMILIES = ("first_order", "histogram", "glcm", "glrlm", "glszm", "gldm", "ngtdm", "shape")


@pytest.fixture(scope="module")
def row():
    picture = np.array([line.split() for line in HELD["picture"]], float)
    mask = np.array([[cell == "#" for cell in line] for line in HELD["mask"]])
    settings = FeatureSettings(bin_count=HELD["levels"], distance_px=HELD["distance_px"])
    return feature_row(FeatureRegion.of(picture, mask=mask, settings=settings), names=FAMILIES)


@pytest.mark.parametrize("name", HELD["values"])
def test_same_value(row, name):
    assert row[name] == pytest.approx(HELD["values"][name], rel=1e-9, abs=1e-12)


def test_the_numbers_are_those_of_the_named_version_and_of_most_features():
    assert HELD["version"] == "v3.0.1"
    assert len(HELD["values"]) == 15 + 15 + 23 + 16 + 16 + 14 + 5 + 8
