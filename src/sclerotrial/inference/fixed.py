"""Fixed-point numbers: sums that do not depend on order, and ties that survive float dust.

Values are put on a decimal grid of 1e-9 (coarser above 1000, so that every sum stays exact in
64 bits). Decimal data stay exact; log ratios come within one unit. Each row has its own grid, so
that the result of one feature never depends on the others.
"""

from __future__ import annotations

from math import comb

import numpy as np

TIE = 4  # units: closer values are tied, closer to zero is zero
#: multiplications of a product that OpenBLAS leaves to one thread; more than one would be kept
#: waiting, at full load, while outcomes are counted between the products
_ONE_THREAD = 1 << 18
_STEPS = 10.0 ** np.arange(3, 309)
_ODD = np.random.Generator(np.random.Philox(1)).integers(1, 2**62, 61, dtype=np.int64) | 1
_FAR = np.iinfo(np.int64).max // 4


def matrix(values: object) -> np.ndarray:
    """Features by patients; one feature may come as a plain list."""
    return np.atleast_2d(np.asarray(values, dtype=float))


def to_fixed(values: np.ndarray) -> np.ndarray:
    """Put each row on its decimal grid.

    Parameters
    ----------
    values : array, features x n
        Missing values become 0: ask `isnan` beforehand.

    Returns
    -------
    array of int64, features x n
        At most 1e12 in size.
    """
    x = np.where(np.isnan(values), 0.0, values)
    top = np.abs(x).max(axis=1, initial=0.0)
    coarser = np.searchsorted(_STEPS, top, side="right")
    scale = 10.0 ** np.abs(9 - coarser)
    fine = (coarser <= 9)[:, None]
    scaled = np.where(fine, x * scale[:, None], x / scale[:, None])
    return np.rint(scaled).astype(np.int64)


def unfit(values: np.ndarray) -> np.ndarray:
    """Rows that the grid does not hold: all values below a millionth, or 12 digits apart.

    Parameters
    ----------
    values : array, features x n
        Missing and infinite ones are not looked at.

    Returns
    -------
    array of bool
    """
    top = np.maximum(np.fmax.reduce(values, axis=1, initial=0.0),
                     -np.fmin.reduce(values, axis=1, initial=0.0))  # fmt: skip
    out = np.zeros(len(values), bool)
    # what is left of a subtraction may be dust: it counts as nothing
    doubtful = np.flatnonzero((top > 1e-13) & ~((top >= 1e-6) & (top < 1e6)))
    if len(doubtful):
        out[doubtful] = _unfit(values[doubtful])
    return out


def _unfit(values: np.ndarray) -> np.ndarray:
    x = np.abs(np.where(np.isfinite(values), values, 0.0))
    top = x.max(axis=1, initial=0.0)
    step = 10.0 ** (np.searchsorted(_STEPS, top, side="right") - 9.0)
    small = (top > 1e-13) & (top < 1e-6)
    lost = (x > 1e-13 * top[:, None]) & (x < TIE * step[:, None])
    return small | ((top >= 1e6) & lost.any(axis=1))


def why_unfit(values: np.ndarray) -> str:
    """Reason to refuse an exact test of these values ('' when there is none)."""
    if not len(values) or not unfit(values[None])[0]:
        return ""
    if np.abs(values).max() < 1:
        return "all values lie below 1e-6: give the measure in a smaller unit"
    return "the largest value is more than 12 digits from the smallest: no exact test"


def midranks2(fixed: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Twice the midranks within each row, so that they are whole numbers.

    Parameters
    ----------
    fixed : array of int64, features x n
    keep : array of bool, features x n
        What is ranked; the rest gets 0.
    """
    n = fixed.shape[1]
    v = np.where(keep, fixed, _FAR)
    order = np.argsort(v, axis=1, kind="stable")
    s = np.take_along_axis(v, order, axis=1)
    begins = np.ones(s.shape, bool)
    begins[:, 1:] = np.diff(s, axis=1) >= TIE
    ends = np.ones(s.shape, bool)
    ends[:, :-1] = begins[:, 1:]
    position = np.arange(n)
    first = np.maximum.accumulate(np.where(begins, position, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, position, n)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty_like(s)
    np.put_along_axis(ranks, order, first + last + 2, axis=1)
    return np.where(keep, ranks, 0)


def coarse(fixed: np.ndarray) -> np.ndarray:
    """The coarsest grid that holds all values of a row: their greatest common divisor."""
    return np.gcd.reduce(fixed, axis=1)


def at_once(outcomes: int, patients: int) -> int:
    """Features whose outcomes are best computed by one product of matrices."""
    return max(1, _ONE_THREAD // max(1, outcomes * patients))


def subset_sums(values: np.ndarray, out: np.ndarray | None = None, start: object = 0) -> np.ndarray:
    """Sums of all subsets of each row: features x 2**n; subset i holds item j when bit j is set.

    Parameters
    ----------
    values : array of int64, features x n
    out : array, features x 2**n, optional
        Where to put them.
    start : number or one a row
        Added to every sum.
    """
    many = values.shape[1]
    sums = np.empty((values.shape[0], 1 << many), values.dtype) if out is None else out
    sums[:, 0] = start
    for j in range(many):
        np.add(sums[:, : 1 << j], values[:, j : j + 1], out=sums[:, 1 << j : 2 << j])
    return sums


def patterns(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows and, for each row, the number of its distinct one.

    Rows are sorted by a hash of their whole numbers; should two different rows share one, by the
    numbers themselves.
    """
    packed = np.ascontiguousarray(rows, dtype=np.int64)
    if packed.shape[1] == 0 or len(packed) == 0:
        return packed[:1], np.zeros(len(packed), int)
    odd = _ODD[np.arange(packed.shape[1]) % len(_ODD)] + 2 * np.arange(packed.shape[1])
    mixed = (packed * odd).sum(axis=1)
    _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    if not np.array_equal(packed[first][number], packed):
        _, first, number = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return packed[first], number.ravel()


def binomials(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """C(n, k) of many, each pair computed once in whole numbers."""
    top = int(n.max(initial=0)) + 1
    kinds, number = np.unique(n * top + k, return_inverse=True)
    return np.array([float(comb(int(v) // top, int(v) % top)) for v in kinds])[number]
