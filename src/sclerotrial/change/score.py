"""Change scoring of paired biomarker values, censored or not; the reference change value.

A value is exact, below a limit (``<``) or above one (``>``); a censored value is the interval that
its own limit leaves. The change is the interval of differences, so each limit counts as it is
(limits differ by plate and dilution): its direction is known only when the whole interval lies on
one side of zero, that is when the measured value lies beyond the other's limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

#: Differences below this are ties (binary dust of decimal numbers).
TIE = 1e-9
SCALES = ("linear", "log2", "bounded", "ordinal")


@dataclass(frozen=True)
class Change:
    """Changes, arrays of the shape of the values.

    Attributes
    ----------
    log2fc : array
        log2 fold change where both values are exact, else NaN.
    low, high : array
        Bounds of the log2 fold change; equal to it where it is exact, NaN where it is open.
    direction : array
        1 up, -1 down, 0 no change, NaN undecided.
    chg : array
        Difference on the scale of the values where both are exact.
    pchg : array
        Percent change; on the linear scale only.
    """

    log2fc: np.ndarray
    low: np.ndarray
    high: np.ndarray
    direction: np.ndarray
    chg: np.ndarray
    pchg: np.ndarray


def change(base, aval, scale: str, base_cens=None, aval_cens=None) -> Change:
    """Score changes from baseline, all at once.

    Parameters
    ----------
    base, aval : array-like of float, any one shape
        Values on the analysis scale; the limit where censored; NaN missing.
    scale : {'linear', 'log2', 'bounded', 'ordinal'}
        linear: log2 ratio, difference and percent; values must be positive, others count as
        missing in the ratio. log2 (NPX, -dCt): the difference is the log2 fold change. bounded,
        ordinal: difference and direction only.
    base_cens, aval_cens : array-like of '<', '>' or '', optional
        How each value is censored; None: all exact.

    Returns
    -------
    Change
    """
    if scale not in SCALES:
        raise ValueError(f"scale {scale!r} is none of {', '.join(SCALES)}")
    base, aval = np.broadcast_arrays(np.asarray(base, float), np.asarray(aval, float))
    exact = _is(base_cens, "", base) & _is(aval_cens, "", aval)
    difference = aval - base
    zero = np.abs(difference) < TIE * np.maximum(1.0, np.maximum(np.abs(aval), np.abs(base)))
    chg = np.where(exact, np.where(zero, 0.0, difference), np.nan)
    pchg = np.full(base.shape, np.nan)
    if scale == "linear":
        with np.errstate(divide="ignore", invalid="ignore"):
            pchg = np.where(base > 0, 100 * chg / base, np.nan)
            b = np.log2(np.where(base > 0, base, np.nan))
            a = np.log2(np.where(aval > 0, aval, np.nan))
    else:
        b, a = base, aval
    if exact.all():
        low = high = _snap(a - b)
    else:
        low = _snap(_low(a, aval_cens) - _high(b, base_cens))
        high = _snap(_high(a, aval_cens) - _low(b, base_cens))
    with np.errstate(invalid="ignore"):
        direction = np.where(low > 0, 1.0, np.where(high < 0, -1.0, np.nan))
        direction = np.where(exact & (low == 0), 0.0, direction)
    if scale in ("bounded", "ordinal"):
        empty = np.full(base.shape, np.nan)
        return Change(empty, empty, empty, direction, chg, pchg)
    low, high = (np.where(np.isfinite(x), x, np.nan) for x in (low, high))
    return Change(np.where(exact, low, np.nan), low, high, direction, chg, pchg)


def _is(cens, mark: str, like: np.ndarray) -> np.ndarray:
    if cens is None:
        return np.full(like.shape, mark == "")
    return np.broadcast_to(np.asarray(cens, dtype=object) == mark, like.shape)


def _low(value: np.ndarray, cens) -> np.ndarray:
    return np.where(_is(cens, "<", value) & ~np.isnan(value), -np.inf, value)


def _high(value: np.ndarray, cens) -> np.ndarray:
    return np.where(_is(cens, ">", value) & ~np.isnan(value), np.inf, value)


def _snap(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < TIE, 0.0, x)


def rcv(
    cv_analytical: float, cv_within: float, z: float = 1.96, n_before: int = 1, n_after: int = 1
) -> tuple[float, float]:
    """Reference change value, log-normal and therefore asymmetric.

    s = sqrt(ln(1 + CVa^2 + CVi^2)); limits exp(-+ z s sqrt(1/n1 + 1/n2)) - 1 (Fokkema 2006; with
    one sample each the factor is sqrt 2).

    Parameters
    ----------
    cv_analytical, cv_within : float
        Analytical and within-person coefficients of variation, percent.
    z : float
        1.96 two-sided 95 %.
    n_before, n_after : int
        Samples averaged before and after.

    Returns
    -------
    down, up : float
        Percent change that must be passed, such as (-37.4, 59.7).
    """
    s = math.sqrt(math.log(1 + (cv_analytical / 100) ** 2 + (cv_within / 100) ** 2))
    width = z * s * math.sqrt(1 / n_before + 1 / n_after)
    return 100 * math.expm1(-width), 100 * math.expm1(width)


def beyond_rcv(low, high, limits: tuple[float, float]) -> np.ndarray:
    """Whether a change is certainly past the reference change value.

    Parameters
    ----------
    low, high : array-like
        Bounds of the log2 fold change (`Change.low`, `.high`); NaN is open.
    limits : pair of float
        From `rcv`, percent.
    """
    down, up = (math.log2(1 + x / 100) for x in limits)
    with np.errstate(invalid="ignore"):
        return (np.asarray(low, float) > up) | (np.asarray(high, float) < down)


def flags_by_chance(n: int, z: float = 1.96) -> float:
    """Flags expected among `n` comparisons when nothing changes but chance variation."""
    return n * math.erfc(z / math.sqrt(2))
