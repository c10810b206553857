"""Exact tests of small contingency tables, groups in rows."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from sclerotrial.inference import groups, margins, peers
from sclerotrial.inference.draws import DRAWS, blocks, said
from sclerotrial.inference.draws import estimate as share
from sclerotrial.inference.invert import alpha_of, root
from sclerotrial.inference.result import Result

BY_PROBABILITY = "two-sided, by point probability"


def cross(rows: list, columns: list) -> np.ndarray:
    """Table of counts of two aligned lists of categories, both in sorted order."""
    a, b = sorted(set(rows)), sorted(set(columns))
    many = Counter(zip(rows, columns, strict=True))
    return np.array([[many[(i, j)] for j in b] for i in a], dtype=int).reshape(len(a), len(b))


def freeman_halton(table: object, *, seed: int = 0, draws: int = DRAWS) -> Result:
    """Exact test of an r x c table (Fisher 1935; Freeman and Halton 1951).

    Parameters
    ----------
    table : array of counts, groups in rows
        Empty rows and columns are left out.
    seed, draws : int
        Of the Monte Carlo used when there are too many tables of these margins to tell apart
        (six groups and six categories of 60 patients); p is then (b + 1) / (B + 1).
    """
    t = _counts(table)
    t = t[t.sum(axis=1) > 0][:, t.sum(axis=0) > 0]
    name = "Fisher exact" if t.shape == (2, 2) else "Freeman-Halton exact"
    sizes = tuple(int(v) for v in t.sum(axis=1))
    out = Result(name, BY_PROBABILITY, int(t.sum()), sizes)
    if min(t.shape, default=0) < 2:
        return out.but(note="one group or one category only")
    least = design(sizes)
    t = t if t.shape[0] <= t.shape[1] else t.T
    rows, columns = (sorted(t.sum(axis=k).tolist(), reverse=not k) for k in (1, 0))
    try:
        net = margins.network(tuple(rows), tuple(columns))
        seen = math.prod(margins.orders(tuple(column)) for column in t.T.tolist())
        p = min(1.0, margins.at_most(net, seen) / margins.orders(tuple(rows)))
    except margins.TooMany:
        p = _drawn(t, seed, draws)
        how = f"{BY_PROBABILITY}; {said(p, draws, seed)}"
        return out.but(
            p=p, convention=how, p_attainable=max(least, 1 / (draws + 1)), p_design=least
        )
    return out.but(p=p, p_attainable=net.least / margins.orders(tuple(rows)), p_design=least)


def _drawn(t: np.ndarray, seed: int, many: int) -> float:
    """Share of shuffles of the categories whose table is no likelier than the one seen."""
    logs = np.array([math.lgamma(k + 1) for k in range(t.sum() + 1)])
    side, kind = (np.repeat(np.arange(t.shape[k]), t.sum(axis=1 - k)) for k in (0, 1))
    total, hits = len(side), 0
    reach = logs[t].sum() - 1e-9
    for generator, some in blocks(seed, total, many):
        order = np.argsort(generator.random((some, total)), axis=1, kind="stable")
        cell = side * t.shape[1] + kind[order] + np.arange(some)[:, None] * t.size
        cells = np.bincount(cell.ravel(), minlength=some * t.size).reshape(some, t.size)
        hits += np.count_nonzero(logs[cells].sum(axis=1) >= reach)
    return float(share(np.array(hits), many))


def design(sizes: tuple[int, ...]) -> float:
    """Smallest p of groups of these sizes: every group in categories of its own."""
    ways = math.prod(math.factorial(s) for s in sizes)
    alike = math.prod(math.factorial(k) for k in Counter(sizes).values())
    return min(1.0, alike * ways / math.factorial(sum(sizes)))


def _counts(table: object) -> np.ndarray:
    """The table in whole numbers; words, unlike rows, gaps and parts of a patient are refused."""
    try:
        t = np.asarray(table)
    except ValueError:  # rows of unlike length
        t = np.empty(0)
    if t.ndim == 2 and t.dtype.kind in "biuf":
        t = t.astype(float)
        if np.isfinite(t).all() and (t >= 0).all() and (t == np.rint(t)).all():
            return t.astype(int)
    raise ValueError("a table holds counts, groups in rows")


def fisher(table: object, level: float = 0.95) -> Result:
    """Fisher's exact test of a 2 x 2 table; `estimate` is the conditional odds ratio of R.

    The interval of the odds ratio is exact with equal tails (R's `fisher.test`; "central" in
    exact2x2), so it can disagree with p, which goes by point probability ("minlike").
    """
    t = _counts(table)
    if t.shape != (2, 2):
        raise ValueError("fisher takes a 2 x 2 table; see freeman_halton")
    out = freeman_halton(t).but(conf_level=level)
    if out.note:
        return out
    a, row, col, n = int(t[0, 0]), int(t[0].sum()), int(t[:, 0].sum()), int(t.sum())
    k = np.arange(max(0, row + col - n), min(row, col) + 1)
    logs = [math.log(math.comb(col, i) * math.comb(n - col, row - i)) for i in k.tolist()]
    base = np.array(logs)

    def law(log_odds: float) -> np.ndarray:
        w = base + k * log_odds
        w = np.exp(w - w.max())
        return w / w.sum()

    def solve(of, target: float) -> float:
        return math.exp(root(lambda x: of(law(x)) - target, -50, 50))

    tail = alpha_of(level) / 2
    at_low, at_high = a == k[0], a == k[-1]
    inner = None if at_low or at_high else solve(lambda w: float((w * k).sum()), a)
    low = 0.0 if at_low else solve(lambda w: float(w[k >= a].sum()), tail)
    high = math.inf if at_high else solve(lambda w: float(w[k <= a].sum()), tail)
    estimate = inner if inner is not None else (0.0 if at_low else math.inf)
    return out.but(estimate=estimate, ci_low=low, ci_high=high, conf_achieved=level)


def boschloo(table: object) -> Result:
    """Boschloo's unconditional exact test of two shares (scipy), groups in rows.

    Twice the smaller one-sided p, as `exact2x2::boschloo(tsmethod = "central")`; its "minlike"
    orders tables by the two-sided p of Fisher instead and is often smaller. No other table of
    these groups has a smaller p than the one with all of one group and none of the other, and the
    test is not conditional on anything seen: what is attainable is what the design can give.
    """
    t = _counts(table)
    if t.shape != (2, 2):
        raise ValueError("boschloo takes a 2 x 2 table, groups in rows")
    sizes = tuple(int(v) for v in t.sum(axis=1))
    out = Result("Boschloo exact", "two-sided, twice the smaller side (scipy)", sum(sizes), sizes)
    if min(sizes) == 0:
        return out.but(note="no patient in one group")
    extreme = np.array([[sizes[0], 0], [0, sizes[1]]])
    least = peers.boschloo(extreme)
    return out.but(p=peers.boschloo(t), p_attainable=least, p_design=least)


def trend(x: object, y: object) -> Result:
    """Exact trend over ordered categories of two groups: permutation of the mean score.

    Parameters
    ----------
    x, y : array-like
        Category numbers, equally spaced; missing ones are dropped.
    """
    return groups.permutation(x, y).but(method="exact trend over ordered categories (mean score)")
