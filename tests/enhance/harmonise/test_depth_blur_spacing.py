from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.enhance.harmonise.blur import MatchBlur, speckle_width_px
from mskus.enhance.harmonise.depth import MatchDepthGain
from mskus.enhance.harmonise.sampling import MatchSpacing
from mskus.enhance.harmonise.scan import Scan
from mskus.errors import EnhanceError


def scans(pictures, spacing_mm=None):
    return [Scan(image=np.asarray(p, np.float32), spacing_mm=spacing_mm) for p in pictures]


def fall(pictures, levels):
    return [p + np.linspace(levels / 2, -levels / 2, len(p))[:, None] for p in pictures]


def slope(image):
    return np.polyfit(np.linspace(0, 1, len(image)), image.mean(axis=1), 1)[0]


def test_depth_gain_follows_the_reference(speckle):
    step = MatchDepthGain.fit(scans(fall(speckle(mean=110), 50)), scans(fall(speckle(mean=110), 10)))
    result = step.apply(scans(fall(speckle(mean=110), 50))[0]).image
    assert slope(result) == pytest.approx(-10, abs=5)
    assert np.mean(step.gain) == pytest.approx(0, abs=1e-3)


def test_depth_is_in_mm_where_the_scale_is_known(speckle):
    # the source shows 96 rows of 0.1 mm, the reference 96 rows of 0.2 mm: 20 levels fall on the first 9.6 mm of it
    source = scans(fall(speckle(mean=110), 60), (0.1, 0.1))
    reference = scans(fall(speckle(mean=110), 40), (0.2, 0.1))
    step = MatchDepthGain.fit(source, reference)
    assert step.unit == "mm"
    assert slope(step.apply(source[0]).image) == pytest.approx(-20, abs=6)
    with pytest.raises(EnhanceError, match="give the picture's scale"):
        step.apply(scans(speckle(n=1))[0])


@pytest.mark.parametrize("grain", [1.0, 2.0, 3.0])
def test_speckle_width_of_a_gaussian_grain(speckle, grain):
    # noise blurred by s has a Gaussian autocorrelation of s * sqrt(2): full width 2.355 * sqrt(2) * s
    found = np.mean([speckle_width_px(p, axis="lateral") for p in speckle(shape=(256, 256), grain=(1.5, grain))])
    assert found == pytest.approx(2.355 * np.sqrt(2) * grain, rel=0.08)


def test_the_sharper_is_blurred_in_mm_and_by_direction(speckle):
    # source pixels are 0.1 x 0.2 mm; grain 0.1 x 0.4 mm against 0.2 x 0.4 mm: blur sqrt(0.2^2 - 0.1^2) in depth only
    source = scans(speckle(n=4, shape=(200, 200), grain=(1.0, 2.0)), (0.1, 0.2))
    reference = scans(speckle(n=4, shape=(200, 200), grain=(2.0, 4.0)), (0.1, 0.1))
    step = MatchBlur.fit(source, reference)
    assert step.unit == "mm"
    assert step.source_sigma[0] == pytest.approx(np.sqrt(0.03), rel=0.12)
    assert step.source_sigma[1] == pytest.approx(0, abs=0.1)
    assert step.reference_sigma[0] == 0
    after = np.mean([speckle_width_px(step.apply(s).image, axis="axial") for s in source])
    wanted = np.mean([speckle_width_px(s.image, axis="axial") for s in reference])
    assert after == pytest.approx(wanted, rel=0.06)


def test_nothing_is_sharpened(speckle):
    coarse, fine = scans(speckle(grain=(2.5, 2.5))), scans(speckle(grain=(1.2, 1.2)))
    step = MatchBlur.fit(coarse, fine)
    assert step.source_sigma == (0.0, 0.0)
    assert np.array_equal(step.apply(coarse[0]).image, coarse[0].image)
    assert min(step.reference_sigma) > 1.5
    assert step.apply_to_reference(fine[0]).image.std() < fine[0].image.std()


def test_a_constant_picture_has_no_speckle(speckle):
    flat = scans([np.full((96, 128), 80.0)])
    assert np.isnan(speckle_width_px(flat[0].image, axis="axial"))
    assert MatchBlur.fit(flat, scans(speckle(n=2))).source_sigma == (0.0, 0.0)


def test_spacing_becomes_that_of_the_reference(speckle):
    step = MatchSpacing.fit(scans(speckle(n=2), (0.1, 0.2)), scans(speckle(n=3), (0.2, 0.1)))
    picture = np.zeros((96, 128), np.float32)
    cv2.circle(picture, (60, 40), 10, 200.0, -1)
    field = np.ones((96, 128), bool)
    field[:, 100:] = False
    result = step.apply(Scan(image=picture, spacing_mm=(0.1, 0.2), field=field))
    assert result.image.shape == (48, 256)
    assert result.spacing_mm == (0.2, 0.1)
    assert result.field is not None
    assert result.field[0].sum() == 200
    # what is bright lies at the same place in mm: 12 mm from the left, 4 mm deep, to half a pixel
    y, x = np.nonzero(result.image > 100)
    assert (x.mean() * 0.1, y.mean() * 0.2) == pytest.approx((12.0, 4.0), abs=0.1)


@pytest.mark.parametrize(
    ("source_mm", "reference_mm"), [(None, (0.1, 0.1)), ((0.1, 0.1), None)], ids=["source", "reference"]
)
def test_spacing_needs_every_scale(speckle, source_mm, reference_mm):
    with pytest.raises(EnhanceError, match="needs the scale of every picture"):
        MatchSpacing.fit(scans(speckle(n=2), source_mm), scans(speckle(n=2), reference_mm))
