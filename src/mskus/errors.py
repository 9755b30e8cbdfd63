"""Errors that speak to the user: one sentence that names the input, the fault and the remedy."""

from __future__ import annotations


class MskusError(Exception):
    """Base of every error that mskus raises on purpose; its text is one clear sentence for the user."""


class ReadError(MskusError):
    """The input cannot be read as an ultrasound clip."""


class CalibrationError(MskusError):
    """A scale is missing, contradictory or impossible."""


class ExamError(MskusError):
    """The exam cannot be done on this clip at all (a single withheld measurement is not an error)."""


class SaveError(MskusError):
    """A result cannot be written where the user asked for it."""


class EnhanceError(MskusError):
    """A picture cannot be enhanced as asked."""


class QualityError(MskusError):
    """A picture's quality cannot be judged as asked."""


class FeatureError(MskusError):
    """A region cannot be described as asked."""


class LearnError(MskusError):
    """Data cannot be learned from, or a model cannot be used, as asked."""


class LeakError(LearnError):
    """Cases of one patient, video or picture stand on both sides of a split."""


class StatisticsError(MskusError):
    """A statistic cannot be computed from what was given."""
