"""The card of a classical model: what it answers, from which table, how well by patient, and what it is not."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from mskus.models.cards import Score
from mskus.statistics import Estimate

LIMITS = (
    "Research software, not validated on patients: judged by cross-validation on the table that it was trained on; "
    "another machine, site or setting can change every figure."
)


class TableData(BaseModel):
    """The table that a model learned from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    rows: int
    patients: int
    rows_by_class: dict[str, int]
    patients_by_class: dict[str, int]


class ClassicalCard(BaseModel):
    """What is known of a classical model; lies beside it as ``card.json``.

    Attributes:
        task: what it answers.
        classes: names; of two, the second is the positive one.
        features: columns that it reads.
        feature_settings: how they were computed.
        recipe: choices of the training.
        parameters: hyper-parameters found.
        data: what it learned from.
        split: how the scores were made.
        scores: out-of-fold, by picture and by patient, with 95 % intervals.
        limits: what it was not made or checked for.
        made_with: versions of the libraries.
        date: ISO date of the training.
        sha256: of ``model.skops``.

    Source: Mitchell et al. 2019, Model Cards for Model Reporting (arXiv 1810.03993).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    feature_settings: str
    recipe: dict[str, Any]
    parameters: dict[str, Any]
    data: TableData
    split: str
    scores: tuple[Score, ...]
    limits: str = LIMITS
    made_with: dict[str, str]
    date: str
    sha256: str


def as_scores(found: dict[str, Estimate], *, level: str, data: str, split: str) -> list[Score]:
    """Figures as entries of a card.

    Args:
        found: by name.
        level: ``"picture"`` or ``"patient"``.
        data: name of the table.
        split: how they were made.
    """
    return [
        Score(
            metric=f"{name}, by {level}",
            value=_known(estimate.value),
            low=_known(estimate.low),
            high=_known(estimate.high),
            data=data,
            split=split,
            kind="user data",
        )
        for name, estimate in found.items()
        if estimate.value == estimate.value
    ]


def _known(value: float) -> float:
    return round(value, 4)
