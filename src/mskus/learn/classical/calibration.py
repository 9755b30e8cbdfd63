"""Probabilities that mean what they say: a map from raw to calibrated, learned from patients the model has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.learn.classical.recipe import CalibrationKind

Probabilities = NDArray[np.float64]

_EDGE = 1e-4  # probabilities are kept this far from 0 and 1


@dataclass(kw_only=True)
class Calibration:
    """A fitted map of every class against the rest; the results are made to sum to one.

    Attributes:
        kind: ``"sigmoid"``, ``"isotonic"`` or ``"none"``.
        maps: for each class (for two classes: the second) a ``(2,)`` slope and offset on the log-odds, or the
            ``(2, K)`` corners of the isotonic step line.
    """

    kind: CalibrationKind = "none"
    maps: list[NDArray[np.float64]] = field(default_factory=list)

    def __call__(self, raw: Probabilities) -> Probabilities:
        """``(N, C)`` calibrated probabilities of raw ones."""
        if self.kind == "none":
            return raw
        mapped = np.stack([self._one(raw[:, -len(self.maps) + k], m) for k, m in enumerate(self.maps)], axis=1)
        if len(self.maps) == 1:
            return np.concatenate([1.0 - mapped, mapped], axis=1)
        return mapped / mapped.sum(1, keepdims=True)

    def _one(self, raw: NDArray[np.float64], fitted: NDArray[np.float64]) -> NDArray[np.float64]:
        from scipy.special import expit

        if self.kind == "sigmoid":
            return np.asarray(expit(fitted[0] * _log_odds(raw) + fitted[1]))
        return np.clip(np.interp(raw, fitted[0], fitted[1]), _EDGE, 1.0 - _EDGE)


def fit_calibration(
    raw: Probabilities, y: NDArray[np.intp], *, kind: CalibrationKind, prior: NDArray[np.float64] | None = None
) -> Calibration:
    """Learn the map from raw probabilities of rows that were not trained on.

    Platt's sigmoid has two parameters on the log-odds and targets drawn in from 0 and 1; the isotonic map is the
    increasing step line of least squares and wants some hundred rows.

    Both learn the classes' shares too. In a cross-validation these betray the held-out rows (leave a patient out, and
    its class becomes rarer), so there the shares of the whole table are given to all folds alike, and rows are weighted
    to meet them.

    Args:
        raw: ``(N, C)`` out-of-fold probabilities.
        y: ``(N,)`` class numbers.
        kind: of the map.
        prior: ``(C,)`` shares of the classes that the probabilities are made for; those of the rows by default.

    Sources: Platt 1999, Advances in Large Margin Classifiers, p. 61; Zadrozny & Elkan 2002, KDD, p. 694.
    """
    if kind == "none":
        return Calibration()
    share = np.bincount(y, minlength=raw.shape[1]) / len(y)
    wanted = share if prior is None else prior
    columns = [1] if raw.shape[1] == 2 else list(range(raw.shape[1]))
    fit = _platt if kind == "sigmoid" else _isotonic
    return Calibration(kind=kind, maps=[fit(raw[:, c], y == c, (wanted / share)[y], float(wanted[c])) for c in columns])


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import logit

    return np.asarray(logit(np.clip(p, _EDGE, 1.0 - _EDGE)))


def _platt(
    raw: NDArray[np.float64], positive: NDArray[np.bool_], weight: NDArray[np.float64], share: float
) -> NDArray[np.float64]:
    from scipy.optimize import minimize
    from scipy.special import expit

    odds, n_positive = _log_odds(raw), share * len(raw)
    n_negative = len(raw) - n_positive
    target = np.where(positive, (n_positive + 1.0) / (n_positive + 2.0), 1.0 / (n_negative + 2.0))

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = parameters[0] * odds + parameters[1]
        wrong = weight * (np.asarray(expit(margin)) - target)
        value = float(np.mean(weight * (np.logaddexp(0.0, margin) - target * margin)))
        return value, np.array([np.mean(wrong * odds), np.mean(wrong)])

    # A slope below zero would turn the order round, which out-of-fold chance alone can suggest.
    found: Any = minimize(loss, np.array([1.0, 0.0]), jac=True, bounds=[(1e-3, None), (None, None)], method="L-BFGS-B")
    return np.asarray(found.x, np.float64)


def _isotonic(
    raw: NDArray[np.float64], positive: NDArray[np.bool_], weight: NDArray[np.float64], _: float
) -> NDArray[np.float64]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(out_of_bounds="clip").fit(raw, positive.astype(np.float64), sample_weight=weight)
    return np.stack([fitted.X_thresholds_, fitted.y_thresholds_]).astype(np.float64)
