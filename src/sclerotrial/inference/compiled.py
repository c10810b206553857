"""The inner loops of counting, for numba. Imported by `kernels` alone, where numba is there."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _sorted_sums(values, out, spare):
    """All subset sums in order: each value merges the list with itself, moved on by the value."""
    many = 1
    out[0] = 0
    for v in values:
        i = j = 0
        if v < 0:  # the moved list is then the lower one
            while i < many or j < many:
                take = j < many and (i >= many or out[j] + v <= out[i])
                spare[i + j] = out[j] + v if take else out[i]
                if take:
                    j += 1
                else:
                    i += 1
        else:
            while i < many:
                take = out[i] <= out[j] + v
                spare[i + j] = out[i] if take else out[j] + v
                i += take
                j += not take
            while j < many:
                spare[i + j] = out[j] + v
                j += 1
        many *= 2
        out[:many] = spare[:many]
    return many


@njit(cache=True, nogil=True)
def pairs(size, need):
    """See `kernels.count_pairs`."""
    rows, n = size.shape
    half = n // 2
    first, second = np.empty(1 << half, np.int64), np.empty(1 << (n - half), np.int64)
    spare = np.empty(1 << (n - half), np.int64)
    out = np.empty(rows, np.int64)
    for r in range(rows):
        a = _sorted_sums(size[r, :half], first, spare)
        b = _sorted_sums(size[r, half:], second, spare)
        j, count = b, 0
        for i in range(a):
            while j > 0 and second[j - 1] + first[i] >= need[r]:
                j -= 1
            count += b - j
        out[r] = count
    return out


@njit(cache=True, nogil=True)
def _sums_by_size(values, lists, spare):
    """Sorted sums of the subsets of each size: list k of n items merges k with k - 1 moved on."""
    n = len(values)
    many = np.zeros(n + 1, np.int64)
    many[0] = 1
    lists[0, 0] = 0
    for t in range(n):
        v = values[t]
        for k in range(t + 1, 0, -1):
            a, b = many[k], many[k - 1]
            i = j = 0
            while i < a and j < b:
                x, y = lists[k, i], lists[k - 1, j] + v
                take = x <= y
                spare[i + j] = x if take else y
                i += take
                j += not take
            while i < a:
                spare[i + j] = lists[k, i]
                i += 1
            while j < b:
                spare[i + j] = lists[k - 1, j] + v
                j += 1
            many[k] = a + b
            lists[k, : a + b] = spare[: a + b]
    return many


@njit(cache=True, nogil=True)
def splits(q, m, high, low):
    """See `kernels.count_splits`."""
    rows, total = q.shape
    half = total // 2
    rest = total - half
    first = np.empty((half + 1, 1 << half), np.int64)
    second = np.empty((rest + 1, 1 << rest), np.int64)
    spare = np.empty(1 << rest, np.int64)
    out = np.empty(rows, np.int64)
    even = 2 * m == total
    for r in range(rows):
        a = _sums_by_size(q[r, :half], first, spare)
        b = _sums_by_size(q[r, half:], second, spare)
        count = 0
        for k in range(max(0, m - rest), min(m, half) + 1):
            j = many = b[m - k]
            for i in range(a[k]):
                while j > 0 and second[m - k, j - 1] + first[k, i] >= high[r]:
                    j -= 1
                count += (many - j) * (2 if even else 1)
            if not even:
                j = many
                for i in range(a[k]):
                    while j > 0 and second[m - k, j - 1] + first[k, i] > low[r]:
                        j -= 1
                    count += j
        out[r] = count
    return out


@njit(cache=True, nogil=True)
def _subsets(ranks, most, table, top):
    """Number of subsets by size and sum; `top` holds the largest sum of each size."""
    table[:, :] = 0
    top[:] = 0
    table[0, 0] = 1
    for t in range(len(ranks)):
        r = ranks[t]
        for k in range(min(t + 1, most), 0, -1):
            reach = top[k - 1] + r
            if reach > top[k]:
                top[k] = reach
            for s in range(top[k - 1] + 1):
                table[k, s + r] += table[k - 1, s]


@njit(cache=True, nogil=True)
def rank_splits(ranks, m, away):
    """See `kernels.count_ranks`."""
    rows, total = ranks.shape
    half = total // 2
    rest = total - half
    wide = 1
    for r in range(rows):
        wide = max(wide, (ranks[r, half:] - ranks[r, half]).sum() + 1)
        wide = max(wide, (ranks[r, :half] - ranks[r, 0]).sum() + 1)
    low, high = np.empty((half + 1, wide), np.int64), np.empty((rest + 1, wide), np.int64)
    top, up = np.empty(half + 1, np.int64), np.empty(rest + 1, np.int64)
    out = np.zeros(rows, np.int64)
    for r in range(rows):
        _subsets(ranks[r, :half] - ranks[r, 0], min(m, half), low, top)
        _subsets(ranks[r, half:] - ranks[r, half], min(m, rest), high, up)
        found = 0
        for k in range(max(0, m - rest), min(m, half) + 1):
            j = m - k
            base = m * (total + 1) - k * ranks[r, 0] - j * ranks[r, half]
            for t in range(up[j] - 1, -1, -1):  # now the number with a sum of t or more
                high[j, t] += high[j, t + 1]
            every = high[j, 0]
            for s in range(top[k] + 1):
                if low[k, s] > 0:
                    a, b = base + away[r] - s, base - away[r] - s
                    far = every if a <= 0 else (high[j, a] if a <= up[j] else 0)
                    if b >= 0:
                        far += every - (high[j, b + 1] if b < up[j] else 0)
                    found += low[k, s] * far
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
