"""A search: from a typed configuration to the best genotype, the table of what was tried, and pictures."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna import Study, Trial, TrialPruned
from optuna.trial import FrozenTrial, TrialState

from mskus.errors import LearnError, SaveError
from mskus.learn.manifest import Case, read_manifest, write_table
from mskus.learn.search.config import SearchConfig
from mskus.learn.search.cost import cost_of, frame_ms
from mskus.learn.search.evolution import AgingEvolution, Genes
from mskus.learn.search.genotype import Genotype, plain_genotype, write_genotype
from mskus.learn.search.network import build_genotype
from mskus.learn.search.proxy import train_briefly
from mskus.learn.search.study import finished, open_study, run_trials
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.material import Material, gather
from mskus.learn.train.run import FREE
from mskus.learn.train.split import Split, split_cases

if TYPE_CHECKING:
    import pandas as pd

BEST, TRIALS, CONFIRMED, SEEN = "best.json", "trials.csv", "confirmed.csv", "seen.csv"
_JUDGED_BEFORE_STOPPING = 6


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """What a search found.

    Attributes:
        genotype: the best.
        score: of it, on the pictures that candidates are compared on; too good as an estimate, because it was chosen.
        trials: one row a candidate, in the order of their beginning.
        folder: where ``best.json``, ``trials.csv``, ``seen.csv``, ``cell.png`` and ``front.png`` are.
    """

    genotype: Genotype
    score: float
    trials: pd.DataFrame
    folder: Path


def search(config: SearchConfig, *, resume: bool = False, say: Callable[[str], None] = lambda _: None) -> SearchResult:
    """Search until the budget is spent; started with ``resume`` on further machines, they search together.

    Args:
        config: all of the search.
        resume: go on with a search, or join one that runs.
        say: takes a line a candidate.

    Raises:
        LearnError: if data or configuration cannot be used, or the storage holds another search.
        SaveError: if storage or output cannot be written.
    """
    from mskus.learn.search.picture import draw_cells, draw_front

    folder, asked = config.output.folder, config.search
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{folder} cannot be written: {error.strerror}.") from error
    run = _candidates_run(config)
    material = gather(run)
    study = _study(
        config, resume=resume, name=asked.study, first=_by_hand(config), pictures=fingerprint(material.split)
    )
    _train_all(study, config, run, material, trials=asked.trials, minutes=asked.minutes, say=say)
    tried = _table(study)
    if tried.empty or not (tried["state"] == "complete").any():
        raise LearnError("No candidate was trained to its end; allow more search.trials or search.minutes.")
    chosen = tried
    write_table(tried, folder / TRIALS)
    if asked.confirm:
        again = _confirm(config, run, material, tried, say=say)
        write_table(again, folder / CONFIRMED)
        chosen = again if (again["state"] == "complete").any() else tried
    best = chosen[chosen["state"] == "complete"].sort_values("score", ascending=False, kind="stable").iloc[0]
    genotype = Genotype.of({name: _plain(best[name]) for name in asked.space.choices()})
    write_genotype(genotype, folder / BEST)
    draw_cells(genotype, folder / "cell.png")
    draw_front(tried, folder / "front.png", cost=asked.cost)
    return SearchResult(genotype=genotype, score=float(best["score"]), trials=tried, folder=folder)


def _candidates_run(config: SearchConfig) -> TrainConfig:
    """The run of a candidate: the search's, on a manifest without what is left out."""
    leave_out, named = config.search.leave_out, config.data.manifest
    sections = {name: getattr(config, name) for name in TrainConfig.model_fields}
    if leave_out is None:
        return TrainConfig(**sections)
    if named is None:
        raise LearnError("search.leave_out needs data.manifest; a simulator has nothing to leave out.")
    cases = read_manifest(named, patient=config.data.patient)
    kept = split_cases(cases, leave_out, labelled=[c.mask is not None for c in cases]).training
    seen = config.output.folder / SEEN
    _write_manifest(kept, seen)
    return TrainConfig(**{**sections, "data": config.data.model_copy(update={"manifest": seen})})


def _write_manifest(cases: Sequence[Case], path: Path) -> None:
    import pandas as pd

    rows = [{**c.row, "image": c.image.absolute(), "mask": c.mask and c.mask.absolute()} for c in cases]
    write_table(pd.DataFrame(rows), path)


def _by_hand(config: SearchConfig) -> list[Genes]:
    """The plain U-Net of these cells, as large as the limits allow: what must be beaten."""
    space = config.search.space
    plain = [
        plain_genotype(nodes=space.nodes, width=w, growth=g, depth=d).genes()
        for w in sorted(space.widths, reverse=True)
        for g in sorted(space.growths)
        for d in sorted(space.depths, reverse=True)
    ]
    return [genes for genes in plain if config.allows(genes)][:1]


def fingerprint(split: Split) -> str:
    """Of the pictures of a search by name, frame, patient and side, so that no machine joins with other ones.

    Example:
        >>> one, other = (Case(image=Path(f"/data/{name}.png"), patient="p") for name in "ab")
        >>> fingerprint(Split([one], [other])) == fingerprint(Split([other], [one]))
        False
    """
    rows = [(c.image.name, c.frame, c.patient, side) for side, part in split.sides for c in part]
    return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()[:16]


