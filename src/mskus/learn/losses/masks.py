"""Losses of masks: weighted terms, averaged over what each picture labels; the rest has no gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from mskus.errors import LearnError
from mskus.learn.losses.boundary import boundary
from mskus.learn.losses.terms import bce, cldice, dice, focal

TERMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bce": bce,
    "dice": dice,
    "focal": focal,
    "boundary": boundary,
    "cldice": cldice,
}


class SegmentationLoss:
    """A weighted sum of terms.

    Args:
        terms: weight of each term, by name of :data:`TERMS`.
        class_weights: one a class; all 1 where not given.

    Raises:
        LearnError: if a term is not known or none has weight.
    """

    def __init__(self, terms: Mapping[str, float], *, class_weights: Sequence[float] | None = None) -> None:
        unknown = sorted(set(terms) - set(TERMS))
        if unknown:
            raise LearnError(f"There is no loss term {unknown[0]!r}; choose among {', '.join(TERMS)}.")
        self.terms = {name: weight for name, weight in terms.items() if weight > 0}
        if not self.terms:
            raise LearnError(f"The loss has no term; give at least one of {', '.join(TERMS)} a weight above 0.")
        self.class_weights = None if class_weights is None else torch.tensor(class_weights, dtype=torch.float32)

    def __call__(self, logits: Tensor, target: Tensor, weights: Tensor) -> Tensor:
        """The loss.

        Args:
            logits: ``(N, C, H, W)``.
            target: ``(N, C, H, W)`` area share of the class in [0, 1].
            weights: ``(N, C)``; 0 where a sample says nothing about a class.

        Returns:
            scalar; 0 if nothing is labelled.
        """
        if self.class_weights is not None:
            weights = weights * self.class_weights.to(weights.device)
        cost = torch.stack([weight * TERMS[name](logits, target) for name, weight in self.terms.items()]).sum(dim=0)
        # where, not product: an unlabelled class must not spread a NaN
        cost = torch.where(weights > 0, cost * weights, 0.0)
        return cost.sum() / weights.sum().clamp(min=1.0)
