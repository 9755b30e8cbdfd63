"""Exams: from a clip to findings. One folder an exam; each reads top to bottom as the way of the data."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mskus.errors import ExamError

if TYPE_CHECKING:
    from mskus.clip import Clip
    from mskus.findings import Findings

EXAMS = {
    "muscle": "mskus.exams.muscle.exam:examine_muscle",
    "nerve": "mskus.exams.nerve.exam:examine_nerve",
}
SETTINGS = {
    "muscle": "mskus.exams.muscle.settings:MuscleSettings",
    "nerve": "mskus.exams.nerve.settings:NerveSettings",
}


def examine(clip: Clip, exam: str = "muscle", **settings: Any) -> Findings:
    """Examine a clip.

    Args:
        clip: what :func:`mskus.read` returned.
        exam: name of the exam: one of ``EXAMS``.
        **settings: the exam's own settings (:class:`mskus.exams.muscle.settings.MuscleSettings`,
            :class:`mskus.exams.nerve.settings.NerveSettings`).

    Returns:
        Findings with structures, measurements, verdict and manifest, attached to the clip for drawing.

    Raises:
        ExamError: if there is no such exam or a setting is unknown or out of range.
    """
    run: Callable[..., Findings] = _named(EXAMS, exam)
    return run(clip, **settings)


def check_settings(exam: str, settings: dict[str, Any]) -> None:
    """See that an exam knows all settings, before the first clip.

    Raises:
        ExamError: if there is no such exam or a setting is unknown or out of range.
    """
    _named(SETTINGS, exam).check(settings)


def _named(places: dict[str, str], exam: str) -> Any:
    if exam not in places:
        raise ExamError(f"There is no exam {exam!r}; choose one of: {', '.join(sorted(places))}.")
    module, name = places[exam].split(":")
    return getattr(import_module(module), name)
