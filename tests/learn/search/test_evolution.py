"""Ageing evolution: who has a child, what the child is, and that it finds more than chance does."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

pytest.importorskip("optuna")

import optuna

from mskus.errors import LearnError
from mskus.learn.search.evolution import AgingEvolution, Genes, mutated, unbeaten

CHOICES = {"a": (0, 1, 2), "b": (0, 1), "c": ("only",)}
optuna.logging.set_verbosity(optuna.logging.ERROR)


def proposed(sampler: AgingEvolution, scores: list[float], costs: list[float] | None = None) -> list[Genes]:
    """What the sampler proposes while its candidates score as told, and then once more."""
    study = optuna.create_study(direction="maximize", sampler=sampler)
    asked = []
    for number in range(len(scores) + 1):
        trial = study.ask()
        asked.append({name: trial.suggest_categorical(name, values) for name, values in sampler.choices.items()})
        if number < len(scores):
            trial.set_user_attr("multiplications", costs[number] if costs else 1.0)
            study.tell(trial, scores[number])
    return asked


@pytest.mark.parametrize(
    ("scores", "costs", "front"),
    [
        ([0.8, 0.7, 0.6], [30, 10, 20], [0, 1]),
        ([0.5, 0.5], [1, 2], [0]),
        ([0.5, 0.5], [1, 1], [0, 1]),  # equal ones do not beat each other
        ([0.9], [5], [0]),
    ],
)
def test_front(scores: list[float], costs: list[float], front: list[int]) -> None:
    assert unbeaten(scores, costs) == front


def test_a_child_differs_in_one_gene() -> None:
    rng, parent = np.random.default_rng(0), {"a": 1, "b": 0, "c": "only"}
    children = [mutated(parent, CHOICES, rng) for _ in range(40)]
    assert {tuple(k for k in parent if child[k] != parent[k]) for child in children} == {("a",), ("b",)}
    assert {child["a"] for child in children} == {0, 1, 2}


def test_the_youngest_of_the_population_breeds_not_the_best_ever() -> None:
    first = [{"x": v, "y": 0} for v in (0, 1, 2)]
    choices = {"x": tuple(range(9)), "y": tuple(range(9))}
    sampler = AgingEvolution(choices, seed=0, population=2, tournament=2, first=first)
    asked = proposed(sampler, [0.9, 0.5, 0.1])
    assert asked[:3] == first
    child = asked[3]
    assert (child["x"] == 1) != (child["y"] == 0)  # of the second, one gene changed


@pytest.mark.parametrize(("objective", "parents"), [("score", {0}), ("score_and_cost", {0, 1})])
def test_with_cost_a_cheap_parent_may_win(objective: Literal["score", "score_and_cost"], parents: set[int]) -> None:
    first = [dict.fromkeys("xyz", 0), dict.fromkeys("xyz", 1)]
    found = set()
    for seed in range(8):
        sampler = AgingEvolution(
            dict.fromkeys("xyz", (0, 1, 2)), seed=seed, population=2, tournament=2, objective=objective, first=first
        )
        child = proposed(sampler, [0.9, 0.8], [100.0, 1.0])[2]
        found.add(max((0, 1), key=list(child.values()).count))  # two of three genes are the parent's
    assert found == parents


def test_nothing_twice_and_nothing_forbidden() -> None:
    sampler = AgingEvolution(CHOICES, seed=3, population=2, tournament=1, allowed=lambda g: g["a"] != 2)
    asked = proposed(sampler, [0.1, 0.2, 0.3])
    assert sorted((g["a"], g["b"]) for g in asked) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    with pytest.raises(LearnError, match=r"No untried network within search\.limits"):
        proposed(sampler, [0.1, 0.2, 0.3, 0.4])


def test_the_same_seed_proposes_the_same() -> None:
    def run(seed: int) -> list[Genes]:
        choices = {name: tuple(range(6)) for name in "abcd"}
        return proposed(AgingEvolution(choices, seed=seed, population=3, tournament=2), [0.3, 0.1, 0.2, 0.5, 0.4])

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_finds_more_than_chance() -> None:
    """Score: the share of twelve genes that are as in a target. Chance gets a quarter of them right on average."""

    def best(strategy: Literal["evolution", "random"], seed: int) -> float:
        names = [f"g{n}" for n in range(12)]
        sampler = AgingEvolution(dict.fromkeys(names, (0, 1, 2, 3)), seed=seed, population=10, strategy=strategy)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for _ in range(80):
            trial = study.ask()
            genes = [trial.suggest_categorical(n, (0, 1, 2, 3)) for n in names]
            study.tell(trial, sum(g == n % 4 for n, g in enumerate(genes)) / 12)
        return float(study.best_value)

    evolved, chance = (np.mean([best(s, seed) for seed in range(3)]) for s in ("evolution", "random"))
    assert evolved > chance + 0.1
