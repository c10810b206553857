"""Two independent groups: one result a question, from the values of their patients."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from sclerotrial.inference import describe, effects, exact, peers
from sclerotrial.inference.draws import DRAWS, said
from sclerotrial.inference.fixed import TIE, to_fixed, why_unfit
from sclerotrial.inference.invert import alpha_of, hull, root
from sclerotrial.inference.paired import reachable
from sclerotrial.inference.result import Result, observed, why_not

FAR = "two-sided, far tail"


def _start(method: str, convention: str, x: np.ndarray, y: np.ndarray, **more) -> Result:
    return Result(method, convention, len(x) + len(y), (len(x), len(y)), **more)


def _unfit(a: np.ndarray, b: np.ndarray) -> str:
    return why_unfit(np.concatenate([a, b]))


def permutation(x: object, y: object, *, seed: int = 0, draws: int = DRAWS) -> Result:
    """Exact permutation test of the difference of means; `estimate` is mean(x) - mean(y)."""
    a, b = observed(x), observed(y)
    out = _start("permutation of the difference of means", FAR, a, b)
    if why := why_not(a, b) or _unfit(a, b):
        return out.but(note=why)
    tail = exact.permutation(a, b, seed=seed, draws=draws)
    if tail.drawn[0]:
        out = out.but(convention=f"{FAR}; {said(float(tail.p[0]), draws, seed)}")
    gap = describe.mean(a) - describe.mean(b)
    design = exact.design_permutation(len(a), len(b))
    return _tested(out.but(estimate=gap, statistic=gap), tail, design)


def rank_sum(x: object, y: object) -> Result:
    """Exact rank-sum test under ties; `statistic` is Mann-Whitney's U of x."""
    a, b = observed(x), observed(y)
    out = _start("Wilcoxon rank-sum", FAR, a, b)
    if why := why_not(a, b) or _unfit(a, b):
        return out.but(note=why)
    design = exact.design_rank_sum(len(a), len(b))
    return _tested(out.but(statistic=_u(a, b)), exact.rank_sum(a, b), design)


def _tested(out: Result, tail: exact.Tail, design: float) -> Result:
    p, least = float(tail.p[0]), float(tail.attainable[0])
    note = "all values equal: the test can reject nothing" if least == 1 and out.n > 2 else ""
    return out.but(p=p, p_attainable=least, p_design=design, note=note)


def _u(a: np.ndarray, b: np.ndarray) -> float:
    gap = to_fixed((a[:, None] - b).reshape(1, -1))
    return float((gap >= TIE).sum() + 0.5 * (np.abs(gap) < TIE).sum())


def shift(x: object, y: object, level: float = 0.95, *, step: float | None = None) -> Result:
    """Hodges-Lehmann shift of x against y, with the interval of the exact rank-sum test.

    The interval is the closed hull of the shifts that the exact test does not reject, ties and
    all; without ties it is R's `wilcox.test(conf.int = TRUE)`. Under ties `wilcox.exact` and coin
    count places in the law of the unshifted data instead, so theirs can be shorter or longer. When
    the groups are too small for the level asked, the widest interval stands, with its level in
    `conf_achieved` (9 v 1: 80 %); coin then gives none.

    Parameters
    ----------
    x, y : array-like
        Values; missing ones are dropped.
    level : float
    step : float, optional
        Of a measure that moves in whole steps; see `invert.hull`.
    """
    a, b = observed(x), observed(y)
    out = _start(
        "Hodges-Lehmann shift (median of the differences)",
        "closed hull of the shifts not rejected by the exact rank-sum test; "
        "level achieved is that of the tie-free law",
        a,
        b,
        conf_level=level,
    )
    if why := why_not(a, b) or _unfit(a, b):
        return out.but(note=why)
    gaps = (a[:, None] - b).ravel()
    out = out.but(estimate=float(np.median(gaps)))
    design = exact.design_rank_sum(*out.sizes)
    if design >= 1:
        return out.but(note="one against one: no interval", conf_achieved=0.0)
    what = f"{len(a)} v {len(b)}"
    alpha, note = reachable(alpha_of(level), design, what, level)
    reached = 1 - exact.rank_sum_level(*out.sizes, alpha)

    def p_of(s: np.ndarray) -> np.ndarray:
        return exact.rank_sum(a - s[:, None], np.broadcast_to(b, (len(s), len(b)))).p

    low, high = hull(gaps, p_of, alpha, step)
    return out.but(ci_low=low, ci_high=high, conf_achieved=reached, note=note)


