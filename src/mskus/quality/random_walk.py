"""Solver of the confidence map: columns solved exactly, every second column left out on the next coarser grid.

The graph's Laplacian joins pixels with weights from 1 down to 1e-5, and joins rows far more strongly than columns.
Point relaxation stalls on that. Here whole columns are relaxed (tridiagonal solves, even and odd columns in turn) and
only columns are coarsened, with interpolation weights taken from the operator itself and a Galerkin coarse operator;
one such cycle preconditions conjugate gradients. Sources: S. Schaffer, A semicoarsening multigrid method for symmetric
and nonsymmetric boundary value problems, SIAM J Sci Comput 20:228, 1998; J. E. Dendy, Black box multigrid, J Comput
Phys 48:366, 1982.

Columns of a level are stored as two halves, even and odd, so that the inner loops run over neighbouring memory. The
operator is applied in double precision: a weight of 1e-5 beside one of 1 is lost in the rounding of a single-precision
diagonal. The cycle, which only preconditions, runs in single precision.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Single = NDArray[np.float32]
Double = NDArray[np.float64]
Array = NDArray[Any]

# Answers below this are as good as none.
_NOTHING = np.float32(1e-24)
# Pairs of columns on the coarsest grid: so wide that lines hardly feel each other, and relaxing them is enough.
_COARSEST = 4


class Couplings(NamedTuple):
    """A symmetric nine-point operator: diagonal less couplings, all ``(H, W)`` float64.

    Attributes:
        diagonal: of every pixel.
        down: coupling of ``(r, k)`` with ``(r + 1, k)``.
        up_right, right, down_right: coupling of ``(r, k)`` with ``(r - 1, k + 1)``, ``(r, k + 1)``, ``(r + 1, k + 1)``.
    """

    diagonal: Double
    down: Double
    up_right: Double
    right: Double
    down_right: Double


class Level(NamedTuple):
    """One grid, ready for line relaxation; ``K`` is half the number of columns.

    Attributes:
        down: ``(2, H, K)`` couplings along the even and along the odd columns.
        pivot: ``(2, H, K)`` inverse pivots of their tridiagonal factors.
        diagonal: ``(2, H, K)``.
        left, far: ``(3, H, K)`` couplings of an odd column's row with rows -1, 0, +1 of the even column to its left and
            to its right.
    """

    down: Single
    pivot: Single
    diagonal: Single
    left: Single
    far: Single


def solve(couplings: Couplings, rhs: Double, *, tolerance: float, iterations: int = 80) -> tuple[Double, int]:
    """Solve the operator for a right-hand side.

    Args:
        couplings: symmetric, positive definite.
        rhs: ``(H, W)``.
        tolerance: stop when the residual's preconditioned norm has fallen by this factor.
        iterations: at most.

    Returns:
        ``(H, W)`` solution and the iterations taken.
    """
    width = rhs.shape[1]
    couplings = _even_width(couplings)
    levels = _hierarchy(couplings)
    # couplings are whole in single precision; what must be exact is that a row sums to what leaves it
    diagonal, finest = _split(couplings.diagonal), levels[0]
    residual = _split(rhs)
    x, none = np.zeros_like(residual), np.zeros_like(residual)
    image = np.empty_like(residual)
    step = _cycle(levels, residual.astype(np.float32))
    first = rho = _dot(residual, step)
    direction = step.astype(np.float64)
    done = 0
    while done < iterations and rho > tolerance**2 * first:
        done += 1
        # nothing less the operator times direction
        _residual(image, none, direction, diagonal, finest.down, finest.left, finest.far, True)
        length = -rho / _dot(direction, image)
        _advance(x, residual, length, direction, image)
        step = _cycle(levels, residual.astype(np.float32))
        before, rho = rho, _dot(residual, step)
        direction *= rho / before
        direction += step
    return _joined(x, width), done


def _even_width(couplings: Couplings) -> Couplings:
    """An even number of columns; an added one stands alone."""
    if couplings.diagonal.shape[1] % 2 == 0:
        return couplings
    parts = [np.pad(part, ((0, 0), (0, 1))) for part in couplings]
    parts[0][:, -1] = 1.0
    return Couplings(*parts)


def _split(full: Array) -> Array:
    """``(2, H, K)``: even and odd columns."""
    if full.shape[1] % 2:
        full = np.pad(full, ((0, 0), (0, 1)))
    return np.stack([full[:, ::2], full[:, 1::2]])


def _joined(halves: Array, width: int) -> Array:
    out = np.empty((halves.shape[1], 2 * halves.shape[2]), halves.dtype)
    out[:, ::2], out[:, 1::2] = halves[0], halves[1]
    return out[:, :width]


def _halves(couplings: Couplings) -> tuple[Double, Double, Double, Double]:
    """``diagonal, down, left, far`` as :class:`Level` has them, in double precision."""
    up_right, right, down_right = couplings.up_right, couplings.right, couplings.down_right
    left = np.zeros((3, right.shape[0], right.shape[1] // 2))
    # seen from the odd column: its row r meets row r - 1 of the left column by that row's down_right
    left[0, 1:], left[1], left[2, :-1] = down_right[:-1, ::2], right[:, ::2], up_right[1:, ::2]
    far = np.stack([up_right[:, 1::2], right[:, 1::2], down_right[:, 1::2]])
    return _split(couplings.diagonal), _split(couplings.down), left, far


def _hierarchy(couplings: Couplings) -> list[Level]:
    """All levels, the finest first, down to a few pairs of columns."""
    levels = []
    while True:
        couplings = _even_width(couplings)
        diagonal, down, left, far = _halves(couplings)
        pivot = np.stack([_pivots(diagonal[0], down[0]), _pivots(diagonal[1], down[1])])
        levels.append(Level(*(part.astype(np.float32) for part in (down, pivot, diagonal, left, far))))
        if diagonal.shape[2] <= _COARSEST:
            return levels
        from_left, from_right = left.sum(0), far.sum(0)
        _line_solve(from_left, down[1], pivot[1])
        _line_solve(from_right, down[1], pivot[1])
        couplings = Couplings(*_coarse(diagonal, down, left, far, from_left, from_right))


@njit(cache=True, fastmath=True, nogil=True)
def _pivots(diagonal: Double, down: Double) -> Double:
    inverse = np.empty_like(diagonal)
    height, half = diagonal.shape
    for k in range(half):
        inverse[0, k] = 1.0 / diagonal[0, k]
    for r in range(1, height):
        for k in range(half):
            inverse[r, k] = 1.0 / (diagonal[r, k] - down[r - 1, k] * down[r - 1, k] * inverse[r - 1, k])
    return inverse


@njit(cache=True, fastmath=True, nogil=True)
def _forward(x: Array, down: Array, inverse: Array, r: int) -> None:
    if r > 0:
        for k in range(x.shape[1]):
            x[r, k] += down[r - 1, k] * x[r - 1, k]
    for k in range(x.shape[1]):
        value = x[r, k] * inverse[r, k]
        # an answer fades along its column into subnormal numbers, which cost a hundred times the time
        x[r, k] = value if abs(value) > _NOTHING else x.dtype.type(0)


@njit(cache=True, fastmath=True, nogil=True)
def _backward(x: Array, down: Array, inverse: Array) -> None:
    for r in range(x.shape[0] - 2, -1, -1):
        for k in range(x.shape[1]):
            value = x[r, k] + down[r, k] * inverse[r, k] * x[r + 1, k]
            x[r, k] = value if abs(value) > _NOTHING else x.dtype.type(0)


@njit(cache=True, fastmath=True, nogil=True)
def _line_solve(x: Array, down: Array, inverse: Array) -> None:
    """Solve all columns in place."""
    for r in range(x.shape[0]):
        _forward(x, down, inverse, r)
    _backward(x, down, inverse)


@njit(cache=True, fastmath=True, nogil=True)
def _gather_odd(out: Array, b: Array, even: Array, left: Array, far: Array, r: int) -> None:
    """Row ``r`` of ``out``: ``b`` and what the even columns give to the odd ones."""
    height, half = even.shape
    up, low = max(r - 1, 0), min(r + 1, height - 1)  # beyond the first and last row couplings are zero
    for k in range(half):
        out[r, k] = b[r, k] + left[0, r, k] * even[up, k] + left[1, r, k] * even[r, k] + left[2, r, k] * even[low, k]
    for k in range(half - 1):
        out[r, k] += far[0, r, k] * even[up, k + 1] + far[1, r, k] * even[r, k + 1] + far[2, r, k] * even[low, k + 1]


@njit(cache=True, fastmath=True, nogil=True)
def _gather_even(out: Array, b: Array, odd: Array, left: Array, far: Array, r: int) -> None:
    """Row ``r`` of ``out``: ``b`` and what the odd columns give to the even ones."""
    height, half = odd.shape
    up, low = max(r - 1, 0), min(r + 1, height - 1)
    has_up, has_low = out.dtype.type(r > 0), out.dtype.type(r + 1 < height)
    for k in range(half):
        out[r, k] = (
            b[r, k]
            + has_up * left[2, up, k] * odd[up, k]
            + left[1, r, k] * odd[r, k]
            + has_low * left[0, low, k] * odd[low, k]
        )
    for k in range(half - 1):
        out[r, k + 1] += (
            has_up * far[2, up, k] * odd[up, k] + far[1, r, k] * odd[r, k] + has_low * far[0, low, k] * odd[low, k]
        )


@njit(cache=True, fastmath=True, nogil=True)
def _relax_odd(u: Array, b: Array, down: Array, pivot: Array, left: Array, far: Array) -> None:
    """Solve the odd columns with the even ones held."""
    x = u[1]
    for r in range(x.shape[0]):
        _gather_odd(x, b[1], u[0], left, far, r)
        _forward(x, down[1], pivot[1], r)
    _backward(x, down[1], pivot[1])


@njit(cache=True, fastmath=True, nogil=True)
def _relax_even(u: Array, b: Array, down: Array, pivot: Array, left: Array, far: Array) -> None:
    """Solve the even columns with the odd ones held."""
    x = u[0]
    for r in range(x.shape[0]):
        _gather_even(x, b[0], u[1], left, far, r)
        _forward(x, down[0], pivot[0], r)
    _backward(x, down[0], pivot[0])


@njit(cache=True, fastmath=True, nogil=True)
def _less_lines(out: Array, u: Array, diagonal: Array, down: Array, r: int) -> None:
    """Take off row ``r`` of ``out`` what columns do to themselves."""
    height, half = u.shape
    for k in range(half):
        out[r, k] -= diagonal[r, k] * u[r, k]
    if r > 0:
        for k in range(half):
            out[r, k] += down[r - 1, k] * u[r - 1, k]
    if r < height - 1:
        for k in range(half):
            out[r, k] += down[r, k] * u[r + 1, k]


@njit(cache=True, fastmath=True, nogil=True)
def _residual(
    out: Array, b: Array, u: Array, diagonal: Array, down: Array, left: Array, far: Array, odd_too: bool
) -> None:
    """``b`` less the operator times ``u``, on the even columns and where asked on the odd."""
    for r in range(u.shape[1]):
        _gather_even(out[0], b[0], u[1], left, far, r)
        _less_lines(out[0], u[0], diagonal[0], down[0], r)
        if odd_too:
            _gather_odd(out[1], b[1], u[0], left, far, r)
            _less_lines(out[1], u[1], diagonal[1], down[1], r)


def _cycle(levels: list[Level], b: Single, depth: int = 0) -> Single:
    """One symmetric V-cycle for ``b``, from zero: even and odd columns, coarse grid, odd and even columns."""
    down, pivot, diagonal, left, far = levels[depth]
    u = np.zeros_like(b)
    u[0] = b[0]
    _line_solve(u[0], down[0], pivot[0])
    _relax_odd(u, b, down, pivot, left, far)
    if depth + 1 < len(levels):
        # odd columns are solved, so the residual lives on the even ones, which are the coarse grid
        residual = np.empty_like(b[:1])
        _residual(residual, b, u, diagonal, down, left, far, False)
        u[0] += _joined(_cycle(levels, _split(residual[0]), depth + 1), b.shape[2])
        _relax_odd(u, b, down, pivot, left, far)
    _relax_even(u, b, down, pivot, left, far)
    return u


@njit(cache=True, fastmath=True, nogil=True)
def _coarse(
    diagonal: Double, down: Double, left: Double, far: Double, from_left: Double, from_right: Double
) -> tuple[Double, Double, Double, Double, Double]:
    """Galerkin operator of the even columns: odd ones are interpolated row by row."""
    height, half = from_left.shape
    new, new_down = diagonal[0].copy(), down[0].copy()
    up_right, right, down_right = np.zeros_like(new), np.zeros_like(new), np.zeros_like(new)
    for r in range(height):
        for k in range(half):
            a, b, own = from_left[r, k], from_right[r, k], diagonal[1, r, k]
            new[r, k] += a * a * own - 2 * a * left[1, r, k]
            if k + 1 < half:
                new[r, k + 1] += b * b * own - 2 * b * far[1, r, k]
                right[r, k] = a * far[1, r, k] + b * left[1, r, k] - a * b * own
            if r + 1 == height:
                continue
            c, d, t = from_left[r + 1, k], from_right[r + 1, k], down[1, r, k]
            new_down[r, k] += a * left[2, r, k] + c * left[0, r + 1, k] + a * c * t
            if k + 1 < half:
                new_down[r, k + 1] += b * far[2, r, k] + d * far[0, r + 1, k] + b * d * t
                down_right[r, k] = a * far[2, r, k] + d * left[0, r + 1, k] + a * d * t
                up_right[r + 1, k] = c * far[0, r + 1, k] + b * left[2, r, k] + c * b * t
    return new, new_down, up_right, right, down_right


@njit(cache=True, fastmath=True, nogil=True)
def _advance(x: Double, residual: Double, length: float, direction: Double, image: Double) -> None:
    for p in range(x.shape[0]):
        for r in range(x.shape[1]):
            for k in range(x.shape[2]):
                x[p, r, k] += length * direction[p, r, k]
                residual[p, r, k] += length * image[p, r, k]


@njit(cache=True, fastmath=True, nogil=True)
def _dot(a: Double, b: Array) -> float:
    total = 0.0
    for p in range(a.shape[0]):
        for r in range(a.shape[1]):
            for k in range(a.shape[2]):
                total += a[p, r, k] * b[p, r, k]
    return total
