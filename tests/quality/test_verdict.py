from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from mskus.quality import FrameQuality, assess_frame, clip_verdict, verdict
from mskus.simulate import bad_pictures as bad

GOOD = {
    "mean_level": 60.0,
    "highlight_level": 130.0,
    "spread_levels": 40.0,
    "saturated_fraction": 0.0,
    "black_fraction": 0.1,
    "band_fraction": 0.4,
    "texture_levels": 25.0,
    "texture_correlation": 0.8,
    "signal_depth_fraction": 0.9,
    "shadowed_fraction": 0.0,
    "sharpness": 0.4,
}


def quality(**changes: float) -> FrameQuality:
    return FrameQuality(**(GOOD | changes))


@pytest.mark.parametrize(
    ("changes", "expected", "word"),
    [
        ({}, "pass", ""),
        ({"spread_levels": 0.0}, "fail", "one grey level"),
        ({"highlight_level": 10.0}, "fail", "nearly black"),
        ({"saturated_fraction": 0.5}, "fail", "lower the gain"),
        ({"saturated_fraction": 0.2}, "warn", "lower the gain"),
        ({"texture_correlation": 0.1}, "fail", "contact"),
        ({"texture_levels": 1.0}, "fail", "contact"),
        ({"shadowed_fraction": 0.8}, "fail", "contact"),
        ({"shadowed_fraction": 0.5}, "warn", "gel"),
        ({"highlight_level": 30.0}, "warn", "raise the gain"),
        ({"signal_depth_fraction": 0.2}, "warn", "upper part"),
        ({"sharpness": 0.02}, "warn", "blurred"),
    ],
)
def test_each_fault_has_its_verdict_and_reason(changes: dict[str, float], expected: str, word: str) -> None:
    judged = verdict(quality(**changes))
    assert judged.verdict == expected
    assert word in " ".join(judged.reasons)
    assert bool(judged.reasons) == (expected != "pass")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "draw",
    [
        bad.lifted_probe,
        lambda rng: bad.lifted_probe(rng, noise=0.5),
        lambda rng: bad.lifted_probe(rng, noise=25.0),
        bad.white_noise,
        bad.scan_converted_noise,
        lambda rng: bad.scan_converted_noise(rng, grain_px=3.0, level=60.0),
        lambda rng: bad.scan_converted_noise(rng, (256, 256)),
        bad.reverberation,
        lambda rng: np.zeros((480, 640), np.uint8),
        lambda rng: np.full((480, 640), 77, np.uint8),
        lambda rng: np.full((480, 640), 255, np.uint8) - rng.integers(0, 4, (480, 640), np.uint8),
    ],
)
def test_bad_pictures_fail(draw: object, seed: int) -> None:
    frame = draw(np.random.default_rng(seed))  # type: ignore[operator]
    assert verdict(assess_frame(frame)).verdict == "fail"


@pytest.mark.parametrize(
    ("failing", "warning", "expected"),
    [(0, 0, "pass"), (1, 0, "pass"), (0, 1, "pass"), (3, 0, "warn"), (0, 20, "warn"), (10, 0, "warn"), (11, 0, "fail")],
)
def test_a_clip_is_judged_by_the_share_of_its_frames(failing: int, warning: int, expected: str) -> None:
    frames = [quality(texture_levels=0.0)] * failing + [quality(highlight_level=30.0)] * warning
    frames += [quality()] * (20 - len(frames))
    judged = clip_verdict(frames)
    assert judged.verdict == expected
    assert judged.scores["failed_frames_fraction"] == pytest.approx(failing / 20)
    if failing > 1:
        assert f"({failing} of 20 frames)" in judged.reasons[0]


def test_a_clip_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="without frames"):
        clip_verdict([])


def test_real_recordings_do_not_fail(mskus_data: Path) -> None:
    """A tenth of the muscle sets; ``benchmarks/quality.py`` judges all of them."""
    pictures = sorted(mskus_data.glob("muscle/*/images/**/*.png"))[::11]
    assert len(pictures) > 90
    counts = Counter(verdict(assess_frame(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))).verdict for path in pictures)
    assert counts["fail"] == 0
    assert counts["pass"] >= 0.8 * len(pictures)
