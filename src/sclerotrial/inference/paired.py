"""Change within one group: one result a question, from the changes of its patients."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from sclerotrial.inference import describe, effects, exact, peers
from sclerotrial.inference.draws import DRAWS, said
from sclerotrial.inference.fixed import why_unfit
from sclerotrial.inference.invert import alpha_of, hull
from sclerotrial.inference.result import Result, observed, pairs, why_not

NO_SPREAD = "all values equal: no interval"
FLIP = "two-sided, far tail; zeros kept"
ZEROS = {"drop": "two-sided, far tail; zeros dropped", "pratt": "two-sided, far tail; Pratt zeros"}


def mean_change(d: object, level: float = 0.95) -> Result:
    """Mean with its t interval (pingouin); `p` is that of the t test.

    Parameters
    ----------
    d : array-like
        Changes; missing ones are dropped.
    level : float
        Confidence level.
    """
    x = observed(d)
    out = Result("mean with t interval", "Student t, n - 1", len(x), conf_level=level)
    if why := why_not(x):
        return out.but(note=why)
    out = out.but(estimate=describe.mean(x))
    if why := why_not(x, least=2):
        return out.but(note=why)
    if not peers.spread(x):
        return out.but(note=NO_SPREAD)
    low, high, p = peers.t_test(x, level)
    return out.but(ci_low=low, ci_high=high, p=p, conf_achieved=level)


def t_intervals(d: object, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and t interval of every feature (features x n), own formula, NaN where n < 2."""
    x = np.atleast_2d(np.asarray(d, float))
    there = ~np.isnan(x)
    n = there.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        m = np.where(there, x, 0).sum(axis=1) / n
        off = np.where(there, x - m[:, None], 0)
        half = special.stdtrit(np.maximum(n - 1, 1), 1 - alpha_of(level) / 2)
        half = half * np.sqrt((off**2).sum(axis=1) / (n - 1) / n)
    half = np.where(n > 1, half, np.nan)
    return m, m - half, m + half


def sign_flip(d: object, *, seed: int = 0, draws: int = DRAWS) -> Result:
    """Exact sign-flip test that the mean change is 0; `statistic` is the mean change."""
    x = observed(d)
    out = Result("sign-flip permutation of the mean change", FLIP, len(x))
    if why := why_not(x, least=2) or why_unfit(x):
        return out.but(note=why, p_design=exact.design_sign(len(x)))
    tail = exact.sign_flip(x, seed=seed, draws=draws)
    if tail.drawn[0]:
        out = out.but(convention=f"{FLIP}; {said(float(tail.p[0]), draws, seed)}")
    return _tested(out, tail, exact.design_sign(len(x)), describe.mean(x))


def signed_rank(d: object, zeros: str = "drop") -> Result:
    """Exact signed-rank test under ties; `statistic` is W+, the ranks of the rises."""
    x = observed(d)
    out = Result("Wilcoxon signed-rank", ZEROS[zeros], len(x))
    if why := why_not(x, least=2) or why_unfit(x):
        return out.but(note=why, p_design=exact.design_sign(len(x)))
    ranks, sign = exact.signed_ranks(x, zeros)
    rises = float(ranks[sign > 0].sum()) / 2
    return _tested(out, exact.signed_rank(x, zeros), exact.design_sign(len(x)), rises)


def _tested(out: Result, tail: exact.Tail, design: float, statistic: float) -> Result:
    p, least = float(tail.p[0]), float(tail.attainable[0])
    note = "fewer than two patients changed: the test can reject nothing" if least == 1 else ""
    return out.but(p=p, p_attainable=least, p_design=design, statistic=statistic, note=note)


def hodges_lehmann(d: object, level: float = 0.95, *, step: float | None = None) -> Result:
    """Median of the Walsh averages (zeros kept), with the interval of the signed-rank test.

    The interval is the closed hull of the shifts that the exact test (zeros dropped) does not
    reject. Where no two changes are tied and none is zero, shifts that would make ties or zeros do
    not count: a zero is dropped, and the test would be one of a patient less. It is then R's
    `wilcox.test(conf.int = TRUE)`. Under ties `wilcox.exact` counts places in the law of the
    unshifted data instead, so its interval can be shorter or longer. When n is too small for the
    level asked, the widest interval the test can give stands, with its level in `conf_achieved`;
    there is none for one patient (R prints the value itself).

    Parameters
    ----------
    d : array-like
        Changes; missing ones are dropped.
    level : float
    step : float, optional
        Of a measure that moves in whole steps; see `invert.hull`.
    """
    x = observed(d)
    n = len(x)
    out = Result(
        "Hodges-Lehmann (median of Walsh averages)",
        "closed hull of the shifts not rejected by the exact signed-rank test; "
        "level achieved is that of the tie-free law",
        n,
        conf_level=level,
    )
    if why := why_not(x) or why_unfit(x):
        return out.but(note=why)
    i, j = np.triu_indices(n)
    walsh = (x[i] + x[j]) / 2
    out = out.but(estimate=float(np.median(walsh)))
    if why := why_not(x, least=2):
        return out.but(note=why, conf_achieved=0.0)
    alpha, note = reachable(alpha_of(level), exact.design_sign(n), f"n = {n}", level)
    reached = 1 - exact.signed_rank_level(n, alpha)
    if not peers.spread(x):
        return out.but(note=NO_SPREAD)
    ranks, sign = exact.signed_ranks(x)
    tied = len(np.unique(ranks[sign != 0])) < n
    p_of = lambda s: exact.signed_rank(x - s[:, None]).p  # noqa: E731
    low, high = hull(walsh, p_of, alpha, step, isolated=tied)
    return out.but(ci_low=low, ci_high=high, conf_achieved=reached, note=note)


