"""Sums of a group under all ways to split the patients: share at least as far as the one seen.

Whole numbers throughout, see `flips`. Features are rows; the first m columns are the group.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

from sclerotrial.inference import draws, kernels
from sclerotrial.inference.fixed import TIE, subset_sums
from sclerotrial.inference.flips import places

BY_PRODUCT = 500  # splits: beyond, lists of half sums are quicker
_CELLS = 1 << 18


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
    reach = distance(q, m) - total * total
    way = by_product if comb(total, m) <= BY_PRODUCT else by_lists
    return way(q, m, reach)


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
    step = max(1, _CELLS // len(weights))
    for i in range(0, len(q), step):
        far = np.abs(q[i : i + step].astype(float) @ weights.T)
        p[i : i + step] = np.count_nonzero(far >= reach[i : i + step, None], axis=1)
    return p / len(weights)


def by_lists(q: np.ndarray, m: int, reach: np.ndarray) -> np.ndarray:
    """Lists of half-subset sums by subset size; for each sum, how many partners go far enough."""
    total = q.shape[1]
    centre = m * q.sum(axis=1)
    high, low = -(-(centre + reach) // total), (centre - reach) // total
    if kernels.ready(len(q) * 2.0 ** (total // 2)):
        found = kernels.count_splits(q, m, high, low)
    else:
        step = max(1, (_CELLS >> 2) >> (total - total // 2))
        found = np.concatenate(
            [
                _beyond(q[i : i + step], m, high[i : i + step], low[i : i + step])
                for i in range(0, len(q), step)
            ]
        )
    return np.where(reach <= 0, 1.0, found / comb(total, m))


@lru_cache(maxsize=32)
def _by_size(n: int) -> list[np.ndarray]:
    """Numbers of the subsets of n items, by their size."""
    size = subset_sums(np.ones((1, n), np.int64))[0]
    return [np.flatnonzero(size == k) for k in range(n + 1)]


def _beyond(q: np.ndarray, m: int, high: np.ndarray, low: np.ndarray) -> np.ndarray:
    total = q.shape[1]
    half = total // 2
    first, second = subset_sums(q[:, :half]), subset_sums(q[:, half:])
    ones, others = _by_size(half), _by_size(total - half)
    count = np.zeros(len(q), np.int64)
    edge = np.int64(1) << 45
    for k, rows in enumerate(ones):
        if not 0 <= m - k < len(others):
            continue
        a, b = np.sort(first[:, rows], axis=1), np.sort(second[:, others[m - k]], axis=1)
        wanted = np.clip(high[:, None] - a[:, ::-1], -edge + 1, edge - 1)
        above = (b.shape[1] - places(b + edge, wanted + edge)).sum(axis=1)
        if 2 * m == total:  # the complement of a split lies as far on the other side
            count += 2 * above
            continue
        wanted = np.clip(low[:, None] - a[:, ::-1], -edge + 1, edge - 1)
        count += above + places(b + edge, wanted + edge, "right").sum(axis=1)
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


def binomials(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """C(n, k) of many, each pair computed once in whole numbers."""
    top = int(n.max(initial=0)) + 1
    kinds, number = np.unique(n * top + k, return_inverse=True)
    return np.array([float(comb(int(v) // top, int(v) % top)) for v in kinds])[number]


def drawn(q: np.ndarray, m: int, seed: int, many: int) -> np.ndarray:
    """Monte Carlo p of each feature, beyond the reach of counting."""
    total = q.shape[1]
    hits = np.zeros(len(q))
    centre, reach = m * q.sum(axis=1), distance(q, m) - total * total
    high, low = (-(-(centre + reach) // total))[:, None], ((centre - reach) // total)[:, None]
    values = q.astype(float)
    step = max(1, 4 * _CELLS // draws.BLOCK)
    for generator, some in draws.blocks(seed, total, many):
        order = np.argsort(generator.random((some, total)), axis=1, kind="stable")
        picked = (order < m).T.astype(float)
        for i in range(0, len(q), step):
            part = slice(i, i + step)
            sums = values[part] @ picked
            hits[part] += np.count_nonzero((sums >= high[part]) | (sums <= low[part]), axis=1)
    return np.where(reach <= 0, 1.0, draws.estimate(hits, many))
