"""Moderated t: variances of a panel's features lent strength by each other (limma's model).

Smyth (2004) for the prior, Phipson et al. (2016) for the robust prior. Unlike the exact tests this
supposes normal residuals; at n below some 18 it is the primary method for panels of more than
about 200 features, because no exact p of these designs could pass a false discovery rate there
(see `floor`).

The numbers are those of limma 3.54, which limma 3.62 and later give with ``legacy = TRUE``. Since
3.62 limma by default takes another rule (`fitFDistUnequalDF1`, a search of the likelihood that
stops at four digits) as soon as the residual df of two features differ, so that one missing value
moves every feature of the panel; with equal df all versions agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from sclerotrial.inference import linear
from sclerotrial.inference.invert import alpha_of, root
from sclerotrial.inference.lowess import lowess

CONVENTION = "moderated t (empirical Bayes), two-sided; limma's rules"
PANEL = 200  # features: beyond, the moderated t is the primary method
_TAILS = (0.05, 0.1)  # share winsorised below and above for the robust prior
_ROBUST = 10  # features: among fewer limma winsorises none


class Prior(NamedTuple):
    """What the features together say of a variance: scale and degrees of freedom of each."""

    scale: np.ndarray
    df: np.ndarray


class Moderated(NamedTuple):
    """A contrast of every feature, by moderated t; NaN where it cannot be estimated."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    t: np.ndarray
    df: np.ndarray
    p: np.ndarray
    variance: np.ndarray
    prior: Prior


def floor(design_p: float, features: int, rate: float = 0.05) -> float:
    """Features that must share the smallest p of a design before any passes a false discovery rate.

    Parameters
    ----------
    design_p : float
        Smallest p that the exact test of this design can give.
    features : int
        Size of the family.
    rate : float

    Returns
    -------
    float
        inf when there are not so many features: no result could ever pass.
    """
    need = math.ceil(features * design_p / rate - 1e-9)
    return float(max(1, need)) if need <= features else math.inf


def moderate(
    found: linear.Fit,
    weights: object,
    level: float = 0.95,
    *,
    trend: bool = False,
    robust: bool = False,
) -> Moderated:
    """Moderated t of a contrast.

    Parameters
    ----------
    found : linear.Fit
        Of all features of the panel.
    weights : array of p
        Of the coefficients.
    level : float
    trend : bool
        Let the prior variance follow the mean level of the features (natural spline).
    robust : bool
        Winsorise, and lend less to features of outlying variance.
    """
    estimate, unit = linear.contrast(found, weights)
    prior = prior_of(found.variance, found.df, found.level if trend else None, robust=robust)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(found.df > 0, found.variance, 0.0)
        df = np.maximum(found.df, 0)
        mixed = (df * own + prior.df * prior.scale) / (df + prior.df)
        variance = np.where(np.isinf(prior.df), prior.scale, mixed)
        spread = unit * np.sqrt(variance)
        t = estimate / spread
    free = np.minimum(df + prior.df, max(float(df.sum()), 1.0))
    p = 2 * special.stdtr(free, -np.abs(t))
    half = once(lambda k: special.stdtrit(k, 1 - alpha_of(level) / 2), free) * spread
    return Moderated(estimate, estimate - half, estimate + half, t, free, p, variance, prior)


def prior_of(
    variance: np.ndarray,
    df: np.ndarray,
    level: np.ndarray | None = None,
    *,
    robust: bool = False,
) -> Prior:
    """Prior of the residual variances: a scaled F law fitted by moments of their logarithm.

    Parameters
    ----------
    variance, df : arrays of one a feature
        Features without degrees of freedom take the prior as it is.
    level : array, optional
        Mean level of each feature, for a trend: a natural spline, with `robust` a lowess line.
    robust : bool
    """
    use = np.isfinite(variance) & (df > 0)
    if level is not None:
        use &= np.isfinite(level)
    many = len(variance)
    v, d = variance[use], df[use].astype(float)
    if len(v) < 2 or np.median(v) <= 0:
        alone = v[0] if len(v) == 1 else np.nan
        return Prior(np.full(many, alone), np.zeros(many))
    # one level, or two features, show no trend
    if level is not None and (len(v) < 3 or np.ptp(level[use]) == 0):
        level = None
    rest = ~use & np.isfinite(level) if level is not None else np.zeros(many, bool)
    x, beside = (None, None) if level is None else (level[use], level[rest])
    middle = float(np.median(v))
    scale, prior_df, others = _by_moments(np.maximum(v, 1e-5 * middle), d, x, beside)
    each = np.full(len(v), prior_df)
    if robust and len(v) >= _ROBUST:
        same = _to_one_df(np.maximum(v, 1e-12 * middle), d, scale, prior_df)
        found = _robustly(same, float(d.max()), x, prior_df)
        if found is not None:
            scale, prior_df, each = found
            if beside is not None:
                order = np.argsort(x, kind="stable")
                others = np.exp(np.interp(beside, x[order], np.log(scale[order])))
    out = np.full(many, scale[0] if level is None else np.nan)
    out[use], out[rest] = scale, others
    all_df = np.full(many, prior_df)
    all_df[use] = each
    return Prior(out, all_df)


