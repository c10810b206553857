"""One statistical result, with what must stand beside it; a refusal is a result with a note."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

NAN = float("nan")


@dataclass(frozen=True)
class Result:
    """A number, its interval and its p value, with the method that gave them.

    Attributes
    ----------
    method : str
        What was computed, in words.
    convention : str
        The choice among defensible ones (tails, zeros, ties, kind of interval).
    n : int
        Patients (or pairs) used.
    sizes : tuple of int
        Group sizes where there are groups.
    estimate, ci_low, ci_high, p, statistic : float
        NaN where not given; the note then says why.
    p_attainable : float
        Smallest p the test can give with the ties and zeros seen.
    p_design : float
        Smallest p the design can give, whatever the data.
    conf_level, conf_achieved : float
        Level asked for, and level reached by an exact interval.
    note : str
        Reason of a refusal, or a warning.
    """

    method: str
    convention: str = ""
    n: int = 0
    sizes: tuple[int, ...] = ()
    estimate: float = NAN
    ci_low: float = NAN
    ci_high: float = NAN
    p: float = NAN
    statistic: float = NAN
    p_attainable: float = NAN
    p_design: float = NAN
    conf_level: float = NAN
    conf_achieved: float = NAN
    note: str = ""

    def but(self, **changes: object) -> Result:
        """The same result with some fields changed."""
        return replace(self, **changes)


def observed(values: object) -> np.ndarray:
    """The values that are there, as floats; missing ones are dropped."""
    x = np.asarray(values, dtype=float).ravel()
    return x[~np.isnan(x)]


def pairs(first: object, second: object) -> tuple[np.ndarray, np.ndarray]:
    """The pairs in which both values are there.

    Raises
    ------
    ValueError
        When the two have different lengths: pairs must be aligned by the caller.
    """
    a, b = np.asarray(first, float).ravel(), np.asarray(second, float).ravel()
    if a.shape != b.shape:
        raise ValueError("paired values must have the same length")
    keep = ~(np.isnan(a) | np.isnan(b))
    return a[keep], b[keep]


def why_not(*samples: np.ndarray, least: int = 1) -> str:
    """Reason to refuse a calculation ('' when there is none)."""
    for x in samples:
        if np.isinf(x).any():
            return "an infinite value: no change can be computed from a zero"
        if (np.abs(x) > 1e150).any():
            return "a value beyond 1e150, which has no square"
    if all(len(x) == 0 for x in samples):
        return "no value"
    if any(len(x) == 0 for x in samples):
        return "no value in one group"
    short = min(len(x) for x in samples)
    if short < least:
        return f"n = {short}: too few (at least {least} needed)"
    return ""
