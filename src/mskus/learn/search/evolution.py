"""Evolution with ageing: the best of a few of the youngest has a child that differs in one gene.

Source: Real, Aggarwal, Huang & Le 2019, regularized evolution (AAAI 33:4780, arXiv 1802.01548). A candidate leaves the
population by age, not by score, so that a lucky score does not stay for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from mskus.errors import LearnError

if TYPE_CHECKING:
    from optuna import Study

Genes = dict[str, Any]
_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
_ATTEMPTS = 400


class AgingEvolution(BaseSampler):
    """Proposes whole candidates to Optuna.

    A proposal follows from the seed, the number of finished trials and their scores alone, so that a search that was
    stopped goes on as if it had not been. What several processes propose at once differs, because none proposes what
    another one is training.

    Args:
        choices: of every gene.
        seed: of all random numbers.
        allowed: whether a candidate may be trained.
        population: youngest complete trials that may have children; until there are as many, candidates are random.
        tournament: how many of them compete.
        objective: the tournament's winner has the highest ``score``; with ``score_and_cost`` it is one, drawn at
            random, that no other beats in both.
        cost: attribute of a trial that holds its cost.
        strategy: ``random`` never lets anything have children.
        first: candidates to begin with.
    """

    def __init__(
        self,
        choices: Mapping[str, Sequence[Any]],
        *,
        seed: int,
        allowed: Callable[[Genes], bool] = lambda _: True,
        population: int = 12,
        tournament: int = 4,
        objective: Literal["score", "score_and_cost"] = "score",
        cost: str = "multiplications",
        strategy: Literal["evolution", "random"] = "evolution",
        first: Sequence[Genes] = (),
    ) -> None:
        self.choices = {name: tuple(values) for name, values in choices.items()}
        self.seed, self.allowed, self.first = seed, allowed, tuple(first)
        self.population, self.tournament = population, tournament
        self.objective, self.cost, self.strategy = objective, cost, strategy

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """All genes."""
        return {name: CategoricalDistribution(values) for name, values in self.choices.items()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """A candidate that was not tried before.

        Raises:
            LearnError: if none is left that is allowed.
        """
        others = [t for t in study.get_trials(deepcopy=False) if t.number != trial.number]
        tried = [t.params for t in others if t.state in _FINISHED or t.state == TrialState.RUNNING]
        rng = np.random.default_rng([self.seed, sum(t.state in _FINISHED for t in others)])
        for genes in self.first:
            if genes not in tried:
                return genes
        complete = [t for t in others if t.state == TrialState.COMPLETE]
        breeding = self.strategy == "evolution" and len(complete) >= self.population
        parent = self._parent(complete[-self.population :], rng) if breeding else None
        for attempt in range(_ATTEMPTS):
            if parent is not None and attempt < _ATTEMPTS // 2:
                genes = mutated(parent, self.choices, rng)
            else:
                genes = {name: _draw(values, rng) for name, values in self.choices.items()}
            if genes not in tried and self.allowed(genes):
                return genes
        raise LearnError(
            f"No untried network within search.limits was found in {_ATTEMPTS} attempts; allow more, or name smaller "
            "search.space.widths."
        )

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Nothing but genes is asked for."""
        raise NotImplementedError

    def _parent(self, youngest: Sequence[FrozenTrial], rng: np.random.Generator) -> Genes:
        drawn = [youngest[i] for i in rng.choice(len(youngest), self.tournament, replace=False)]
        if self.objective == "score":
            return max(drawn, key=_score).params
        costs = [float(t.user_attrs[self.cost]) for t in drawn]
        best = unbeaten([_score(t) for t in drawn], costs)
        return drawn[best[int(rng.integers(len(best)))]].params


def mutated(parent: Genes, choices: Mapping[str, Sequence[Any]], rng: np.random.Generator) -> Genes:
    """The parent with one gene, drawn at random, of another value."""
    free = [name for name, values in choices.items() if len(values) > 1]
    if not free:
        return dict(parent)
    name = free[int(rng.integers(len(free)))]
    return {**parent, name: _draw([v for v in choices[name] if v != parent[name]], rng)}


def unbeaten(scores: Sequence[float], costs: Sequence[float]) -> list[int]:
    """Indices of the Pareto front: no other has at least that score at no higher cost, and is better in one.

    Example:
        >>> unbeaten([0.8, 0.7, 0.6], [30.0, 10.0, 20.0])
        [0, 1]
    """
    score, cost = np.asarray(scores, float), np.asarray(costs, float)
    return [
        i
        for i in range(len(score))
        if not np.any((score >= score[i]) & (cost <= cost[i]) & ((score > score[i]) | (cost < cost[i])))
    ]


def _score(trial: FrozenTrial) -> float:
    return float(trial.value) if trial.value is not None else float("-inf")


def _draw(values: Sequence[Any], rng: np.random.Generator) -> Any:
    return values[int(rng.integers(len(values)))]
