from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from mskus.errors import QualityError
from mskus.quality import confidence_map, penetration_fraction


def published(image: np.ndarray, alpha: float, beta: float, gamma: float, diagonal: float) -> np.ndarray:
    """The published algorithm edge by edge, solved densely."""
    height, width = image.shape
    grey = (image - image.min()) / (np.ptp(image) + 1e-15)
    c = grey * (1 - np.exp(-alpha * np.linspace(0, 1, height)))[:, None]
    edges = []
    for r in range(height):
        for k in range(width):
            for dr, dk, penalty in ((1, 0, 0.0), (0, 1, gamma), (1, 1, diagonal * gamma), (-1, 1, diagonal * gamma)):
                if 0 <= r + dr < height and k + dk < width:
                    edges.append((r * width + k, (r + dr) * width + k + dk, abs(c[r, k] - c[r + dr, k + dk]), penalty))
    greatest = max(step for _, _, step, _ in edges) + 1e-15
    steps = [step / greatest + penalty for _, _, step, penalty in edges]
    laplacian = np.zeros((height * width, height * width))
    for (i, j, _, _), step in zip(edges, steps, strict=True):
        weight = math.exp(-beta * step / max(steps)) + 1e-5
        laplacian[[i, j], [j, i]] -= weight
        laplacian[[i, j], [i, j]] += weight
    free = np.arange(width, (height - 1) * width)
    answer = np.zeros(height * width)
    answer[:width] = 1.0
    answer[free] = np.linalg.solve(laplacian[np.ix_(free, free)], -laplacian[free][:, :width].sum(1))
    return answer.reshape(height, width)


def speckle(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return np.clip(80 + 40 * cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), 1.0) * 3, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("alpha", "beta", "gamma", "diagonal"),
    [
        (2.0, 90.0, 0.05, math.sqrt(2)),
        (2.0, 90.0, 0.05, 1.0),
        (0.5, 30.0, 0.0, 1.0),
        (4.0, 150.0, 0.1, math.sqrt(2)),
    ],
)
@pytest.mark.parametrize("shape", [(24, 33), (31, 16), (12, 1)])
def test_agrees_with_the_published_algorithm(
    rng: np.random.Generator, shape: tuple[int, int], alpha: float, beta: float, gamma: float, diagonal: float
) -> None:
    image = speckle(rng, shape)
    image[:, : shape[1] // 3] //= 4
    found = confidence_map(image, alpha=alpha, beta=beta, gamma=gamma, diagonal=diagonal)
    np.testing.assert_allclose(found, published(image, alpha, beta, gamma, diagonal), atol=2e-3)


@pytest.mark.parametrize("level", [0, 80, 255])
def test_a_constant_picture_shows_nothing_but_depth(level: int) -> None:
    found = confidence_map(np.full((101, 37), level, np.uint8))
    np.testing.assert_allclose(found, np.linspace(1, 0, 101)[:, None] * np.ones(37), atol=1e-3)
    assert penetration_fraction(found) == pytest.approx(0.5, abs=0.01)


def test_behind_an_edge_across_the_beam_confidence_is_lost(rng: np.random.Generator) -> None:
    image = speckle(rng, (120, 120))
    image[60:63, 30:90] = 255
    image[63:, 30:90] = 2
    found = confidence_map(image)
    assert found[70:90, 50:70].mean() < 0.5 * found[70:90, :15].mean()
    assert found[40:55].mean() > 0.6


def test_a_sector_walks_from_its_arc_and_not_from_its_sides() -> None:
    y, x = np.mgrid[:200, :240]
    reach, angle = np.hypot(x - 120, y + 60), np.arctan2(x - 120, y + 60)
    field = (reach > 80) & (reach < 255) & (np.abs(angle) < 0.5)
    found = confidence_map(np.full(field.shape, 90, np.uint8), field=field, gamma=0.0)
    assert (found[~field] == 0).all()
    for turn in (-0.4, 0.0, 0.4):
        along = np.array([found[round(r * np.cos(turn) - 60), round(120 + r * np.sin(turn))] for r in (85, 167, 250)])
        assert along[0] > 0.9
        # in a sector potential falls with the logarithm of the radius
        assert along[1] == pytest.approx(1 - np.log(167 / 80) / np.log(255 / 80), abs=0.05)
        assert along[2] < 0.1


@pytest.mark.parametrize(
    ("image", "field", "words"),
    [
        (np.zeros((4, 4, 3)), None, "grey picture"),
        (np.zeros((2, 9)), None, "three rows"),
        (np.full((9, 9), np.nan), None, "NaN"),
        (np.zeros((9, 9)), np.zeros((9, 9), bool), "empty"),
        (np.zeros((9, 9)), np.ones((9, 8), bool), "to fit"),
        (np.zeros((9, 9)), np.eye(9) > 2, "empty"),
        (np.zeros((9, 9)), np.arange(81).reshape(9, 9) == 40, "upper and lower border"),
    ],
)
def test_bad_input_is_one_sentence(image: np.ndarray, field: np.ndarray | None, words: str) -> None:
    with pytest.raises(QualityError, match=words):
        confidence_map(image, field=field)
