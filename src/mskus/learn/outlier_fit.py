"""From features of training pictures to the score that refuses other pictures; see :mod:`mskus.models.outlier`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.augment import Augmentation
from mskus.models.outlier import OutlierScore
from mskus.statistics.conformal import conformal_quantile

Features = NDArray[np.float32]
SHARE_KEPT = 0.95
LEAST_GROUPS = 20
_FOLDS = 5
# a channel that hardly answers to training pictures must not decide alone
_LEAST_SCALE = 0.01


def fit_outlier(
    features: Features,
    *,
    groups: Sequence[str],
    held_out: Features | None = None,
    held_out_groups: Sequence[str] = (),
    looks: Features | None = None,
) -> OutlierScore:
    """The Gaussian of the features, and the two limits that 95 % of unseen pictures keep, as they are and changed.

    Args:
        features: ``(N, D)`` of training pictures.
        groups: patient or near-duplicate group of each.
        held_out: ``(M, D)`` of pictures of the right kind that the network has not learned from. Without them the
            limit comes from training pictures left out of the Gaussian group by group; the network has seen those, so
            it lies lower and refuses somewhat more than 5 %.
        held_out_groups: of each of those.
        looks: ``(N, D)`` of the training pictures as other devices and settings might show them; 95 % of these, left
            out group by group, are not refused. Without them the pictures as they are decide that, too.

    Raises:
        LearnError: if there are too few groups, a feature is not finite, or all pictures answer alike.
    """
    seen, seen_groups = (features, groups) if held_out is None else (held_out, held_out_groups)
    count = len(set(seen_groups))
    if count < LEAST_GROUPS:
        raise LearnError(
            f"{count} patients or groups are too few to say what is unlike them; {LEAST_GROUPS} are needed."
        )
    looks = features if looks is None else looks
    if len(features) != len(groups) or len(seen) != len(seen_groups) or len(looks) != len(features):
        raise LearnError("Every picture needs its patient or group.")
    if not (np.isfinite(features).all() and np.isfinite(looks).all()):
        raise LearnError("The network answers NaN or infinity to a training picture; it cannot be released.")
    if held_out is None:
        distances = _left_out(features, np.asarray(groups), judged=features)
    else:
        distances = _gaussian(features).distance(held_out)
    limit = conformal_quantile(distances, groups=seen_groups, share=SHARE_KEPT)
    changed = _left_out(features, np.asarray(groups), judged=looks)
    refusal = max(limit, conformal_quantile(changed, groups=groups, share=SHARE_KEPT))
    return _gaussian(features, limit=limit, refusal=refusal, seen=np.sort(distances))


def other_looks(pictures: Sequence[NDArray[np.float32]], *, seed: int) -> list[NDArray[np.float32]]:
    """Each picture ``(H, W)`` in [0, 1] once, as another device or setting might show it."""
    rng = np.random.default_rng(seed)
    return [Augmentation().appearance(picture, rng) for picture in pictures]


def _left_out(features: Features, groups: NDArray[np.str_], *, judged: Features) -> NDArray[np.float64]:
    """Distance of every picture, as it is judged, from the Gaussian of the other groups."""
    from sklearn.model_selection import GroupKFold

    distances = np.empty(len(features))
    for rest, left in GroupKFold(_FOLDS, shuffle=True, random_state=0).split(features, groups=groups):
        distances[left] = _gaussian(features[rest]).distance(judged[left])
    return distances


def _gaussian(
    features: Features,
    *,
    limit: float = np.inf,
    refusal: float = np.inf,
    seen: NDArray[np.float64] | None = None,
) -> OutlierScore:
    from sklearn.covariance import ledoit_wolf_shrinkage

    given = features.astype(np.float64)
    mean, deviation = given.mean(axis=0), given.std(axis=0)
    if deviation.max() < 1e-9:
        raise LearnError("The network answers all training pictures alike; it cannot tell what is unlike them.")
    scale = np.maximum(deviation, _LEAST_SCALE * deviation.max())
    z = (given - mean) / scale
    shrinkage = max(float(ledoit_wolf_shrinkage(z, assume_centered=True)), 1e-3)
    # eigenvectors of few pictures, without the (D, D) matrix
    _, singular, directions = np.linalg.svd(z, full_matrices=False)
    own = singular**2 / len(z)
    rest = shrinkage * own.sum() / z.shape[1]
    kept = own > 1e-6 * own.max()
    return OutlierScore(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        directions=directions[kept].astype(np.float32),
        variances=((1.0 - shrinkage) * own[kept] + rest).astype(np.float32),
        rest=float(rest),
        limit=float(limit),
        refusal=float(refusal),
        seen=np.empty(0, np.float32) if seen is None else seen.astype(np.float32),
    )
