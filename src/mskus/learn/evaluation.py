"""How well a mask or an orientation agrees with a drawn one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mskus.features.fascicle_network import WORKING_WIDTH_PX, orientations_of
from mskus.features.orientation import OrientationField
from mskus.learn.fascicle_data import FascicleSample
from mskus.learn.muscle_sets import Traced
from mskus.segment.aponeurosis_network import network_input


def predicted_probabilities(
    network: nn.Module, traces: Sequence[Traced], *, flip: bool = False
) -> list[NDArray[np.float32]]:
    """Class probabilities ``(H, W, C)`` at each picture's own resolution (bilinear from the network's 256x256)."""
    out = []
    network.eval()
    for trace in traces:
        picture = torch.from_numpy(network_input(trace.image))[None, None]
        with torch.inference_mode():
            share = torch.sigmoid(network(picture))
            if flip:
                share = (share + torch.sigmoid(network(picture.flip(3))).flip(3)) / 2
        planes = np.ascontiguousarray(share[0].permute(1, 2, 0).numpy())
        size = (trace.image.shape[1], trace.image.shape[0])
        out.append(np.asarray(cv2.resize(planes, size, interpolation=cv2.INTER_LINEAR), np.float32))
    return out


def largest_part(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected part of a mask; the mask itself if it is empty."""
    n, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if n < 2:
        return mask
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def edge_rows(mask: NDArray[np.bool_], *, side: Literal["upper", "lower"]) -> NDArray[np.float64]:
    """Row of the boundary in every column, between pixels (upper: first - 0.5, lower: last + 0.5); nan if empty.

    Example:
        >>> m = np.zeros((6, 2), bool); m[2:4, 0] = True
        >>> edge_rows(m, side="lower").tolist()
        [3.5, nan]
    """
    filled = mask.any(axis=0)
    if side == "upper":
        rows = mask.argmax(axis=0) - 0.5
    else:
        rows = mask.shape[0] - 1 - mask[::-1].argmax(axis=0) + 0.5
    return np.where(filled, rows, np.nan)


def inner_edge_distances(
    found: NDArray[np.bool_], drawn: NDArray[np.bool_], *, side: Literal["upper", "lower"]
) -> NDArray[np.float64]:
    """Distance in rows of the found from the drawn edge, for the columns where both exist."""
    gap = np.abs(edge_rows(largest_part(found), side=side) - edge_rows(drawn, side=side))
    return np.asarray(gap[np.isfinite(gap)])


OrientationMethod = Callable[[NDArray[np.uint8], NDArray[np.bool_]], OrientationField]


def orientation_errors(
    method: OrientationMethod,
    samples: Sequence[FascicleSample],
    *,
    seen: Literal["box", "labelled"] = "box",
    smooth_px: float = 0.0,
) -> list[NDArray[np.float64]]:
    """Signed error in degrees at every labelled pixel, one array a picture; positive is too steep.

    The picture is shown as the exam shows it: its whole width in 320 columns, square pixels.

    Args:
        method: maps a ``(H, 320)`` picture and the belly's mask to a field.
        samples: pictures with known directions.
        seen: the belly's mask: the box that holds the fascicles, or exactly the labelled pixels (phantoms).
        smooth_px: standard deviation of a mean over the belly, in these columns; 0 takes the field as it is.
    """
    out = []
    for sample in samples:
        height, width = sample.image.shape
        size = (WORKING_WIDTH_PX, max(1, round(height / width * WORKING_WIDTH_PX)))
        shrinks = width > WORKING_WIDTH_PX
        image = cv2.resize(sample.image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        drawn = cv2.resize(sample.angle_deg.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
        known = np.isfinite(drawn)
        mask = known
        if seen == "box":
            x, y, w, h = sample.belly
            box = np.zeros((height, width), np.uint8)
            box[max(0, y - 5) : y + h + 5, max(0, x - 5) : x + w + 5] = 1
            mask = cv2.resize(box, size, interpolation=cv2.INTER_NEAREST) > 0
        field = method(image.astype(np.uint8, copy=False), mask)
        if smooth_px > 0:
            field = field.smoothed(smooth_px, mask=mask)
        away = (field.angle_deg[known].astype(np.float64) - drawn[known] + 90.0) % 180.0 - 90.0
        out.append(away * (1.0 if np.median(drawn[known]) >= 0 else -1.0))
    return out


def network_orientation(network: nn.Module) -> OrientationMethod:
    """A network with the channels of :func:`mskus.learn.losses.fascicle_loss` as a method; it needs no mask."""
    network.eval()

    def predict(units: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(network(torch.from_numpy(units)).numpy(), np.float32)

    return lambda image, _: orientations_of(predict, image[None])[0]


def inner_band(mask: NDArray[np.bool_], *, side: Literal["upper", "lower"], thickness_px: float) -> NDArray[np.bool_]:
    """The largest part of a mask, no thicker than ``thickness_px`` rows from its ``side`` edge.

    Tracers draw the leaf next to the muscle; the network may also see the leaves behind it.

    Example:
        >>> m = np.zeros((8, 1), bool); m[1:7] = True
        >>> inner_band(m, side="lower", thickness_px=2)[:, 0].nonzero()[0].tolist()
        [5, 6]
    """
    part = largest_part(mask)
    edge = edge_rows(part, side=side)
    rows = np.arange(mask.shape[0])[:, None]
    depth = edge - rows if side == "lower" else rows - edge
    return np.asarray(part & (depth < thickness_px))
