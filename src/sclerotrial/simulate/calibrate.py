"""Hold a drawn trial to the abstract: integer totals with given sums, changes without a trend."""

from __future__ import annotations

import itertools

import numpy as np

# The only whole-number totals used: 280/9 = 31.1, 235/8 = 29.4, 186/6 = 31.0, 182/6 = 30.3.
ALL_BASELINE, ALL_LATER = 280, 235
COMPLETERS_BASELINE, COMPLETERS_LATER = 186, 182
PULL = 0.85  # share of a difference of group means that is taken out


def fit_sum(values: np.ndarray, total: int, low: int, high: int) -> np.ndarray:
    """Whole numbers near `values` within [low, high] that add up to `total`.

    Raises
    ------
    ValueError
        When no such numbers exist.
    """
    values = np.asarray(values, dtype=float)
    if not low * len(values) <= total <= high * len(values):
        raise ValueError("no whole numbers within the limits have this sum")
    moved = values + (total - values.sum()) / len(values)
    out = np.clip(np.floor(moved), low, high).astype(int)
    while (left := total - int(out.sum())) != 0:
        step = 1 if left > 0 else -1
        gap = np.where((out + step >= low) & (out + step <= high), step * (moved - out), -np.inf)
        out[int(np.argmax(gap))] += step
    return out


def sign_flip_p(changes: np.ndarray) -> float:
    """Exact two-sided p of the sign-flip test of a mean change (far-tail sum)."""
    x = np.asarray(changes, dtype=float)
    flips = np.array(list(itertools.product((1, -1), repeat=len(x))))
    sums = np.abs(flips @ x)
    return float(np.mean(sums >= abs(x.sum()) - 1e-9))


def skin_totals(
    base: np.ndarray, change: np.ndarray, roles: list[str]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Baseline and month-6 totals of the nine on imatinib, or None if they show a trend.

    Parameters
    ----------
    base, change : arrays of 9 floats
        Drawn baseline totals and month-6 changes (points).
    roles : list of str
        'completer' six times, 'stopped' twice, 'lost' once.

    Returns
    -------
    tuple of arrays or None
        Baseline and later totals; the later one of the lost patient has no meaning.
    """
    kind = np.array(roles)
    done, stopped, lost = (np.flatnonzero(kind == k) for k in ("completer", "stopped", "lost"))
    first = np.zeros(len(kind), dtype=int)
    first[done] = fit_sum(base[done], COMPLETERS_BASELINE, 18, 45)
    first[np.r_[stopped, lost]] = fit_sum(
        base[np.r_[stopped, lost]], ALL_BASELINE - COMPLETERS_BASELINE, 22, 40
    )
    later = first.copy()
    later[done] = fit_sum(first[done] + change[done], COMPLETERS_LATER, 12, 49)
    rest = ALL_LATER - COMPLETERS_LATER
    later[stopped] = fit_sum(first[stopped] + change[stopped], rest, 16, 40)
    moved = later - first
    seen = np.r_[done, stopped]
    if np.abs(moved[seen]).max() > 11 or abs(int(moved[stopped].sum())) > 12:
        return None
    if min(sign_flip_p(moved[seen]), sign_flip_p(moved[done])) < 0.1:
        return None
    return first, later


def level(values: np.ndarray, groups: np.ndarray, to: float | None = None) -> np.ndarray:
    """Take most of the difference between groups out of their means.

    Parameters
    ----------
    values : array of float
        NaN for those not measured.
    groups : array of bool
        Completers True, others False.
    to : float, optional
        Common mean; that of all when left out.
    """
    out = np.array(values, dtype=float)
    goal = float(np.nanmean(out)) if to is None else to
    for mark in (True, False):
        part = groups == mark
        if np.isfinite(out[part]).any():
            out[part] -= PULL * (np.nanmean(out[part]) - goal)
    return out


def centre(values: np.ndarray, rest: float) -> np.ndarray:
    """Shift so that the mean of what was measured is `rest`."""
    return np.asarray(values, dtype=float) - np.nanmean(values) + rest
