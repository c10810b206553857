"""Descriptive statistics of a handful of patients."""

from __future__ import annotations

import math

import numpy as np

from sclerotrial.inference.result import NAN, observed

QUANTILES = "quartiles: averaged inverse distribution function (SAS definition 5, R type 2)"


def mean(x: np.ndarray) -> float:
    """Mean from an exactly rounded sum, so that the order of patients changes nothing."""
    return math.fsum(x) / len(x) if len(x) else NAN


def sd(x: np.ndarray) -> float:
    """Standard deviation with n - 1; NaN for one value."""
    if len(x) < 2:
        return NAN
    m = mean(x)
    return math.sqrt(math.fsum((v - m) ** 2 for v in x) / (len(x) - 1))


def quantile(x: np.ndarray, q: float) -> float:
    """Quantile by the averaged inverse distribution function (R type 2)."""
    s = np.sort(x, kind="stable")
    n = len(s)
    if not n:
        return NAN
    k = n * q
    i = int(math.floor(k + 1e-9))
    if abs(k - i) <= 1e-9:
        return float((s[max(i, 1) - 1] + s[min(i, n - 1)]) / 2)
    return float(s[i])


def summary(values: object) -> dict[str, float]:
    """n, mean, sd, median, q1, q3, min, max of the values that are there.

    Returns
    -------
    dict
        STAT name to number; NaN where it cannot be given (sd of one value, all of none).
    """
    x = observed(values)
    return {
        "n": float(len(x)),
        "mean": mean(x),
        "sd": sd(x),
        "median": quantile(x, 0.5),
        "q1": quantile(x, 0.25),
        "q3": quantile(x, 0.75),
        "min": float(x.min()) if len(x) else NAN,
        "max": float(x.max()) if len(x) else NAN,
    }
