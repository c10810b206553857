"""Standardised effects with the exact small-sample correction and noncentral t intervals."""

from __future__ import annotations

import math

from scipy import special

from sclerotrial.inference.invert import alpha_of, root
from sclerotrial.inference.result import NAN


def hedges_j(df: float) -> float:
    """Hedges' exact correction, gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)) (Hedges 1981)."""
    if df < 2:
        return NAN
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def noncentrality(t: float, df: float, level: float) -> tuple[float, float]:
    """Noncentrality parameters under which t lies at the two tails of (1 - level) / 2."""
    tail = alpha_of(level) / 2

    def solve(probability: float) -> float:
        def miss(nc: float) -> float:
            return float(special.nctdtr(df, nc, t)) - probability

        low = high = t
        # Far from t the noncentral law is not computable: go out step by step.
        while miss(low) < 0:
            low -= 1.0
        while miss(high) > 0:
            high += 1.0
        return root(miss, low, high)

    return solve(1 - tail), solve(tail)
