"""A family of features: one function from a region to named numbers, and the list of families by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import FeatureError

_HOMES = ("mskus.features.radiomics", "mskus.features.texture")
_FAMILIES: dict[str, Family] = {}
# Tables of dependence grow with the square of the distance.
_FARTHEST_PX = 50


@dataclass(frozen=True, kw_only=True)
class FeatureSettings:
    """How features are computed; written into every table as its provenance.

    Attributes:
        discretisation: ``"bin_count"`` (IBSI FBN, robust to gain) or ``"bin_width"`` (IBSI FBS).
        bin_count: number of grey levels for ``"bin_count"``.
        bin_width: width of a bin in grey levels for ``"bin_width"``.
        bin_origin: lower edge of the first bin for ``"bin_width"``; None is the region's minimum.
        distance_px: distance of neighbours in pixels (GLCM, NGTDM, GLDM).

    Raises:
        FeatureError: if numbers of bins or pixels are not whole or out of range, a width is not positive, or the origin
            is not finite.
    """

    discretisation: Literal["bin_count", "bin_width"] = "bin_count"
    bin_count: int = 32
    bin_width: float = 8.0
    bin_origin: float | None = 0.0
    distance_px: int = 1

    def __post_init__(self) -> None:
        if self.discretisation not in ("bin_count", "bin_width"):
            raise FeatureError(f"There is no discretisation {self.discretisation!r}; take 'bin_count' or 'bin_width'.")
        if not 2 <= self.bin_count <= 1024 or self.bin_count % 1:
            raise FeatureError(f"{self.bin_count} grey levels make no texture; take a bin_count of 2 to 1024.")
        if not 0 < self.bin_width < np.inf:
            raise FeatureError(f"Bins cannot be {self.bin_width:g} grey levels wide; give a positive bin_width.")
        if self.bin_origin is not None and not np.isfinite(self.bin_origin):
            raise FeatureError(f"Bins cannot begin at {self.bin_origin:g}; give a finite bin_origin, or None.")
        if not 1 <= self.distance_px <= _FARTHEST_PX or self.distance_px % 1:
            raise FeatureError(
                f"Neighbours cannot be {self.distance_px} pixels apart; give a distance_px of 1 to {_FARTHEST_PX}."
            )

    def text(self) -> str:
        """One short line of provenance.

        Example:
            >>> FeatureSettings().text()
            'bins=32;distance=1px'
        """
        bins = (
            f"bins={self.bin_count}"
            if self.discretisation == "bin_count"
            else f"width={self.bin_width:g};origin={'min' if self.bin_origin is None else f'{self.bin_origin:g}'}"
        )
        return f"{bins};distance={self.distance_px}px"


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureRegion:
    """A region of a picture, with what several families need of it.

    Attributes:
        image: ``(H, W)`` float64, the whole picture (filters look beyond the region's edge).
        mask: ``(H, W)`` bool, True inside the region.
        spacing_mm: ``(row, column)`` mm per pixel, or None where no scale is known.
        settings: how to compute.

    Raises:
        FeatureError: if shapes differ, the region holds fewer than two pixels, or its grey levels are not finite.
    """

    image: NDArray[np.float64]
    mask: NDArray[np.bool_]
    spacing_mm: tuple[float, float] | None = None
    settings: FeatureSettings = FeatureSettings()

    @staticmethod
    def of(
        image: ArrayLike,
        *,
        mask: ArrayLike | None = None,
        spacing_mm: tuple[float, float] | None = None,
        settings: FeatureSettings | None = None,
    ) -> FeatureRegion:
        """A region of an array; without a mask the whole picture."""
        picture = np.asarray(image, dtype=np.float64)
        inside = np.ones(picture.shape, bool) if mask is None else np.asarray(mask) != 0
        return FeatureRegion(image=picture, mask=inside, spacing_mm=spacing_mm, settings=settings or FeatureSettings())

    def __post_init__(self) -> None:
        if self.image.ndim != 2:
            raise FeatureError(f"A grey picture (H, W) is needed; this array has shape {self.image.shape}.")
        if self.mask.shape != self.image.shape:
            raise FeatureError(f"The mask is {self.mask.shape} but its picture {self.image.shape}; give a mask to fit.")
        count = int(np.count_nonzero(self.mask))
        if count < 2:
            what = "is empty" if count == 0 else "has one pixel only"
            raise FeatureError(f"The region {what}; draw one of at least two pixels.")
        if not np.isfinite(self.values).all():
            raise FeatureError("The region holds NaN or infinite grey levels; leave them out of the mask.")
        if self.spacing_mm is not None and not all(0 < mm < np.inf for mm in self.spacing_mm):
            row, column = self.spacing_mm
            raise FeatureError(f"A pixel cannot measure {row:g} x {column:g} mm; give positive spacings, or None.")

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """``(N,)`` grey levels inside, row by row."""
        return self.image[self.mask]

    @cached_property
    def box(self) -> tuple[slice, slice]:
        """``(rows, columns)`` of the smallest upright box around the region."""
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)

    @cached_property
    def levels(self) -> NDArray[np.int32]:
        """The box's grey levels discretised to 1 .. n, 0 outside the region (IBSI, chapter 2.7)."""
        from mskus.features.radiomics.discretise import discretise

        return discretise(self.image[self.box], self.mask[self.box], settings=self.settings)

    @cached_property
    def n_levels(self) -> int:
        """Highest discretised level."""
        return int(self.levels.max())


@dataclass(frozen=True, kw_only=True)
class Family:
    """A named family; ``function`` maps a region to feature values by their full column names."""

    name: str
    source: str
    function: Callable[[FeatureRegion], dict[str, float]]


FamilyFunction = Callable[[FeatureRegion], dict[str, float]]


def family(name: str, *, source: str) -> Callable[[FamilyFunction], FamilyFunction]:
    """Register a family of features; a user's own joins the same way.

    Args:
        name: what the user asks for, like ``"glcm"``; registering a known name anew replaces that family.
        source: paper or standard.

    Example:
        >>> @family("bright", source="this example")
        ... def bright(region):
        ...     return {"bright_share": float((region.values > 200).mean())}
        >>> families()["bright"].function(FeatureRegion.of([[0, 255, 255, 255]]))
        {'bright_share': 0.75}
        >>> _ = _FAMILIES.pop("bright")
    """

    def register(function: FamilyFunction) -> FamilyFunction:
        _FAMILIES[name] = Family(name=name, source=source, function=function)
        return function

    return register


def families() -> dict[str, Family]:
    """All families by name, in alphabetical order."""
    for home in _HOMES:
        import_module(home)
    return dict(sorted(_FAMILIES.items()))
