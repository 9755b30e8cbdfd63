"""The classical road from a frame to nerve and vessel: despeckle, windows, features, classifier, votes, contour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.learn.applications.nerve.context import context_features
from mskus.learn.applications.nerve.learner import (
    LearnerSettings,
    WindowLearner,
    check_classes,
    class_indices,
    folds_of,
)
from mskus.learn.applications.nerve.regions import RegionRule, outlined, tune_contour, tune_rule, votes
from mskus.learn.applications.nerve.template import Template
from mskus.learn.applications.nerve.windows import Labelled, Windows, WindowSettings, common_settings, describe

F32 = NDArray[np.float32]
Classes = NDArray[np.uint8]

# Pictures on which active contours are compared; they are slow beside all else.
_CONTOUR_PICTURES = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class NerveRoad:
    """A learned road.

    Attributes:
        classes: class numbers, the first wins where regions overlap.
        windows: how windows are described.
        template: where the structures lie at all.
        passes: the learners, one or two.
        rules: how confidence becomes regions, one a class.
    """

    classes: tuple[int, ...]
    windows: WindowSettings
    template: Template
    passes: tuple[WindowLearner, ...]
    rules: tuple[RegionRule, ...]

    def confidence(self, windows: Windows) -> F32:
        """``(h, w, C)`` votes at the nodes of a described frame."""
        features = self.template.with_prior(windows)
        opinion = self.passes[0](features)
        for learner in self.passes[1:]:
            opinion = learner(np.concatenate([features, context_features(opinion)], axis=-1))
        return _confidence(opinion, windows, template=self.template)

    def regions(self, windows: Windows) -> Classes:
        """``(h, w)`` class numbers on the working frame's pixels."""
        confidence = self.confidence(windows)
        found = np.zeros(windows.frame.grey.shape, np.uint8)
        for c in reversed(range(len(self.classes))):
            rule = self.rules[c]
            rough = rule(windows.at_pixels(np.ascontiguousarray(confidence[..., c])))
            found[outlined(windows.frame.smooth, rough, rule=rule)] = self.classes[c]
        return found

    def segment(self, frame: NDArray[np.uint8]) -> Classes:
        """Class numbers of a frame.

        Args:
            frame: ``(H, W)`` uint8.

        Returns:
            ``(H, W)`` uint8, 0 for neither.

        Raises:
            LearnError: if the frame shows nothing.
        """
        windows = describe(frame, settings=self.windows)
        return windows.frame.put_back_classes(self.regions(windows), classes=self.classes)


def fit_nerve_road(
    examples: Sequence[Labelled],
    *,
    classes: Sequence[int],
    learner: LearnerSettings | None = None,
    second_pass: bool = True,
    contour: bool = True,
) -> NerveRoad:
    """Learn the road.

    Windows are described and classified; those of a training picture by a model that has not seen its group. Their
    votes set the region rules, and teach the second pass, which sees what the first thought of the surroundings.

    Args:
        examples: of :func:`~mskus.learn.applications.nerve.windows.label_windows`.
        classes: numbers in the masks; the first wins where regions overlap.
        learner: classifier, selection, folds.
        second_pass: classify again with the first pass's opinion of the surroundings.
        contour: end with the active contour that helps most, if any does.

    Raises:
        LearnError: if there are too few groups, a class is drawn nowhere, or the pictures were described differently.

    Source:
        Hadjerci, Hafiane, Conte, Makris, Vieyres & Delbos 2016, Informatics in Medicine Unlocked 3:29; Tu & Bai 2010
        (second pass).
    """
    asked, described = learner or LearnerSettings(), common_settings(examples)
    fold = folds_of([one.group for one in examples], n=asked.folds, seed=asked.seed)
    labels = class_indices(examples, classes=classes)
    check_classes(labels, fold, classes=classes)
    template = Template.of(examples, classes=classes)
    features = [template.with_prior(one.windows) for one in examples]
    first = WindowLearner(settings=asked, n_classes=len(classes))
    opinions, passes = first.fit(features, labels, fold), [first]
    if second_pass:
        seen = [np.concatenate([f, context_features(p)], axis=-1) for f, p in zip(features, opinions, strict=True)]
        second = WindowLearner(settings=asked, n_classes=len(classes))
        opinions, passes = second.fit(seen, labels, fold), [first, second]
    confidences = [_confidence(p, one.windows, template=template) for p, one in zip(opinions, examples, strict=True)]
    rules = tuple(
        _rule(examples, [np.ascontiguousarray(one[..., c]) for one in confidences], value=value, contour=contour)
        for c, value in enumerate(classes)
    )
    return NerveRoad(classes=tuple(classes), windows=described, template=template, passes=tuple(passes), rules=rules)


def _confidence(opinion: F32, windows: Windows, *, template: Template) -> F32:
    """Votes inside the template's region of interest."""
    laid = windows.settings
    nodes = 2 * (min(laid.windows_px) // (2 * laid.step_px)) + 1
    return votes(opinion, window_nodes=nodes) * template.region_of_interest(windows.grid)[..., None]


def _rule(examples: Sequence[Labelled], confidences: Sequence[F32], *, value: int, contour: bool) -> RegionRule:
    rule = tune_rule(confidences, [one.labels == value for one in examples])
    if not contour:
        return rule
    some = range(0, len(examples), max(1, len(examples) // _CONTOUR_PICTURES))
    return tune_contour(
        rule,
        [examples[i].windows.frame.smooth for i in some],
        [examples[i].windows.at_pixels(confidences[i]) for i in some],
        [examples[i].truth == value for i in some],
    )
