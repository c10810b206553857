"""Adjusted p values. A test that was declared but not printed still counts."""

from __future__ import annotations

import numpy as np

METHODS = ("none", "holm", "bh", "hommel")


def adjust(p: object, method: str, family: int | None = None) -> np.ndarray:
    """Adjust p values within one family.

    Parameters
    ----------
    p : array-like
        NaN where a test could not be done; NaN stays NaN.
    method : {'none', 'holm', 'bh', 'hommel'}
    family : int, optional
        Number of tests declared; the tests without a p count as p = 1. By default the
        number of p values that are there.

    Returns
    -------
    array
        In the order given.

    Raises
    ------
    ValueError
        On an unknown method, a p outside [0, 1], or a family smaller than its tests.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}: one of {', '.join(METHODS)}")
    x = np.asarray(p, float).ravel()
    there = ~np.isnan(x)
    q = x[there]
    if ((q < 0) | (q > 1)).any():
        raise ValueError("a p value lies outside 0 to 1")
    m = len(q) if family is None else family
    if m < len(q):
        raise ValueError("a family cannot be smaller than the tests in it")
    padded = np.concatenate([q, np.ones(m - len(q))])
    out = np.full(x.shape, np.nan)
    if len(q):
        out[there] = {"none": _none, "holm": _holm, "bh": _bh, "hommel": _hommel}[method](padded)[
            : len(q)
        ]
    return out


def _none(p: np.ndarray) -> np.ndarray:
    return p


def _holm(p: np.ndarray) -> np.ndarray:
    """Step down (Holm 1979)."""
    m = len(p)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate((m - np.arange(m)) * p[order])
    return _back(order, np.minimum(1, stepped))


def _bh(p: np.ndarray) -> np.ndarray:
    """Step up, false discovery rate (Benjamini and Hochberg 1995)."""
    m = len(p)
    order = np.argsort(p, kind="stable")
    stepped = np.minimum.accumulate((m / np.arange(m, 0, -1)) * p[order][::-1])[::-1]
    return _back(order, np.minimum(1, stepped))


def _hommel(p: np.ndarray) -> np.ndarray:
    """Hommel (1988), by the algorithm of Wright (1992)."""
    m = len(p)
    order = np.argsort(p, kind="stable")
    s = p[order]
    rank = np.arange(1, m + 1)
    best = np.full(m, np.min(m * s / rank))
    out = best.copy()
    for j in range(m - 1, 1, -1):
        low = rank <= m - j + 1
        high = ~low
        c = np.min(j * s[high] / np.arange(2, j + 1)) if high.any() else 1.0
        best = np.where(low, np.minimum(c, j * s), best)
        best[high] = best[m - j]
        out = np.maximum(out, best)
    return _back(order, np.maximum(out, s))


def _back(order: np.ndarray, stepped: np.ndarray) -> np.ndarray:
    out = np.empty_like(stepped)
    out[order] = stepped
    return out
