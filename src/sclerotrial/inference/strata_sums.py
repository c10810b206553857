"""Sums of a group drawn within strata: how many outcomes lie far from expectation.

Whole numbers throughout, see `fixed`. The outcomes are cut into two lists of sums, and for each sum
of one the partners of the other that go far enough are counted (Horowitz and Sahni 1974): whole
strata go to one list or the other, and one of them may be cut in two. Values a few steps of a grid
apart have few distinct sums, however many patients there are.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sclerotrial.inference import draws
from sclerotrial.inference.fixed import subset_sums

MOST = 4_000_000  # sums of one list
STEPS = 200_000_000  # steps of counting the sums of one stratum on its grid
WHOLE = 1 << 62  # outcomes up to which 64 bits hold their number
FLOAT = 10**300

Law = tuple[np.ndarray, np.ndarray]  # distinct sums in order, and the outcomes of each


class Stratum(NamedTuple):
    """Weighted values (int64), and how many of them make the group."""

    values: np.ndarray
    m: int


class Plan(NamedTuple):
    """Strata of both lists; the stratum that is cut (or None), and how many of it go first."""

    first: list[int]
    second: list[int]
    cut: int | None
    head: int


def outcomes(strata: list[Stratum]) -> int:
    """Number of ways to draw the group in all strata."""
    return math.prod(math.comb(len(s.values), s.m) for s in strata)


def plan(strata: list[Stratum]) -> Plan | None:
    """How to make two lists short enough; None when there is no way."""
    if outcomes(strata) > FLOAT:
        return None
    grids = [_grid(s) for s in strata]
    sizes = [_size(s, *grid) for s, grid in zip(strata, grids, strict=True)]
    order = sorted(range(len(strata)), key=lambda k: (-sizes[k], k))
    best, cost = None, MOST
    cuts = [(c, h) for c, s in enumerate(strata) for h in range(1, len(s.values))]
    for cut, head in [(None, 0), *cuts]:
        rest = 0 if cut is None else len(strata[cut].values) - head
        lists, sides = [2**head, 2**rest], ([], [])
        units, spans, peak = [0, 0], [0, 0], max(2**head, 2**rest)
        for k in order:
            if k == cut:
                continue
            side = int(lists[1] < lists[0])
            sides[side].append(k)
            lists[side] *= sizes[k]
            peak = max(peak, lists[side])  # before equal sums become one
            units[side], spans[side] = math.gcd(units[side], grids[k][0]), spans[side] + grids[k][1]
            if cut is None:
                lists[side] = min(lists[side], spans[side] // max(units[side], 1) + 1)
        if peak < cost:
            best, cost = Plan(*sides, cut, head), peak
    return best


def _grid(s: Stratum) -> tuple[int, int]:
    """Greatest common step of the values, and how far apart the sums of m of them can lie."""
    ordered = np.sort(s.values)
    far = ordered[len(ordered) - s.m :].sum() - ordered[: s.m].sum()
    return int(np.gcd.reduce(ordered - ordered[0])), int(far)


def _size(s: Stratum, unit: int, far: int) -> int:
    """Distinct sums of a stratum at most; more than any list holds when they cannot be counted."""
    ways = math.comb(len(s.values), s.m)
    steps = far // max(unit, 1) + 1
    return min(ways, steps) if _counted(s, steps) or ways <= MOST else MOST + 1


def _counted(s: Stratum, steps: int) -> bool:
    """Whether sums are counted on a grid of so many steps rather than listed."""
    return len(s.values) * s.m * steps <= min(STEPS, 50 * math.comb(len(s.values), s.m))


def far_out(strata: list[Stratum], how: Plan, high: int, low: int) -> float:
    """Outcomes with a sum of at least `high` or at most `low`."""
    big = outcomes(strata) >= WHOLE or max(len(s.values) for s in strata) > 62
    kind = np.float64 if big else np.int64
    first, second = (_together([strata[k] for k in side], kind) for side in how[:2])
    if how.cut is None:
        return _pairs(first, second, high, low)
    values, m = strata[how.cut]
    head, tail = _by_size(values[: how.head]), _by_size(values[how.head :])
    found = 0
    for k in range(max(0, m - len(tail) + 1), min(m, len(head) - 1) + 1):
        one, two = ((part, np.ones(len(part), kind)) for part in (head[k], tail[m - k]))
        found += _pairs(_joined(first, one), _joined(second, two), high, low)
    return found


def _pairs(first: Law, second: Law, high: int, low: int) -> float:
    sums, ways = second
    upto = np.concatenate([ways[:1] * 0, np.cumsum(ways)])
    above = upto[-1] - upto[np.searchsorted(sums, high - first[0], side="left")]
    below = upto[np.searchsorted(sums, low - first[0], side="right")]
    return (first[1] * (above + below)).sum().item()


def _together(strata: list[Stratum], kind: type) -> Law:
    law = np.zeros(1, np.int64), np.ones(1, kind)
    for s in strata:
        law = _joined(law, _law(s, kind))
    return law


def _joined(one: Law, two: Law) -> Law:
    return _merged((one[0][:, None] + two[0]).ravel(), (one[1][:, None] * two[1]).ravel())


def _merged(sums: np.ndarray, ways: np.ndarray) -> Law:
    order = np.argsort(sums)
    sums = sums[order]
    first = np.flatnonzero(np.concatenate([[True], np.diff(sums) != 0]))
    return sums[first], np.add.reduceat(ways[order], first)


def _law(s: Stratum, kind: type) -> Law:
    """Sums of m values: counted step by step on their grid, or listed by halves."""
    unit, far = _grid(s)
    values, m = s
    if _counted(s, far // max(unit, 1) + 1):
        steps = np.sort((values - values.min()) // max(unit, 1))
        ways = np.zeros((m + 1, int(steps[len(steps) - m :].sum()) + 1), kind)
        ways[0, 0] = 1
        for v in steps.tolist():
            ways[1:, v:] += ways[:-1, : ways.shape[1] - v].copy()
        there = np.flatnonzero(ways[m])
        return there * unit + m * int(values.min()), ways[m][there]
    half = len(values) // 2
    head, tail = _by_size(values[:half]), _by_size(values[half:])
    sums = [
        (head[k][:, None] + tail[m - k]).ravel()
        for k in range(max(0, m - len(tail) + 1), min(m, half) + 1)
    ]
    whole = np.concatenate(sums)
    return _merged(whole, np.ones(len(whole), kind))


def _by_size(values: np.ndarray) -> list[np.ndarray]:
    """Sums of all subsets, by their size."""
    sums = subset_sums(values[None])[0]
    size = subset_sums(np.ones((1, len(values)), np.int64))[0]
    return [sums[size == k] for k in range(len(values) + 1)]


def drawn(strata: list[Stratum], high: int, low: int, seed: int, many: int) -> float:
    """Monte Carlo p: patients are shuffled within their stratum."""
    total, hits = sum(len(s.values) for s in strata), 0
    for generator, some in draws.blocks(seed, total, many):
        chance = generator.random((some, total))
        sums, place = np.zeros(some, np.int64), 0
        for values, m in strata:
            here = chance[:, place : place + len(values)]
            place += len(values)
            order = np.argsort(here, axis=1, kind="stable")
            sums += np.where(order < m, values, 0).sum(axis=1)
        hits += np.count_nonzero((sums >= high) | (sums <= low))
    return float(draws.estimate(np.array(hits), many))
