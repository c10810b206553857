"""Exact permutation and rank tests on matrices of features by patients.

Two-sided p values are far-tail sums: all outcomes at least as far from expectation as the one
seen, given the ties and zeros seen. Sums are fixed point (see `fixed`), so results do not depend
on order, chunks or processor, and no feature on another. Sign-flip and mean permutation are exact
up to 30 patients; beyond that Monte Carlo with a stated seed, p = (b + 1) / (B + 1). Rank tests
stay exact at any size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb
from typing import NamedTuple

import numpy as np

from sclerotrial.inference import flips, rank_tables, splits
from sclerotrial.inference.draws import DRAWS
from sclerotrial.inference.fixed import TIE, matrix, midranks2, patterns, to_fixed

EXACT_N = 30


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


# --- one sample ---------------------------------------------------------------------------------


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
        packed = size[rows] if k == size.shape[1] else -np.sort(-size[rows], axis=1)[:, :k]
        if k <= EXACT_N:
            p[rows] = flips.share_beyond(packed, seen[rows])
        else:
            p[rows] = flips.drawn(packed, seen[rows], seed, draws)
    least = np.where(moved > 0, 2.0 ** (1.0 - np.maximum(moved, 1)), 1.0)
    least = np.where(moved > EXACT_N, np.maximum(least, 1 / (draws + 1)), least)
    return Tail(np.where(bad, np.nan, p), np.where(bad, np.nan, least))


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
    moved = (ranks > 0).sum(axis=1)
    p = rank_tables.signed(np.sort(ranks, axis=1), distance)
    least = np.where(moved > 0, 2.0 ** (1.0 - np.maximum(moved, 1)), 1.0)
    return Tail(np.where(bad, np.nan, p), np.where(bad, np.nan, least))


# --- two samples --------------------------------------------------------------------------------


def _by_missing(x: np.ndarray, y: np.ndarray, one: Callable[[np.ndarray, int], Tail]) -> Tail:
    """Apply `one` to features with as many values in each group."""
    both = np.concatenate([x, y], axis=1)
    there = ~np.isnan(both)
    p = np.full(len(both), np.nan)
    least = p.copy()
    usable = ~np.isinf(both).any(axis=1)
    sizes = np.stack([there[:, : x.shape[1]].sum(axis=1), there[:, x.shape[1] :].sum(axis=1)], 1)
    kinds, number = patterns(sizes)
    for i, (m, n) in enumerate(kinds.tolist()):
        rows = np.flatnonzero((number == i) & usable)
        if m and n and len(rows):
            part = both[rows][there[rows]].reshape(len(rows), m + n)
            p[rows], least[rows] = one(to_fixed(part), m)
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
    distance = np.abs(ranks[:, :m].sum(axis=1) - m * (q.shape[1] + 1))
    ranks.sort(axis=1)
    return Tail(rank_tables.split(ranks, m, distance), rank_tables.least_split(ranks, m))


def permutation(x: object, y: object, *, seed: int = 0, draws: int = DRAWS) -> Tail:
    """Exact permutation test of a difference of means; missing values dropped.

    Parameters
    ----------
    x, y : arrays, features x m and features x n
        Features with an empty group or an infinite value get NaN.
    seed, draws : int
        Of the Monte Carlo used beyond 30 patients.
    """

    def one(q: np.ndarray, m: int) -> Tail:
        total = q.shape[1]
        q = splits.centred(q)
        if total <= EXACT_N:
            return Tail(splits.share_beyond(q, m), splits.attainable(q, m))
        least = max(design_permutation(m, total - m), 1 / (draws + 1))
        return Tail(splits.drawn(q, m, seed, draws), np.full(len(q), least))

    return _by_missing(matrix(x), matrix(y), one)


# --- levels of the tie-free rank tests ----------------------------------------------------------


def _level(p: np.ndarray, alpha: float) -> float:
    return float(max(p[p <= alpha], default=0.0))


@lru_cache(maxsize=1024)
def signed_rank_level(n: int, alpha: float) -> float:
    """Largest p of the tie-free signed-rank law that is at most alpha (0 when there is none)."""
    ranks = np.arange(2, 2 * n + 1, 2)
    distance = np.arange(0, int(ranks.sum()) + 1)
    return _level(rank_tables.signed(np.tile(ranks, (len(distance), 1)), distance), alpha)


@lru_cache(maxsize=1024)
def rank_sum_level(m: int, n: int, alpha: float) -> float:
    """Largest p of the tie-free rank-sum law that is at most alpha (0 when there is none)."""
    ranks = np.arange(2, 2 * (m + n) + 1, 2)
    distance = np.arange(0, m * n + 1)
    return _level(rank_tables.split(np.tile(ranks, (len(distance), 1)), m, distance), alpha)
