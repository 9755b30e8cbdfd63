"""What a searched network is made of, as a few words of JSON: a down cell, an up cell, and how large it is.

A cell has two inputs, 0 and 1, and nodes 2, 3 ... Each node adds two operations, each on an input or an earlier node;
the cell's output is all nodes side by side. In a down cell the inputs are the outputs of the two cells before, and what
reads them halves the resolution. In an up cell 0 is the skip and 1 the coarser cell, which is doubled where it is read.

Source: Weng, Zhou, Li & Qiu 2019, NAS-UNet, IEEE Access 7:44247: cells, nodes and the operations of each kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mskus.errors import LearnError, SaveError

Kind = Literal["down", "up", "normal"]
OPERATIONS: dict[Kind, tuple[str, ...]] = {
    "down": ("avg_pool", "max_pool", "conv", "dilated", "depthwise", "weighted"),
    "up": ("bilinear", "conv", "dilated", "depthwise", "weighted"),
    "normal": ("identity", "conv", "dilated", "depthwise", "weighted"),
}
DEEPEST = 4  # a fifth halving would ask for sides that are multiples of 64
Gene = str | int | float


class Edge(NamedTuple):
    """An operation and what it reads: 0 and 1 are the cell's inputs, 2 its first node."""

    source: int
    operation: str


Cell = tuple[tuple[Edge, Edge], ...]


def kind_of(cell: Literal["down", "up"], source: int) -> Kind:
    """Which operations may read a source: inputs change the resolution, all but the skip of an up cell."""
    if source > 1 or (cell == "up" and source == 0):
        return "normal"
    return cell


