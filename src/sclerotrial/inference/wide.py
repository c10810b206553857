"""A panel of features at once: every row of the table is what the one-feature tests would say.

For panels of more than `moderated.PANEL` features the moderated t is the primary method; exact p
values stand beside it, with the smallest that the design can give.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from sclerotrial.inference import exact, linear, moderated, multiplicity, rank_tables
from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.paired import NO_SPREAD

COLUMNS = [
    "N", "ESTIMATE", "T_LOW", "T_HIGH", "HL", "HL_LOW", "HL_HIGH", "HL_LEVEL", "P_MEAN",
    "P_MEAN_ATTAINABLE", "P_RANK", "P_RANK_ATTAINABLE", "MOD_LOW", "MOD_HIGH", "MOD_T", "MOD_DF",
    "P_MOD", "P_ADJ", "NOTE",
]  # fmt: skip
_CELLS = 1 << 22


def paired(
    d: object,
    level: float = 0.95,
    *,
    seed: int = 0,
    trend: object | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Change within one group of every feature.

    Parameters
    ----------
    d : array, features x patients
        Changes; missing ones are dropped feature by feature.
    level : float
    seed : int
        Of Monte Carlo beyond 30 patients.
    trend : array of features, optional
        Mean level of each feature, which the prior variance then follows.
    robust : bool
        See `moderated.moderate`.

    Returns
    -------
    DataFrame
        One row a feature, columns `COLUMNS`. P_MEAN is the sign-flip test of the mean, P_RANK the
        signed-rank test, P_MOD the moderated t; P_ADJ is Benjamini-Hochberg of P_MOD.
    """
    x = np.atleast_2d(np.asarray(d, float))
    x = np.where(np.isinf(x).any(axis=1)[:, None], np.nan, x)
    found = linear.fit(x, np.ones((x.shape[1], 1)))
    if trend is not None:
        found = found._replace(level=np.asarray(trend, float))
    n = (~np.isnan(x)).sum(axis=1)
    hl = _walsh(x, n, alpha_of(level))
    tests = exact.sign_flip(x, seed=seed), exact.signed_rank(x)
    table = _table(found, [1.0], level, n, tests, hl, d, trend, robust)
    # as of one feature: equal values show no spread, and without it there is no interval
    flat = np.flatnonzero((n > 1) & (table["HL_LOW"] == table["HL_HIGH"]))
    table.loc[flat, ["T_LOW", "T_HIGH", "HL_LOW", "HL_HIGH", "HL_LEVEL"]] = np.nan
    table.loc[flat, "NOTE"] = NO_SPREAD
    return table


