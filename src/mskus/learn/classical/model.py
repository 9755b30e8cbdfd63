"""A trained model as it is used: named features in, probabilities and decisions for pictures and patients out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.classical.calibration import Calibration
from mskus.learn.classical.classifiers import raw_probabilities
from mskus.learn.classical.columns import SETTINGS_COLUMN, check_columns, feature_matrix, patients
from mskus.learn.classical.decision import by_patient, decide
from mskus.learn.classical.preparation import Preparation
from mskus.learn.classical.recipe import PatientRule
from mskus.learn.classical.training import Trained

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassicalModel:
    """What is needed to predict, and no more: only the selected features are kept.

    Attributes:
        features: names of the columns that the model reads.
        classes: names; of two, the second is the positive one.
        label: column that was learned.
        preparation: medians, means and spreads of these columns in the training.
        classifier: fitted, of scikit-learn.
        calibration: from raw to calibrated probabilities.
        threshold: of the positive class of two, for a picture.
        patient_threshold: the same for a patient.
        patient_rule: how pictures of a patient are put together.
        feature_settings: how the features were computed, empty where the table did not say.
    """

    features: tuple[str, ...]
    classes: tuple[str, ...]
    label: str
    preparation: Preparation
    classifier: Any
    calibration: Calibration
    threshold: float
    patient_threshold: float
    patient_rule: PatientRule
    feature_settings: str = ""

    @staticmethod
    def of(
        trained: Trained, *, features: Sequence[str], classes: Sequence[str], label: str, feature_settings: str = ""
    ) -> ClassicalModel:
        """From a training on a matrix with the named columns."""
        front = trained.front
        return ClassicalModel(
            features=tuple(features[int(i)] for i in front.columns),
            classes=tuple(str(c) for c in classes),
            label=label,
            preparation=front.preparation.of_columns(front.selection.chosen_),
            classifier=trained.classifier,
            calibration=trained.calibration,
            threshold=trained.threshold,
            patient_threshold=trained.patient_threshold,
            patient_rule=trained.patient_rule,
            feature_settings=feature_settings,
        )

    def probabilities(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(N, C)`` calibrated probabilities of ``(N, F)`` values of :attr:`features`, NaN where unknown.

        A row with none of the features has no probability but NaN: medians alone would pass for a finding.
        """
        found = self.calibration(raw_probabilities(self.classifier, self.preparation.transform(X)))
        return np.where(np.isfinite(X).any(1, keepdims=True), found, np.nan)

    def predict_proba(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """``(N, C)`` probabilities of the rows of a table.

        Raises:
            LearnError: if features are missing or were computed with other settings than in the training.
        """
        self.check_table(table)
        return self.probabilities(feature_matrix(table, self.features))

    def check_table(self, table: pd.DataFrame) -> None:
        """See that a table holds the features of the training, computed in the same way; one that does not say passes.

        Raises:
            LearnError: if it does not.
        """
        check_columns(table, self.features)
        found = settings_of(table)
        if found and self.feature_settings and found != self.feature_settings:
            raise LearnError(
                f"The features of this table were computed with {found!r} but the model was trained on "
                f"{self.feature_settings!r}; make the table anew with the settings of the training."
            )

    def predict(self, table: pd.DataFrame) -> NDArray[np.str_]:
        """``(N,)`` classes of the rows of a table, empty where a row has none of the features."""
        return self._named(self.predict_proba(table), threshold=self.threshold)

    def _named(self, probabilities: NDArray[np.float64], *, threshold: float) -> NDArray[np.str_]:
        named = np.array(self.classes)[decide(probabilities, threshold=threshold)]
        return np.where(np.isfinite(probabilities).all(1), named, "")

    def predict_patients(self, table: pd.DataFrame, *, patient: str = "patient") -> pd.DataFrame:
        """One row a patient, in sorted order: ``patient``, ``pictures``, ``probability_*`` and ``predicted``.

        Pictures with none of the features do not count; a patient with no other has NaN and no prediction.

        Args:
            table: features.
            patient: column that says who.
        """
        import pandas as pd

        who, found = patients(table, patient), self.predict_proba(table)
        known = np.isfinite(found).all(1)
        names, inverse = np.unique(who, return_inverse=True)
        pictures = np.bincount(inverse, weights=known).astype(int)
        together = np.full((len(names), len(self.classes)), np.nan)
        if known.any():
            together[pictures > 0] = by_patient(
                found[known], who[known], rule=self.patient_rule, threshold=self.threshold
            )[1]
        decided = self._named(together, threshold=self.patient_threshold)
        columns = {f"probability_{name}": together[:, c] for c, name in enumerate(self.classes)}
        return pd.DataFrame({patient: names, "pictures": pictures, **columns, "predicted": decided})


def predict_table(model: ClassicalModel, table: pd.DataFrame, *, patient: str = "patient") -> pd.DataFrame:
    """Predictions for every row, and for its patient where the table says who.

    Args:
        model: see :func:`mskus.learn.classical.fitting.fit_classifier`.
        table: features; needs no labels.
        patient: column that says who.

    Returns:
        As many rows: picture, frame, mask and patient as far as they are known, ``probability_*``, ``predicted``, and
        ``patient_probability_*``, ``patient_predicted``, which repeat in the rows of a patient.

    Raises:
        LearnError: if features are missing or were computed with other settings than in the training.
    """
    import pandas as pd

    probabilities = model.predict_proba(table)
    kept = [name for name in dict.fromkeys(("image", "frame", "mask", "mask_value", patient)) if name in table.columns]
    predictions = table[kept].reset_index(drop=True)
    predictions = predictions.assign(
        **{f"probability_{name}": probabilities[:, c] for c, name in enumerate(model.classes)},
        predicted=model._named(probabilities, threshold=model.threshold),
    )
    if patient in table.columns:
        together = model.predict_patients(table, patient=patient).drop(columns="pictures").set_index(patient)
        of_rows = together.reindex(patients(table, patient)).add_prefix("patient_").reset_index(drop=True)
        predictions = pd.concat([predictions, of_rows], axis=1)
    return predictions


def settings_of(table: pd.DataFrame) -> str:
    """How the table's features were computed, empty where it does not say.

    Raises:
        LearnError: if its rows were computed in different ways.
    """
    if SETTINGS_COLUMN not in table.columns:
        return ""
    found = sorted({str(one) for one in table[SETTINGS_COLUMN].dropna()})
    if len(found) > 1:
        raise LearnError(
            f"The table mixes features computed with {found[0]!r} and {found[1]!r}; make it anew with one setting."
        )
    return found[0] if found else ""
