"""Exact permutation and rank tests on matrices of features by patients.

Two-sided p values are far-tail sums: all outcomes at least as far from expectation as the one
seen, given the ties and zeros seen. Sums are fixed point (see `fixed`), so results do not depend
on order, chunks or processor, and no feature on another. Sign-flip and mean permutation are exact
up to 30 patients, and beyond where the values lie few steps of a decimal grid apart; else they are
drawn with a stated seed, p = (b + 1) / (B + 1). Rank tests stay exact at any size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb
from typing import NamedTuple

import numpy as np

from sclerotrial.inference import flips, rank_tables, splits
from sclerotrial.inference.draws import DRAWS
from sclerotrial.inference.fixed import TIE, matrix, midranks2, patterns, to_fixed, unfit

EXACT_N = flips.EXACT


class Tail(NamedTuple):
    """p of each feature, and the smallest p its ties and zeros allow; NaN without a value.

    `drawn` tells which p are drawn, not counted.
    """

    p: np.ndarray
    attainable: np.ndarray
    drawn: np.ndarray = np.zeros(1, bool)


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
        Changes. A feature with an infinite value, or none that 12 digits hold, gets NaN.
    seed, draws : int
        Of the Monte Carlo used when more than 30 changes are not 0.
    """
    x = matrix(d)
    bad = np.isinf(x).any(axis=1) | np.isnan(x).all(axis=1) | unfit(x)
    q = to_fixed(np.where(np.isinf(x), np.nan, x))
    q = np.where(np.abs(q) < TIE, 0, q)
    size = np.abs(q)
    moved = (q != 0).sum(axis=1)
    seen = np.abs(q.sum(axis=1))
    p, by_draws = np.ones(len(q)), np.zeros(len(q), bool)
    # A zero change contributes nothing under either sign: leaving it out leaves p the same.
    for k in np.unique(moved[moved > 0]):
        rows = np.flatnonzero(moved == k)
        packed = size[rows] if k == size.shape[1] else -np.sort(-size[rows], axis=1)[:, :k]
        far = ~flips.counted(packed)[0] if k > EXACT_N else by_draws[rows]
        p[rows[~far]] = flips.share_beyond(packed[~far], seen[rows[~far]])
        if far.any():
            p[rows[far]] = flips.drawn(packed[far], seen[rows[far]], seed, draws)
            by_draws[rows[far]] = True
    least = np.where(moved > 0, 2.0 ** (1.0 - np.maximum(moved, 1)), 1.0)
    least = np.where(by_draws, np.maximum(least, 1 / (draws + 1)), least)
    return Tail(np.where(bad, np.nan, p), np.where(bad, np.nan, least), by_draws)


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
        Changes. A feature with an infinite value, or none that 12 digits hold, gets NaN.
    zeros : {'drop', 'pratt'}
    """
    x = matrix(d)
    bad = np.isinf(x).any(axis=1) | np.isnan(x).all(axis=1) | unfit(x)
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
    least, by_draws = p.copy(), np.zeros(len(both), bool)
    usable = ~np.isinf(both).any(axis=1) & ~unfit(both)
    kinds, number = np.array([[x.shape[1], y.shape[1]]]), np.zeros(len(both), int)
    if not there.all():
        counts = [part.sum(axis=1) for part in np.split(there, [x.shape[1]], axis=1)]
        kinds, number = patterns(np.stack(counts, axis=1))
    # Groups of as many patients in all stand together: they share their draws.
    for i, (m, n) in sorted(enumerate(kinds.tolist()), key=lambda kind: sum(kind[1])):
        rows = np.flatnonzero((number == i) & usable)
        if m and n and len(rows):
            whole = len(rows) == len(both) and m + n == both.shape[1]
            part = both if whole else both[rows][there[rows]].reshape(len(rows), m + n)
            p[rows], least[rows], by_draws[rows] = one(to_fixed(part), m)
    return Tail(p, least, by_draws)


def rank_sum(x: object, y: object) -> Tail:
    """Exact rank-sum test under ties; missing values dropped.

    Parameters
    ----------
    x, y : arrays, features x m and features x n
        Features with an empty group, an infinite value, or more than 12 digits get NaN.
    """
    return _by_missing(matrix(x), matrix(y), _rank_sum)


def _rank_sum(q: np.ndarray, m: int) -> Tail:
    total = q.shape[1]
    # sorted with their group in the last bit: a quarter of the time of sorting places
    marked = 2 * q
    marked[:, :m] += 1
    marked.sort(axis=1)
    tied = (np.diff(marked >> 1, axis=1) < TIE).any(axis=1)
    p, least = np.empty(len(q)), np.full(len(q), design_rank_sum(m, total - m))
    rest = tied | (total > rank_tables.WHOLE_SPLITS)
    if not rest.all():  # without ties all features share one law
        places = np.arange(1, total + 1)
        sums = (marked[~rest] & 1) @ places
        p[~rest] = _rank_sum_law(m, total - m)[np.abs(2 * sums - m * (total + 1))]
    if rest.any():
        ranks = midranks2(q[rest], np.ones(q[rest].shape, bool))
        distance = np.abs(ranks[:, :m].sum(axis=1) - m * (total + 1))
        ranks.sort(axis=1)
        p[rest] = rank_tables.split(ranks, m, total * distance)
        least[rest] = rank_tables.least_split(ranks, m)
    return Tail(p, least)


def permutation(x: object, y: object, *, seed: int = 0, draws: int = DRAWS) -> Tail:
    """Exact permutation test of a difference of means; missing values dropped.

    Parameters
    ----------
    x, y : arrays, features x m and features x n
        Features with an empty group, an infinite value, or more than 12 digits get NaN.
    seed, draws : int
        Of the Monte Carlo used beyond 30 patients.
    """

    def one(q: np.ndarray, m: int) -> Tail:
        total = q.shape[1]
        q = splits.centred(q)
        far = np.zeros(len(q), bool) if total <= EXACT_N else ~splits.counted(q)[0]
        p, least = np.empty(len(q)), splits.attainable(q, m)
        p[~far] = splits.share_beyond(q[~far], m)
        if far.any():
            p[far] = splits.drawn(q[far], m, seed, draws)
            least[far] = max(design_permutation(m, total - m), 1 / (draws + 1))
        return Tail(p, least, far)

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
    return _level(_rank_sum_law(m, n), alpha)


@lru_cache(maxsize=64)
def _rank_sum_law(m: int, n: int) -> np.ndarray:
    """p of the tie-free rank-sum test by the distance |2 U - m n|, from 0 to m n.

    The numbers of ways to each U are the coefficients of a Gaussian binomial.
    """
    if m + n > rank_tables.WHOLE_SPLITS:
        ranks, distance = np.arange(2, 2 * (m + n) + 1, 2), np.arange(0, m * n + 1)
        return rank_tables.split(np.tile(ranks, (len(distance), 1)), m, (m + n) * distance)
    ways = np.zeros(m * n + 1, np.int64)
    ways[0] = 1
    for i in range(1, m + 1):
        ways[n + i :] -= ways[: -n - i].copy()
        for first in range(i):
            ways[first::i] = np.cumsum(ways[first::i])
    far = 2 * np.cumsum(ways[: m * n // 2 + 1]) / float(comb(m + n, m))
    p = np.repeat(far[::-1], 2)[m * n % 2 == 0 :][: m * n + 1]
    return np.minimum(p, 1.0)
