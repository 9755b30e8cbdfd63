"""A released network in whole numbers of 8 bits: a quarter of the size, faster, and its loss is measured.

Static quantisation: every weight channel and activation gets a scale from calibration pictures, written as pairs of
QuantizeLinear and DequantizeLinear, which OpenVINO and ONNX Runtime turn into int8 arithmetic.

Source: Jacob et al. 2018, Quantization and training of neural networks for integer-arithmetic-only inference (arXiv
1712.05877).
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.export import write_card
from mskus.learn.manifest import Case, class_numbers
from mskus.learn.outlier_fit import fit_outlier, other_looks
from mskus.learn.train.pictures import grey_frame
from mskus.models.cards import Card, ModelError, Score, checked_file, sha256_of
from mskus.models.outlier import SUFFIX
from mskus.models.picture import NetworkInput
from mskus.models.runtime import Network, forget, load
from mskus.statistics.estimate import Estimate, bootstrap
from mskus.statistics.overlap import dice

MOST_LOST = 0.01
_CALIBRATION_PICTURES = 100


def quantise(
    name: str,
    *,
    cases: Sequence[Case],
    judged: Sequence[Case],
    classes: Mapping[str, int],
    folder: Path,
    data: str,
    most_lost: float = MOST_LOST,
) -> Card:
    """Write ``<name>_int8.onnx`` and its card beside a released network, unless too much Dice is lost.

    The outlier score is fitted anew: int8 features are near those of float32, but not the same.

    Args:
        name: of a segmentation network with a fixed input size.
        cases: training pictures; about a hundred of them calibrate, all make the outlier score.
        judged: pictures with masks that the network has not learned from.
        classes: number of each of the network's classes in the masks; those not named are not judged.
        folder: where the network lies.
        data: name of the judged pictures, for the card.
        most_lost: largest mean loss of Dice in a class that is accepted.

    Returns:
        The card; its scores are the mean Dice of each class after quantisation and the loss, drawn by patient.

    Raises:
        LearnError: if a class is not known, or nothing can be judged.
        ModelError: if the loss is larger than ``most_lost``, or the network cannot be quantised.
    """
    before = load(name, folder=folder)
    given = NetworkInput.of(before.card)
    unknown = sorted(set(classes) - set(before.card.classes))
    if unknown or not classes:
        raise LearnError(f"{name} finds {', '.join(before.card.classes)}; name those, not {unknown[:1] or 'nothing'}.")
    made = f"{name}_int8"
    with tempfile.TemporaryDirectory() as staging:
        path = Path(staging) / f"{made}.onnx"
        _quantised(checked_file(name, folder=folder), path, cases=cases, given=given)
        info = before.card.model_copy(update={"name": made, "sha256": sha256_of(path), "files": {}, "intervals": {}})
        after = Network(path, info)
        gains = {c: _compared(before, after, judged, given, channel=c, number=n) for c, n in classes.items()}
        for c, (_, lost) in gains.items():
            if not lost.value <= most_lost:
                raise ModelError(
                    f"{made} loses {lost.text(4)} Dice of {c}, more than {most_lost:g}; it is not written. Calibrate"
                    " with more pictures, or keep float32."
                )
        scores = tuple(s for c, found in gains.items() for s in _scores(c, *found, data=data))
        files = _outlier(after, cases, given, folder=folder) if before.outlier is not None else {}
        shutil.copyfile(path, folder / path.name)
    card = info.model_copy(
        update={
            "scores": scores,
            "files": files,
            "limits": f"{name} (SHA-256 {before.card.sha256[:12]}) in int8. {before.card.limits}",
        }
    )
    write_card(card, folder)
    forget()
    return card


def _quantised(source: Path, target: Path, *, cases: Sequence[Case], given: NetworkInput) -> None:
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    step = max(1, len(cases) // _CALIBRATION_PICTURES)
    shapes = target.with_name("shapes.onnx")
    with _quiet():
        quant_pre_process(str(source), str(shapes), skip_symbolic_shape=True)
        quantize_static(
            str(shapes),
            str(target),
            _Pictures(cases[::step], given),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # weights of seven bits: without VNNI, products are added in pairs of 16 bits, and eight bits overflow there
            reduce_range=True,
        )


class _Pictures:
    """What ONNX Runtime asks for calibration pictures."""

    def __init__(self, cases: Sequence[Case], given: NetworkInput) -> None:
        self._left = ({"image": given.picture(grey_frame(case))[None, None]} for case in cases)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._left, None)


def _compared(
    before: Network, after: Network, judged: Sequence[Case], given: NetworkInput, *, channel: str, number: int
) -> tuple[Estimate, Estimate]:
    """Mean Dice after, and mean loss of Dice, over the pictures that show the class."""
    where = before.card.classes.index(channel)
    rows: list[tuple[float, float]] = []
    patients = []
    for case in judged:
        if case.mask is None:
            continue
        frame = grey_frame(case)
        truth = np.asarray(class_numbers(case.mask, shape=frame.shape) == number)[given.box(frame).slices]
        if truth.any():
            batch = given.picture(frame)[None, None]
            old, new = (dice(truth, _mask(n.predict(batch)[0, where], truth.shape)) for n in (before, after))
            rows.append((old, new))
            patients.append(case.patient)
    if not rows:
        raise LearnError(f"No judged picture shows {channel}; give pictures with masks of it.")
    table = np.array(rows)
    return (
        bootstrap(lambda i: float(table[i, 1].mean()), patients),
        bootstrap(lambda i: float((table[i, 0] - table[i, 1]).mean()), patients),
    )


def _mask(logits: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.asarray(cv2.resize(logits, shape[::-1], interpolation=cv2.INTER_LINEAR) > 0)


def _scores(channel: str, found: Estimate, lost: Estimate, *, data: str) -> Iterator[Score]:
    for metric, estimate in ((f"Dice of {channel}, int8", found), (f"Dice of {channel}, float32 less int8", lost)):
        value, *ends = (round(float(x), 4) if np.isfinite(x) else None for x in estimate[:3])
        yield Score(
            metric=metric,
            value=float(value or 0.0),
            low=ends[0],
            high=ends[1],
            data=data,
            split="pictures that the network has not learned from",
            kind="public data",
        )


def _outlier(after: Network, cases: Sequence[Case], given: NetworkInput, *, folder: Path) -> dict[str, str]:
    def features(pictures: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.concatenate([after.predict_with_features(picture[None, None])[1] for picture in pictures])

    seen = [given.picture(grey_frame(case)) for case in cases]
    looks = features(other_looks(seen, seed=after.card.seed))
    path = folder / f"{after.card.name}{SUFFIX}"
    fit_outlier(features(seen), groups=[case.patient for case in cases], looks=looks).save(path)
    return {path.name: sha256_of(path)}


@contextmanager
def _quiet() -> Iterator[None]:
    """No advice of the library on the user's screen."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)
