"""Labels sorted by depth, screens cropped, splits without leaks, fragments with angles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("torch")

from mskus.learn import datasets, fascicle_data


@dataclass(frozen=True)
class Sample:
    name: str
    group: str
    stratum: str
    source: str = "s"


def sample(name: str, *, group: str, stratum: str) -> Sample:
    return Sample(name, group, stratum)


def test_a_group_on_both_sides_stops_the_run() -> None:
    with pytest.raises(datasets.LearnError, match="leaks"):
        datasets.check_split([sample("a", group="7", stratum="x")], [sample("b", group="7", stratum="y")])


def test_leave_out_drops_near_duplicates_of_the_held_out() -> None:
    pictures = [
        sample("a", group="1", stratum="device:A"),
        sample("b", group="1", stratum="device:B"),
        sample("c", group="2", stratum="device:B"),
    ]
    train, held = datasets.leave_out(pictures, ["device:A"])
    assert ([s.name for s in train], [s.name for s in held]) == (["c"], ["a"])


def test_an_unknown_stratum_is_refused() -> None:
    with pytest.raises(datasets.LearnError, match="device:C"):
        datasets.leave_out([sample("a", group="1", stratum="device:A")], ["device:C"])


def test_a_fork_gives_the_upper_branch_to_the_deep_aponeurosis() -> None:
    mask = np.zeros((100, 200), bool)
    mask[10:14] = True
    for x in range(200):
        mask[40:44, x] = True
        spread = max(0, x - 80) // 4
        mask[40 + spread : 44 + spread, x] = True
    masks = datasets.order_aponeuroses(mask) > 0
    assert masks[:, 190, 1].nonzero()[0].tolist() == [40, 41, 42, 43]
    assert masks[:, 190, 2].nonzero()[0].tolist() == [67, 68, 69, 70]
    assert masks[..., 0].sum() == 800
    assert (masks.sum(axis=-1) == mask).all()


@pytest.mark.parametrize("ground", [0, 51])
def test_the_picture_is_found_in_a_screen(ground: int) -> None:
    rng = np.random.default_rng(0)
    screen = np.full((300, 400), ground, np.uint8)
    screen[40:280, 90:330] = rng.integers(ground + 20, 255, (240, 240))
    screen[50:250:20, 350:358] = 255  # ruler
    assert datasets.image_box(screen) == (90, 40, 240, 240)


@pytest.mark.parametrize(("slope", "expected_deg"), [(0.5, 26.565), (-0.25, -14.036)])
def test_fragment_angle(slope: float, expected_deg: float) -> None:
    mask = np.zeros((120, 160), bool)
    for x in range(40, 121):
        middle = round(60 - slope * (x - 80))
        mask[middle - 1 : middle + 2, x] = True
    angle = fascicle_data.fragment_angles(mask)
    assert float(np.nanmedian(angle)) == pytest.approx(expected_deg, abs=0.6)
    assert np.isnan(angle[5, 5])
    assert np.isfinite(angle[60, 80])


def test_touching_fragments_give_no_angle() -> None:
    mask = np.zeros((120, 160), bool)
    for x in range(20, 141):
        mask[60 + (x - 80) // 2, x] = True
        mask[60 - (x - 80) // 2, x] = True
        mask[95, 20:50] = True
    mask[40:80, 80] = True
    angle = fascicle_data.fragment_angles(mask)
    assert np.isfinite(angle[95, 30])
    assert float(angle[95, 30]) == pytest.approx(0.0, abs=0.1)


def test_soft_masks_keep_the_area() -> None:
    mask = np.zeros((512, 512), np.uint8)
    mask[100:107] = 255
    assert datasets.shrink(mask, size=(384, 384)).sum() / 255 / 384 == pytest.approx(7 * 384 / 512, rel=0.01)
