"""What differs between tasks: the loss, what is scored for each picture, and the one figure that is made large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from mskus.learn.losses import SegmentationLoss, fascicle_loss


@dataclass(frozen=True)
class Score:
    """What one validation picture scored, by name; NaN where there is nothing to score."""

    values: dict[str, float] = field(default_factory=dict)


class TaskRules(Protocol):
    """Loss and figures of a task."""

    def shown(self, batch: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """The picture, and a second appearance of it where there is one."""

    def parts(self, batch: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The targets."""

    def loss(self, logits: Tensor, known: tuple[Tensor, ...]) -> Tensor:
        """A scalar."""

    def scores(self, logits: Tensor, known: tuple[Tensor, ...]) -> list[Score]:
        """One a picture."""

    def figures(self, scores: Sequence[Score], patients: Sequence[str] = ()) -> dict[str, float]:
        """Of all pictures; ``score`` is to be made large. ``patients`` says whose each is."""


class _OnePicture:
    def shown(self, batch: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """The first tensor."""
        return batch[0], None

    def parts(self, batch: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """All others."""
        return tuple(batch[1:])


class SegmentationRules:
    """Masks by Dice at one half. A picture without a structure scores 1 if none is found, else 0.

    Args:
        classes: names in the order of the channels.
        loss: of (logits, masks, weights).
    """

    def __init__(self, classes: Sequence[str], loss: SegmentationLoss) -> None:
        self.classes, self.cost = tuple(classes), loss

    def shown(self, batch: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """The picture, and the teacher's view of it."""
        return batch[0], batch[1] if len(batch) == 4 else None

    def parts(self, batch: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Masks and weights."""
        return tuple(batch[-2:])

    def loss(self, logits: Tensor, known: tuple[Tensor, ...]) -> Tensor:
        """See :class:`mskus.learn.losses.SegmentationLoss`."""
        return self.cost(logits, *known)

    def scores(self, logits: Tensor, known: tuple[Tensor, ...]) -> list[Score]:
        """Dice of each labelled class."""
        target, weights = known
        found, drawn = logits > 0, target > 0.5
        both = (found & drawn).sum(dim=(2, 3)).double()
        size = (found.sum(dim=(2, 3)) + drawn.sum(dim=(2, 3))).double()
        dice = torch.where(size > 0, 2 * both / size.clamp(min=1), 1.0)
        known_only = torch.where(weights > 0, dice, torch.nan).tolist()
        return [Score({f"dice_{c}": v for c, v in zip(self.classes, row, strict=True)}) for row in known_only]

    def figures(self, scores: Sequence[Score], patients: Sequence[str] = ()) -> dict[str, float]:
        """Mean Dice of each class over pictures, and ``score``, their mean."""
        means = _means(scores)
        return {"score": _mean(list(means.values())), **means}


class ClipSegmentationRules(SegmentationRules):
    """The same for ``(N, T, C, H, W)``, frame by frame; frames that label nothing are neither taught nor scored."""

    def parts(self, batch: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Masks and weights of all frames."""
        return tuple(part.flatten(0, 1) for part in batch[-2:])

    def loss(self, logits: Tensor, known: tuple[Tensor, ...]) -> Tensor:
        """Over all frames."""
        return super().loss(logits.flatten(0, 1), known)

    def scores(self, logits: Tensor, known: tuple[Tensor, ...]) -> list[Score]:
        """One a labelled frame."""
        target, weights = known
        labelled = (weights > 0).any(dim=1)
        return super().scores(logits.flatten(0, 1)[labelled], (target[labelled], weights[labelled]))


class ClassificationRules(_OnePicture):
    """Classes by cross-entropy; judged by balanced accuracy, picture by picture or patient by patient.

    Args:
        classes: names in the order of the logits.
        class_weights: of the cross-entropy.
        by_patient: judge patient by patient (mean probability) where it is said whose each picture is.
    """

    def __init__(
        self,
        classes: Sequence[str],
        *,
        class_weights: Sequence[float] | None = None,
        by_patient: bool = False,
    ) -> None:
        self.classes, self.by_patient = tuple(classes), by_patient
        self.weights = None if class_weights is None else torch.tensor(class_weights, dtype=torch.float32)

    def loss(self, logits: Tensor, known: tuple[Tensor, ...]) -> Tensor:
        """Weighted cross-entropy."""
        weights = None if self.weights is None else self.weights.to(logits.device)
        return cross_entropy(logits, known[0], weight=weights)

    def scores(self, logits: Tensor, known: tuple[Tensor, ...]) -> list[Score]:
        """The true class and the probabilities."""
        shares = torch.softmax(logits, dim=1).cpu().numpy()
        return [
            Score({"class": float(n), **{f"p_{c}": float(p) for c, p in zip(self.classes, row, strict=True)}})
            for n, row in zip(known[0].tolist(), shares, strict=True)
        ]

    def figures(self, scores: Sequence[Score], patients: Sequence[str] = ()) -> dict[str, float]:
        """``score`` is the balanced accuracy; ``nll`` the mean surprise."""
        truth = np.array([s.values["class"] for s in scores], int)
        shares = np.array([[s.values[f"p_{c}"] for c in self.classes] for s in scores])
        if self.by_patient and patients:
            who = np.array(patients)
            names = np.unique(who)
            truth = np.array([np.bincount(truth[who == n]).argmax() for n in names])
            shares = np.array([shares[who == n].mean(axis=0) for n in names])
        right = shares.argmax(axis=1) == truth
        surprise = -np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-12, None))
        return {
            "score": float(np.mean([right[truth == n].mean() for n in np.unique(truth)])),
            "nll": float(surprise.mean()),
        }


class OrientationRules(_OnePicture):
    """Fascicle-ness and direction at every pixel; judged by the mean absolute error of the direction in degrees."""

    def loss(self, logits: Tensor, known: tuple[Tensor, ...]) -> Tensor:
        """See :func:`mskus.learn.losses.fascicle_loss`."""
        return fascicle_loss(logits, known[0])

    def scores(self, logits: Tensor, known: tuple[Tensor, ...]) -> list[Score]:
        """Mean absolute error over the pixels whose direction is drawn."""
        _, _, cosine, sine, weight = known[0].unbind(dim=1)
        twice = torch.atan2(logits[:, 2], logits[:, 1]) - torch.atan2(sine, cosine)
        wrong = torch.rad2deg(torch.atan2(torch.sin(twice), torch.cos(twice)).abs()) / 2
        total = weight.sum(dim=(1, 2))
        mean = torch.where(total > 0, (wrong * weight).sum(dim=(1, 2)) / total.clamp(min=1e-6), torch.nan)
        return [Score({"error_deg": float(v)}) for v in mean]

    def figures(self, scores: Sequence[Score], patients: Sequence[str] = ()) -> dict[str, float]:
        """``error_deg``; ``score`` is its negative."""
        error = _means(scores)["error_deg"]
        return {"score": -error, "error_deg": error}


class HiddenPatchRules(_OnePicture):
    """Pre-training: what hidden patches show; the mean absolute error there."""

    def loss(self, logits: Tensor, known: tuple[Tensor, ...]) -> Tensor:
        """Absolute error over hidden pixels (Xie et al. 2022)."""
        image, hidden = known
        return ((torch.sigmoid(logits) - image).abs() * hidden).sum() / hidden.sum().clamp(min=1.0)

    def scores(self, logits: Tensor, known: tuple[Tensor, ...]) -> list[Score]:
        """One error a picture, in grey levels of [0, 1]."""
        image, hidden = known
        wrong = ((torch.sigmoid(logits) - image).abs() * hidden).sum(dim=(1, 2, 3)) / hidden.sum(dim=(1, 2, 3))
        return [Score({"hidden_error": float(v)}) for v in wrong]

    def figures(self, scores: Sequence[Score], patients: Sequence[str] = ()) -> dict[str, float]:
        """``hidden_error``; ``score`` is its negative."""
        error = _means(scores)["hidden_error"]
        return {"score": -error, "hidden_error": error}


def _means(scores: Sequence[Score]) -> dict[str, float]:
    names = scores[0].values if scores else ()
    return {name: _mean([s.values[name] for s in scores]) for name in names}


def _mean(values: Sequence[float]) -> float:
    """Of the numbers among them; NaN if there is none."""
    known = [v for v in values if not np.isnan(v)]
    return float(np.mean(known)) if known else float("nan")
