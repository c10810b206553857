"""Correlations of a handful of patients with exact permutation p values."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import special

from sclerotrial.inference import draws, peers
from sclerotrial.inference.fixed import matrix, midranks2, to_fixed
from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.result import Result, pairs, why_not

EXACT_N = 9
_NEAR = 1e-9  # in units of r


def pearson(x: object, y: object, level: float = 0.95, *, seed: int = 0) -> Result:
    """Pearson r with the exact permutation p and Fisher's z interval (approximate)."""
    a, b = pairs(x, y)
    # Skewed values: one order alone can lie farthest from expectation.
    return _correlate("Pearson r", a, b, level, seed, spread=1.0, farthest=1)


def spearman(x: object, y: object, level: float = 0.95, *, seed: int = 0) -> Result:
    """Spearman rho of midranks with the exact permutation p.

    The interval is Fisher's z with the variance of Bonett and Wright (2000), approximate.
    """
    a, b = pairs(x, y)
    if why_not(a, b):
        return _correlate("Spearman rho", a, b, level, seed, spread=1.0)
    ranks = [midranks2(to_fixed(matrix(v)), np.ones((1, len(v)), bool))[0] / 2 for v in (a, b)]
    out = _correlate("Spearman rho", *ranks, level, seed, spread=math.nan)
    if math.isnan(out.estimate):
        return out
    return _interval(out, level, 1 + out.estimate**2 / 2)


def repeated(x: object, y: object, patients: object, level: float = 0.95) -> Result:
    """Repeated-measures correlation: the common slope within patients (Bland and Altman 1995).

    Interval by Fisher's z with the error degrees of freedom, N - patients - 1 (Bakdash and
    Marusich 2017); p of the F test. It supposes normal residuals about parallel lines.

    Parameters
    ----------
    x, y : arrays of N occasions
        Incomplete occasions are dropped, and patients with a single one.
    patients : array of N labels
    level : float
    """
    a, b = np.asarray(x, float).ravel(), np.asarray(y, float).ravel()
    who = np.asarray(patients).ravel()
    keep = ~(np.isnan(a) | np.isnan(b))
    a, b, who = a[keep], b[keep], who[keep]
    names, number = np.unique(who, return_inverse=True)
    often = np.bincount(number, minlength=len(names))[number] > 1 if len(who) else keep[:0]
    a, b = a[often], b[often]
    names, number = np.unique(who[often], return_inverse=True)
    how = "parallel lines; F test; Fisher z interval with the error df (normal theory)"
    out = Result("repeated-measures correlation", how, len(names), conf_level=level)
    df = len(a) - len(names) - 1
    if why := why_not(a, b):
        return out.but(note=why)
    if df < 1:
        return out.but(note="too few repeated occasions")
    u, v = a.copy(), b.copy()
    for k in range(len(names)):
        mine = number == k
        u[mine] -= math.fsum(u[mine]) / mine.sum()
        v[mine] -= math.fsum(v[mine]) / mine.sum()
    if not (peers.spread(u) and peers.spread(v)):
        return out.but(note="no change within patients: no correlation")
    r = math.fsum(u * v) / math.sqrt(math.fsum(u * u) * math.fsum(v * v))
    r = max(-1.0, min(1.0, r))
    out = out.but(estimate=r, convention=f"{how}; df {df}")
    if abs(r) > 1 - 1e-12:
        return out.but(note="points lie on parallel lines: no p, no interval")
    p = 2 * float(special.stdtr(df, -abs(r) * math.sqrt(df / (1 - r * r))))
    out = out.but(p=p)
    if df < 2:
        return out
    half = float(special.ndtri(1 - alpha_of(level) / 2)) / math.sqrt(df - 1)
    ends = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return out.but(ci_low=ends[0], ci_high=ends[1])


def _correlate(
    name: str,
    a: np.ndarray,
    b: np.ndarray,
    level: float,
    seed: int,
    spread: float,
    farthest: int = 2,
) -> Result:
    n = len(a)
    design = farthest / math.factorial(n) if n > 2 else 1.0
    out = Result(name, "two-sided, far tail", n, conf_level=level, p_design=design)
    if why := why_not(a, b, least=3):
        return out.but(note=why)
    if not peers.spread(a, b):
        return out.but(note="all values equal: no correlation")
    u, v = a - math.fsum(a) / n, b - math.fsum(b) / n
    size = math.sqrt(math.fsum(u * u) * math.fsum(v * v))
    seen = math.fsum(u * v) / size
    seen = max(-1.0, min(1.0, seen))
    if n <= EXACT_N:
        all_r = np.abs(_sums(u, v, _orders(n))) / size
        p, least = (float((all_r >= t - _NEAR).mean()) for t in (abs(seen), all_r.max()))
        out = out.but(p=p, p_attainable=least)
    else:
        p = _drawn(u, v, abs(seen) * size - _NEAR * size, seed)
        text = f"two-sided, far tail; {draws.said(p, draws.DRAWS, seed)}"
        out = out.but(p=p, p_attainable=1 / (draws.DRAWS + 1), convention=text)
    return _interval(out.but(estimate=seen), level, spread)


def _interval(out: Result, level: float, variance: float) -> Result:
    """Fisher's z interval; none at |r| = 1 or n < 4."""
    r = out.estimate
    if out.n < 4 or abs(r) > 1 - 1e-12 or math.isnan(variance):
        return out
    half = float(special.ndtri(1 - alpha_of(level) / 2)) * math.sqrt(variance / (out.n - 3))
    low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return out.but(ci_low=low, ci_high=high)


@lru_cache(maxsize=EXACT_N)
def _orders(n: int) -> np.ndarray:
    """All n! orders, one a column (n x n!)."""
    orders = np.zeros((1, 1), np.int8)
    for k in range(1, n):
        # The new item k goes to each of the k + 1 places.
        orders = np.concatenate(
            [np.insert(orders, place, k, axis=0) for place in range(k + 1)], axis=1
        )
    return orders


def _sums(u: np.ndarray, v: np.ndarray, orders: np.ndarray) -> np.ndarray:
    out = np.zeros(orders.shape[1])
    for weight, row in zip(u, orders, strict=True):
        out += weight * v[row]
    return out


def _drawn(u: np.ndarray, v: np.ndarray, reach: float, seed: int) -> float:
    hits = 0
    for generator, some in draws.blocks(seed, len(u), draws.DRAWS):
        orders = np.argsort(generator.random((some, len(u))), axis=1, kind="stable").T
        hits += int((np.abs(_sums(u, v, orders)) >= reach).sum())
    return (hits + 1) / (draws.DRAWS + 1)
