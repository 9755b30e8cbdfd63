"""Whether harmonising helped: the same patients' scores before and after, tested.

Published experience: mapping brightness from one machine to another moved the area under the curve by -0.26 to +0.35,
with median 0. A pair of machines therefore counts as helped only where the test says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from mskus.enhance.harmonise.shifts import DeviceFeatures, FeatureShift, feature_shifts
from mskus.errors import StatisticsError
from mskus.statistics import Estimate, auc, balanced_accuracy, with_bootstrap

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["helped", "did not help", "did harm"]
Direction = Literal["kept", "reversed", "not shown"]


class Decisions(NamedTuple):
    """Balanced accuracy at the threshold learned on the reference machine, and its paired change."""

    before: Estimate
    after: Estimate
    change: Estimate

    def text(self) -> str:
        """One sentence."""
        low, high = self.change.low, self.change.high
        better = "better" if low > 0 else "worse" if high < 0 else "not shown to be better"
        return (
            f"Decisions at the learned threshold are {better}: balanced accuracy {self.before.text()} before, "
            f"{self.after.text()} after; change {self.change.value:+.2f} ({low:+.2f} to {high:+.2f})."
        )


@dataclass(frozen=True, kw_only=True)
class HarmonisationReport:
    """One pair of machines, judged.

    Attributes:
        source_device: machine whose pictures were harmonised.
        reference_device: machine that the score was learned on.
        steps: what was done.
        n_patients: patients scored.
        before: AUC without harmonising, 95 % interval by patient.
        after: AUC with.
        change: after less before, paired.
        p: of the change, two-sided, by exchanging whole patients.
        direction: whether high scores after harmonising still mean what they meant where the score was learned.
        decisions: at the learned threshold, where it was given. AUC asks for the order of patients only; a shift
            between machines shows here.
        shifts: of features, where they were given.
    """

    source_device: str
    reference_device: str
    steps: tuple[str, ...]
    n_patients: int
    before: Estimate
    after: Estimate
    change: Estimate
    p: float
    direction: Direction
    decisions: Decisions | None = None
    shifts: tuple[FeatureShift, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """``helped`` or ``did harm`` where interval and test agree on it (5 %), else ``did not help``."""
        if self.p < 0.05 and self.change.low > 0:
            return "helped"
        if self.p < 0.05 and self.change.high < 0:
            return "did harm"
        return "did not help"

    def text(self) -> str:
        """The judgement in sentences."""
        pair = f"{self.source_device or 'source'} to {self.reference_device or 'reference'}"
        lines = [
            f"{pair}, {' + '.join(self.steps) or 'harmonised'}: {self.verdict}.",
            f"AUC {self.before.text()} before, {self.after.text()} after; change {self.change.value:+.2f} "
            f"({self.change.low:+.2f} to {self.change.high:+.2f}), p = {self.p:.3f}, {self.n_patients} patients.",
            {
                "kept": "The score keeps its order on this machine.",
                "reversed": "The score is REVERSED on this machine: high means what low meant. Do not use it.",
                "not shown": "It is not shown that the score keeps its order on this machine (the interval holds 0.5).",
            }[self.direction],
        ]
        if self.decisions is not None:
            lines.append(self.decisions.text())
        if self.shifts:
            nearer = sum(s.wasserstein_after < s.wasserstein_before for s in self.shifts)
            moved = f"{nearer} of {len(self.shifts)} features came nearer to the reference machine"
            lines.append(moved + (", which by itself is no gain." if self.verdict != "helped" else "."))
        return " ".join(lines)


def harmonisation_report(
    before: ArrayLike,
    after: ArrayLike,
    *,
    labels: ArrayLike,
    patients: ArrayLike,
    source_device: str = "",
    reference_device: str = "",
    steps: Sequence[str] = (),
    threshold: float | None = None,
    features: DeviceFeatures | None = None,
    repeats: int = 1000,
    seed: int = 0,
) -> HarmonisationReport:
    """Judge one pair of machines by the scores of one model on the new machine's pictures.

    The change of AUC has a percentile interval by a bootstrap that draws whole patients, and a permutation test that
    exchanges before and after for whole patients at random. Scores are replaced by their ranks first, so that a shift
    of the scale alone cannot pass for a change (Bandos, Rockette & Gur 2005, Stat Med 24:2873).

    Args:
        before: ``(N,)`` scores without harmonising, high for label 1 where the model was learned.
        after: ``(N,)`` scores of the same pictures, harmonised.
        labels: ``(N,)`` 0 or 1.
        patients: ``(N,)`` who.
        source_device: machine that took the pictures.
        reference_device: machine that the model was learned on.
        steps: what was done, for the text.
        threshold: score from which the model, as learned on the reference machine, decides for label 1.
        features: of both machines, to tell how far they lie apart before and after.
        repeats: of bootstrap and permutation.
        seed: of both.

    Raises:
        StatisticsError: if lengths differ, a score is not finite, or a class has fewer than two patients.
    """
    y, who = np.asarray(labels), np.asarray(patients)
    raw = [np.asarray(before, np.float64), np.asarray(after, np.float64)]
    _check(y, who, raw)
    first, second = (rankdata(scores) for scores in raw)
    before_auc, after_auc = (
        with_bootstrap(auc, y, scores, patients=who, repeats=repeats, seed=seed) for scores in (first, second)
    )
    change = with_bootstrap(_gain, y, first, second, patients=who, repeats=repeats, seed=seed)
    direction: Direction = "kept" if after_auc.low > 0.5 else "reversed" if after_auc.high < 0.5 else "not shown"
    return HarmonisationReport(
        source_device=source_device,
        reference_device=reference_device,
        steps=tuple(steps),
        n_patients=len(np.unique(who)),
        before=before_auc,
        after=after_auc,
        change=change,
        p=_exchange_p(first, second, y=y, who=who, change=change.value, repeats=repeats, seed=seed),
        direction=direction,
        decisions=None
        if threshold is None
        else _decisions(raw[0], raw[1], threshold, y=y, who=who, repeats=repeats, seed=seed),
        shifts=() if features is None else feature_shifts(features),
    )


def report_table(reports: Sequence[HarmonisationReport]) -> pd.DataFrame:
    """One row a pair, for a paper: AUC before and after, change with interval, p, verdict, direction."""
    import pandas as pd

    return pd.DataFrame(
        {
            "pair": f"{r.source_device} to {r.reference_device}",
            "steps": " + ".join(r.steps),
            "patients": r.n_patients,
            "AUC before": r.before.text(),
            "AUC after": r.after.text(),
            "change": r.change.text(),
            "p": round(r.p, 3),
            "verdict": r.verdict,
            "direction": r.direction,
        }
        for r in reports
    )


def _check(y: NDArray[np.generic], who: NDArray[np.generic], raw: Sequence[NDArray[np.float64]]) -> None:
    if len({len(y), len(who), *(len(s) for s in raw)}) > 1:
        raise StatisticsError(
            f"{len(raw[0])} scores before, {len(raw[1])} after, {len(y)} labels and {len(who)} patients do not pair up."
        )
    if not all(np.isfinite(s).all() for s in raw):
        raise StatisticsError("A score is NaN or infinite; leave that picture out before and after.")
    for label in (0, 1):
        count = len(np.unique(who[y == label]))
        if count < 2:
            raise StatisticsError(
                f"Label {label} has {count} patient(s); a pair of machines needs at least two of each."
            )


def _gain(y: NDArray[np.generic], first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return auc(y, second) - auc(y, first)


def _decisions(
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    threshold: float,
    *,
    y: NDArray[np.generic],
    who: NDArray[np.generic],
    repeats: int,
    seed: int,
) -> Decisions:
    one, other = (np.asarray(scores >= threshold, np.intp) for scores in (before, after))
    truth = np.asarray(y, np.intp)

    def gain(truth: ArrayLike, one: ArrayLike, other: ArrayLike) -> float:
        return balanced_accuracy(truth, other) - balanced_accuracy(truth, one)

    return Decisions(
        with_bootstrap(balanced_accuracy, truth, one, patients=who, repeats=repeats, seed=seed),
        with_bootstrap(balanced_accuracy, truth, other, patients=who, repeats=repeats, seed=seed),
        with_bootstrap(gain, truth, one, other, patients=who, repeats=repeats, seed=seed),
    )


def _exchange_p(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    *,
    y: NDArray[np.generic],
    who: NDArray[np.generic],
    change: float,
    repeats: int,
    seed: int,
) -> float:
    names, of_row = np.unique(who, return_inverse=True)
    rng = np.random.default_rng([seed, 1])
    extreme = 0
    for _ in range(repeats):
        swap = rng.random(len(names))[of_row] < 0.5
        one, other = np.where(swap, second, first), np.where(swap, first, second)
        extreme += abs(_gain(y, one, other)) >= abs(change) - 1e-12
    return (extreme + 1) / (repeats + 1)
