"""Classical learning: selection, classifiers, nested cross-validation, models that are kept safely. No torch.

Example:
    >>> import numpy as np, pandas as pd
    >>> from mskus.learn.classical import fit_classifier, predict_table
    >>> rng = np.random.default_rng(0)
    >>> ill = np.arange(40) % 2
    >>> table = pd.DataFrame({"patient": np.arange(40), "ill": ill, "stat_mean": ill + rng.normal(0, 0.3, 40)})
    >>> result = fit_classifier(table, label="ill", classifier="logistic_regression", selection="none", trials=0)
    >>> bool(result.scores["AUC"].low > 0.8)
    True
    >>> list(predict_table(result.model, table.drop(columns="ill")).columns)[:4]
    ['patient', 'probability_0', 'probability_1', 'predicted']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.learn.classical.fitting import FitResult, fit_classifier
    from mskus.learn.classical.model import ClassicalModel, predict_table
    from mskus.learn.classical.store import load_model, save_model
    from mskus.learn.classical.validation import CrossValidated, nested_cross_validation

_HOME = {
    "ClassicalModel": "model",
    "CrossValidated": "validation",
    "FitResult": "fitting",
    "fit_classifier": "fitting",
    "load_model": "store",
    "nested_cross_validation": "validation",
    "predict_table": "model",
    "save_model": "store",
}

__all__ = [
    "ClassicalModel",
    "CrossValidated",
    "FitResult",
    "fit_classifier",
    "load_model",
    "nested_cross_validation",
    "predict_table",
    "save_model",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"mskus.learn.classical.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
