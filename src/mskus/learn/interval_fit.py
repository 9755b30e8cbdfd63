"""Areas with an interval that holds the truth as often as it says: calibrated on cases that were not learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.export import write_card
from mskus.learn.manifest import Case, class_numbers
from mskus.learn.train.pictures import grey_frame
from mskus.models.cards import Card, Score
from mskus.models.picture import NetworkInput
from mskus.models.uncertainty import Members, log_spread
from mskus.statistics.conformal import RatioInterval, calibrate_ratio
from mskus.statistics.estimate import Estimate, bootstrap

_FOLDS = 5


def judged_areas(
    ask: Callable[[NDArray[np.float32]], Members],
    *,
    cases: Sequence[Case],
    classes: Mapping[str, int],
    names: Sequence[str],
    given: NetworkInput,
) -> pd.DataFrame:
    """Areas found and true, as shares of what the network sees.

    Args:
        ask: members' answers to a batch, such as ``lambda batch: ask_views(network, batch)``.
        cases: with masks, not learned from.
        classes: number of each class in the masks.
        names: of the network's channels.
        given: how frames are prepared.

    Returns:
        One row a case and class where anything was found: ``image, patient, structure, predicted, spread, truth``.
    """
    rows = []
    for case in cases:
        if case.mask is None:
            continue
        frame = grey_frame(case)
        drawn = class_numbers(case.mask, shape=frame.shape)[given.box(frame).slices]
        members = ask(given.picture(frame)[None, None])
        for structure, number in classes.items():
            channel = names.index(structure)
            predicted = float((members.mean[0, channel] > 0.5).mean())
            if predicted > 0:
                rows.append(
                    {
                        "image": case.image.name,
                        "patient": case.patient,
                        "structure": structure,
                        "predicted": predicted,
                        "spread": float(log_spread(members.areas(channel))[0]),
                        "truth": float((drawn == number).mean()),
                    }
                )
    return pd.DataFrame(rows, columns=["image", "patient", "structure", "predicted", "spread", "truth"])


def with_intervals(card: Card, table: pd.DataFrame, *, folder: Path, data: str, share: float = 0.95) -> Card:
    """Write calibrated intervals and their measured coverage on a network's card.

    Args:
        card: of the network; written anew.
        table: of :func:`judged_areas`; rows of several folds' networks may be joined.
        folder: where the card lies.
        data: name of the judged pictures, for the card.
        share: of intervals that are to hold the truth.

    Raises:
        LearnError: if there are too few patients to promise that.
    """
    rules, scores = {}, []
    for structure, rows in table.groupby("structure"):
        rule = _rule(rows, share)
        if not np.isfinite(rule.quantile):
            raise LearnError(
                f"{rule.groups} patients are too few, or too many areas of {structure} are of nothing, to promise"
                f" {100 * share:g} %; calibrate on more, or promise less."
            )
        rules[str(structure)] = {name: float(value) for name, value in asdict(rule).items()}
        held = measured_coverage(rows, share=share)
        low, high = (None if np.isnan(end) else round(end, 4) for end in (held.low, held.high))
        scores.append(
            Score(
                metric=f"share of {100 * share:g} % intervals of {structure} area that hold the truth",
                value=round(held.value, 4),
                low=low,
                high=high,
                data=data,
                split="calibrated on other patients, five folds",
                kind="public data",
            )
        )
    kept = tuple(s for s in card.scores if s.metric not in {new.metric for new in scores})
    made = card.model_copy(update={"intervals": rules, "scores": (*kept, *scores)})
    write_card(made, folder)
    return made


def measured_coverage(rows: pd.DataFrame, *, share: float) -> Estimate:
    """Share of areas held by intervals that were calibrated on other patients, drawn by patient.

    Raises:
        LearnError: if there are fewer patients than folds.
    """
    from sklearn.model_selection import GroupKFold

    patients = rows["patient"].to_numpy()
    if len(set(patients)) < _FOLDS:
        raise LearnError(f"Coverage needs {_FOLDS} patients at least; there are {len(set(patients))}.")
    held = np.zeros(len(rows))
    for rest, left in GroupKFold(_FOLDS, shuffle=True, random_state=0).split(rows, groups=patients):
        rule = _rule(rows.iloc[rest], share)
        for k in left:
            low, high = rule.interval(float(rows["predicted"].iloc[k]), float(rows["spread"].iloc[k]))
            held[k] = low <= float(rows["truth"].iloc[k]) <= high
    return bootstrap(lambda i: float(held[i].mean()), patients)


def _rule(rows: pd.DataFrame, share: float) -> RatioInterval:
    return calibrate_ratio(rows["predicted"], rows["spread"], rows["truth"], groups=rows["patient"], share=share)
