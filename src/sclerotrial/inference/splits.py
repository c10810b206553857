"""Sums of a group under all ways to split the patients: share at least as far as the one seen.

Whole numbers throughout, see `flips`. Features are rows; the first m columns are the group.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

from sclerotrial.inference import draws, rank_tables
from sclerotrial.inference.fixed import TIE, at_once, binomials, coarse, subset_sums
from sclerotrial.inference.flips import EXACT, reaching

BY_PRODUCT = 500  # splits: beyond, lists of half sums are quicker
_CELLS = 1 << 16  # sums held at once: they stay in the cache
_STEPS = 1 << 16  # steps of a coarse grid, times patients, still counted beyond the reach of lists


def centred(q: np.ndarray) -> np.ndarray:
    """Values less their rounded mean: smaller sums, the same differences."""
    return q - np.rint(q.mean(axis=1)).astype(np.int64)[:, None]


def distance(q: np.ndarray, m: int) -> np.ndarray:
    """N times the distance of the group's sum from expectation."""
    return np.abs(q.shape[1] * q[:, :m].sum(axis=1) - m * q.sum(axis=1))


def share_beyond(q: np.ndarray, m: int) -> np.ndarray:
    """Exact p of each feature by the quicker of two ways; both give the same.

    Parameters
    ----------
    q : array of int64, features x N
        Centred values on the grid.
    m : int
        Size of the group, from 1 to N - 1.
    """
    total = q.shape[1]
    # Slack of one unit a patient for the rounding to the grid.
    away = distance(q, m)
    if comb(total, m) <= BY_PRODUCT:
        return by_product(q, m, away - total * total)
    p = np.empty(len(q))
    whole, unit = counted(q)
    if whole.any():
        steps = (q[whole] - q[whole].min(axis=1)[:, None]) // unit[whole, None]
        p[whole] = rank_tables.split(np.sort(steps, axis=1), m, away[whole] // unit[whole])
    if not whole.all():
        p[~whole] = by_lists(q[~whole], m, away[~whole] - total * total)
    return p


def counted(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features whose values lie few steps of a coarse grid apart (decimals), and that grid's unit.

    Their sums are counted in tables, at any number of patients.
    """
    total = q.shape[1]
    apart = q - q.min(axis=1)[:, None]
    unit = coarse(apart)
    most = (1 << (total // 2)) // 2 if total <= EXACT else _STEPS
    steps = apart.max(axis=1) // np.maximum(unit, 1)
    return (unit == 0) | ((unit > total * total) & (steps * total <= most)), np.maximum(unit, 1)


@lru_cache(maxsize=64)
def choices(total: int, m: int) -> np.ndarray:
    """All choices of m of N, as rows of 0 and 1, less m / N, times N."""
    picked = np.array(list(combinations(range(total), m)), dtype=np.intp)
    out = np.full((len(picked), total), -float(m))
    np.put_along_axis(out, picked, float(total - m), axis=1)
    return out


def by_product(q: np.ndarray, m: int, reach: np.ndarray) -> np.ndarray:
    """All splits at once by one product of matrices."""
    weights = choices(q.shape[1], m)
    p = np.empty(len(q))
    step = at_once(*weights.shape)
    for i in range(0, len(q), step):
        far = np.abs(q[i : i + step].astype(float) @ weights.T)
        p[i : i + step] = np.count_nonzero(far >= reach[i : i + step, None], axis=1)
    return p / len(weights)


def by_lists(q: np.ndarray, m: int, reach: np.ndarray) -> np.ndarray:
    """Lists of half-subset sums by subset size; for each sum, how many partners go far enough."""
    total = q.shape[1]
    centre = m * q.sum(axis=1)
    high, low = -(-(centre + reach) // total), (centre - reach) // total
    found = np.empty(len(q), np.int64)
    step = max(1, _CELLS >> (total - total // 2))
    for i in range(0, len(q), step):
        lot = slice(i, i + step)
        found[lot] = _beyond(q[lot], m, high[lot], low[lot])
    return np.where(reach <= 0, 1.0, found / comb(total, m))


@lru_cache(maxsize=32)
def _by_size(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the subsets of n items in order of their size, and where each size begins."""
    size = subset_sums(np.ones((1, n), np.int64))[0]
    begin = np.concatenate([[0], np.cumsum(np.bincount(size))])
    return np.argsort(size, kind="stable"), begin


def _beyond(q: np.ndarray, m: int, high: np.ndarray, low: np.ndarray) -> np.ndarray:
    total = q.shape[1]
    half = total // 2
    first, second = subset_sums(-2 * q[:, :half]), subset_sums(2 * q[:, half:], start=1)
    (one, begin), (two, start) = _by_size(half), _by_size(total - half)
    count = np.zeros(len(q), np.int64)
    for k in range(max(0, m - total + half), min(m, half) + 1):
        need = first[:, one[begin[k] : begin[k + 1]]]
        sums = second[:, two[start[m - k] : start[m - k + 1]]]
        many = sums.shape[1]
        above = reaching(np.concatenate([need + 2 * high[:, None], sums], axis=1), many)
        if 2 * m == total:  # the complement of a split of halves lies as far on the other side
            count += 2 * above
            continue
        low_enough = np.concatenate([-need - 2 * low[:, None], 2 - sums], axis=1)
        count += above + reaching(low_enough, many)
    return count


def attainable(q: np.ndarray, m: int) -> np.ndarray:
    """Smallest p that the values allow: the farthest splits, ties counted."""
    total = q.shape[1]
    ordered = np.sort(q, axis=1)
    whole = m * ordered.sum(axis=1)
    low = whole - total * ordered[:, :m].sum(axis=1)
    high = total * ordered[:, total - m :].sum(axis=1) - whole
    slack = total * total
    ways = np.where(low >= high - slack, _ways(ordered, m, ordered[:, m - 1]), 0.0)
    ways += np.where(high >= low - slack, _ways(ordered[:, ::-1], m, ordered[:, total - m]), 0.0)
    return np.minimum(ways / comb(total, m), 1.0)


def _ways(ordered: np.ndarray, m: int, edge: np.ndarray) -> np.ndarray:
    """Number of splits with the same extreme sum: choices among the values tied at the edge."""
    tied = np.abs(ordered - edge[:, None]) < TIE
    return binomials(tied.sum(axis=1), tied[:, :m].sum(axis=1))


def drawn(q: np.ndarray, m: int, seed: int, many: int) -> np.ndarray:
    """Monte Carlo p of each feature, beyond the reach of counting."""
    total = q.shape[1]
    hits = np.zeros(len(q))
    centre, reach = m * q.sum(axis=1), distance(q, m) - total * total
    high, low = (-(-(centre + reach) // total))[:, None], ((centre - reach) // total)[:, None]
    values = q.astype(float)
    step = at_once(draws.BLOCK, total)
    for order in draws.orders(seed, total, many):
        picked = (order < m).astype(float)
        for i in range(0, len(q), step):
            part = slice(i, i + step)
            sums = values[part] @ picked
            hits[part] += np.count_nonzero((sums >= high[part]) | (sums <= low[part]), axis=1)
    return np.where(reach <= 0, 1.0, draws.estimate(hits, many))