def reachable(alpha: float, design: float, what: str, level: float) -> tuple[float, str]:
    """Error rate to invert at: the one asked for, or the smallest of the design with a note."""
    if design <= alpha:
        return alpha, ""
    return design, (
        f"{what}: no exact {100 * level:g} % interval exists; the widest has level "
        f"{100 * (1 - design):.3g} %"
    )


def hedges_gz(d: object, level: float = 0.95) -> Result:
    """Mean change in SDs of the change, corrected; interval from the noncentral t (exact)."""
    x = observed(d)
    out = Result(
        "Hedges g_z (mean change / SD of changes)",
        "exact gamma correction, n - 1; noncentral t interval",
        len(x),
        conf_level=level,
    )
    if why := why_not(x, least=3):
        return out.but(note=why)
    if not peers.spread(x):
        return out.but(note="all values equal: no standardised effect")
    df = len(x) - 1
    d_z, root, j = peers.cohen_d(x, 0.0), math.sqrt(len(x)), effects.hedges_j(df)
    low, high = effects.noncentrality(d_z * root, df, level)
    return out.but(
        estimate=j * d_z, ci_low=j * low / root, ci_high=j * high / root, conf_achieved=level
    )


def hedges_gav(base: object, after: object, level: float = 0.95) -> Result:
    """Mean change in average SDs of the two occasions, corrected (Cumming 2012).

    The interval is that of g_z, in units of the average SD (it takes the ratio of the SDs as
    known, so it is approximate).

    Parameters
    ----------
    base, after : array-like
        Aligned values of the same patients; incomplete pairs are dropped.
    level : float
    """
    a, b = pairs(base, after)
    out = Result(
        "Hedges g_av (mean change / average SD)",
        "exact gamma correction, n - 1; noncentral t interval of g_z rescaled",
        len(a),
        conf_level=level,
    )
    if why := why_not(a, b, least=3):
        return out.but(note=why)
    if not peers.spread(a, b):
        return out.but(note="all values equal at one visit: no standardised effect")
    g = effects.hedges_j(len(a) - 1) * peers.cohen_d(b, a, average=True)
    z = hedges_gz(b - a, level)
    if z.note or z.estimate == 0:
        return out.but(estimate=g)
    ratio = g / z.estimate
    return out.but(estimate=g, ci_low=ratio * z.ci_low, ci_high=ratio * z.ci_high)


def rank_biserial(d: object, level: float = 0.95) -> Result:
    """Matched rank-biserial correlation: share of the rank sum that rose, less the share that fell.

    Zeros are dropped (Kerby 2014). No exact interval exists; an approximate one is given from 3
    changes on.

    Parameters
    ----------
    d : array-like
        Changes; missing ones are dropped.
    level : float
    """
    x = observed(d)
    out = Result(
        "matched rank-biserial correlation",
        "zeros dropped, ties by midranks; interval by Fisher z with the null variance of the "
        "signed-rank statistic (approximate)",
        len(x),
        conf_level=level,
    )
    if why := why_not(x):
        return out.but(note=why)
    ranks, sign = exact.signed_ranks(x)
    ranks, sign = ranks[sign != 0].astype(float), sign[sign != 0]
    if not len(ranks):
        return out.but(note="no patient changed: no direction")
    whole = float(ranks.sum())
    r = float((ranks * sign).sum()) / whole
    if len(ranks) < 3 or abs(r) > 1 - 1e-12:
        return out.but(estimate=r)
    error = math.sqrt(float((ranks**2).sum())) / whole
    half = float(special.ndtri(1 - alpha_of(level) / 2)) * error
    ends = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return out.but(estimate=r, ci_low=ends[0], ci_high=ends[1])
