from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from mskus.errors import QualityError
from mskus.quality import burned_in_marks
from mskus.simulate import simulate_muscle

INK = 245


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    return simulate_muscle(seed=0).image


def plus(canvas: np.ndarray, x: int, y: int) -> None:
    cv2.line(canvas, (x - 6, y), (x + 6, y), INK, 1)
    cv2.line(canvas, (x, y - 6), (x, y + 6), INK, 1)


def cross(canvas: np.ndarray, x: int, y: int) -> None:
    cv2.line(canvas, (x - 5, y - 5), (x + 5, y + 5), INK, 1)
    cv2.line(canvas, (x - 5, y + 5), (x + 5, y - 5), INK, 1)


def text(canvas: np.ndarray, x: int, y: int) -> None:
    cv2.putText(canvas, "RF 2.31 cm", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)


def pointer(canvas: np.ndarray, x: int, y: int) -> None:
    cv2.polylines(canvas, [np.array([[x, y], [x, y + 15], [x + 5, y + 10], [x + 11, y + 10]])], True, INK, 1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_clean_phantom_holds_no_marks(seed: int) -> None:
    assert not burned_in_marks(simulate_muscle(seed=seed).image)


@pytest.mark.parametrize("draw", [plus, cross, text, pointer])
@pytest.mark.parametrize(("x", "y"), [(60, 130), (250, 160), (430, 400)])
def test_a_drawn_mark_is_found_where_it_is(
    clean: np.ndarray, draw: Callable[[np.ndarray, int, int], None], x: int, y: int
) -> None:
    marked = clean.copy()
    draw(marked, x, y)
    truth = marked.astype(int) - clean > 60
    found = burned_in_marks(marked)
    assert (found.mask & truth).sum() > 0.5 * truth.sum()
    beside = found.mask & ~cv2.dilate(truth.astype(np.uint8), np.ones((5, 5))).astype(bool)
    assert beside.sum() < 0.15 * found.mask.sum()  # bright tissue that a stroke crosses
    rows, columns = np.flatnonzero(truth.any(1)), np.flatnonzero(truth.any(0))
    for box in found.boxes:
        assert columns[0] - 12 <= box.x <= columns[-1]
        assert rows[0] - 12 <= box.y <= rows[-1]


@pytest.mark.parametrize(("draw", "kind"), [(plus, "caliper"), (cross, "caliper"), (text, "text")])
def test_the_kind_is_guessed_from_the_shape(draw: Callable[[np.ndarray, int, int], None], kind: str) -> None:
    picture = np.full((120, 200), 30, np.uint8)
    draw(picture, 50, 60)
    assert kind in burned_in_marks(picture).kinds


def test_a_dotted_line_is_found() -> None:
    picture = np.full((120, 200), 30, np.uint8)
    for k in range(20):
        cv2.circle(picture, (20 + 7 * k, 20 + 4 * k), 1, INK, -1)
    found = burned_in_marks(picture)
    assert (found.mask & (picture == INK)).sum() > 0.8 * (picture == INK).sum()


def test_ink_of_any_colour_is_found_by_its_colour(clean: np.ndarray) -> None:
    colour = np.repeat(clean[..., None], 3, axis=2)
    colour[100:103, 80:120] = (230, 220, 0)
    grey = clean.copy()
    assert burned_in_marks(grey, colour=colour).kinds == ("colour",)
    doppler = colour.copy()
    doppler[200:400, 200:500, 0] = 255
    assert not burned_in_marks(grey, colour=doppler)


def test_only_marks_inside_the_field_count(clean: np.ndarray) -> None:
    marked = clean.copy()
    plus(marked, 60, 60)
    field = np.ones(marked.shape, bool)
    field[:100] = False
    assert burned_in_marks(marked)
    assert not burned_in_marks(marked, field=field)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_constant_picture_holds_no_marks(level: int) -> None:
    assert not burned_in_marks(np.full((40, 50), level, np.uint8))
    assert not burned_in_marks(np.full((1, 1), level, np.uint8))


@pytest.mark.parametrize(
    ("image", "kept", "words"),
    [
        (np.zeros((4, 4, 3)), {}, "grey picture"),
        (np.full((9, 9), np.nan), {}, "NaN"),
        (np.zeros((9, 9)), {"field": np.ones((8, 9), bool)}, "field"),
        (np.zeros((9, 9)), {"colour": np.zeros((8, 9, 3), np.uint8)}, "colour picture"),
    ],
)
def test_bad_input_is_one_sentence(image: np.ndarray, kept: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(QualityError, match=words):
        burned_in_marks(image, **kept)


@pytest.mark.parametrize(("picture", "marked"), [("standard_4", True), ("standard_9", True), ("standard_14", False)])
def test_marks_of_the_public_hip_set(mskus_data: Path, picture: str, marked: bool) -> None:
    """The pictures that were cropped a little wider show a probe mark at the top: seen by eye."""
    image = cv2.imread(str(mskus_data / f"hip/standard_plane/images/{picture}.png"), cv2.IMREAD_GRAYSCALE)
    assert bool(burned_in_marks(image)) == marked
