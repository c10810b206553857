"""Laws of sums of ranks or of other small whole numbers, for many patterns of ties at once.

The sorted ranks are cut into a lower and an upper half. Each half has a table: how many subsets
of k of its ranks have a given sum. The tables belong to patterns of ties and are shared by all
features that show the pattern; the two halves of a feature are then met in the middle. Ranks are
doubled midranks, whole numbers; values on a coarse grid are taken the same way. Up to 66 patients
(62 pairs) counts are 64-bit whole numbers, exact; beyond they are floats, good to about 1e-14 of
themselves.
"""

from __future__ import annotations

from functools import cached_property
from math import comb

import numpy as np

from sclerotrial.inference import kernels
from sclerotrial.inference.fixed import binomials, patterns

WHOLE_SPLITS, WHOLE_SIGNS = 66, 62  # C(66, 33) and 2**62 are below 2**63
_CELLS = 1 << 23  # cells of tables held at once (64 MB)


def signed(ranks: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """P(|2 W - total| >= distance) when each rank is drawn or not by a fair coin.

    Parameters
    ----------
    ranks : array of int, features x n
        Doubled midranks, sorted; 0 stands for a change of 0.
    distance : array of int
        |2 W - total| seen, with doubled W.
    """
    n = ranks.shape[1]
    kinds, back = patterns(np.column_stack([ranks, distance]))
    ranks, away = kinds[:, :n], kinds[:, n]
    kind = np.int64 if n <= WHOLE_SIGNS else float
    out = np.empty(len(ranks), kind)
    need = -(-(ranks.sum(axis=1) + away) // 2)
    low, high = ranks[:, : n // 2], ranks[:, n // 2 :]
    if n <= WHOLE_SIGNS and kernels.ready(n / 4 * float(ranks.sum())):
        out = kernels.count_signed(ranks, need)
        return np.where(away <= 0, 1.0, 2 * (out / 2.0**n))[back]
    for rows in _chunks(len(ranks), _reach(low, n) + 2 * _reach(high, n)):
        a, f = _sums(low[rows], kind)
        b, g = _sums(high[rows], kind)
        tail = _at_least(g)
        wanted = np.clip(need[rows, None] - np.arange(f.shape[1]), 0, tail.shape[1] - 1)
        out[rows] = (f[a] * tail[b[:, None], wanted]).sum(axis=1)
    return np.where(away <= 0, 1.0, np.minimum(1.0, 2 * (out / 2.0**n)))[back]


def split(ranks: np.ndarray, m: int, distance: np.ndarray) -> np.ndarray:
    """P(N |W - expectation| >= distance) when m of the N ranks are drawn.

    Parameters
    ----------
    ranks : array of int, features x N
        Doubled midranks, or other whole numbers that are not negative; sorted.
    m : int
    distance : array of int
        N times the distance of the sum seen from its expectation: a whole number.
    """
    total = ranks.shape[1]
    half = total // 2
    kinds, back = patterns(np.column_stack([ranks, distance]))
    ranks, away = kinds[:, :total], kinds[:, total]
    low, high = ranks[:, :half] - ranks[:, :1], ranks[:, half:] - ranks[:, half : half + 1]
    centre = m * ranks.sum(axis=1)
    ends = -(-(centre + away) // total), (centre - away) // total
    if total <= WHOLE_SPLITS and kernels.ready(total**2 / 16 * float(low.sum() + high.sum())):
        count = kernels.count_ranks(ranks, m, *ends)
        return np.where(away <= 0, 1.0, np.minimum(1.0, count / float(comb(total, m))))[back]
    count = np.zeros(len(ranks), np.int64 if total <= WHOLE_SPLITS else float)
    cells = (half // 2 + 1) * (_reach(low, half // 2) + 3 * _reach(high, (total - half) // 2))
    for rows in _chunks(len(ranks), cells):
        first, second = _Subsets(low[rows], m), _Subsets(high[rows], m)
        for k in range(max(0, m - total + half), min(m, half) + 1):
            base = k * ranks[rows, 0] + (m - k) * ranks[rows, half]
            count[rows] += _met(first, k, second, m - k, *(end[rows] - base for end in ends))
    return np.where(away <= 0, 1.0, np.minimum(1.0, count / float(comb(total, m))))[back]


def _met(
    first: _Subsets, k: int, second: _Subsets, j: int, high: np.ndarray, low: np.ndarray
) -> np.ndarray:
    """Number of choices of k below and j above with a sum of at least `high` or at most `low`."""
    ways, sums = first.counts(k)
    far = second.at_least(j, high[:, None] - sums)
    far += second.at_most(j, low[:, None] - sums)
    return (ways * far).sum(axis=1)


def least_split(ranks: np.ndarray, m: int) -> np.ndarray:
    """Smallest p of a rank sum with these ties (sorted doubled midranks)."""
    total = ranks.shape[1]
    centre = m * (total + 1)
    low, high = centre - ranks[:, :m].sum(axis=1), ranks[:, total - m :].sum(axis=1) - centre
    ways = np.where(low >= high, _ways(ranks, m), 0.0)
    ways += np.where(high >= low, _ways(ranks[:, ::-1], m), 0.0)
    return np.minimum(1.0, ways / float(comb(total, m)))


def _ways(ranks: np.ndarray, m: int) -> np.ndarray:
    tied = ranks == ranks[:, m - 1 : m]
    return binomials(tied.sum(axis=1), tied[:, :m].sum(axis=1))


def _chunks(many: int, cells: int) -> list[slice]:
    """Lots of patterns whose tables fit."""
    step = max(1, _CELLS // max(1, cells))
    return [slice(i, min(i + step, many)) for i in range(0, many, step)]


def _reach(ranks: np.ndarray, most: int) -> int:
    """Largest sum of so many of these ranks."""
    return int(ranks[:, max(0, ranks.shape[1] - most) :].sum(axis=1).max(initial=0)) + 1


def _at_least(table: np.ndarray) -> np.ndarray:
    """Along the last axis: sum of what lies at or above; one cell more, which holds 0."""
    out = _longer(table)
    np.cumsum(table[..., ::-1], axis=-1, out=out[..., -2::-1])
    return out


def _longer(table: np.ndarray) -> np.ndarray:
    kind = float if table.dtype.kind == "f" else np.int64
    return np.zeros((*table.shape[:-1], table.shape[-1] + 1), kind)


def _sums(ranks: np.ndarray, kind: type) -> tuple[np.ndarray, np.ndarray]:
    """Pattern of each feature, and per pattern the number of subsets by their sum."""
    kinds, number = patterns(ranks)
    f = np.zeros((len(kinds), _reach(kinds, kinds.shape[1])), kind)
    f[:, 0] = 1
    for i, column in enumerate(kinds.T):
        top = _reach(kinds[:, : i + 1], i + 1)
        for r, at in _alike(column):
            part = f[at, :top].copy()
            part[:, r:] += f[at, : top - r]
            f[at, :top] = part
    return number, f


class _Subsets:
    """Number of subsets by size and sum of the halves that these features show.

    Only subsets of up to half of the ranks are counted; each larger one is what such a one leaves.
    """

    def __init__(self, ranks: np.ndarray, most: int) -> None:
        kinds, self.number = patterns(ranks)
        self.items = kinds.shape[1]
        self.small = min(most, self.items // 2)
        self.all = kinds.sum(axis=1)[self.number][:, None]
        kind = np.int32 if self.items <= WHOLE_SPLITS // 2 else float  # C(33, 16) is below 2**31
        f = np.zeros((len(kinds), self.small + 1, _reach(kinds, self.small)), kind)
        f[:, 0, 0] = 1
        for i, column in enumerate(kinds.T):
            k, top = min(i + 1, self.small), _reach(kinds[:, : i + 1], self.small)
            for r, at in _alike(column):
                part = f[at, : k + 1, :top].copy()
                part[:, 1:, r:] += f[at, :k, : top - r]
                f[at, : k + 1, :top] = part
        self.table = f

    @cached_property
    def above(self) -> np.ndarray:
        """Cell t holds the number with a sum of t or more; the last cell 0."""
        return _at_least(self.table)

    @cached_property
    def below(self) -> np.ndarray:
        """Cell t + 1 holds the number with a sum of t or less; the first cell 0."""
        out = _longer(self.table)
        np.cumsum(self.table, axis=-1, out=out[..., 1:])
        return out

    def counts(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Number of subsets of k, and their sums: features x sums."""
        small = k <= self.small
        here = self.table[:, k if small else self.items - k]
        here = here[:, : int(np.flatnonzero(here.any(axis=0))[-1]) + 1]
        sums = np.arange(here.shape[1])
        return here[self.number], sums if small else self.all - sums

    def at_least(self, k: int, t: np.ndarray) -> np.ndarray:
        """Number of subsets of k with a sum of t or more."""
        if k <= self.small:
            return self._of(self.above[:, k], t)
        return self._of(self.below[:, self.items - k], self.all - t + 1)

    def at_most(self, k: int, t: np.ndarray) -> np.ndarray:
        """Number of subsets of k with a sum of t or less."""
        if k <= self.small:
            return self._of(self.below[:, k], t + 1)
        return self._of(self.above[:, self.items - k], self.all - t)

    def _of(self, table: np.ndarray, cell: np.ndarray) -> np.ndarray:
        return table[self.number[:, None], np.clip(cell, 0, table.shape[1] - 1)]


def _alike(column: np.ndarray) -> list[tuple[int, np.ndarray | slice]]:
    """Patterns with the same rank at this place."""
    values = np.unique(column)
    if len(values) == 1:
        return [(int(values[0]), slice(None))]
    return [(int(r), np.flatnonzero(column == r)) for r in values]
