"""The inner loops of counting, for numba. Imported by `kernels` alone, where numba is there."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _subsets(ranks, small, table, top):
    """Number of subsets by size, up to `small`, and sum; `top` holds the largest sum of a size."""
    table[: small + 1] = 0
    top[:] = 0
    table[0, 0] = 1
    for t in range(len(ranks)):
        r = ranks[t]
        for k in range(min(t + 1, small), 0, -1):
            many = top[k - 1] + 1
            fewer, here = table[k - 1][:many], table[k][r : r + many]
            for s in range(many):
                here[s] += fewer[s]
            top[k] = max(top[k], top[k - 1] + r)


@njit(cache=True, nogil=True)
def _or_more(above, top, t):
    """Number with a sum of t or more."""
    if t <= 0:
        return np.int64(above[0])
    return np.int64(above[t]) if t <= top else np.int64(0)


@njit(cache=True, nogil=True)
def rank_splits(ranks, m, high, low):
    """See `kernels.count_ranks`. A subset of more than half is counted by what it leaves."""
    rows, total = ranks.shape
    half = total // 2
    rest = total - half
    few, some = min(m, half // 2), min(m, rest // 2)
    wide = 1
    for r in range(rows):
        wide = max(wide, (ranks[r, half - few : half] - ranks[r, 0]).sum() + 1)
        wide = max(wide, (ranks[r, total - some :] - ranks[r, half]).sum() + 1)
    below = np.empty((few + 1, wide), np.int32)
    above = np.empty((some + 1, wide), np.int32)
    top, up = np.empty(few + 1, np.int64), np.empty(some + 1, np.int64)
    out = np.zeros(rows, np.int64)
    for r in range(rows):
        one, two = ranks[r, :half] - ranks[r, 0], ranks[r, half:] - ranks[r, half]
        _subsets(one, few, below, top)
        _subsets(two, some, above, up)
        for j in range(some + 1):  # now the number with a sum of t or more
            for t in range(up[j] - 1, -1, -1):
                above[j, t] += above[j, t + 1]
        whole, all_above = one.sum(), two.sum()
        found = 0
        for k in range(max(0, m - rest), min(m, half) + 1):
            j = m - k
            base = k * ranks[r, 0] + j * ranks[r, half]
            few_k, few_j = min(k, half - k), min(j, rest - j)
            ways, here = below[few_k], above[few_j]
            every, most = np.int64(here[0]), up[few_j]
            for s in range(top[few_k] + 1):
                if ways[s] == 0:
                    continue
                mine = base + (s if few_k == k else whole - s)
                a, b = high[r] - mine, low[r] - mine
                if few_j == j:
                    far = _or_more(here, most, a) + every - _or_more(here, most, b + 1)
                else:  # what is left out sums to the rest
                    far = every - _or_more(here, most, all_above - a + 1)
                    far += _or_more(here, most, all_above - b)
                found += np.int64(ways[s]) * far
        out[r] = found
    return out


@njit(cache=True, nogil=True)
def signed(ranks, need):
    """See `kernels.count_signed`."""
    rows, n = ranks.shape
    half = n // 2
    wide = 1
    for r in range(rows):
        wide = max(wide, ranks[r].sum() + 1)
    low, high = np.empty(wide, np.int64), np.empty(wide, np.int64)
    out = np.zeros(rows, np.int64)
    for r in range(rows):
        tops = np.zeros(2, np.int64)
        for side in range(2):
            table = low if side == 0 else high
            part = ranks[r, :half] if side == 0 else ranks[r, half:]
            table[: part.sum() + 1] = 0
            table[0] = 1
            for v in part:
                for s in range(tops[side], -1, -1):
                    if v:
                        table[s + v] += table[s]
                    else:
                        table[s] *= 2
                tops[side] += v
        for t in range(tops[1] - 1, -1, -1):
            high[t] += high[t + 1]
        found = 0
        for s in range(tops[0] + 1):
            t = need[r] - s
            found += low[s] * (high[0] if t <= 0 else (high[t] if t <= tops[1] else 0))
        out[r] = found
    return out
