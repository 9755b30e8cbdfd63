"""Which part of a picture made a network say what it says, and whether such a map can be believed.

The question to a network of masks is the mean logit of a class over the pixels that were found, to a classifier the
logit of a class. Three methods answer it, all from Captum (BSD-3-Clause):

- ``gradcam``: the coarsest activation, every channel weighted by its mean gradient; what speaks against is kept.
  Selvaraju et al. 2017 (arXiv 1610.02391); for masks Vinogradova et al. 2020 (arXiv 2002.11434).
- ``integrated_gradients``: the gradient along the way from a picture of its mean grey. Sundararajan et al. 2017
  (arXiv 1703.01365).
- ``occlusion``: how much the answer falls when a square is covered. Zeiler & Fergus 2014 (arXiv 1311.2901).

A map that looks the same for a network with random weights explains nothing (Adebayo et al. 2018, arXiv 1810.03292):
:func:`sanity_check` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mskus.errors import LearnError
from mskus.learn.feature_output import coarsest_activation

Map = NDArray[np.float32]
Region = NDArray[np.bool_]
Method = Literal["gradcam", "integrated_gradients", "occlusion"]
METHODS: tuple[Method, ...] = ("gradcam", "integrated_gradients", "occlusion")

_STEPS = 32
_WINDOWS = 8
LARGEST_LIKENESS = 0.5


class _Question(nn.Module):
    """One number for a picture: the logit of a class, its mean over a region where the answer is a mask."""

    def __init__(self, network: nn.Module, *, channel: int, region: Region | None) -> None:
        super().__init__()
        self.network, self.channel = network, channel
        self.weights = None if region is None else torch.from_numpy(region / max(region.sum(), 1)).float()

    def forward(self, image: Tensor) -> Tensor:
        logits = self.network(image)[:, self.channel]
        answer: Tensor = logits if self.weights is None else (logits * self.weights).sum(dim=(1, 2))
        return answer[:, None]


def explain_map(
    network: nn.Module, picture: Map, *, channel: int, method: Method = "gradcam", region: Region | None = None
) -> Map:
    """How much each pixel speaks for a class.

    Args:
        network: of masks or classes, logits out.
        picture: ``(H, W)`` float32 in [0, 1], as the network takes it.
        channel: of the class.
        method: one of :data:`METHODS`.
        region: ``(H, W)`` of the pixels that are asked about; those that the network finds by default, the likeliest
            hundredth where it finds none. Of a classifier, leave it out.

    Returns:
        ``(H, W)`` float32 in [-1, 1]; positive speaks for the class. The largest magnitude is 1, unless all are 0.

    Raises:
        LearnError: if the method, the class or the picture's shape is not possible, or Captum is not installed.
    """
    network = network.eval()
    given = torch.from_numpy(np.ascontiguousarray(picture, np.float32))[None, None]
    if picture.ndim != 2 or not np.isfinite(picture).all():
        raise LearnError(f"A picture (H, W) without NaN is needed to explain; this array has shape {picture.shape}.")
    with torch.no_grad():
        logits = network(given)
    if not 0 <= channel < logits.shape[1]:
        raise LearnError(f"The network has {logits.shape[1]} classes, counted from 0; there is no class {channel}.")
    if logits.dim() == 4 and region is None:
        region = found_region(logits[0, channel].numpy())
    question = _Question(network, channel=channel, region=region)
    found = _ANSWERS[_known(method)](question, given)
    largest = float(np.abs(found).max())
    return np.asarray(found / largest if largest > 0 else found, np.float32)


def found_region(logits: Map) -> Region:
    """Pixels of a class: above one half, or the likeliest hundredth where there are none."""
    inside = np.asarray(logits > 0)
    return inside if inside.any() else np.asarray(logits >= np.quantile(logits, 0.99))


def _known(method: str) -> str:
    if method not in METHODS:
        raise LearnError(f"There is no explanation {method!r}; choose one of {', '.join(METHODS)}.")
    return method


def _captum() -> Any:
    try:
        return import_module("captum.attr")
    except ImportError:
        raise LearnError("Explaining networks needs Captum; pip install 'mskus[learn]'.") from None


def _gradcam(question: _Question, given: Tensor) -> Map:
    layer = coarsest_activation(question.network, size=(int(given.shape[2]), int(given.shape[3])))
    cam = _captum().LayerGradCam(question, layer).attribute(given, target=0)
    return _of_size(cam, given)


def _integrated_gradients(question: _Question, given: Tensor) -> Map:
    asked = _captum().IntegratedGradients(question, multiply_by_inputs=True)
    found = asked.attribute(
        given, baselines=torch.full_like(given, float(given.mean())), target=0, n_steps=_STEPS, internal_batch_size=8
    )
    return _of_size(found, given)


def _occlusion(question: _Question, given: Tensor) -> Map:
    side = tuple(max(2, int(n) // _WINDOWS) for n in given.shape[2:])
    found = (
        _captum()
        .Occlusion(question)
        .attribute(
            given,
            sliding_window_shapes=(1, *side),
            strides=(1, *(n // 2 for n in side)),
            baselines=float(given.mean()),
            target=0,
            perturbations_per_eval=16,
        )
    )
    return _of_size(found, given)


def _of_size(found: Tensor, given: Tensor) -> Map:
    full = nn.functional.interpolate(found.detach(), size=given.shape[2:], mode="bilinear", align_corners=False)
    return full[0, 0].numpy()


_ANSWERS: dict[str, Callable[[_Question, Tensor], Map]] = {
    "gradcam": _gradcam,
    "integrated_gradients": _integrated_gradients,
    "occlusion": _occlusion,
}


@dataclass(frozen=True)
class SanityCheck:
    """How alike maps are before and after the weights were thrown away.

    Attributes:
        likeness: rank correlation of the signed maps, one row a picture, one column a set of random weights.
    """

    likeness: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """Mean magnitude of the rank correlation."""
        return float(np.abs(self.likeness).mean())

    @property
    def passed(self) -> bool:
        """Whether random weights destroy the map: the mean stays below one half."""
        return self.mean < LARGEST_LIKENESS


def sanity_check(
    explain: Callable[[nn.Module, Map], Map],
    network: nn.Module,
    pictures: Sequence[Map],
    *,
    seeds: Sequence[int] = (0, 1, 2),
) -> SanityCheck:
    """Compare the maps of a network with those of the same network with random weights.

    Args:
        explain: makes a map ``(H, W)`` of a network and a picture; must ask both about the same region.
        network: the trained one; left as it is.
        pictures: ``(H, W)`` float32 each.
        seeds: of the random weights.

    Raises:
        LearnError: if there are no pictures, or no layer has weights to throw away.
    """
    if not pictures or not seeds:
        raise LearnError("The sanity check needs at least one picture and one seed.")
    trained = [explain(network, picture) for picture in pictures]
    rows = []
    for seed in seeds:
        random = randomised(network, seed=seed)
        rows.append([_likeness(old, explain(random, picture)) for old, picture in zip(trained, pictures, strict=True)])
    return SanityCheck(np.array(rows).T)


def randomised(network: nn.Module, *, seed: int) -> nn.Module:
    """A copy with the random weights that training starts from.

    Raises:
        LearnError: if no layer has weights.
    """
    copy = deepcopy(network).eval()
    layers = [m for m in copy.modules() if hasattr(m, "reset_parameters")]
    if not layers:
        raise LearnError(f"{type(network).__name__} has no layer whose weights could be thrown away.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in layers:
            layer.reset_parameters()  # type: ignore[operator]
    return copy


def _likeness(a: Map, b: Map) -> float:
    from scipy.stats import spearmanr

    if np.ptp(a) == 0:
        return 1.0  # an empty map says nothing, whatever the weights
    if np.ptp(b) == 0:
        return 0.0
    return float(spearmanr(a.ravel(), b.ravel()).statistic)
