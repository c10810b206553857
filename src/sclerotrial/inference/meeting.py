"""Meeting in the middle with short keys: many sums under changes of sign, in half the time.

The changes are cut into a large and a small half, and the sums of each are listed (Horowitz and
Sahni 1974). Sums are whole numbers, held exactly in floats, but sorted by their leading 31 bits
alone; the few pairs that these leave open are then compared whole, so that counts are exact.
"""

from __future__ import annotations

import numpy as np

from sclerotrial.inference.fixed import subset_sums

_LOT = 256  # features at once
_CELLS = 1 << 16  # sums at once: they stay in the cache
_PART = 128  # positions are added up in parts of so many cells: exact in single precision
_IN_PART = np.stack([np.ones(_PART), np.arange(_PART)], axis=1).astype(np.float32)
_FIRST = 8  # items whose sums are held for a whole lot
_KEY = 2.0**31 - 8
_OPEN = 64  # open places of a row that are looked into; beyond, the row is compared whole


def met(size: np.ndarray, need: np.ndarray) -> np.ndarray:
    """How many subsets of each row have a sum of at least `need`.

    Parameters
    ----------
    size : array of int64, features x k
        None negative, at most 1e12; k from 2 on, lists of 2**(k/2) have to fit.
    need : array of int64
    """
    size = np.sort(size, axis=1)
    found = [
        _Halves(size[i : i + _LOT], need[i : i + _LOT]).met() for i in range(0, len(size), _LOT)
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])


class _Sums:
    """Sums of all subsets of each row's items; subset i holds item j when bit j of i is set."""

    def __init__(self, items: np.ndarray, start: np.ndarray) -> None:
        self.first = subset_sums(items[:, :_FIRST], start=start)
        self.rest = items[:, _FIRST:]
        self.many = self.first.shape[1] << self.rest.shape[1]

    def all(self, rows: slice, room: np.ndarray) -> np.ndarray:
        """All sums of some rows, into some room."""
        rest, known = self.rest[rows], self.first.shape[1]
        out = room[: len(rest) * self.many].reshape(len(rest), self.many)
        out[:, :known] = self.first[rows]
        for j in range(rest.shape[1]):
            np.add(out[:, :known], rest[:, j : j + 1], out=out[:, known : 2 * known])
            known *= 2
        return out

    def some(self, row: int, which: np.ndarray) -> np.ndarray:
        """Sums of a row by their numbers."""
        outer, inner = np.divmod(which, self.first.shape[1])
        held = outer[:, None] >> np.arange(self.rest.shape[1]) & 1
        return self.first[row, inner] + held @ self.rest[row]


class _Halves:
    """Needs, of the large half, and sums, of the small half: a pair counts if the sum is larger.

    These are doubled needs, and doubled sums with 1 added. Many needs lie beyond all sums.
    """

    def __init__(self, size: np.ndarray, need: np.ndarray) -> None:
        half = size.shape[1] // 2
        whole = size[:, :half].sum(axis=1)
        middle = whole // 2  # sums about 0 make the most of the keys
        top = 2.0 * (whole - middle) + 2
        shift = np.maximum(np.ceil(np.log2(top / _KEY)), 0)
        unit = 0.5**shift  # a power of 2: products stay exact
        scaled = 2 * unit[:, None] * size
        self.needs = _Sums(-scaled[:, half:], 2 * unit * (need - middle))
        self.sums = _Sums(scaled[:, :half], unit * (1 - 2 * middle))
        self.edge = unit * top + 2  # needs beyond all sums are made equal: sooner sorted
        self.rough = shift > 0

    def met(self) -> np.ndarray:
        """How many pairs of each row count."""
        needs, sums = self.needs.many, self.sums.many
        step = max(1, _CELLS // (needs + sums))
        room = np.empty(step * needs)
        all_keys, all_sorted, spare = (np.empty((step, needs + sums), np.int32) for _ in range(3))
        found = np.empty(len(self.edge), np.int64)
        for i in range(0, len(found), step):
            rows = slice(i, i + step)
            edge = self.edge[rows, None]
            keys, ordered = all_keys[: len(edge)], all_sorted[: len(edge)]
            values = self.needs.all(rows, room)
            np.clip(values, -edge, edge, out=values)
            keys[:, :needs] = values
            keys[:, :needs] &= -2
            keys[:, needs:] = self.sums.all(rows, room)
            keys[:, needs:] |= 1  # behind the needs of the same bits
            ordered[:] = keys
            ordered.sort(axis=1)
            places = _places_of_odd(ordered, spare[: len(edge)], min(sums, _PART))
            found[rows] = places - sums * (sums - 1) // 2
            if self.rough[rows].any():
                self._settle(found, i, keys, ordered, spare[: len(edge)])
        return found

    def _settle(
        self, found: np.ndarray, i: int, keys: np.ndarray, ordered: np.ndarray, spare: np.ndarray
    ) -> None:
        """Take back the pairs of equal keys whose sum is the smaller."""
        needs = self.needs.many
        np.bitwise_xor(ordered[:, 1:], ordered[:, :-1], out=spare[:, 1:])
        lines, places = np.divmod(np.flatnonzero(spare[:, 1:] == 1), keys.shape[1] - 1)
        for line in np.unique(lines):
            row, open_keys = i + line, ordered[line, places[lines == line]]
            if not self.rough[row]:  # the keys are the sums
                continue
            if len(open_keys) > _OPEN:
                found[row] = self._met_whole(row)
                continue
            for key in open_keys:
                some = self.needs.some(row, np.flatnonzero(keys[line, :needs] == key))
                same = self.sums.some(row, np.flatnonzero(keys[line, needs:] == key + 1))
                found[row] -= np.searchsorted(np.sort(same), some).sum()

    def _met_whole(self, row: int) -> int:
        """How many pairs of a row count, by whole sums."""
        needs, sums = (
            np.sort(half.all(slice(row, row + 1), np.empty(half.many))[0])
            for half in (self.needs, self.sums)
        )
        return needs.size * sums.size - int(np.searchsorted(sums, needs).sum())


def _places_of_odd(ordered: np.ndarray, spare: np.ndarray, part: int) -> np.ndarray:
    """Sum of the positions of the odd numbers of each row."""
    np.bitwise_and(ordered, 1, out=spare)
    parts = spare.reshape(-1, part).astype(np.float32) @ _IN_PART[:part]
    parts = parts.reshape(len(ordered), -1, 2).astype(np.int64)
    return parts[..., 0] @ (part * np.arange(parts.shape[1])) + parts[..., 1].sum(axis=1)
