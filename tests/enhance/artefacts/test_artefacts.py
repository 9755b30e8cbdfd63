from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mskus.enhance.artefacts import artefact_maps
from mskus.errors import EnhanceError
from mskus.simulate import artefacts as made
from mskus.simulate import bad_pictures as bad
from mskus.simulate import reference_scanner, simulate_muscle

NAMES = {"shadow", "reverberation", "poor_contact", "gain_saturation", "burned_in"}


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    return simulate_muscle(seed=0).image


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    return float((found & truth).sum() / (found | truth).sum())


def test_a_clean_phantom_has_next_to_none(clean: np.ndarray) -> None:
    maps = artefact_maps(clean)
    assert set(maps) == NAMES
    for name, found in maps.items():
        assert found.shape == clean.shape
        assert found.dtype == np.float32
        assert 0.0 <= found.min() <= found.max() <= 1.0
        assert (found > 0.5).mean() < 0.03, name


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("name", "add", "least"),
    [
        ("shadow", made.add_shadow, 0.6),
        ("gain_saturation", made.add_saturation, 0.6),
    ],
)
def test_what_is_laid_over_the_phantom_is_found(
    clean: np.ndarray, name: str, add: object, least: float, seed: int
) -> None:
    picture, truth = add(clean, np.random.default_rng(seed))  # type: ignore[operator]
    assert overlap(artefact_maps(picture)[name] > 0.5, truth) > least


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_train_of_echoes_stands_out_of_tissue(clean: np.ndarray, seed: int) -> None:
    picture, truth = made.add_reverberation(clean, np.random.default_rng(seed), level=200.0)
    found = artefact_maps(picture)["reverberation"]
    assert found[truth].mean() > 0.3
    assert found[truth].mean() > 4 * found[~truth].mean()


def test_lost_contact_of_the_scanner_is_found() -> None:
    lossy = replace(reference_scanner(), shadows=((0.3, 0.12, 25.0),))
    maps = artefact_maps(simulate_muscle(seed=4, scanner=lossy).image)
    truth = np.zeros((480, 600), bool)
    truth[:, round(0.24 * 600) : round(0.36 * 600)] = True
    assert overlap(maps["poor_contact"] > 0.5, truth) > 0.6
    assert (maps["shadow"] > 0.5).mean() < 0.03


def test_rings_down_to_the_bottom_are_reverberation(rng: np.random.Generator) -> None:
    assert (artefact_maps(bad.reverberation(rng))["reverberation"] > 0.5).mean() > 0.85


def test_distances_in_mm_leave_out_what_is_farther_apart(rng: np.random.Generator) -> None:
    rings = bad.reverberation(rng)  # 34.6 rows apart
    assert (artefact_maps(rings, spacing_mm=(0.1, 0.2))["reverberation"] > 0.5).mean() > 0.85  # 3.5 mm
    assert (artefact_maps(rings, spacing_mm=(1.0, 0.2))["reverberation"] > 0.5).mean() < 0.05  # 35 mm


@pytest.mark.parametrize("level", [0, 90])
def test_a_constant_picture_has_no_artefact(level: int) -> None:
    assert all((found == 0).all() for found in artefact_maps(np.full((50, 40), level)).values())


def test_outside_the_field_maps_are_zero(clean: np.ndarray) -> None:
    field = np.zeros(clean.shape, bool)
    field[50:400, 100:500] = True
    dark = np.where(field, clean, 0)
    for found in artefact_maps(dark, field=field).values():
        assert (found[~field] == 0).all()
        assert (found[field] > 0.5).mean() < 0.05
    assert all((found == 0).all() for found in artefact_maps(dark, field=np.zeros_like(field)).values())


@pytest.mark.parametrize(
    ("image", "field", "words"),
    [
        (np.zeros((4, 4, 3)), None, "grey picture"),
        (np.zeros((2, 9)), None, "too small"),
        (np.full((9, 9), np.nan), None, "NaN"),
        (np.zeros((9, 9)), np.ones((9, 8), bool), "to fit"),
    ],
)
def test_bad_input_is_one_sentence(image: np.ndarray, field: np.ndarray | None, words: str) -> None:
    with pytest.raises(EnhanceError, match=words):
        artefact_maps(image, field=field)
