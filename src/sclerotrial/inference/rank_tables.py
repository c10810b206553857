"""Laws of sums of ranks or of other small whole numbers, for many patterns of ties at once.

The sorted ranks are cut into a lower and an upper half. Each half has a table: how many subsets
of k of its ranks have a given sum. The tables belong to patterns of ties and are shared by all
features that show the pattern; the two halves of a feature are then met in the middle. Ranks are
doubled midranks, whole numbers; values on a coarse grid are taken the same way. Up to 66 patients
(62 pairs) counts are 64-bit whole numbers, exact; beyond they are floats, good to about 1e-14 of
themselves.

Every pattern shifts its table by ranks of its own. So the tables lie in one line of cells, and a
stretch of each is read from its own place on (`_from`): no loop over patterns.
"""

from __future__ import annotations

from math import comb

import numpy as np

from sclerotrial.inference import kernels
from sclerotrial.inference.fixed import binomials, patterns

WHOLE_SPLITS, WHOLE_SIGNS = 66, 62  # C(66, 33) and 2**62 are below 2**63
_CELLS = 1 << 21  # cells of tables held at once
_CACHED = 1 << 17  # cells worked on at once: they stay in the cache


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
    for rows in _alike(ranks, _reach(low, n) + 3 * _reach(high, n)):
        (a, f), (b, g) = _sums(low[rows], kind), _sums(high[rows], kind)
        wide, most = f.shape[1], g.shape[1]
        tail = np.zeros((len(g), most + 2 * wide), kind)  # cell wide + t: sums of t or more
        np.cumsum(g[:, ::-1], axis=1, out=tail[:, wide : wide + most][:, ::-1])
        tail[:, :wide] = tail[:, wide : wide + 1]
        begin = np.clip(need[rows] + 1, 0, most + wide)
        out[rows] = np.einsum("ij,ij->i", f[a, ::-1], _from(tail, b, begin, wide))
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
    cells = (half // 2 + 1) * (_reach(low, half // 2) + _reach(high, (total - half) // 2))
    for rows in _alike(ranks, cells):
        first, second = _Subsets(low[rows], m), _Subsets(high[rows], m)
        for k in range(max(0, m - total + half), min(m, half) + 1):
            base = k * ranks[rows, 0] + (m - k) * ranks[rows, half]
            count[rows] += _met(first, k, second, m - k, *(end[rows] - base for end in ends))
    return np.where(away <= 0, 1.0, np.minimum(1.0, count / float(comb(total, m))))[back]


def _met(
    first: _Subsets, k: int, second: _Subsets, j: int, high: np.ndarray, low: np.ndarray
) -> np.ndarray:
    """Number of choices of k below and j above with a sum of at least `high` or at most `low`."""
    ways, least = first.counts(k)
    wide, sign = ways.shape[1], -1  # the more below, the less is needed above
    if j > second.small:  # counted by what is left out above
        high, low, sign = second.all - low, second.all - high, 1
    if k > first.small:  # counted by what is left out below
        high, low, sign = high + sign * first.all, low + sign * first.all, -sign
    if sign < 0:
        ways, least = ways[:, ::-1], 1 - least - wide
    far = second.beyond(j, high + least, low + least, wide)
    return np.einsum("ij,ij->i", ways, far, dtype=np.result_type(ways, np.int64))


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


def _alike(ranks: np.ndarray, cells: int) -> list[np.ndarray]:
    """Lots of patterns of like size whose tables fit."""
    order = np.argsort(ranks.sum(axis=1), kind="stable")
    step = max(1, _CELLS // cells)
    return [order[i : i + step] for i in range(0, len(order), step)]


def _reach(ranks: np.ndarray, most: int) -> int:
    """Largest sum of so many of these ranks."""
    return int(ranks[:, max(0, ranks.shape[1] - most) :].sum(axis=1).max(initial=0)) + 1


def _from(table: np.ndarray, row: np.ndarray, begin: np.ndarray, width: int) -> np.ndarray:
    """A stretch of cells of each of these rows, each from a place of its own on."""
    step = table.strides[1]
    every = np.ndarray((table.size - width + 1, width), table.dtype, table, 0, (step, step))
    return every[row * table.shape[1] + begin]


def _take_in(table: np.ndarray, ranks: np.ndarray, pad: int, pitch: int, end: int) -> None:
    """Let each row's subsets also hold one item more.

    Sums begin at cell `pad`; a subset of one item more lies `pitch` cells on. `end` is the end of
    the sums there are then.
    """
    least = int(ranks.min())
    width = end - pitch - least
    more = _from(table, np.arange(len(ranks)), pad + least - ranks, width)
    table[:, pad + pitch + least : pad + end] += more


def _sums(ranks: np.ndarray, kind: type) -> tuple[np.ndarray, np.ndarray]:
    """Pattern of each feature, and per pattern the number of subsets by their sum."""
    kinds, number = patterns(ranks)
    table = np.zeros((len(kinds), _reach(kinds, kinds.shape[1])), kind)
    step = max(1, _CACHED // table.shape[1])
    for i in range(0, len(kinds), step):
        part = kinds[i : i + step]
        pad = int(np.ptp(part, axis=0).max(initial=0))
        f = np.zeros((len(part), pad + table.shape[1]), kind)
        f[:, pad] = 1
        for n, column in enumerate(part.T):
            _take_in(f, column, pad, 0, _reach(part[:, : n + 1], n + 1))
        table[i : i + step] = f[:, pad:]
    return number, table


class _Layout:
    """Where the subsets of k of the first items lie in a row: sum s in cell k * pitch + s.

    The pitch is the smallest that keeps sizes apart: k items sum to `low[k]` up to `high[k]`.
    """

    def __init__(self, prefix: np.ndarray, small: int, items: int) -> None:
        most = min(small, items)
        self.items = items
        self.low = prefix[:, : min(most + 1, items) + 1].min(axis=0)
        self.high = (prefix[:, [items]] - prefix[:, items - np.arange(most + 1)]).max(axis=0)
        apart = self.high[: len(self.low) - 1] - self.low[1:] + 1
        self.pitch = max(1, int(apart.max(initial=1)))
        self.cells = most * self.pitch + int(self.high[-1]) + 1

    def level(self, k: int, pad: int = 0) -> slice:
        """Cells of the subsets of k."""
        begin = pad + k * self.pitch
        return slice(begin + int(self.low[k]), begin + int(self.high[k]) + 1)

    def widen(self, f: np.ndarray, pad: int, wider: _Layout) -> np.ndarray:
        """The same numbers with room for more items."""
        out = np.zeros((len(f), pad + wider.cells), f.dtype)
        for k in range(len(self.high)):
            here = self.level(k, pad)
            begin = here.start + k * (wider.pitch - self.pitch)
            out[:, begin : begin + here.stop - here.start] = f[:, here]
        return out


class _Subsets:
    """Number of subsets by size and sum of the halves that these features show.

    Only subsets of up to half of the ranks are counted; each larger one is what such a one leaves.
    """

    def __init__(self, ranks: np.ndarray, most: int) -> None:
        kinds, self.number = patterns(ranks)
        self.items = kinds.shape[1]
        self.small = min(most, self.items // 2)
        self.all = kinds.sum(axis=1)[self.number]
        prefix = np.pad(kinds.cumsum(axis=1), ((0, 0), (1, 0)))
        layouts = [_Layout(prefix, self.small, i) for i in range(self.items + 1)]
        self.layout = layouts[-1]
        kind = np.int32 if self.items <= WHOLE_SPLITS // 2 else float  # C(33, 16) is below 2**31
        self.table = np.empty((len(kinds), self.layout.cells), kind)
        step = max(1, _CACHED // self.layout.cells)
        for i in range(0, len(kinds), step):
            self._count(kinds[i : i + step], layouts, self.table[i : i + step])
        self._tails: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}

    def _count(self, kinds: np.ndarray, layouts: list[_Layout], out: np.ndarray) -> None:
        pad = int(np.ptp(kinds, axis=0).max())
        here = layouts[0]
        f = np.zeros((len(kinds), pad + 1), out.dtype)
        f[:, pad] = 1
        for i, column in enumerate(kinds.T):
            if i == here.items:
                wider = layouts[min(self.items, i + 8)]
                here, f = wider, here.widen(f, pad, wider)
            k = min(i + 1, self.small)
            _take_in(f, column, pad, here.pitch, k * here.pitch + int(layouts[i + 1].high[k]) + 1)
        out[:] = f[:, pad:]

    def counts(self, k: int) -> tuple[np.ndarray, int]:
        """Number of subsets of k of each feature by their sum, and the least sum."""
        k = min(k, self.items - k)
        return self.table[:, self.layout.level(k)][self.number], int(self.layout.low[k])

    def beyond(self, k: int, high: np.ndarray, low: np.ndarray, wide: int) -> np.ndarray:
        """Number of subsets of k with a sum of `high` or more, or of `low` or less.

        Asked at `high` and `low` and at the next whole numbers, `wide` of them in all.
        """
        k = min(k, self.items - k)
        if (k, wide) not in self._tails:
            self._tails[k, wide] = self._cumulated(self.table[:, self.layout.level(k)], wide)
        at_least, at_most = self._tails[k, wide]
        first, most = int(self.layout.low[k]) - wide, at_least.shape[1] - wide
        far = _from(at_least, self.number, np.clip(high - first, 0, most), wide)
        far += _from(at_most, self.number, np.clip(low - first, 0, most), wide)
        return far

    def _cumulated(self, ways: np.ndarray, wide: int) -> tuple[np.ndarray, np.ndarray]:
        """Numbers with a sum of at least, and of at most, so much; `wide` cells on either side."""
        at_least, at_most = (
            np.zeros((len(ways), ways.shape[1] + 2 * wide), ways.dtype) for _ in range(2)
        )
        np.cumsum(ways, axis=1, out=at_most[:, wide:-wide])
        np.cumsum(ways[:, ::-1], axis=1, out=at_least[:, wide:-wide][:, ::-1])
        at_most[:, -wide:] = at_most[:, -wide - 1, None]
        at_least[:, :wide] = at_least[:, wide, None]
        return at_least, at_most
