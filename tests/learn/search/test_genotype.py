"""Genotypes: what is possible, what is refused, and the way to genes and files and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mskus.errors import LearnError, SaveError
from mskus.learn.search.genotype import (
    Edge,
    Genotype,
    gene_choices,
    kind_of,
    plain_genotype,
    read_genotype,
    shipped_genotypes,
    write_genotype,
)

PLAIN = {
    "down": [[[0, "conv"], [1, "max_pool"]]],
    "up": [[[0, "identity"], [1, "bilinear"]]],
    "width": 8,
    "growth": 1.5,
    "depth": 3,
}


def test_inputs_change_the_resolution_but_the_skip() -> None:
    assert [kind_of("down", s) for s in (0, 1, 2)] == ["down", "down", "normal"]
    assert [kind_of("up", s) for s in (0, 1, 2)] == ["normal", "up", "normal"]


def test_genes_and_back() -> None:
    genotype = Genotype.model_validate(PLAIN)
    assert genotype.genes() == {
        "width": 8,
        "growth": 1.5,
        "depth": 3,
        "down.2.a": "0 conv",
        "down.2.b": "1 max_pool",
        "up.2.a": "0 identity",
        "up.2.b": "1 bilinear",
    }
    assert Genotype.of(genotype.genes()) == genotype
    assert genotype.up[0][1] == Edge(1, "bilinear")


def test_features_of_the_levels_are_multiples_of_four() -> None:
    assert plain_genotype(width=10, growth=1.5, depth=3).widths() == (8, 16, 24, 32)  # of 10, 15, 22.5, 33.75


def test_how_many_networks_there_are() -> None:
    choices = gene_choices(nodes=2, widths=(8, 16), growths=(1.5,), depths=(3, 4))
    counts = {name: len(values) for name, values in choices.items()}
    assert counts == {
        "width": 2,
        "growth": 1,
        "depth": 2,
        "down.2.a": 6,
        "down.2.b": 6,
        "down.3.a": 17,  # two inputs halved in six ways each, or the first node in five
        "down.3.b": 17,
        "up.2.a": 5,
        "up.2.b": 5,
        "up.3.a": 15,
        "up.3.b": 15,
    }


@pytest.mark.parametrize("nodes", [1, 2, 4])
def test_the_plain_one_is_among_the_choices(nodes: int) -> None:
    choices = gene_choices(nodes=nodes, widths=(16,), growths=(1.5,), depths=(4,))
    assert all(gene in choices[name] for name, gene in plain_genotype(nodes=nodes).genes().items())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"down": [[[0, "conv"], [1, "bilinear"]]]},
            "node 2 of the down cell reads 1 by 'bilinear'; it may be avg_pool",
        ),
        ({"up": [[[0, "max_pool"], [1, "conv"]]]}, "node 2 of the up cell reads 0 by 'max_pool'; it may be identity"),
        ({"up": [[[0, "conv"], [2, "conv"]]]}, "node 2 of the up cell reads 2, which is no input and no earlier node"),
        ({"down": [[[1, "conv"], [1, "conv"]]]}, "the first node of the down cell must read both inputs"),
        ({"depth": 5}, "less than or equal to 4"),
        ({"up": []}, "at least 1 item"),
        ({"wide": 3}, "Extra inputs"),
    ],
)
def test_what_makes_no_network_is_said(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    (tmp_path / "g.json").write_text(json.dumps({**PLAIN, **change}))
    with pytest.raises(LearnError, match="g.json holds no genotype") as error:
        read_genotype(tmp_path / "g.json")
    assert said in str(error.value)


def test_files(tmp_path: Path) -> None:
    genotype = plain_genotype(nodes=2)
    write_genotype(genotype, tmp_path / "g.json")
    assert read_genotype(tmp_path / "g.json") == genotype
    assert '    [[0, "conv"], [1, "bilinear"]]' in (tmp_path / "g.json").read_text()
    (tmp_path / "text.json").write_text("{")
    with pytest.raises(LearnError, match="it is not JSON"):
        read_genotype(tmp_path / "text.json")
    with pytest.raises(LearnError, match="give a JSON file of mskus search"):
        read_genotype("heart")
    with pytest.raises(SaveError, match="cannot be written"):
        write_genotype(genotype, tmp_path / "none" / "g.json")


@pytest.mark.parametrize("name", shipped_genotypes())
def test_what_ships_can_be_read(name: str) -> None:
    assert read_genotype(name).depth <= 4
