"""What is told of a filter's answers inside a region."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NAN = float("nan")


def moments(prefix: str, answers: NDArray[np.floating]) -> dict[str, float]:
    r"""Mean, standard deviation, energy (mean square), skewness and excess kurtosis.

    Skewness and kurtosis are NaN where all answers are equal, as for a constant picture.

    Args:
        prefix: the columns' names begin with it.
        answers: ``(N,)``.

    Example:
        >>> {name: round(value, 3) for name, value in moments("a", np.array([0.0, 0.0, 0.0, 4.0])).items()}
        {'a_mean': 1.0, 'a_sd': 1.732, 'a_energy': 4.0, 'a_skewness': 1.155, 'a_kurtosis': -0.667}
    """
    values = np.asarray(answers, np.float64)
    mean = float(values.mean())
    off = values - mean
    square = off * off
    variance = float(square.mean())
    spread = variance > 1e-20
    return {
        f"{prefix}_mean": mean,
        f"{prefix}_sd": float(np.sqrt(variance)),
        f"{prefix}_energy": variance + mean * mean,
        f"{prefix}_skewness": float((square * off).mean()) / variance**1.5 if spread else NAN,
        f"{prefix}_kurtosis": float((square * square).mean()) / variance**2 - 3.0 if spread else NAN,
    }


def entropy(shares: NDArray[np.floating]) -> float:
    r"""Shannon's entropy :math:`-\sum p \log_2 p` of shares in bits; they need not sum to one. NaN if all are nought.

    Example:
        >>> entropy(np.array([2, 2, 2, 2, 0]))
        2.0
    """
    p = np.asarray(shares, np.float64)
    total = float(p.sum())
    if not total > 0.0:
        return NAN
    p = p[p > 0.0] / total
    return float(-(p * np.log2(p)).sum())
