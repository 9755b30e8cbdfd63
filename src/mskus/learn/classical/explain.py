"""Why a model says what it says: permutation importance, partial dependence, Shapley values, nearest cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import LearnError
from mskus.learn.classical.columns import feature_matrix

if TYPE_CHECKING:
    import pandas as pd


class Predicts(Protocol):
    """What an explanation needs of a model."""

    @property
    def features(self) -> Sequence[str]:
        """Columns that it reads."""

    @property
    def classes(self) -> Sequence[Any]:
        """Classes, in the order of its probabilities."""

    def predict_proba(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """``(N, K)`` probabilities."""


def permutation_importance(
    model: Predicts,
    table: pd.DataFrame,
    labels: ArrayLike,
    *,
    correlated: float = 0.9,
    repeats: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """How much log loss a model gains when a feature's values are shuffled (Breiman 2001, Machine Learning 45:5).

    Features that stand for each other are shuffled together, since a model that lost one would read the other; each
    group is named after its member of highest importance alone.

    Args:
        model: the model.
        table: rows that it was not trained on, for an honest answer.
        labels: ``(N,)`` true classes.
        correlated: features whose absolute rank correlation is at least this form one group.
        repeats: shuffles.
        seed: of the shuffles.

    Returns:
        One row a group, most important first: ``feature, together_with, importance, low, high`` (nats; 2.5 and 97.5
        percentiles of the shuffles).

    Raises:
        LearnError: if a label is not one of the model's classes.
    """
    import pandas as pd

    truth = class_numbers(model, labels)
    rng = np.random.default_rng(seed)
    base = _log_loss(model.predict_proba(table), truth)

    def gains(columns: list[str]) -> NDArray[np.float64]:
        found = np.empty(repeats)
        for i in range(repeats):
            shuffled = table.copy()
            shuffled[columns] = table[columns].to_numpy()[rng.permutation(len(table))]
            found[i] = _log_loss(model.predict_proba(shuffled), truth) - base
        return found

    rows = []
    for group in _correlated_groups(table[list(model.features)], least=correlated):
        alone = {name: float(gains([name]).mean()) for name in group} if len(group) > 1 else {}
        leader = max(group, key=lambda name: alone.get(name, 0.0))
        found = gains(group)
        low, high = np.percentile(found, [2.5, 97.5])
        others = ", ".join(name for name in group if name != leader)
        rows.append((leader, others, float(found.mean()), float(low), float(high)))
    columns = ["feature", "together_with", "importance", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("importance", ascending=False, ignore_index=True)


def partial_dependence(model: Predicts, table: pd.DataFrame, *, feature: str, points: int = 20) -> pd.DataFrame:
    """Mean probability when one feature is set to a value in every row (Friedman 2001, Annals of Statistics 29:1189).

    Args:
        model: the model.
        table: rows to average over.
        feature: one of the model's columns.
        points: values from the 2nd to the 98th percentile.

    Returns:
        One row a value and class: ``value, class, probability, low, high`` (10th and 90th percentile over rows).

    Raises:
        LearnError: if the model does not read the feature.
    """
    import pandas as pd

    if feature not in model.features:
        raise LearnError(f"The model does not read {feature!r}; it reads {', '.join(list(model.features)[:5])} ...")
    rows = []
    for value in np.unique(np.nanpercentile(table[feature].to_numpy(float), np.linspace(2, 98, points))):
        found = model.predict_proba(table.assign(**{feature: value}))
        for k, name in enumerate(model.classes):
            low, high = np.percentile(found[:, k], [10, 90])
            rows.append((float(value), name, float(found[:, k].mean()), float(low), float(high)))
    return pd.DataFrame(rows, columns=["value", "class", "probability", "low", "high"])


def shapley_values(
    model: Predicts,
    case: pd.DataFrame,
    background: pd.DataFrame,
    *,
    of_class: int = -1,
    draws: int = 200,
    seed: int = 0,
) -> dict[str, float]:
    """Each feature's share of one case's probability, by sampled orders (Strumbelj & Kononenko 2014, KIS 41:647).

    The values sum to the case's probability minus the mean probability of the background rows drawn.

    Args:
        model: the model.
        case: one row.
        background: rows that stand for "feature unknown".
        of_class: index of the class explained; the last by default.
        draws: random orders.
        seed: of the orders.

    Raises:
        LearnError: if the background lacks features of the model or has no row with any.
    """
    import pandas as pd

    names = list(model.features)
    rng = np.random.default_rng(seed)
    x, others = feature_matrix(case, names)[0], feature_matrix(background, names)
    others = others[np.isfinite(others).any(1)]
    if not len(others):
        raise LearnError("No row of the background has a feature of the model; give other known cases.")
    orders = [rng.permutation(len(names)) for _ in range(draws)]
    # Row k of a walk has the first k features of the order taken from the case.
    walks = np.repeat(others[rng.integers(0, len(others), draws)][:, None], len(names) + 1, axis=1)
    for walk, order in zip(walks, orders, strict=True):
        for k, feature in enumerate(order, start=1):
            walk[k:, feature] = x[feature]
    flat = pd.DataFrame(walks.reshape(-1, len(names)), columns=names)
    steps = np.diff(model.predict_proba(flat)[:, of_class].reshape(draws, -1), axis=1)
    total = np.zeros(len(names))
    for step, order in zip(steps, orders, strict=True):
        total[order] += step
    return dict(zip(names, (total / draws).tolist(), strict=True))


def nearest_cases(
    model: Predicts, case: pd.DataFrame, known: pd.DataFrame, *, weights: dict[str, float] | None = None, k: int = 5
) -> pd.DataFrame:
    """The known cases most like one case, by standardised features.

    Args:
        model: says which features count.
        case: one row.
        known: rows to look in; those of the same patient are left out.
        weights: of features, such as their importance; equal by default, below zero counts as zero.
        k: how many.

    Returns:
        Rows of ``known``, nearest first, with a column ``distance``: root mean weighted squared difference in standard
        deviations over the features known of both, infinite where there is none.

    Raises:
        LearnError: if no case of another patient is known, or features are missing.
    """
    names = list(model.features)
    if "patient" in known and "patient" in case and case["patient"].notna().iloc[0]:
        known = known[known["patient"].astype(str) != str(case["patient"].iloc[0])]
    if known.empty:
        raise LearnError("There is no case of another patient to compare with.")
    values = feature_matrix(known, names)
    # a feature that nobody has needs a number here only so that its spread is not asked of nothing
    spread = np.nanstd(np.where(np.isfinite(values).any(0), values, 0.0), axis=0)
    spread[~(spread > 0)] = 1.0
    difference = (values - feature_matrix(case, names)[0]) / spread
    w = np.array([max((weights or {}).get(name, 0.0 if weights else 1.0), 0.0) for name in names])
    if w.sum() <= 0:
        w = np.ones(len(names))
    shared = np.isfinite(difference)  # unknown on either side is no evidence, neither for nor against
    weight, squares = (shared * w).sum(1), (np.where(shared, difference, 0.0) ** 2 * w).sum(1)
    distance = np.sqrt(np.divide(squares, weight, out=np.full(len(known), np.inf), where=weight > 0))
    order = np.argsort(distance, kind="stable")[:k]
    return known.iloc[order].assign(distance=distance[order])


def class_numbers(model: Predicts, labels: ArrayLike) -> NDArray[np.intp]:
    """Labels as indices into the model's classes.

    Raises:
        LearnError: if one is not among them.
    """
    index = {str(name): k for k, name in enumerate(model.classes)}
    given = [str(label) for label in np.asarray(labels).tolist()]
    unknown = sorted(set(given) - set(index))
    if unknown:
        raise LearnError(f"The label {unknown[0]!r} is none of the model's classes {', '.join(index)}.")
    return np.array([index[label] for label in given])


def _log_loss(probabilities: NDArray[np.float64], truth: NDArray[np.intp]) -> float:
    right = probabilities[np.arange(len(truth)), truth]
    return float(-np.nanmean(np.log(np.clip(right, 1e-6, 1.0))))  # a row with no feature has no probability


def _correlated_groups(values: pd.DataFrame, *, least: float) -> list[list[str]]:
    """Groups of columns linked by rank correlations of at least ``least`` (connected components)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    linked = np.nan_to_num(np.abs(values.corr(method="spearman").to_numpy())) >= least
    count, group = connected_components(csr_array(linked), directed=False)
    names = list(values.columns)
    return [[names[i] for i in np.flatnonzero(group == g)] for g in range(count)]