def _by_moments(
    v: np.ndarray, d: np.ndarray, x: np.ndarray | None, beside: np.ndarray | None
) -> tuple[np.ndarray, float, np.ndarray | float]:
    """Scale of each, prior df, and scale at the levels `beside`."""
    e = np.log(v) - once(special.digamma, d / 2) + np.log(d / 2)
    if x is None:
        centre, rank = np.full(len(e), linear.fsum(e) / len(e)), 1
        others: np.ndarray | float = math.nan
    else:
        columns = spline(x)
        q, t = linear.basis(columns)
        rank = q.shape[1]
        share = [linear.fsum(q[:, j] * e) for j in range(rank)]
        centre = sum(share[j] * q[:, j] for j in range(rank))
        slopes = [math.fsum(t[k] * share) for k in range(rank)]
        others = sum(b * column for b, column in zip(slopes, spline(x, beside).T, strict=True))
    if len(e) <= rank:
        return np.exp(centre), math.inf, np.exp(others)
    excess = linear.fsum((e - centre) ** 2) / (len(e) - rank)
    excess -= linear.fsum(once(lambda k: special.polygamma(1, k), d / 2)) / len(e)
    if excess <= 0:
        flat = np.full(len(e), linear.fsum(v) / len(v)) if x is None else np.exp(centre)
        return flat, math.inf, np.exp(others)
    half = trigamma_inverse(excess)
    shift = special.digamma(half) - math.log(half)
    return np.exp(centre + shift), 2 * half, np.exp(others + shift)


