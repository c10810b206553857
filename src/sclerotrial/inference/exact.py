"""Exact permutation and rank tests on matrices of features by patients.

Two-sided p values are far-tail sums: all outcomes at least as far from expectation as the one
seen, given the ties and zeros seen. Sums are fixed point (see `fixed`), so results do not depend
on order, chunks or processor. Exact up to 30 patients; beyond that sign-flip and mean permutation
are Monte Carlo with a stated seed, p = (b + 1) / (B + 1). Rank tests stay exact at any size.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from sclerotrial.inference.fixed import (
    TIE,
    matrix,
    midranks2,
    patterns,
    subset_sums,
    to_fixed,
)

EXACT_N = 30
DRAWS = 9999
_CELLS = 2_000_000  # outcomes held at once


class Tail(NamedTuple):
    """p of each feature, and the smallest p its ties and zeros allow; NaN without a value."""

    p: np.ndarray
    attainable: np.ndarray


def design_sign(n: int) -> float:
    """Smallest two-sided p of a sign-flip or signed-rank test of n pairs."""
    return min(1.0, 2.0 ** (1 - n)) if n else 1.0


def design_rank_sum(m: int, n: int) -> float:
    """Smallest two-sided p of a tie-free rank-sum test of m against n (its law is symmetric).

    With ties the law can be skewed, and the p attainable then falls to half of this.
    """
    return min(1.0, 2 / comb(m + n, m))


def design_permutation(m: int, n: int) -> float:
    """Smallest far-tail p of a mean permutation: one outcome, two when the groups are equal."""
    return min(1.0, (2 if m == n else 1) / comb(m + n, m))


def _generator(seed: int, n: int, block: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(n, block))))


def _blocks(draws: int, size: int = 1000) -> list[tuple[int, int]]:
    return [(b, min(size, draws - b * size)) for b in range(-(-draws // size))]


# --- one sample: sign-flip of the mean change ---------------------------------------------------


def sign_flip(d: object, *, seed: int = 0, draws: int = DRAWS) -> Tail:
    """Sign-flip test of a mean change of 0; zeros kept, missing pairs dropped.

    Parameters
    ----------
    d : array, features x n
        Changes. A feature with an infinite value gets NaN.
    seed, draws : int
        Of the Monte Carlo used when more than 30 changes are not 0.
    """
    x = matrix(d)
    bad = np.isinf(x).any(axis=1) | np.isnan(x).all(axis=1)
    q = to_fixed(np.where(np.isinf(x), np.nan, x))
    q = np.where(np.abs(q) < TIE, 0, q)
    size = np.abs(q)
    moved = (q != 0).sum(axis=1)
    seen = np.abs(q.sum(axis=1))
    p = np.ones(len(q))
    # A zero change contributes nothing under either sign: leaving it out leaves p the same.
    for k in np.unique(moved[moved > 0]):
        rows = np.flatnonzero(moved == k)
        packed = -np.sort(-size[rows], axis=1, kind="stable")[:, :k]
        if k <= 12:
            p[rows] = _flip_all(packed, seen[rows])
        elif k <= EXACT_N:
            p[rows] = [_flip_halves(v, t) for v, t in zip(packed, seen[rows], strict=True)]
        else:
            p[rows] = _flip_drawn(packed, seen[rows], seed, draws)
    least = np.where(moved > 0, 2.0 ** (1 - np.maximum(moved, 1)), 1.0)
    least = np.where(moved > EXACT_N, np.maximum(least, 1 / (draws + 1)), least)
    return Tail(np.where(bad, np.nan, p), np.where(bad, np.nan, least))


def _flip_all(size: np.ndarray, seen: np.ndarray) -> np.ndarray:
    k = size.shape[1]
    p = np.empty(len(size))
    step = max(1, _CELLS >> k)
    for i in range(0, len(size), step):
        part = size[i : i + step]
        far = np.abs(2 * subset_sums(part) - part.sum(axis=1)[:, None])
        p[i : i + step] = (far >= (seen[i : i + step] - k)[:, None]).sum(axis=1) / 2**k
    return p


def _flip_halves(size: np.ndarray, seen: int) -> float:
    """Count over 2**n signs from two lists of 2**(n/2) sums (meet in the middle)."""
    k = len(size)
    reach = int(seen) - k  # slack of one unit a patient for the rounding to the grid
    if reach <= 0:
        return 1.0
    first = subset_sums(size[None, : k // 2])[0]
    second = np.sort(subset_sums(size[None, k // 2 :])[0])
    need = -(-(int(size.sum()) + reach) // 2)
    above = len(second) - np.searchsorted(second, need - first, side="left")
    return 2 * int(above.sum()) / 2**k


def _flip_drawn(size: np.ndarray, seen: np.ndarray, seed: int, draws: int) -> np.ndarray:
    k = size.shape[1]
    hits = np.zeros(len(size))
    for block, many in _blocks(draws):
        signs = _generator(seed, k, block).integers(0, 2, (many, k)) * 2 - 1
        hits += (np.abs(size @ signs.T) >= (seen - k)[:, None]).sum(axis=1)
    return (hits + 1) / (draws + 1)


# --- one sample: signed ranks -------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _signed_table(ranks: tuple[int, ...]) -> np.ndarray:
    """p by distance |2W - total| for these doubled midranks."""
    total = sum(ranks)
    f = np.zeros(total + 1)
    f[0] = 1.0
    for r in ranks:
        f[r:] = f[r:] + f[: total + 1 - r]
        f /= 2.0
    return _far(f, np.abs(2 * np.arange(total + 1) - total))


def _far(mass: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Mass of at least each distance (0 beyond the farthest outcome)."""
    by = np.bincount(distance, weights=mass)
    return np.cumsum(by[::-1])[::-1]


