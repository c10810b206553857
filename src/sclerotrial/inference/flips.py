"""Sums under all changes of sign: share of outcomes at least as far from 0 as the one seen.

Whole numbers throughout. They stay below 2**53, so products of matrices in floats are exact and
give the same on any processor and any number of threads. Features are rows.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sclerotrial.inference import draws, meeting, rank_tables
from sclerotrial.inference.fixed import at_once, coarse, subset_sums

BY_PRODUCT = 10  # patients: beyond, meeting in the middle is quicker
BY_KEYS = 17  # patients: beyond, sorting short keys is quicker than whole sums
EXACT = 30  # patients: beyond, only values on a coarse grid are counted, the rest is drawn
_CELLS = 1 << 16  # sums held at once: they stay in the cache
_STEPS = 1 << 17  # steps of a coarse grid that are still counted beyond the reach of lists


def share_beyond(size: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Exact p of each feature by the quicker of two ways; both give the same.

    Parameters
    ----------
    size : array of int64, features x k
        Absolute changes, none 0, at most 30 of them.
    seen : array of int64
        Absolute sum seen.
    """
    k = size.shape[1]
    reach = seen - k  # slack of one unit a patient for the rounding to the grid
    if k <= BY_PRODUCT:
        return by_product(size, reach)
    p = np.empty(len(size))
    whole, unit = counted(size)
    p[whole] = rank_tables.signed(
        np.sort(size[whole] // unit[whole, None], axis=1), seen[whole] // unit[whole]
    )
    if not whole.all():  # the halves' lists take room before the first feature comes
        unit = unit[~whole]  # all sums are multiples of it
        p[~whole] = by_halves(size[~whole] // unit[:, None], -(-reach[~whole] // unit))
    return p


def counted(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features whose changes are few steps of a coarse grid (decimals), and that grid's unit.

    Their sums are counted in tables, at any number of patients.
    """
    k = size.shape[1]
    unit = coarse(size)
    most = 4 << (k // 2) if k <= EXACT else _STEPS
    return (unit > k * k) & (size.sum(axis=1) // np.maximum(unit, 1) <= most), unit


@lru_cache(maxsize=16)
def signs(k: int) -> np.ndarray:
    """All signs of k changes, the last one held at +: 2**(k-1) x k."""
    bits = np.arange(1 << (k - 1))[:, None] >> np.arange(k) & 1
    return (1 - 2 * bits).astype(float)


def by_product(size: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """All sums at once, half of them by symmetry."""
    turned = signs(size.shape[1])
    p = np.empty(len(size))
    step = at_once(*turned.shape)
    for i in range(0, len(size), step):
        far = size[i : i + step].astype(float) @ turned.T
        np.abs(far, out=far)
        p[i : i + step] = np.count_nonzero(far >= reach[i : i + step, None], axis=1)
    return p / len(turned)


def by_halves(size: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Two lists of 2**(k/2) sums, and for each of one how many of the other carry it far enough.

    (Horowitz and Sahni 1974.) Most of the time is the sorting of the sums.
    """
    k = size.shape[1]
    need = -(-(size.sum(axis=1) + reach) // 2)
    if k > BY_KEYS:
        return np.where(reach <= 0, 1.0, 2 * meeting.met(size, need) / 2.0**k)
    above = np.empty(len(size), np.int64)
    half, step = k // 2, max(1, _CELLS >> (k - k // 2))
    both = np.empty((step, (1 << half) + (1 << (k - half))), np.int64)
    for i in range(0, len(size), step):
        lot = slice(i, i + step)
        here = both[: len(size[lot])]
        subset_sums(-2 * size[lot, :half], here[:, : 1 << half], 2 * need[lot])
        subset_sums(2 * size[lot, half:], here[:, 1 << half :], 1)
        above[lot] = reaching(here, 1 << (k - half))
    return np.where(reach <= 0, 1.0, 2 * above / 2.0**k)


def reaching(both: np.ndarray, many: int) -> np.ndarray:
    """How many pairs, a need and a sum, meet with the sum large enough: row by row.

    Parameters
    ----------
    both : array of int64, rows x any
        Doubled needs, and doubled sums with 1 added, so that a sum stands behind its equal once
        sorted: it then pairs with all needs before it. Used up.
    many : int
        Sums in a row.
    """
    both.sort(axis=1)
    both &= 1
    return both @ np.arange(both.shape[1]) - many * (many - 1) // 2


def drawn(size: np.ndarray, seen: np.ndarray, seed: int, many: int) -> np.ndarray:
    """Monte Carlo p of each feature, beyond the reach of counting."""
    k = size.shape[1]
    hits = np.zeros(len(size))
    values, reach = size.astype(float), (seen - k)[:, None]
    step = at_once(draws.BLOCK, k)
    for generator, some in draws.blocks(seed, k, many):
        turned = generator.integers(0, 2, (k, some)) * 2.0 - 1
        for i in range(0, len(size), step):
            far = np.abs(values[i : i + step] @ turned)
            hits[i : i + step] += np.count_nonzero(far >= reach[i : i + step], axis=1)
    return draws.estimate(hits, many)
