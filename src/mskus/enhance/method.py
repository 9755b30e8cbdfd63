"""One signature for every method that makes a picture from a picture, and the list of them by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import EnhanceError

Kind = Literal["despeckle", "contrast"]
Picture = NDArray[np.float32]

# Rooms whose import registers the methods of the project.
_HOMES = ("mskus.enhance.despeckle", "mskus.enhance.contrast")
_METHODS: dict[str, Method] = {}


@dataclass(frozen=True, kw_only=True)
class Method:
    """A named way to enhance: ``(H, W)`` float32 grey levels 0-255 in, the same out.

    Attributes:
        name: what the user asks for, like ``"srad"``.
        kind: ``"despeckle"`` or ``"contrast"``.
        source: the paper.
        function: called with the picture and keyword parameters.
    """

    name: str
    kind: Kind
    source: str
    function: Callable[..., Picture]

    @property
    def parameters(self) -> dict[str, Any]:
        """Names and default values of what may be set."""
        return {
            p.name: p.default
            for p in inspect.signature(self.function).parameters.values()
            if p.kind is inspect.Parameter.KEYWORD_ONLY
        }

    @property
    def optional(self) -> frozenset[str]:
        """Names of parameters that may be None."""
        given = inspect.signature(self.function).parameters.values()
        return frozenset(p.name for p in given if p.default is None or "None" in str(p.annotation))


def enhancer(name: str, *, kind: Kind, source: str) -> Callable[[Callable[..., Picture]], Callable[..., Picture]]:
    """Register a function under a name; a user's own joins the same way.

    Args:
        name: unique, lower case.
        kind: what it is for.
        source: paper or standard.
    """

    def register(function: Callable[..., Picture]) -> Callable[..., Picture]:
        _METHODS[name] = Method(name=name, kind=kind, source=source, function=function)
        return function

    return register


def methods(kind: Kind | None = None) -> dict[str, Method]:
    """All methods by name, in alphabetical order; those of one kind where it is given."""
    for home in _HOMES:
        import_module(home)
    return {name: m for name, m in sorted(_METHODS.items()) if kind is None or m.kind == kind}


def method_named(name: str) -> Method:
    """The method of that name.

    Raises:
        EnhanceError: if there is none.
    """
    known = methods()
    if name not in known:
        raise EnhanceError(f"There is no enhancement named {name!r}; choose one of {', '.join(known)}.")
    return known[name]


def enhance(
    image: ArrayLike, *, method: str, spacing_mm: tuple[float, float] | None = None, **parameters: Any
) -> Picture:
    """Enhance one picture.

    Args:
        image: ``(H, W)`` grey levels 0-255, any number type.
        method: a name of :func:`methods`.
        spacing_mm: ``(row, column)`` mm per pixel; used by methods that take sizes in mm, ignored by the others.
        parameters: of the method, see its docstring.

    Returns:
        ``(H, W)`` float32, 0-255.

    Raises:
        EnhanceError: if the picture, the method or a parameter is not possible.

    Example:
        >>> enhance(np.full((16, 16), 80.0), method="median").max()
        np.float32(80.0)
    """
    chosen = method_named(method)
    picture = as_picture(image)
    allowed = chosen.parameters
    unknown = sorted(set(parameters) - set(allowed))
    if unknown:
        takes = ", ".join(name for name in allowed if name != "spacing_mm") or "no parameters"
        raise EnhanceError(f"{method} has no parameter {unknown[0]!r}; it takes {takes}.")
    parameters = {name: _settled(chosen, name, value) for name, value in parameters.items()}
    if "spacing_mm" in allowed:
        parameters["spacing_mm"] = spacing_mm
    return chosen.function(picture, **parameters)


def _settled(method: Method, name: str, value: Any) -> Any:
    """A value of a parameter whose default is a number: finite, and whole where the default is (5.0 counts as 5)."""
    usual = method.parameters[name]
    if isinstance(usual, bool | str) or (value is None and name in method.optional):
        return value
    number = isinstance(value, Real) and not isinstance(value, bool)
    whole = isinstance(usual, int)
    if (number and not np.isfinite(value)) or (isinstance(usual, Real) and not number):
        raise EnhanceError(f"{method.name} needs a finite number for {name}, not {value!r}.")
    if whole and not float(value).is_integer():
        raise EnhanceError(f"{method.name} needs a whole number for {name}, not {value!r}.")
    return int(value) if whole else value


def as_picture(image: ArrayLike) -> Picture:
    """The picture as ``(H, W)`` float32.

    Raises:
        EnhanceError: if it is not 2-D, is smaller than 3 x 3, or holds NaN or infinity.
    """
    picture = np.ascontiguousarray(image, dtype=np.float32)
    if picture.ndim != 2:
        raise EnhanceError(f"A grey picture (H, W) is needed; this array has shape {picture.shape}.")
    if min(picture.shape) < 3:
        raise EnhanceError(f"A picture of {picture.shape[1]} x {picture.shape[0]} pixels is too small to enhance.")
    if not np.isfinite(picture).all():
        raise EnhanceError("The picture holds NaN or infinite values; replace them first.")
    return picture
