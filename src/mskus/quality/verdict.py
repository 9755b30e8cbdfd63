"""From scores to pass, warn or fail, with reasons that tell the user what to do at the scanner.

The limits are set by what each score means and lie outside the range of the real recordings in
``benchmarks/quality.py``; none was fitted to a measurement's error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from mskus.findings import QualityVerdict
from mskus.quality.scores import FrameQuality

Severity = Literal["warn", "fail"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One limit on one score; ``above`` says on which side of it the fault lies."""

    score: str
    limit: float
    above: bool
    severity: Severity
    reason: str

    def broken_by(self, quality: FrameQuality) -> bool:
        """Whether this frame has the fault."""
        value = float(getattr(quality, self.score))
        return value > self.limit if self.above else value < self.limit


# In the order in which the faults explain each other: of several failures the first names the cause.
RULES: tuple[Rule, ...] = (
    Rule(score="spread_levels", limit=2.0, above=False, severity="fail", reason="the frame is one grey level"),
    Rule(score="highlight_level", limit=16.0, above=False, severity="fail", reason="the picture is nearly black"),
    Rule(
        score="saturated_fraction",
        limit=0.40,
        above=True,
        severity="fail",
        reason="most of the picture is saturated: lower the gain",
    ),
    Rule(
        score="texture_correlation",
        limit=0.20,
        above=False,
        severity="fail",
        reason="noise or bands without tissue: is the probe in contact with the skin?",
    ),
    Rule(
        score="texture_levels",
        limit=4.0,
        above=False,
        severity="fail",
        reason="no tissue below the probe's near field: is the probe in contact with the skin?",
    ),
    Rule(
        score="shadowed_fraction",
        limit=0.70,
        above=True,
        severity="fail",
        reason="most of the width is in shadow: is the probe in contact with the skin?",
    ),
    Rule(
        score="saturated_fraction",
        limit=0.12,
        above=True,
        severity="warn",
        reason="bright parts are saturated: echo intensity is biased, lower the gain",
    ),
    Rule(
        score="highlight_level",
        limit=40.0,
        above=False,
        severity="warn",
        reason="the picture is dark: raise the gain",
    ),
    Rule(
        score="signal_depth_fraction",
        limit=0.40,
        above=False,
        severity="warn",
        reason="tissue is seen only in the upper part: raise the deep gain or reduce the depth",
    ),
    Rule(
        score="shadowed_fraction",
        limit=0.40,
        above=True,
        severity="warn",
        reason="much of the width is in shadow (bone, air): check contact and gel",
    ),
    Rule(score="sharpness", limit=0.05, above=False, severity="warn", reason="the picture is blurred"),
)


def verdict(quality: FrameQuality) -> QualityVerdict:
    """Judge one frame.

    Args:
        quality: its scores, from :func:`mskus.quality.assess_frame`.

    Returns:
        ``fail`` with the first cause, ``warn`` with every warning, or ``pass``; the scores travel with it.

    Example:
        >>> import numpy as np
        >>> from mskus.quality import assess_frame
        >>> verdict(assess_frame(np.zeros((64, 64), np.uint8))).reasons
        ('the frame is one grey level',)
    """
    failures = [rule.reason for rule in RULES if rule.severity == "fail" and rule.broken_by(quality)]
    if failures:
        return QualityVerdict(verdict="fail", reasons=(failures[0],), scores=quality.as_dict())
    warnings = tuple(rule.reason for rule in RULES if rule.severity == "warn" and rule.broken_by(quality))
    return QualityVerdict(verdict="warn" if warnings else "pass", reasons=warnings, scores=quality.as_dict())


def clip_verdict(qualities: Sequence[FrameQuality] | Iterable[FrameQuality]) -> QualityVerdict:
    """Judge a clip by its frames.

    A clip fails if more than half of its frames fail, and warns if more than one in ten has a fault of either kind;
    single bad frames are withheld by themselves and do not condemn the rest.

    Args:
        qualities: scores of its frames, in order.

    Returns:
        The verdict; each reason says how many frames it concerns, and the scores are medians over the frames.

    Raises:
        ValueError: if there is no frame.
    """
    frames = list(qualities)
    if not frames:
        raise ValueError("A clip without frames has no quality.")
    if len(frames) == 1:
        return verdict(frames[0])
    verdicts = [verdict(frame) for frame in frames]
    failed = sum(v.verdict == "fail" for v in verdicts)
    faulty = sum(v.verdict != "pass" for v in verdicts)
    scores = {
        f.name: round(float(np.median([getattr(frame, f.name) for frame in frames])), 4) for f in fields(FrameQuality)
    }
    scores["failed_frames_fraction"] = round(failed / len(frames), 4)
    overall: Literal["pass", "warn", "fail"] = "pass"
    if failed > 0.5 * len(frames):
        overall = "fail"
    elif faulty > 0.1 * len(frames):
        overall = "warn"
    counts = Counter(reason for v in verdicts for reason in v.reasons)
    reasons = tuple(f"{reason} ({n} of {len(frames)} frames)" for reason, n in counts.most_common())
    return QualityVerdict(verdict=overall, reasons=reasons if overall != "pass" else (), scores=scores)
