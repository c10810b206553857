"""Intervals by inverting a test: the hull of the values that the test does not reject."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def alpha_of(level: float) -> float:
    """1 - level without float dust, so that p = 0.05 counts as rejected at 95 %."""
    return round(1.0 - level, 12)


def root(miss: Callable[[float], float], low: float, high: float) -> float:
    """Zero of a monotone function between two points of opposite sign, by halving.

    (`scipy.optimize` would do; importing it costs more time than all analyses of a small trial.)
    """
    rising = miss(high) > miss(low)
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if (miss(middle) > 0) == rising:
            high = middle
        else:
            low = middle


def distinct(points: np.ndarray) -> np.ndarray:
    """Sorted points, those closer than 1e-9 (relative above 1) taken as one."""
    s = np.sort(np.asarray(points, float), kind="stable")
    new = np.ones(len(s), bool)
    new[1:] = np.diff(s) > 1e-9 * np.maximum(1.0, np.abs(s[1:]))
    return s[new]


def hull(
    points: np.ndarray,
    p_of: Callable[[np.ndarray], np.ndarray],
    alpha: float,
    step: float | None = None,
    *,
    isolated: bool = True,
) -> tuple[float, float]:
    """Smallest closed interval that holds every value with p above alpha.

    The p of a rank test changes only at the critical points (Walsh averages, differences), so it
    is asked at each of them and once in each gap.

    Parameters
    ----------
    points : array
        Critical points, in any order.
    p_of : function of an array of k hypothetical values to k p values
        The same test that is reported.
    alpha : float
        At least the smallest p of the design; else nothing is rejected.
    step : float, optional
        The measure moves in such steps only (whole points, say): the hull is then that of the
        multiples of the step not rejected, and an end that is itself rejected is left out.
    isolated : bool
        Whether a critical point counts that is kept between gaps that are rejected. False where it
        owes that to ties and zeros which the shift alone has made.

    Returns
    -------
    low, high : float
        Infinite on a side where the test rejects nothing.
    """
    c = distinct(points)
    if step:
        c = step * np.arange(np.floor(c[0] / step) - 1, np.ceil(c[-1] / step) + 2)
        kept = c[p_of(c) > alpha]
        return (float(kept[0]), float(kept[-1])) if len(kept) else (np.nan, np.nan)
    middle = (c[:-1] + c[1:]) / 2
    width = max(1.0, float(c[-1] - c[0]))
    asked = np.concatenate([c, middle, [c[0] - width, c[-1] + width]])
    low = np.concatenate([c, c[:-1], [-np.inf, c[-1]]])
    high = np.concatenate([c, c[1:], [c[0], np.inf]])
    kept = p_of(asked) > alpha
    if not isolated:
        kept[: len(c)] = False
    if not kept.any():
        return float("nan"), float("nan")
    return float(low[kept].min()), float(high[kept].max())