def _least(table: np.ndarray) -> float:
    return float(table[table > 0][-1])


def signed_ranks(d: object, zeros: str = "drop") -> tuple[np.ndarray, np.ndarray]:
    """Doubled midranks of the absolute changes, and the sign of each change.

    Parameters
    ----------
    d : array, features x n
    zeros : {'drop', 'pratt'}
        Leave zeros out before ranking, or rank them and then leave them out (Pratt).
    """
    if zeros not in ("drop", "pratt"):
        raise ValueError("zeros must be 'drop' or 'pratt'")
    x = matrix(d)
    there = np.isfinite(x)
    q = to_fixed(np.where(there, x, np.nan))
    moved = there & (np.abs(q) >= TIE)
    ranked = midranks2(np.abs(q), moved if zeros == "drop" else there)
    return np.where(moved, ranked, 0), np.where(moved, np.sign(q), 0)


def signed_rank(d: object, zeros: str = "drop") -> Tail:
    """Exact signed-rank test under ties; missing pairs dropped.

    Parameters
    ----------
    d : array, features x n
        Changes. A feature with an infinite value gets NaN.
    zeros : {'drop', 'pratt'}
    """
    x = matrix(d)
    bad = np.isinf(x).any(axis=1) | np.isnan(x).all(axis=1)
    ranks, sign = signed_ranks(x, zeros)
    distance = np.abs((ranks * sign).sum(axis=1))
    kinds, number = patterns(np.sort(ranks, axis=1))
    tables = [_signed_table(tuple(int(r) for r in kind if r)) for kind in kinds]
    p = np.array([tables[i][t] for i, t in zip(number, distance, strict=True)])
    least = np.array([_least(t) for t in tables])[number]
    return Tail(np.where(bad, np.nan, p), np.where(bad, np.nan, least))


# --- two samples --------------------------------------------------------------------------------


def _by_missing(x: np.ndarray, y: np.ndarray, one) -> Tail:
    """Apply `one` to features that share a pattern of missing values."""
    m = x.shape[1]
    both = np.concatenate([x, y], axis=1)
    there = ~np.isnan(both)
    p = np.full(len(both), np.nan)
    least = p.copy()
    kinds, number = patterns(there.astype(int))
    for i, kind in enumerate(kinds.astype(bool)):
        a, b = np.flatnonzero(kind[:m]), np.flatnonzero(kind[m:]) + m
        rows = np.flatnonzero((number == i) & ~np.isinf(both).any(axis=1))
        if len(a) and len(b) and len(rows):
            pooled = both[np.ix_(rows, np.concatenate([a, b]))]
            p[rows], least[rows] = one(to_fixed(pooled), len(a))
    return Tail(p, least)


def rank_sum(x: object, y: object) -> Tail:
    """Exact rank-sum test under ties; missing values dropped.

    Parameters
    ----------
    x, y : arrays, features x m and features x n
        Features with an empty group or an infinite value get NaN.
    """
    return _by_missing(matrix(x), matrix(y), _rank_sum)


def _rank_sum(q: np.ndarray, m: int) -> Tail:
    ranks = midranks2(q, np.ones(q.shape, bool))
    total = q.shape[1]
    distance = np.abs(ranks[:, :m].sum(axis=1) - m * (total + 1))
    kinds, number = patterns(np.sort(ranks, axis=1))
    tables = [_rank_sum_table(tuple(int(r) for r in kind), m) for kind in kinds]
    p = np.array([tables[i][t] for i, t in zip(number, distance, strict=True)])
    return Tail(p, np.array([_least(t) for t in tables])[number])


@lru_cache(maxsize=8192)
def _rank_sum_table(ranks: tuple[int, ...], m: int) -> np.ndarray:
    """p by distance |W - expectation| for these doubled midranks, m of them drawn."""
    top = sum(ranks[-m:])
    f = np.zeros((m + 1, top + 1))
    f[0, 0] = 1.0
    for r in ranks:
        grown = f.copy()
        grown[1:, r:] += f[:-1, : top + 1 - r]
        f = grown
    return _far(f[m], np.abs(np.arange(top + 1) - m * (len(ranks) + 1))) / f[m].sum()


