"""The IBSI digital phantom: published matrices and feature values.

The phantom was designed by Alex Zwanenburg for the IBSI (theibsi/data_sets, CC BY 4.0). Its voxels agree with the copy
in tests/test_data.h of PolusAI/nyxus (commit 0101a53, whose z runs along the phantom's y, backwards) and are held here
against the matrices printed in the reference manual (arXiv 1612.07003), chapter "Digital phantom texture matrices".
Values: the tables of the manual (three significant digits, tolerance 0) as listed in ibsi_1_dig_phantom.csv of the
initiative's reference implementation (oncoray/mirp, commit 5f362b8); the rows that concern slices are copied into
ibsi_digital_phantom.csv.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mskus.features.family import FeatureRegion, FeatureSettings
from mskus.features.radiomics.first_order import first_order
from mskus.features.radiomics.glcm import glcm_features, glcm_matrices
from mskus.features.radiomics.gldm import gldm_features, gldm_table
from mskus.features.radiomics.gldzm import gldzm_features, gldzm_table
from mskus.features.radiomics.glrlm import glrlm_features, glrlm_tables
from mskus.features.radiomics.glszm import glszm_features, glszm_table
from mskus.features.radiomics.histogram import histogram
from mskus.features.radiomics.ngtdm import ToneDifferences, ngtdm_features, tone_differences
from mskus.features.radiomics.size_table import merge

OUT = 0
PHANTOM = np.array(
    [
        [[1, 4, 4, 1, 1], [1, 4, 6, 1, 1], [4, 1, 6, 4, 1], [4, 4, 6, 4, 1]],
        [[1, 4, 4, 1, 1], [1, 1, 6, 1, 1], [OUT, 1, 3, 1, 1], [4, 4, 6, 1, 1]],
        [[1, 4, 4, OUT, OUT], [1, 1, 1, 1, 1], [1, 1, OUT, 1, 1], [1, 1, 6, 1, 1]],
        [[1, 4, 4, OUT, OUT], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 6, 1, 1]],
    ],
    np.int32,
)

with (Path(__file__).parent / "ibsi_digital_phantom.csv").open(newline="") as file:
    PUBLISHED = [(row["feature"], row["aggregation"], float(row["value"])) for row in csv.DictReader(file)]


def average(rows):
    """The mean over slices."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def first_order_values():
    # Slices one below the other: these features do not ask where a pixel lies.
    as_it_is = FeatureSettings(discretisation="bin_width", bin_width=1.0, bin_origin=1.0)
    flat = FeatureRegion.of(PHANTOM.reshape(16, 5), mask=PHANTOM.reshape(16, 5), settings=as_it_is)
    return {"": first_order(flat) | histogram(flat)}


def co_occurrence_values():
    slices = [glcm_matrices(one) for one in PHANTOM]
    volume = np.sum(slices, axis=0)
    return {
        "2D_avg": average([glcm_features(m) for m in slices]),
        "2D_comb": average([glcm_features(m.sum(0, keepdims=True)) for m in slices]),
        "2_5D_avg": glcm_features(volume),
        "2_5D_comb": glcm_features(volume.sum(0, keepdims=True)),
    }


def run_length_values():
    slices = [glrlm_tables(one) for one in PHANTOM]
    directions = [merge(tables) for tables in zip(*slices, strict=True)]
    return {
        "2D_avg": average([glrlm_features(tables) for tables in slices]),
        "2D_comb": average([glrlm_features([merge(tables)]) for tables in slices]),
        "2_5D_avg": glrlm_features(directions),
        "2_5D_comb": glrlm_features([merge(directions)]),
    }


def slice_values():
    by_slice, merged = {}, {}
    for table_of, features_of in (
        (glszm_table, glszm_features),
        (gldzm_table, gldzm_features),
        (gldm_table, gldm_features),
    ):
        tables = [table_of(one) for one in PHANTOM]
        by_slice |= average([features_of(table) for table in tables])
        merged |= features_of(merge(tables))
    tones = [tone_differences(one, n_levels=6) for one in PHANTOM]
    by_slice |= average([ngtdm_features(t) for t in tones])
    merged |= ngtdm_features(ToneDifferences(*np.sum(tones, axis=0)))
    return {"2D": by_slice, "2_5D": merged}


COMPUTED = first_order_values() | co_occurrence_values()
for aggregation, values in run_length_values().items():
    COMPUTED[aggregation] |= values
COMPUTED |= slice_values()


@pytest.mark.parametrize(("feature", "aggregation", "value"), PUBLISHED)
def test_published_value(feature, aggregation, value):
    assert float(f"{COMPUTED[aggregation][feature]:.3g}") == value


def test_every_feature_of_these_families_is_published():
    assert {(name, aggregation) for aggregation, row in COMPUTED.items() for name in row} == {
        (name, aggregation) for name, aggregation, _ in PUBLISHED
    }
    assert len(PUBLISHED) == 313


# (i, j, n) of the manual's matrices for slice 1, and of the merged matrices of all slices; the lower half mirrors them.
RIGHT, DOWN = 0, 1


@pytest.mark.parametrize(
    ("direction", "listed"),
    [
        (RIGHT, {(1, 1): 4, (1, 4): 6, (1, 6): 2, (4, 4): 4, (4, 6): 4}),
        (DOWN, {(1, 1): 10, (1, 4): 4, (4, 4): 6, (4, 6): 1, (6, 6): 4}),
    ],
)
def test_published_matrix_of_the_first_slice(direction, listed):
    assert upper(glcm_matrices(PHANTOM[0])[direction]) == listed


@pytest.mark.parametrize(
    ("z", "listed"),
    [
        (0, {(1, 1): 22, (1, 4): 17, (1, 6): 6, (4, 4): 16, (4, 6): 11, (6, 6): 4}),
        (1, {(1, 1): 42, (1, 3): 5, (1, 4): 8, (1, 6): 8, (3, 4): 1, (3, 6): 2, (4, 4): 4, (4, 6): 3}),
        (2, {(1, 1): 56, (1, 4): 7, (1, 6): 4, (4, 4): 2}),
        (3, {(1, 1): 70, (1, 4): 7, (1, 6): 5, (4, 4): 2}),
    ],
)
def test_published_merged_matrix(z, listed):
    assert upper(glcm_matrices(PHANTOM[z]).sum(0)) == listed


def upper(matrix):
    """Non-zero entries on and above the diagonal."""
    return {(i + 1, j + 1): int(matrix[i, j]) for i, j in np.argwhere(np.triu(matrix))}
