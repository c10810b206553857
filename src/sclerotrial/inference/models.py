"""Models in support of the exact tests: ANCOVA, and the tipping point of missing outcomes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from sclerotrial.inference import groups, linear, paired
from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.result import Result, why_not

ADJUSTED = "least squares, baseline centred at its mean; t interval, residual df"


def ancova(
    change: object,
    base: object,
    group: object | None = None,
    level: float = 0.95,
    strata: object | None = None,
) -> Result:
    """Change adjusted for baseline: its mean at the mean baseline, or the difference of two groups.

    Parameters
    ----------
    change, base : arrays of patients
        Incomplete patients are dropped.
    group : array of 0 and 1, optional
        `estimate` is then group 1 less group 0.
    level : float
    strata : array of categories, optional
        Further adjusted for, one column a category less one.
    """
    y, b = np.asarray(change, float).ravel(), np.asarray(base, float).ravel()
    keep = ~(np.isnan(y) | np.isnan(b))
    side = None if group is None else np.asarray(group, float).ravel()
    keep = keep if side is None else keep & ~np.isnan(side)
    y, b = y[keep], b[keep]
    name = "ANCOVA, mean change at mean baseline" if side is None else "ANCOVA, difference"
    out = Result(name, ADJUSTED, len(y), conf_level=level)
    if why := why_not(y, b):
        return out.but(note=why)
    columns = [np.ones(len(y)), b - math.fsum(b) / len(b)]
    if side is not None:
        side = side[keep]
        out = out.but(sizes=(int((side == 1).sum()), int((side == 0).sum())))
        if min(out.sizes) == 0:
            return out.but(note="no value in one group")
        columns.append(side)
    if strata is not None:
        kinds = np.asarray(strata).ravel()[keep]
        columns += [(kinds == k).astype(float) for k in sorted(set(kinds.tolist()))[1:]]
        if side is None:
            columns[2:] = [c - math.fsum(c) / len(c) for c in columns[2:]]
    if len(y) <= len(columns):
        return out.but(note=f"n = {len(y)}: too few for {len(columns)} coefficients")
    try:
        found = linear.fit(y, np.stack(columns, axis=1))
    except ValueError:
        return out.but(note="the covariates cannot be told apart: no adjusted estimate")
    if not found.variance[0] > 1e-18 * max(1.0, float(np.abs(y).max()) ** 2):
        return out.but(note="no residual spread: no interval")
    weights = np.zeros(len(columns))
    weights[0 if side is None else 2] = 1.0
    estimate, unit = (float(v[0]) for v in linear.contrast(found, weights))
    df, se = int(found.df[0]), unit * math.sqrt(found.variance[0])
    half = float(special.stdtrit(df, 1 - alpha_of(level) / 2)) * se
    return out.but(
        estimate=estimate,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p=float(2 * special.stdtr(df, -abs(estimate / se))),
        statistic=estimate / se,
        conf_achieved=level,
    )


@dataclass(frozen=True)
class Tip:
    """Where a conclusion turns.

    Attributes
    ----------
    delta : float
        Change added to every imputed outcome at which the conclusion first differs; NaN if it
        never does within reach.
    first : float
        p without addition.
    tried : list of (float, float)
        Additions tried, and their p.
    note : str
    """

    delta: float
    first: float
    tried: list[tuple[float, float]]
    note: str = ""


def tipping_point(
    p_of: Callable[[float], float], step: float, reach: float, alpha: float = 0.05
) -> Tip:
    """Delta-adjusted tipping point: how much worse must the missing be for the conclusion to turn?

    Additions go out from 0 in both directions by `step`; the nearest that turns the conclusion
    (p <= alpha or not) is the tipping point.

    Parameters
    ----------
    p_of : function of the addition to the imputed outcomes
        The p of the same test that is reported.
    step, reach : float
        In the unit of the outcome.
    alpha : float
    """
    first = p_of(0.0)
    tried = [(0.0, first)]
    if math.isnan(first):
        return Tip(math.nan, first, tried, "no test without addition")
    for k in range(1, int(reach / step + 1e-9) + 1):
        for delta in (k * step, -k * step):
            p = p_of(delta)
            tried.append((delta, p))
            if (p <= alpha) != (first <= alpha):
                return Tip(delta, first, tried)
    return Tip(math.nan, first, tried, f"the conclusion holds for every addition up to {reach:g}")


def tipping_within(
    observed: object, imputed: object, step: float, reach: float, alpha: float = 0.05
) -> Tip:
    """Tipping point of the sign-flip test of changes, missing ones imputed plus an addition."""
    seen, filled = np.asarray(observed, float), np.asarray(imputed, float)
    if not len(filled):
        return Tip(math.nan, paired.sign_flip(seen).p, [], "no outcome is missing")
    return tipping_point(
        lambda d: paired.sign_flip(np.concatenate([seen, filled + d])).p, step, reach, alpha
    )


def tipping_between(
    first: tuple[object, object],
    second: tuple[object, object],
    step: float,
    reach: float,
    alpha: float = 0.05,
) -> Tip:
    """Tipping point of the permutation test of two groups; the addition goes to the first group.

    Parameters
    ----------
    first, second : (observed changes, imputed changes)
    step, reach, alpha : float
        See `tipping_point`.
    """
    (seen, filled), other = (np.asarray(v, float) for v in first), np.concatenate(second)
    if not len(filled):
        return Tip(math.nan, groups.permutation(seen, other).p, [], "no outcome is missing")
    return tipping_point(
        lambda d: groups.permutation(np.concatenate([seen, filled + d]), other).p,
        step,
        reach,
        alpha,
    )