def permutation(x: object, y: object, *, seed: int = 0, draws: int = DRAWS) -> Tail:
    """Exact permutation test of a difference of means; missing values dropped.

    Parameters
    ----------
    x, y : arrays, features x m and features x n
        Features with an empty group or an infinite value get NaN.
    seed, draws : int
        Of the Monte Carlo used beyond 30 patients.
    """
    return _by_missing(matrix(x), matrix(y), lambda q, m: _permute(q, m, seed, draws))


def _permute(q: np.ndarray, m: int, seed: int, draws: int) -> Tail:
    total = q.shape[1]
    q = q - np.rint(q.mean(axis=1)).astype(np.int64)[:, None]  # smaller sums, same differences
    whole = q.sum(axis=1)
    seen = np.abs(total * q[:, :m].sum(axis=1) - m * whole)
    ordered = np.sort(q, axis=1)
    low, high = ordered[:, :m].sum(axis=1), ordered[:, total - m :].sum(axis=1)
    most = np.maximum(np.abs(total * low - m * whole), np.abs(total * high - m * whole))
    if total > EXACT_N:
        p = _permute_drawn(q, m, seen, seed, draws)
        least = np.full(len(q), max(design_permutation(m, total - m), 1 / (draws + 1)))
        return Tail(p, least)
    if comb(total, m) <= 20_000:
        return Tail(*_permute_all(q, m, np.stack([seen, most])))
    count = [
        [_permute_halves(v, m, int(t)) for v, t in zip(q, s, strict=True)] for s in (seen, most)
    ]
    return Tail(*np.array(count))


@lru_cache(maxsize=64)
def _choices(total: int, m: int) -> np.ndarray:
    return np.array(list(combinations(range(total), m)), dtype=np.intp)


def _permute_all(q: np.ndarray, m: int, seen: np.ndarray) -> np.ndarray:
    total = q.shape[1]
    index = _choices(total, m)
    p = np.empty(seen.shape)
    step = max(1, _CELLS // len(index))
    for i in range(0, len(q), step):
        part = q[i : i + step]
        sums = np.zeros((len(part), len(index)), np.int64)
        for j in range(m):
            sums += part[:, index[:, j]]
        far = np.abs(total * sums - m * part.sum(axis=1)[:, None])
        for k in range(len(seen)):
            reach = seen[k, i : i + step] - total * total
            p[k, i : i + step] = (far >= reach[:, None]).mean(axis=1)
    return p


def _permute_halves(q: np.ndarray, m: int, seen: int) -> float:
    """Count over all splits from two lists of half-subset sums, by subset size."""
    total = len(q)
    reach = seen - total * total
    if reach <= 0:
        return 1.0
    centre = m * int(q.sum())
    high = -(-(centre + reach) // total)
    low = (centre - reach) // total
    halves = [_sums_by_size(q[: total // 2]), _sums_by_size(q[total // 2 :])]
    count = 0
    for k, first in enumerate(halves[0]):
        if 0 <= m - k < len(halves[1]):
            second = halves[1][m - k]
            count += int((len(second) - np.searchsorted(second, high - first, side="left")).sum())
            count += int(np.searchsorted(second, low - first, side="right").sum())
    return count / comb(total, m)


def _sums_by_size(values: np.ndarray) -> list[np.ndarray]:
    sums = subset_sums(values[None, :])[0]
    size = subset_sums(np.ones((1, len(values)), np.int64))[0]
    return [np.sort(sums[size == k]) for k in range(len(values) + 1)]


def _permute_drawn(q: np.ndarray, m: int, seen: np.ndarray, seed: int, draws: int) -> np.ndarray:
    total = q.shape[1]
    hits = np.zeros(len(q))
    for block, many in _blocks(draws, 200):
        drawn = _generator(seed, total, block).random((many, total))
        picked = (np.argsort(drawn, axis=1, kind="stable") < m).astype(np.int64)
        far = np.abs(total * (q @ picked.T) - m * q.sum(axis=1)[:, None])
        hits += (far >= (seen - total * total)[:, None]).sum(axis=1)
    return (hits + 1) / (draws + 1)


# --- levels of the tie-free rank tests ----------------------------------------------------------


@lru_cache(maxsize=1024)
def signed_rank_level(n: int, alpha: float) -> float:
    """Largest p of the tie-free signed-rank law that is at most alpha (0 when there is none)."""
    table = _signed_table(tuple(range(2, 2 * n + 1, 2)))
    return float(max(table[table <= alpha], default=0.0))


@lru_cache(maxsize=1024)
def rank_sum_level(m: int, n: int, alpha: float) -> float:
    """Largest p of the tie-free rank-sum law that is at most alpha (0 when there is none)."""
    table = _rank_sum_table(tuple(range(2, 2 * (m + n) + 1, 2)), m)
    return float(max(table[table <= alpha], default=0.0))
