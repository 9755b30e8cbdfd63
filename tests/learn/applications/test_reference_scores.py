"""Z-scores and grades of pictures, with the reason for what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features.reference import ReferenceEquation, ReferenceTable
from mskus.learn.applications.muscle_disease import Seen
from mskus.learn.applications.reference_scores import reference_scores

TABLE = ReferenceTable(
    equations=(
        ReferenceEquation(
            measure="echo_intensity_mean", muscle="biceps", device="A", intercept=60.0, sd=10.0, per_year=0.5,
            age_years_low=4.0, age_years_high=12.0,
        ),
        ReferenceEquation(measure="muscle_thickness_mean_mm", muscle="biceps", intercept=15.0, sd=2.0),
    )
)  # fmt: skip


def seen(**about):
    """Belly of mean 94 in rows 12-59 under a fascia of 200; a bone of 200 at rows 80-82 behind it."""
    image = np.full((120, 96), 30, np.uint8)
    image[8:12], image[80:83] = 200, 200
    image[12:60] = 84 + 20 * (np.indices((48, 96)).sum(0) % 2)
    mask = np.zeros(image.shape, bool)
    mask[12:60] = True
    known = {"muscle": "biceps", "device": "A", "age_years": 8.0, "thickness_mm": 18.0, "bone_in_view": 1}
    return Seen(image, mask, (0.2, 0.2), known | about)


def test_scores_by_hand():
    """Expected 60 + 0.5 * 8 = 64, found 94: z 3; thickness (18 - 15) / 2; the bone is as bright as the fascia."""
    row = reference_scores([seen()], reference=TABLE).iloc[0]
    assert row.echo_intensity_mean == 94.0
    assert (row.z_echo, row.z_thickness) == (3.0, 1.5)
    assert row.bone_deficit == pytest.approx(0.0, abs=0.01)
    assert (row.heckmatt, row.withheld) == (2, "")


@pytest.mark.parametrize(
    ("about", "missing", "words"),
    [
        ({"age_years": 30.0}, ["z_echo", "heckmatt"], "age_years 30 lies outside"),
        ({"device": "B"}, ["z_echo", "heckmatt"], "nothing for echo_intensity_mean of biceps on B"),
        ({"thickness_mm": float("nan")}, ["z_thickness"], "not a number"),
        ({"bone_in_view": 0}, ["heckmatt", "bone_deficit"], "No bone is in view"),
    ],
)
def test_what_is_missing_has_its_reason(about, missing, words):
    row = reference_scores([seen(**about)], reference=TABLE).iloc[0]
    columns = ["z_echo", "z_thickness", "heckmatt", "bone_deficit"]
    assert [name for name in columns if np.isnan(row[name])] == [name for name in columns if name in missing]
    assert words in row.withheld


def test_a_picture_without_muscle_or_region_is_refused():
    with pytest.raises(FeatureError, match="column 'muscle'"):
        reference_scores([seen(muscle=float("nan"))], reference=TABLE)
    with pytest.raises(FeatureError, match="region .* is empty"):
        reference_scores([seen()._replace(mask=np.zeros((120, 96), bool))], reference=TABLE)