class Genotype(BaseModel):
    """A network of cells.

    Attributes:
        down: nodes of every cell on the way down, two edges each.
        up: of every cell on the way up.
        width: features of a node at half of the picture's resolution.
        growth: how many times more features every level below has.
        depth: cells down, and cells up.

    Example:
        >>> plain_genotype().down[0]
        (Edge(source=0, operation='conv'), Edge(source=1, operation='conv'))
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    down: Annotated[Cell, Field(min_length=1)]
    up: Annotated[Cell, Field(min_length=1)]
    width: Annotated[int, Field(ge=4)]
    growth: Annotated[float, Field(ge=1.0, le=2.0)]
    depth: Annotated[int, Field(ge=1, le=DEEPEST)]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for name, cell in self.cells.items():
            for n, node in enumerate(cell):
                for edge in node:
                    _check_edge(name, n, edge)
            if {edge.source for edge in cell[0]} != {0, 1}:
                raise ValueError(f"the first node of the {name} cell must read both inputs")
        return self

    @property
    def cells(self) -> dict[Literal["down", "up"], Cell]:
        """Both cells by name."""
        return {"down": self.down, "up": self.up}

    def widths(self) -> tuple[int, ...]:
        """Features of a node at every level from half of the resolution down, multiples of four."""
        return tuple(4 * max(1, round(self.width * self.growth**level / 4)) for level in range(self.depth + 1))

    def genes(self) -> dict[str, Gene]:
        """The genotype as named choices, see :func:`gene_choices`."""
        made: dict[str, Gene] = {"width": self.width, "growth": self.growth, "depth": self.depth}
        for name, cell in self.cells.items():
            for n, node in enumerate(cell):
                for side, edge in zip("ab", node, strict=True):
                    made[f"{name}.{n + 2}.{side}"] = f"{edge.source} {edge.operation}"
        return made

    @classmethod
    def of(cls, genes: Mapping[str, Any]) -> Self:
        """The genotype of named choices; the reverse of :meth:`genes`."""
        cells: dict[str, list[tuple[Edge, Edge]]] = {"down": [], "up": []}
        for name, cell in cells.items():
            while f"{name}.{len(cell) + 2}.a" in genes:
                a, b = (_edge(genes[f"{name}.{len(cell) + 2}.{side}"]) for side in "ab")
                cell.append((a, b))
        sizes = {name: genes[name] for name in ("width", "growth", "depth")}
        return cls.model_validate({**cells, **sizes})


def gene_choices(
    *, nodes: int, widths: Sequence[int], growths: Sequence[float], depths: Sequence[int]
) -> dict[str, tuple[Gene, ...]]:
    """What every gene may be; independent of each other, so that any combination makes a network.

    The first node reads both inputs, so that none is lost; every other edge reads what it likes.

    Args:
        nodes: of a cell.
        widths: to choose among.
        growths: to choose among.
        depths: to choose among.

    Example:
        >>> gene_choices(nodes=1, widths=(8,), growths=(1.5,), depths=(3, 4))["up.2.b"]
        ('1 bilinear', '1 conv', '1 dilated', '1 depthwise', '1 weighted')
    """
    choices: dict[str, tuple[Gene, ...]] = {"width": tuple(widths), "growth": tuple(growths), "depth": tuple(depths)}
    for name in ("down", "up"):
        for n in range(nodes):
            for side, first in zip("ab", (0, 1), strict=True):
                sources = (first,) if n == 0 else range(n + 2)
                choices[f"{name}.{n + 2}.{side}"] = tuple(
                    f"{s} {operation}" for s in sources for operation in OPERATIONS[kind_of(name, s)]
                )
    return choices


def plain_genotype(*, nodes: int = 3, width: int = 16, growth: float = 1.5, depth: int = 4) -> Genotype:
    """A U-Net by hand, to compare with: convolutions down, bilinear growth and convolutions up."""
    rest = tuple((Edge(n + 1, "conv"), Edge(n + 1, "identity")) for n in range(1, nodes))
    return Genotype(
        down=((Edge(0, "conv"), Edge(1, "conv")), *rest),
        up=((Edge(0, "conv"), Edge(1, "bilinear")), *rest),
        width=width,
        growth=growth,
        depth=depth,
    )


def shipped_genotypes() -> tuple[str, ...]:
    """Names of the genotypes that come with the package."""
    return tuple(sorted(f.name.removesuffix(".json") for f in _shipped().iterdir() if f.name.endswith(".json")))


def read_genotype(named: str | Path) -> Genotype:
    """A genotype from a JSON file, or one of :func:`shipped_genotypes` by name.

    Raises:
        LearnError: if there is none, or it is not one.
    """
    try:
        if str(named) in shipped_genotypes():
            text = (_shipped() / f"{named}.json").read_text(encoding="utf-8")
        else:
            text = Path(named).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(shipped_genotypes())
        raise LearnError(
            f"{named} cannot be read as a genotype; give a JSON file of mskus search, or {known}."
        ) from error
    try:
        return Genotype.model_validate(json.loads(text))
    except (ValueError, ValidationError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "it is not JSON"
        raise LearnError(f"{named} holds no genotype: {why.removeprefix('Value error, ')}.") from error


def write_genotype(genotype: Genotype, path: Path) -> None:
    """Write it as JSON, a node a line.

    Raises:
        SaveError: if it cannot be written.
    """
    made = genotype.model_dump(mode="json")
    lines = [
        f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(node)}" for node in value) + "\n  ]"
        if isinstance(value, list | tuple)
        else f'  "{name}": {json.dumps(value)}'
        for name, value in made.items()
    ]
    try:
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    except OSError as error:
        raise SaveError(f"{path} cannot be written: {error.strerror}.") from error


def _shipped() -> Any:
    return files("mskus.learn.search") / "genotypes"


def _edge(gene: str) -> Edge:
    source, operation = gene.split()
    return Edge(int(source), operation)


def _check_edge(cell: Literal["down", "up"], node: int, edge: Edge) -> None:
    where = f"node {node + 2} of the {cell} cell"
    if not 0 <= edge.source < node + 2:
        raise ValueError(f"{where} reads {edge.source}, which is no input and no earlier node")
    allowed = OPERATIONS[kind_of(cell, edge.source)]
    if edge.operation not in allowed:
        raise ValueError(f"{where} reads {edge.source} by {edge.operation!r}; it may be {', '.join(allowed)}")