def groups(
    x: object,
    y: object,
    level: float = 0.95,
    *,
    seed: int = 0,
    trend: object = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Two groups, every feature: mean(x) - mean(y), exact permutation, rank-sum, moderated t.

    Parameters
    ----------
    x, y : arrays, features x m and features x n
        Missing values are dropped feature by feature.
    level : float
    seed : int
        Of Monte Carlo beyond 30 patients.
    trend : True or array of features, optional
        What the prior variance follows: the mean of the values given, or these levels.
    robust : bool
        See `moderated.moderate`.

    Returns
    -------
    DataFrame
        See `paired`; P_MEAN is the permutation test, P_RANK the rank-sum test.
    """
    a, b = (np.atleast_2d(np.asarray(v, float)) for v in (x, y))
    raw = np.concatenate([a, b], axis=1)
    both = np.where(np.isinf(raw).any(axis=1)[:, None], np.nan, raw)
    m = a.shape[1]
    a, b = both[:, :m], both[:, m:]
    found = fit_groups(a, b)
    counts = (~np.isnan(a)).sum(axis=1), (~np.isnan(b)).sum(axis=1)
    tests = exact.permutation(a, b, seed=seed), exact.rank_sum(a, b)
    hl = _differences(a, b, *counts, alpha_of(level))
    level_of = None
    if trend is not None and trend is not False:
        level_of = found.level if trend is True else np.asarray(trend, float)
        found = found._replace(level=level_of)
    weights = [0.0, 1.0]
    return _table(found, weights, level, sum(counts), tests, hl, raw, level_of, robust)


def fit_groups(a: np.ndarray, b: np.ndarray) -> linear.Fit:
    """Least squares of two groups: coefficients mean(b) and mean(a) - mean(b) of every feature.

    Parameters
    ----------
    a, b : arrays, features x m and features x n

    Notes
    -----
    A feature that was measured in one group alone has no coefficients; as in limma the variance
    within that group counts for the prior.
    """
    first = np.repeat([1.0, 0.0], [a.shape[1], b.shape[1]])
    found = linear.fit(np.concatenate([a, b], axis=1), np.stack([np.ones(len(first)), first], 1))
    variance, df = found.variance.copy(), found.df.copy()
    for group, other in ((a, b), (b, a)):
        alone = np.flatnonzero(np.isnan(other).all(axis=1) & ~np.isnan(group).all(axis=1))
        if len(alone):
            one = linear.fit(group[alone], np.ones((group.shape[1], 1)))
            variance[alone], df[alone] = one.variance, one.df
    return found._replace(variance=variance, df=df)


def _table(
    found: linear.Fit,
    weights: list[float],
    level: float,
    n: np.ndarray,
    tests: tuple[exact.Tail, exact.Tail],
    hl: tuple[np.ndarray, ...],
    values: object,
    trend: object | None,
    robust: bool,
) -> pd.DataFrame:
    mod = moderated.moderate(found, weights, level, trend=trend is not None, robust=robust)
    estimate, unit = linear.contrast(found, weights)
    with np.errstate(invalid="ignore"):
        at = 1 - alpha_of(level) / 2
        half = moderated.once(lambda k: special.stdtrit(k, at), np.maximum(found.df, 1))
        half = np.where(found.df > 0, half * unit * np.sqrt(found.variance), np.nan)
    infinite = np.isinf(np.atleast_2d(np.asarray(values, float))).any(axis=1)
    note = np.where(np.isnan(mod.p), "no spread in most features: no moderated t", "")
    note = np.where(np.isnan(estimate), "too few values", note)
    note = np.where(infinite, "an infinite value: no change can be computed from a zero", note)
    columns = [
        n, estimate, estimate - half, estimate + half, *hl, tests[0].p, tests[0].attainable,
        tests[1].p, tests[1].attainable, mod.low, mod.high, mod.t, mod.df, mod.p,
        multiplicity.adjust(mod.p, "bh"), note,
    ]  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _walsh(x: np.ndarray, n: np.ndarray, alpha: float) -> tuple[np.ndarray, ...]:
    """Median of the Walsh averages, and the pair of them that bounds the exact interval.

    The places are those of the tie-free law, as R takes them; with ties the one-feature interval,
    which inverts the test under ties, can differ.
    """
    out = [np.full(len(x), np.nan) for _ in range(4)]
    for k in np.unique(n[n > 0]).tolist():
        rows = np.flatnonzero(n == k)
        i, j = np.triu_indices(k)
        cut, reached = _cut((k,), alpha)
        for lot in _lots(rows, len(i)):
            v = x[lot][~np.isnan(x[lot])].reshape(len(lot), k)
            _ordered((v[:, i] + v[:, j]) / 2, out, lot, cut, reached)
    return tuple(out)


def _differences(
    a: np.ndarray, b: np.ndarray, m: np.ndarray, n: np.ndarray, alpha: float
) -> tuple[np.ndarray, ...]:
    """As `_walsh`, of the differences between the groups."""
    out = [np.full(len(a), np.nan) for _ in range(4)]
    for k, h in sorted(set(zip(m.tolist(), n.tolist(), strict=True))):
        if not (k and h):
            continue
        rows = np.flatnonzero((m == k) & (n == h))
        cut, reached = _cut((k, h), alpha)
        for lot in _lots(rows, k * h):
            u = a[lot][~np.isnan(a[lot])].reshape(len(lot), k)
            v = b[lot][~np.isnan(b[lot])].reshape(len(lot), h)
            gaps = (u[:, :, None] - v[:, None, :]).reshape(len(lot), -1)
            _ordered(gaps, out, lot, cut, reached)
    return tuple(out)


def _lots(rows: np.ndarray, cells: int) -> list[np.ndarray]:
    step = max(1, _CELLS // max(1, cells))
    return [rows[i : i + step] for i in range(0, len(rows), step)]


def _cut(sizes: tuple[int, ...], alpha: float) -> tuple[int, float]:
    """Ordered averages (or differences) from each end to the limits, and the level reached.

    With too few patients for the level asked, the ends of all stand, with their level.
    """
    total = sum(sizes)
    many = total * (total + 1) // 2 if len(sizes) == 1 else sizes[0] * sizes[1]
    away = many - 2 * np.arange(many // 2 + 1)
    ranks = np.tile(np.arange(2, 2 * total + 1, 2), (len(away), 1))
    if len(sizes) == 1:
        law = rank_tables.signed(ranks, 2 * away)
    else:
        law = rank_tables.split(ranks, sizes[0], total * away)
    place = max(1, int((law <= alpha).sum()))
    return place, 1 - float(law[place - 1])


def _ordered(
    points: np.ndarray, out: list[np.ndarray], rows: np.ndarray, cut: int, reached: float
) -> None:
    many = points.shape[1]
    points.sort(axis=1)
    out[0][rows] = (points[:, (many - 1) // 2] + points[:, many // 2]) / 2
    if reached > 0:
        out[1][rows], out[2][rows] = points[:, cut - 1], points[:, many - cut]
    out[3][rows] = reached
