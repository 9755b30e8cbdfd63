from __future__ import annotations

import numpy as np
import pytest

from mskus.clip import Calibration, Clip, Region
from mskus.findings import Polyline, Structure
from mskus.report.viewport import Viewport, fit_viewport


def _clip(height=100, width=200, *, aspect=1.0, region=None):
    scale = Calibration(mm_per_px_row=0.1 * aspect, mm_per_px_col=0.1, source="user")
    return Clip(luma=np.zeros((1, height, width), np.uint8), calibration=scale, region=region)


def test_pixel_centres_stay_centres():
    # twice as large: frame pixel 0 covers canvas pixels 0 and 1, its centre lies at 0.5
    viewport = Viewport(region=Region(10, 20, 50, 40), scale=(2.0, 2.0), margin_px=(7, 0))
    assert viewport.to_canvas([[10.0, 20.0], [12.0, 21.0]]).tolist() == [[7.5, 0.5], [11.5, 2.5]]


@pytest.mark.parametrize(
    ("width", "shown"),
    [(200, 800), (400, 800), (640, 960), (800, 800), (2800, 1400)],
)
def test_small_frames_are_enlarged_and_large_ones_reduced(width, shown):
    assert fit_viewport(_clip(width=width)).picture_size[0] == shown


def test_a_high_picture_is_reduced_to_its_height():
    # at most 0.8 * 1400 = 1120 px high
    assert fit_viewport(_clip(height=2240, width=400)).picture_size == (200, 1120)


@pytest.mark.parametrize(("aspect", "size"), [(2.0, (800, 800)), (0.5, (800, 200))])
def test_unequal_pixels_are_shown_in_true_proportions(aspect, size):
    # 200 x 100 px with pixels of aspect 2 is a square of 20 mm; of aspect 0.5 it is 20 x 5 mm
    viewport = fit_viewport(_clip(aspect=aspect))
    assert viewport.picture_size == size
    assert viewport.mm_per_px == pytest.approx(20.0 / 800)


def test_margins_hold_what_leaves_the_picture_up_to_a_limit():
    def line(x0, x1):
        return Structure(id="a", label="fascicle", frame=0, geometry=Polyline(points=((x0, 5.0), (x1, 50.0))))

    assert fit_viewport(_clip(), [line(5, 190)]).margin_px == (0, 0)
    # 20 frame pixels out at fourfold size is 80 px, and 8 px to spare
    assert fit_viewport(_clip(), [line(-20, 190)]).margin_px == (88, 0)
    assert fit_viewport(_clip(), [line(5, 9000)]).margin_px == (0, 200)


def test_only_the_image_region_is_shown():
    frame = np.zeros((100, 200), np.uint8)
    frame[30:60, 40:100] = 200
    viewport = Viewport(region=Region(40, 30, 60, 30), scale=(1.0, 1.0), margin_px=(5, 3))
    shown = viewport.show(frame)
    assert shown.shape == (30, 68, 3)
    assert (shown[:, 5:65] == 200).all()
    assert (shown[:, :5] < 30).all()


def test_colour_frames_keep_their_colours():
    frame = np.zeros((10, 10, 3), np.uint8)
    frame[..., 0] = 250
    shown = Viewport(region=Region(0, 0, 10, 10), scale=(2.0, 2.0)).show(frame)
    assert shown[10, 10].tolist() == [250, 0, 0]