def _study(config: SearchConfig, *, resume: bool, name: str, first: Sequence[Genes], pictures: str) -> Study:
    asked = config.search
    lasting = {"trials", "minutes", "storage", "study", "heartbeat_s", "confirm", "confirm_epochs", "stop_early"}
    said = {
        **asked.model_dump(mode="json", exclude=lasting),
        **{part: getattr(config, part).model_dump(mode="json") for part in ("loss", "augmentation", "split")},
        # what a candidate is trained with; where and how fast may differ between machines
        **config.data.model_dump(mode="json", exclude={"manifest"} | FREE["data"]),
        **config.schedule.model_dump(mode="json", exclude={"precision"} | FREE["schedule"]),
        "pictures": pictures,
        "seed": config.seed,
    }
    sampler = AgingEvolution(
        asked.space.choices(),
        seed=config.seed,
        allowed=config.allows,
        population=asked.population,
        tournament=asked.tournament,
        objective=asked.objective,
        cost=asked.cost,
        strategy=asked.strategy,
        first=first,
    )
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    if asked.stop_early and name == asked.study:
        # networks begin by finding nothing, which tells nothing
        pruner = optuna.pruners.MedianPruner(
            n_startup_trials=_JUDGED_BEFORE_STOPPING, n_warmup_steps=config.schedule.epochs // 2 + 1
        )
    return open_study(
        config.address,
        name=name,
        said=said,
        resume=resume,
        sampler=sampler,
        pruner=pruner,
        heartbeat_s=asked.heartbeat_s,
    )


def _train_all(
    study: Study,
    config: SearchConfig,
    run: TrainConfig,
    material: Material,
    *,
    trials: int,
    minutes: float | None = None,
    say: Callable[[str], None],
) -> None:
    n_classes, size = len(material.outputs), config.data.size

    def train(trial: Trial, genes: Genes) -> float:
        started, genotype = time.monotonic(), Genotype.of(genes)
        cost = cost_of(genotype, n_classes=n_classes, size=size)
        trial.set_user_attr("parameters", cost.parameters)
        trial.set_user_attr("multiplications", cost.multiplications)
        if config.search.cost == "ms":
            trial.set_user_attr("ms", frame_ms(build_genotype(genotype, n_classes), size=size))

        def report(epochs: int, figures: dict[str, float]) -> None:
            trial.report(figures["score"], epochs)
            trial.set_user_attr("figures", figures)
            if epochs < run.schedule.epochs and trial.should_prune():
                raise TrialPruned

        try:
            figures = train_briefly(lambda: build_genotype(genotype, n_classes), material, config=run, report=report)
        except LearnError as error:  # the loss of this candidate is no number: a bad candidate, not a bad search
            trial.set_user_attr("reason", str(error))
            raise TrialPruned from error
        finally:
            trial.set_user_attr("seconds", time.monotonic() - started)
        return figures["score"]

    def told(trial: FrozenTrial) -> None:
        millions = trial.user_attrs["parameters"] / 1e6
        state = "given up at" if trial.state == TrialState.PRUNED else "score"
        say(f"{len(finished(study))} of {trials}: {state} {_score(trial):.4f}, {millions:.2f} M parameters")

    run_trials(study, train, choices=config.search.space.choices(), trials=trials, minutes=minutes, said=told)


def _confirm(
    config: SearchConfig, run: TrainConfig, material: Material, tried: pd.DataFrame, *, say: Callable[[str], None]
) -> pd.DataFrame:
    """The best again, for longer and from other first weights; a study of its own, so that it too can be resumed."""
    asked = config.search
    best = tried[tried["state"] == "complete"].sort_values("score", ascending=False, kind="stable").head(asked.confirm)
    first = [{name: _plain(row[name]) for name in asked.space.choices()} for _, row in best.iterrows()]
    study = _study(
        config, resume=True, name=f"{asked.study} confirmed", first=first, pictures=fingerprint(material.split)
    )
    longer = run.model_copy(
        update={
            "seed": config.seed + 1,
            "schedule": config.schedule.model_copy(update={"epochs": asked.confirm_epochs}),
        }
    )
    others = sum(t.params not in first for t in finished(study))
    say(f"The best {len(first)} again, {asked.confirm_epochs} epochs each")
    _train_all(study, config, longer, material, trials=others + len(first), say=say)
    return _table(study)


def _table(study: Study) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "trial": t.number,
            "state": "complete" if t.state == TrialState.COMPLETE else "given up",
            "score": _score(t),
            **{name: t.user_attrs.get(name) for name in ("parameters", "multiplications", "ms", "seconds")},
            **{n: v for n, v in t.user_attrs.get("figures", {}).items() if n != "score"},
            **t.params,
        }
        for t in finished(study)
    ]
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def _score(trial: FrozenTrial) -> float:
    if trial.value is not None:
        return float(trial.value)
    last = trial.last_step
    return float("nan") if last is None else float(trial.intermediate_values[last])


def _plain(value: Any) -> Any:
    """Of a table's NumPy number the Python one."""
    return value.item() if hasattr(value, "item") else value