def mean_shift(
    x: object, y: object, level: float = 0.95, *, seed: int = 0, draws: int = DRAWS
) -> Result:
    """Difference of means with the interval of the permutation test.

    The ends are found by cutting the way from a shift not rejected (the difference itself) to one
    rejected into eighths, again and again; where the p of a skewed law is not monotone this is the
    innermost change that so fine a grid shows. Beyond 30 patients all shifts are held against the
    same draws.

    Parameters
    ----------
    x, y : array-like
        Values; missing ones are dropped.
    level : float
    seed, draws : int
        Of the Monte Carlo used beyond 30 patients.
    """
    a, b = observed(x), observed(y)
    out = permutation(a, b, seed=seed, draws=draws).but(conf_level=level)
    if out.note:
        return out
    alpha = alpha_of(level)
    worst = exact.design_rank_sum(*out.sizes)
    alpha, note = reachable(alpha, worst, f"{len(a)} v {len(b)}", level)
    far = float(np.ptp(np.concatenate([a, b]))) * out.n + 1.0

    def kept_at(shifts: np.ndarray) -> np.ndarray:
        others = np.tile(b, (len(shifts), 1))
        tail = exact.permutation(a - shifts[:, None], others, seed=seed, draws=draws)
        return tail.p > alpha

    def edge(kept: float, lost: float) -> float:
        if kept_at(np.array([lost]))[0]:
            return math.copysign(math.inf, lost - kept)
        while abs(lost - kept) > 1e-11 * max(1.0, abs(kept)):
            points = kept + (lost - kept) * np.arange(9) / 8
            first = 1 + int(np.argmin(np.append(kept_at(points[1:-1]), False)))
            kept, lost = float(points[first - 1]), float(points[first])
        return round(kept, 7)  # the grid of the test is 1e-9

    low, high = edge(out.estimate, out.estimate - far), edge(out.estimate, out.estimate + far)
    return out.but(ci_low=low, ci_high=high, conf_achieved=1 - alpha, note=note)


def hedges_g(x: object, y: object, level: float = 0.95) -> Result:
    """Hedges g with the exact correction and the noncentral t interval (equal variances).

    The limits carry the correction too; effsize's `cohen.d(noncentral = TRUE)` leaves it off them.
    """
    a, b = observed(x), observed(y)
    out = _start(
        "Hedges g (pooled SD)",
        "exact gamma correction, N - 2; noncentral t interval",
        a,
        b,
        conf_level=level,
    )
    if why := why_not(a, b, least=2):
        return out.but(note=why)
    if not (peers.spread(a) or peers.spread(b)):
        return out.but(note="all values equal within both groups: no standardised effect")
    df = out.n - 2
    d, j = peers.cohen_d(a, b), effects.hedges_j(df)
    root = math.sqrt(1 / len(a) + 1 / len(b))
    low, high = effects.noncentrality(d / root, df, level)
    return out.but(
        estimate=j * d, ci_low=j * low * root, ci_high=j * high * root, conf_achieved=level
    )


def superiority(x: object, y: object, level: float = 0.95) -> Result:
    """Probability that a patient of x lies above one of y, ties half; Newcombe's interval.

    (Newcombe 2006, method 5: a score interval with the variance of Hanley and McNeil.)
    """
    a, b = observed(x), observed(y)
    how = "ties count half; Newcombe's score interval (2006, method 5; approximate)"
    out = _start("probability of superiority", how, a, b, conf_level=level)
    if why := why_not(a, b):
        return out.but(note=why)
    m, n = len(a), len(b)
    theta = _u(a, b) / (m * n)
    z = float(special.ndtri(1 - alpha_of(level) / 2))

    def spread(t: float) -> float:
        more = (m + n) / 2 - 1
        return math.sqrt(t * (1 - t) * (1 + more * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n))

    low = root(lambda t: t + z * spread(t) - theta, 0.0, theta) if theta > 0 else 0.0
    high = root(lambda t: t - z * spread(t) - theta, theta, 1.0) if theta < 1 else 1.0
    return out.but(estimate=theta, ci_low=low, ci_high=high)


def rank_biserial(x: object, y: object, level: float = 0.95) -> Result:
    """Rank-biserial correlation: share of pairs with x above y, less the share below.

    It is twice the probability of superiority, less 1, and so is its interval.
    """
    s = superiority(x, y, level)
    return s.but(
        method="rank-biserial correlation",
        estimate=2 * s.estimate - 1,
        ci_low=2 * s.ci_low - 1,
        ci_high=2 * s.ci_high - 1,
    )
