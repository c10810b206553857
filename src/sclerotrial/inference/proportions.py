"""Shares of patients: exact and score intervals, and the difference of two shares."""

from __future__ import annotations

import math

from scipy import special

from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.result import Result


def _share(method: str, count: int, n: int, level: float) -> Result:
    if not 0 <= count <= max(n, 0):
        raise ValueError("a count must lie between 0 and n")
    out = Result(method, "two-sided, equal tails", n, conf_level=level)
    return out.but(note="no patient") if n == 0 else out.but(estimate=count / n)


def clopper_pearson(count: int, n: int, level: float = 0.95) -> Result:
    """Exact interval of a share (Clopper and Pearson 1934)."""
    out = _share("share with Clopper-Pearson interval", count, n, level)
    if out.note:
        return out
    tail = alpha_of(level) / 2
    low = float(special.betaincinv(count, n - count + 1, tail)) if count else 0.0
    high = float(special.betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0
    return out.but(ci_low=low, ci_high=high, conf_achieved=level)


def wilson(count: int, n: int, level: float = 0.95) -> Result:
    """Score interval of a share (Wilson 1927), without continuity correction."""
    out = _share("share with Wilson interval", count, n, level)
    if out.note:
        return out
    z = float(special.ndtri(1 - alpha_of(level) / 2))
    p = count / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    down = 1 + z * z / n
    low = (centre - half) / down if count else 0.0
    high = (centre + half) / down if count < n else 1.0
    return out.but(ci_low=low, ci_high=high)


def newcombe(count1: int, n1: int, count2: int, n2: int, level: float = 0.95) -> Result:
    """Difference of two shares with Newcombe's interval from two Wilson ones (1998, method 10)."""
    a, b = wilson(count1, n1, level), wilson(count2, n2, level)
    out = Result(
        "difference of shares with Newcombe interval",
        "from two Wilson intervals",
        n1 + n2,
        (n1, n2),
        conf_level=level,
    )
    if a.note or b.note:
        return out.but(note="no patient in one group")
    gap = a.estimate - b.estimate
    low = gap - math.hypot(a.estimate - a.ci_low, b.ci_high - b.estimate)
    high = gap + math.hypot(a.ci_high - a.estimate, b.estimate - b.ci_low)
    return out.but(estimate=gap, ci_low=low, ci_high=high)
