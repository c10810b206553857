"""Moderated t: variances of a panel's features lent strength by each other (limma's model).

Smyth (2004) for the prior, Phipson et al. (2016) for the robust prior. Unlike the exact tests this
supposes normal residuals; at n below some 18 it is the primary method for panels of more than
about 200 features, because no exact p of these designs could pass a false discovery rate there
(see `floor`).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from sclerotrial.inference import linear, peers
from sclerotrial.inference.invert import alpha_of, root

CONVENTION = "moderated t (empirical Bayes), two-sided; limma's rules"
PANEL = 200  # features: beyond, the moderated t is the primary method
_TAILS = (0.05, 0.1)  # share winsorised below and above for the robust prior


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
    half = special.stdtrit(free, 1 - alpha_of(level) / 2) * spread
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
    if use.sum() < 2 or np.median(variance[use]) <= 0:
        return Prior(np.full(many, np.nan), np.zeros(many))
    v, d = variance[use], df[use].astype(float)
    x = None if level is None else level[use]
    middle = float(np.median(v))
    scale, prior_df = _by_moments(np.maximum(v, 1e-5 * middle), d, x)
    each = np.full(len(v), prior_df)
    if robust and len(v) > 2 and np.isfinite(prior_df):
        same = _to_one_df(np.maximum(v, 1e-12 * middle), d, scale, prior_df)
        scale, prior_df, each = _robustly(same, float(d.max()), x, prior_df)
    out = np.full(many, np.nan)
    out[use] = scale
    if level is None:
        out[:] = scale[0]
    else:
        order = np.argsort(x, kind="stable")
        rest = ~use & np.isfinite(level)
        out[rest] = np.exp(np.interp(level[rest], x[order], np.log(scale[order])))
    all_df = np.full(many, prior_df)
    all_df[use] = each
    return Prior(out, all_df)


def _by_moments(v: np.ndarray, d: np.ndarray, x: np.ndarray | None) -> tuple[np.ndarray, float]:
    """Scale of each, and prior df."""
    e = np.log(v) - special.digamma(d / 2) + np.log(d / 2)
    if x is None:
        centre, rank = np.full(len(e), math.fsum(e) / len(e)), 1
    else:
        q = linear.basis(spline(x))[0]
        rank = q.shape[1]
        centre = np.zeros(len(e))
        for j in range(rank):
            centre += math.fsum(q[:, j] * e) * q[:, j]
    if len(e) <= rank:
        return np.exp(centre), math.inf
    excess = math.fsum((e - centre) ** 2) / (len(e) - rank)
    excess -= math.fsum(special.polygamma(1, d / 2)) / len(e)
    if excess <= 0:
        flat = np.full(len(e), math.fsum(v) / len(v)) if x is None else np.exp(centre)
        return flat, math.inf
    half = trigamma_inverse(excess)
    return np.exp(centre + special.digamma(half) - math.log(half)), 2 * half


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


def spline(x: np.ndarray) -> np.ndarray:
    """Natural cubic spline on the level: up to 4 columns, knots at quantiles (limma's choice)."""
    n = len(x)
    columns = 1 + (n >= 3) + (n >= 6) + (n >= 30)
    columns = min(columns, len(np.unique(x)))
    low, high = float(x.min()), float(x.max())
    u = (x - low) / (high - low) if high > low else np.zeros(n)
    if columns <= 2:
        return np.stack([np.ones(n), u][:columns], axis=1)
    inner = np.quantile(u, np.arange(1, columns - 1) / (columns - 1))
    knots = np.concatenate([[0.0], inner, [1.0]])

    def beyond(k: float) -> np.ndarray:
        return np.maximum(u - k, 0.0) ** 3 / (1.0 - k) if k < 1 else np.zeros(n)

    last = knots[-2]
    free = [beyond(k) - beyond(last) for k in knots[:-2]]
    return np.stack([np.ones(n), u, *free], axis=1)


# --- the robust prior ---------------------------------------------------------------------------


def _upper(f: np.ndarray, d1: object, d2: float) -> np.ndarray:
    """Logarithm of the upper tail of F."""
    if np.isinf(d2):
        return np.log(special.chdtrc(d1, f * d1))
    return np.log(special.fdtrc(d1, d2, f))


def _to_one_df(v: np.ndarray, d: np.ndarray, scale: np.ndarray, prior_df: float) -> np.ndarray:
    """Variances of fewer degrees of freedom, moved to the same place of the law of the most."""
    top = float(d.max())
    few = d < top - 1e-14
    if not few.any():
        return v
    out, f = v.copy(), v[few] / scale[few]
    up, down = special.fdtrc(d[few], prior_df, f), special.fdtr(d[few], prior_df, f)
    moved = np.where(
        up < down,
        special.fdtri(top, prior_df, 1 - np.maximum(up, 1e-16)),
        special.fdtri(top, prior_df, np.maximum(down, 1e-300)),
    )
    out[few] = moved * scale[few]
    return out


def _robustly(
    v: np.ndarray, d1: float, level: np.ndarray | None, least_df: float
) -> tuple[np.ndarray, float, np.ndarray]:
    """Scale, prior df, and the prior df of each feature: less where its variance lies far out."""
    n = len(v)
    z = np.log(v)
    line = np.full(n, _trimmed(z, _TAILS[1])) if level is None else peers.lowess(level, z, 0.4)
    rest = z - line
    ends = np.quantile(rest, [_TAILS[0], 1 - _TAILS[1]])
    inside = np.clip(rest, *ends)
    mean = math.fsum(inside) / n
    spread = math.fsum((inside - mean) ** 2) / (n - 1)

    def miss(share: float) -> float:
        return math.log(spread / _winsorised(d1, _df_of(share))[1])

    if miss(1.0) <= 0:
        df2 = math.inf
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
    return math.fsum(np.sort(z)[cut : len(z) - cut]) / (len(z) - 2 * cut)


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
    mean = math.fsum(mass * z) + math.fsum(ends * tails)
    return mean, math.fsum(mass * (z - mean) ** 2) + math.fsum((ends - mean) ** 2 * tails)


@lru_cache(maxsize=1)
def _legendre() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(128)


def _density(x: np.ndarray, d1: float, d2: float) -> np.ndarray:
    if np.isinf(d2):
        log = (d1 / 2) * math.log(d1 / 2) - math.lgamma(d1 / 2)
        return np.exp(log + (d1 / 2 - 1) * np.log(x) - d1 * x / 2)
    log = (d1 / 2) * math.log(d1 / d2) - float(special.betaln(d1 / 2, d2 / 2))
    return np.exp(log + (d1 / 2 - 1) * np.log(x) - (d1 + d2) / 2 * np.log1p(d1 * x / d2))
