"""Values below or above a limit: what is known of an order, and tests that use no more."""

from __future__ import annotations

import numpy as np

from sclerotrial.inference import exact
from sclerotrial.inference.result import Result, why_not

SCORES = "scores +1, -1, 0 undecided; two-sided, far tail"


def compare(a: np.ndarray, a_cens: np.ndarray, b: np.ndarray, b_cens: np.ndarray) -> np.ndarray:
    """Sign of a - b where the limits let it be known.

    Parameters
    ----------
    a, b : arrays
        Values; the limit where censored.
    a_cens, b_cens : arrays of '<', '>' or ''
        Broadcast with the values.

    Returns
    -------
    array
        1, -1, 0 (measured and equal), NaN undecided or missing.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    a_cens, b_cens = np.asarray(a_cens), np.asarray(b_cens)
    # The true values lie in [low, high]; an order is known when the ranges do not overlap.
    a_low, a_high = np.where(a_cens == "<", -np.inf, a), np.where(a_cens == ">", np.inf, a)
    b_low, b_high = np.where(b_cens == "<", -np.inf, b), np.where(b_cens == ">", np.inf, b)
    both = (a_cens == "") & (b_cens == "")
    up = (a > b) if both.all() else np.where(both, a > b, a_low >= b_high)
    down = (a < b) if both.all() else np.where(both, a < b, a_high <= b_low)
    out = np.where(both & (a == b), 0.0, np.nan)
    out = np.where(up, 1.0, np.where(down, -1.0, out))
    return np.where(np.isnan(a) | np.isnan(b), np.nan, out)


def gehan_paired(direction: object, undecided: int = 0) -> Result:
    """Exact sign-flip of Gehan-type scores of changes (+1, -1, 0 when undecided).

    Parameters
    ----------
    direction : array-like
        1, -1 or 0 of each pair; NaN counts as undecided and scores 0.
    undecided : int
        Further pairs without a direction, counted in n.

    Returns
    -------
    Result
        `estimate` is the mean score: share risen less share fallen.
    """
    d = np.asarray(direction, float).ravel()
    scores = np.concatenate([np.where(np.isnan(d), 0.0, np.sign(d)), np.zeros(undecided)])
    out = Result("Gehan-type scores, sign-flip", SCORES, len(scores))
    out = out.but(p_design=exact.design_sign(len(scores)))
    if why := why_not(scores, least=2):
        return out.but(note=why)
    tail = exact.sign_flip(scores)
    decided = int(np.count_nonzero(scores))
    note = "" if decided > 1 else "fewer than two directions known: the test can reject nothing"
    mean = float(scores.sum()) / len(scores)
    return out.but(
        estimate=mean,
        statistic=float(scores.sum()),
        p=float(tail.p[0]),
        p_attainable=float(tail.attainable[0]),
        note=note,
    )


def gehan_scores(values: np.ndarray, cens: np.ndarray) -> np.ndarray:
    """Gehan's score of each value: how many it surely exceeds, less how many surely exceed it."""
    v, c = np.asarray(values, float), np.asarray(cens)
    return np.nansum(compare(v[:, None], c[:, None], v[None, :], c[None, :]), axis=1)
