"""The judge: agreement, accuracy, calibration, consensus and the size of a study, each with its interval and source.

Figures take plain arrays; :func:`with_bootstrap` gives any of them an interval that draws whole patients.
"""

from mskus.statistics.agreement import AgreementRow, agreement
from mskus.statistics.bland_altman import BlandAltman, bland_altman, limit_factors
from mskus.statistics.calibration import (
    brier,
    calibration_slope,
    expected_calibration_error,
    recalibration,
    reliability,
)
from mskus.statistics.concordance import Concordance, ccc, concordance
from mskus.statistics.conformal import RatioInterval, calibrate_ratio, conformal_quantile
from mskus.statistics.confusion import (
    Decision,
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    decide,
    macro_f1,
    sensitivity,
    specificity,
    wilson,
)
from mskus.statistics.consensus import Staple, majority_vote, staple
from mskus.statistics.critical_difference import CriticalDifference, critical_difference
from mskus.statistics.detection import Detection, detection, total_detection
from mskus.statistics.discrimination import AccuracyRow, judge_classes, judge_scores, positive_labels
from mskus.statistics.estimate import Estimate, bootstrap, with_bootstrap
from mskus.statistics.icc import Icc, icc, icc_table
from mskus.statistics.kappa import class_counts, cohen_kappa, fleiss_kappa
from mskus.statistics.measurement_error import bias, coverage, rmse
from mskus.statistics.overlap import dice, iou
from mskus.statistics.paired_tests import McNemar, Permutation, mcnemar, permutation_by_patient, wilcoxon
from mskus.statistics.ratings import ratings_matrix
from mskus.statistics.repeatability import ReaderAgreement, Repeatability, reader_table, repeatability
from mskus.statistics.roc import (
    Comparison,
    auc,
    average_precision,
    delong_auc,
    delong_test,
    precision_recall_curve,
    roc_at,
    roc_curve,
    threshold_at_sensitivity,
    youden_threshold,
)
from mskus.statistics.surfaces import SurfaceDistance, surface_distance

__all__ = [
    "AccuracyRow",
    "AgreementRow",
    "BlandAltman",
    "Comparison",
    "Concordance",
    "CriticalDifference",
    "Decision",
    "Detection",
    "Estimate",
    "Icc",
    "McNemar",
    "Permutation",
    "RatioInterval",
    "ReaderAgreement",
    "Repeatability",
    "Staple",
    "SurfaceDistance",
    "accuracy",
    "agreement",
    "auc",
    "average_precision",
    "balanced_accuracy",
    "bias",
    "bland_altman",
    "bootstrap",
    "brier",
    "calibrate_ratio",
    "calibration_slope",
    "ccc",
    "class_counts",
    "cohen_kappa",
    "concordance",
    "conformal_quantile",
    "confusion_matrix",
    "coverage",
    "critical_difference",
    "decide",
    "delong_auc",
    "delong_test",
    "detection",
    "dice",
    "expected_calibration_error",
    "fleiss_kappa",
    "icc",
    "icc_table",
    "iou",
    "judge_classes",
    "judge_scores",
    "limit_factors",
    "macro_f1",
    "majority_vote",
    "mcnemar",
    "permutation_by_patient",
    "positive_labels",
    "precision_recall_curve",
    "ratings_matrix",
    "reader_table",
    "recalibration",
    "reliability",
    "repeatability",
    "rmse",
    "roc_at",
    "roc_curve",
    "sensitivity",
    "specificity",
    "staple",
    "surface_distance",
    "threshold_at_sensitivity",
    "total_detection",
    "wilcoxon",
    "wilson",
    "with_bootstrap",
    "youden_threshold",
]
