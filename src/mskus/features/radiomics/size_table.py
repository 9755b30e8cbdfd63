"""How often each size occurs at each grey level: runs, zones, distances and dependences share the same features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr


@dataclass(frozen=True, kw_only=True, eq=False)
class SizeTable:
    """A sparse matrix of counts by grey level and size.

    Attributes:
        level: ``(K,)`` grey level, 1 and up.
        size: ``(K,)`` run length, zone size, zone distance or dependence count, 1 and up.
        count: ``(K,)`` how many there are; no pair of level and size is listed twice.
        pixels: pixels that were looked at, once a direction.
    """

    level: NDArray[np.float64]
    size: NDArray[np.float64]
    count: NDArray[np.float64]
    pixels: int

    @staticmethod
    def of(level: NDArray[np.integer], size: NDArray[np.integer], *, pixels: int) -> SizeTable:
        """Count occurrences, each given by its level and its size."""
        width = int(size.max(initial=0)) + 1
        key, count = np.unique(level.astype(np.int64) * width + size, return_counts=True)
        return SizeTable(
            level=(key // width).astype(float),
            size=(key % width).astype(float),
            count=count.astype(float),
            pixels=pixels,
        )

    @staticmethod
    def of_matrix(matrix: NDArray[np.int64], *, pixels: int) -> SizeTable:
        """The non-zero entries of a matrix whose rows are levels and whose columns are sizes, both from 1."""
        row, column = (index.astype(float) for index in np.nonzero(matrix))
        return SizeTable(level=row + 1.0, size=column + 1.0, count=matrix[matrix != 0].astype(float), pixels=pixels)


def merge(tables: Sequence[SizeTable]) -> SizeTable:
    """One table of several (IBSI: directions or slices merged before the features).

    Example:
        >>> one = SizeTable.of(np.array([1, 1, 2]), np.array([3, 3, 1]), pixels=7)
        >>> merge([one, one]).count.tolist(), merge([one, one]).pixels
        ([4.0, 2.0], 14)
    """
    pairs = np.concatenate([np.stack([t.level, t.size]) for t in tables], axis=1)
    (level, size), where = np.unique(pairs, axis=1, return_inverse=True)
    count = np.bincount(where, np.concatenate([t.count for t in tables])).astype(float)
    return SizeTable(level=level, size=size, count=count, pixels=sum(t.pixels for t in tables))


def size_features(tables: Sequence[SizeTable], *, names: Sequence[str]) -> dict[str, float]:
    r"""The features of each table, averaged over the tables.

    With :math:`p_{ij} = n_{ij}/N`, level :math:`i` and size :math:`j`, in this order: emphasis of small sizes
    :math:`\sum p_{ij}/j^2`, large :math:`\sum p_{ij} j^2`, low levels, high levels, small and low, small and high,
    large and low, large and high; non-uniformity of levels :math:`\sum_i (\sum_j n_{ij})^2/N` and the same over
    :math:`N`; non-uniformity of sizes, twice likewise; percentage :math:`N / N_{pixels}`; variance of level and of
    size; entropy in bits; energy :math:`\sum p_{ij}^2`.

    Args:
        tables: one a direction or a slice.
        names: column names for as many of these as the family has.
    """
    mean = np.mean([_features(table) for table in tables], axis=0)
    return dict(zip(names, (float(v) for v in mean), strict=False))


def _features(table: SizeTable) -> list[float]:
    i, j, total = table.level, table.size, table.count.sum()
    p = table.count / total
    ii, jj = i * i, j * j
    of_level = np.bincount(i.astype(np.intp), table.count)
    of_size = np.bincount(np.unique(j, return_inverse=True)[1], table.count)
    level_spread, size_spread = float(of_level @ of_level / total), float(of_size @ of_size / total)
    return [
        float((p / jj).sum()),
        float((p * jj).sum()),
        float((p / ii).sum()),
        float((p * ii).sum()),
        float((p / (ii * jj)).sum()),
        float((p * ii / jj).sum()),
        float((p * jj / ii).sum()),
        float((p * ii * jj).sum()),
        level_spread,
        level_spread / total,
        size_spread,
        size_spread / total,
        float(total / table.pixels),
        float(p @ (i - p @ i) ** 2),
        float(p @ (j - p @ j) ** 2),
        float(entr(p).sum() / np.log(2.0)),
        float((p * p).sum()),
    ]