def once(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """A function that takes its time, of many degrees of freedom of which few differ."""
    values, which = np.unique(x, return_inverse=True)
    return function(values)[which]


def trigamma_inverse(value: float) -> float:
    """x with trigamma(x) = value > 0, by Newton's rule on 1 / trigamma (Smyth 2004, appendix)."""
    if value > 1e7:
        return 1 / math.sqrt(value)
    if value < 1e-6:
        return 1 / value
    x = 0.5 + 1 / value
    for _ in range(50):
        now = float(special.polygamma(1, x))
        step = now * (1 - now / value) / float(special.polygamma(2, x))
        x += step
        if -step / x < 1e-12:
            break
    return x


def spline(x: np.ndarray, at: np.ndarray | None = None) -> np.ndarray:
    """Natural cubic spline on the level: up to 4 columns, knots at quantiles (limma's choice).

    Parameters
    ----------
    x : array
        Levels that place the knots.
    at : array, optional
        Levels to evaluate at, straight beyond the range of x; x itself by default.
    """
    n = len(x)
    columns = 1 + (n >= 3) + (n >= 6) + (n >= 30)
    columns = min(columns, len(np.unique(x)))
    low, high = float(x.min()), float(x.max())
    width = high - low if high > low else math.inf
    u = ((x if at is None else at) - low) / width
    if columns <= 2:
        return np.stack([np.ones(len(u)), u][:columns], axis=1)
    inner = np.quantile((x - low) / width, np.arange(1, columns - 1) / (columns - 1))
    # a knot at an end, where many levels are tied, bends nothing
    knots = np.unique(np.concatenate([[0.0], inner[(inner > 0) & (inner < 1)]]))
    tail = np.maximum(u - 1.0, 0.0) ** 3
    bent = [(np.maximum(u - k, 0.0) ** 3 - tail) / (1.0 - k) for k in knots]
    return np.stack([np.ones(len(u)), u, *(b - bent[-1] for b in bent[:-1])], axis=1)


# --- the robust prior ---------------------------------------------------------------------------


def _upper(f: np.ndarray, d1: object, d2: float) -> np.ndarray:
    """Logarithm of the upper tail of F."""
    with np.errstate(divide="ignore"):
        return np.log(_tails(f, d1, d2)[0])


def _tails(f: np.ndarray, d1: object, d2: float) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower tail of F; of a scaled chi-square where d2 is infinite."""
    if np.isinf(d2):
        return special.chdtrc(d1, f * d1), special.chdtr(d1, f * d1)
    return special.fdtrc(d1, d2, f), special.fdtr(d1, d2, f)


def _to_one_df(v: np.ndarray, d: np.ndarray, scale: np.ndarray, prior_df: float) -> np.ndarray:
    """Variances of fewer degrees of freedom, moved to the same place of the law of the most."""
    top = float(d.max())
    few = d < top - 1e-14
    if not few.any():
        return v
    out, f = v.copy(), v[few] / scale[few]
    up, down = (np.maximum(p, 1e-300) for p in _tails(f, d[few], prior_df))
    # each from its small tail: 1 - p would leave no digits of it
    if np.isinf(prior_df):
        above = special.chdtri(top, up) / top
        below = special.gammaincinv(top / 2, down) * 2 / top
    else:
        above = 1 / special.fdtri(prior_df, top, up)
        below = special.fdtri(top, prior_df, down)
    out[few] = np.where(up < down, above, below) * scale[few]
    return out


def _robustly(
    v: np.ndarray, d1: float, level: np.ndarray | None, least_df: float
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """Scale, prior df, and the prior df of each feature: less where its variance lies far out.

    None where the winsorised variances spread further than an infinite prior df allows, although
    all of them together do not: the prior then stays as it was.
    """
    n = len(v)
    z = np.log(v)
    line = np.full(n, _trimmed(z, _TAILS[1])) if level is None else lowess(level, z, 0.4)
    rest = z - line
    ends = np.quantile(rest, [_TAILS[0], 1 - _TAILS[1]])
    inside = np.clip(rest, *ends)
    mean = linear.fsum(inside) / n
    spread = linear.fsum((inside - mean) ** 2) / (n - 1)

    def miss(share: float) -> float:
        return math.log(spread / _winsorised(d1, _df_of(share))[1])

    if spread <= 0 or miss(1.0) <= 0:
        df2 = math.inf
    elif np.isinf(least_df):
        return None
    else:
        start = least_df / (1 + least_df)
        df2 = least_df if miss(start) >= 0 else _df_of(root(miss, start, 1.0))
    line = line + mean - _winsorised(d1, df2)[0]
    f = np.exp(z - line)
    tail = _upper(f, d1, df2)
    seen = np.log(n - _midranks(f) + 0.5) - math.log(n)
    inlier = np.minimum(tail - seen, 0.0)
    each = np.full(n, df2)
    if (inlier < 0).any():
        each = _outlying(f, d1, df2, tail, inlier)
    return np.exp(line), df2, each


def _outlying(
    f: np.ndarray, d1: float, df2: float, tail: np.ndarray, inlier: np.ndarray
) -> np.ndarray:
    """Prior df by the probability of being no outlier, rising with the tail p."""
    n = len(f)
    order = np.argsort(tail, kind="stable")
    if np.isinf(df2):
        each = np.where(inlier < 0, np.exp(inlier) * n * d1, df2)
        each[order] = np.maximum.accumulate(each[order])
        return each
    far = float(tail.min())
    out_df = 0.0
    if np.isfinite(far):
        out_df = math.log(0.5) / far * df2
        again = float(_upper(np.array([f.max()]), d1, out_df)[0])
        out_df = math.log(0.5) / again * out_df
    each = np.exp(inlier) * df2 - np.expm1(inlier) * out_df
    ordered = each[order]
    running = np.cumsum(ordered) / np.arange(1, n + 1)
    place = int(np.argmin(running))
    ordered[: place + 1] = running[place]
    each[order] = np.maximum.accumulate(ordered)
    return each


def _df_of(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)


def _trimmed(z: np.ndarray, share: float) -> float:
    cut = int(len(z) * share)
    return linear.fsum(np.sort(z)[cut : len(z) - cut]) / (len(z) - 2 * cut)


def _midranks(f: np.ndarray) -> np.ndarray:
    _, number, many = np.unique(f, return_inverse=True, return_counts=True)
    last = np.cumsum(many)
    return (last - (many - 1) / 2)[number]


def _winsorised(d1: float, d2: float) -> tuple[float, float]:
    """Mean and variance of log F with its tails drawn in, by Gauss-Legendre on F / (1 + F)."""
    probability = np.array([_TAILS[0], 1 - _TAILS[1]])
    if np.isinf(d2):
        f = special.chdtri(d1, 1 - probability) / d1
    else:
        f = special.fdtri(d1, d2, probability)
    ends, edges = np.log(f), f / (1 + f)
    nodes, weights = _legendre()
    at = edges[0] + (edges[1] - edges[0]) * (nodes + 1) / 2
    x = at / (1 - at)
    z = np.log(x)
    mass = weights / 2 * (edges[1] - edges[0]) * _density(x, d1, d2) / (1 - at) ** 2
    tails = np.array(_TAILS)
    mean = linear.fsum(mass * z) + linear.fsum(ends * tails)
    return mean, linear.fsum(mass * (z - mean) ** 2) + linear.fsum((ends - mean) ** 2 * tails)


@lru_cache(maxsize=1)
def _legendre() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(128)


def _density(x: np.ndarray, d1: float, d2: float) -> np.ndarray:
    if np.isinf(d2):
        log = (d1 / 2) * math.log(d1 / 2) - math.lgamma(d1 / 2)
        return np.exp(log + (d1 / 2 - 1) * np.log(x) - d1 * x / 2)
    log = (d1 / 2) * math.log(d1 / d2) - float(special.betaln(d1 / 2, d2 / 2))
    return np.exp(log + (d1 / 2 - 1) * np.log(x) - (d1 + d2) / 2 * np.log1p(d1 * x / d2))
