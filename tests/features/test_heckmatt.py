"""The bone's echo on drawn pictures, and the grade by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features.heckmatt import bone_deficit, heckmatt_grade


def drawn(*, bone, belly=80, speckle=20):
    """Fascia at rows 8-11 (grey 200), belly in rows 12-59, deep fascia at 60-62, bone at row 80-82."""
    image = np.full((120, 96), 30, np.uint8)
    image[8:12] = 200
    checks = np.indices((48, 96)).sum(0) % 2
    image[12:60] = belly - speckle + 2 * speckle * checks
    image[60:63] = 220
    image[80:83] = bone
    mask = np.zeros(image.shape, bool)
    mask[12:60] = True
    return image, mask


@pytest.mark.parametrize(("bone", "expected"), [(200, 0.0), (180, 1.0), (140, 3.0)])
def test_deficit_counts_in_spreads_of_the_belly(bone, expected):
    """(200 - bone) / 20; the bright fascia just below the belly is not taken for bone."""
    image, mask = drawn(bone=bone)
    assert bone_deficit(image, mask, spacing_mm=(0.2, 0.2)) == pytest.approx(expected, abs=0.01)


def test_the_bellys_own_brightness_does_not_enter():
    dark, bright = (bone_deficit(*drawn(bone=160, belly=b), spacing_mm=(0.2, 0.2)) for b in (60, 140))
    assert dark == pytest.approx(bright)


def test_unequal_spacing_counts_rows():
    """Rows of 0.4 mm: 2 mm are 5 rows, so the deep fascia (3 rows) is still left out."""
    image, mask = drawn(bone=160)
    assert bone_deficit(image, mask, spacing_mm=(0.4, 0.1)) == pytest.approx(2.0, abs=0.01)


def test_what_is_not_seen_is_not_a_number():
    image, mask = drawn(bone=160)
    assert np.isnan(bone_deficit(image[:60], mask[:60]))  # nothing behind the belly
    assert np.isnan(bone_deficit(np.full_like(image, 7), mask))  # constant
    with pytest.raises(FeatureError, match="empty or does not fit"):
        bone_deficit(image, np.zeros_like(mask))


@pytest.mark.parametrize(
    ("z", "bone", "grade"),
    [(0.0, 0.0, "1"), (0.0, 3.0, "1"), (3.0, 0.0, "2"), (4.0, 1.4, "3"), (5.0, 2.6, "4")],
)
def test_grades_by_the_stated_limits(z, bone, grade):
    found, why = heckmatt_grade(z, bone=bone, bone_in_view=True, frame=2)
    assert (found.value, found.scale, found.frame, why) == (grade, "Heckmatt 1-4", 2, "")
    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    assert min(found.probabilities.values()) >= 0.0


def test_probabilities_at_a_limit_are_even():
    found, _ = heckmatt_grade(2.0, bone=-9.0, bone_in_view=True)
    assert found.probabilities["1"] == pytest.approx(0.5)
    assert found.probabilities["2"] == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("z", "bone", "in_view", "words"),
    [
        (4.0, 0.5, False, "No bone is in view"),
        (float("nan"), 0.5, True, "no z-score"),
        (4.0, float("nan"), True, "scan deeper"),
    ],
)
def test_the_grade_is_withheld_with_the_reason(z, bone, in_view, words):
    found, why = heckmatt_grade(z, bone=bone, bone_in_view=in_view)
    assert found is None
    assert words in why
