"""Blocks of ARD rows that several analyses share: a summary, a change, a comparison, a share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.analysis.common import Desk
from sclerotrial.ard import Scope, printable, result_rows
from sclerotrial.inference import describe, groups, paired, proportions
from sclerotrial.inference.result import NAN, Result
from sclerotrial.study_analyses import Analyses

Rows = list[dict[str, Any]]
INTERVAL = ("ci_low", "ci_high")
ESTIMATE = ("estimate", *INTERVAL)
EFFECT = ("effect", *INTERVAL)
ONE = "one patient: the value itself"


def summary(
    scope: Scope, values: pd.Series | np.ndarray, digits: tuple[int, int], ordinal: bool = False
) -> Rows:
    """n, mean, SD, median, quartiles, minimum, maximum (no mean and SD of ordered categories).

    Parameters
    ----------
    scope : Scope
    values : one value a patient, missing ones left out or NaN
    digits : (of a recorded value, of a statistic)
    ordinal : bool
    """
    numbers = describe.summary(values)
    n = int(numbers["n"])
    scope = scope.but(n=n, digits=digits[1])
    rows = [scope.row("n", n)]
    for stat, value in numbers.items():
        if stat == "n" or (ordinal and stat in ("mean", "sd")):
            continue
        note = ""
        spread = stat in ("sd", "q1", "q3")
        if n == 0:
            note = "no value"
        elif n == 1:
            value, note = (NAN, "one patient: no spread") if spread else (value, ONE)
        more = {"digits": digits[0]} if stat in ("min", "max") else {}
        if stat in ("median", "q1", "q3"):
            more["convention"] = describe.QUANTILES
        rows.append(scope.row(stat, value, note=note, **more))
    return rows


def single(scope: Scope, values: pd.Series, digits: tuple[int, int]) -> Rows:
    """The value of a group of one patient: no mean, no SD; refused when there is no value."""
    n = len(values)
    scope = scope.but(n=n, digits=digits[0])
    value, note = (float(values.iloc[0]), ONE) if n == 1 else (NAN, "no value")
    return [scope.row("n", n), scope.row("estimate", value, note=note)]


def values(
    scope: Scope, found: pd.Series, digits: tuple[int, int], lone: bool, ordinal: bool = False
) -> Rows:
    """A summary, or the bare value of a group declared as one person."""
    if lone and len(found) <= 1:
        return single(scope, found, digits)
    return summary(scope, found, digits, ordinal)


def sign_flip(desk: Desk, scope: Scope, d: np.ndarray) -> Result:
    """Sign-flip test of what a scope names; beyond exact reach it is drawn with a seed of its own.

    Parameters
    ----------
    desk : Desk
    scope : Scope
        Its ID names the seed: the same test of the same changes, shown twice, is drawn alike.
    d : array
    """
    return paired.sign_flip(d, seed=desk.seed(f"signflip {scope.id()}"))


def change(
    scope: Scope, desk: Desk, digits: tuple[int, int], d: pd.Series, base: pd.Series
) -> Rows:
    """Mean change with its interval, exact tests, Hodges-Lehmann and effects of one group.

    Parameters
    ----------
    scope : Scope
    desk : Desk
        Level and smallest p of interest, and the seed.
    d, base : one value a patient, indexed by subject
        Changes, and baselines of the same patients.
    """
    x, plan = d.to_numpy(float), desk.plan
    before = base.reindex(d.index).to_numpy(float)
    scope = scope.but(n=len(x), digits=digits[1])
    rows = summary(scope, x, digits)
    t = paired.mean_change(x, plan.conf_level)
    rows += result_rows(scope, "t", t, INTERVAL)
    rows += result_rows(scope, "signflip", printable(sign_flip(desk, scope, x), plan.alpha), ("p",))
    rows += result_rows(scope, "signedrank", printable(paired.signed_rank(x), plan.alpha), ("p",))
    rows += result_rows(scope, "hl", paired.hodges_lehmann(x, plan.conf_level), ESTIMATE)
    rows += effects(scope, paired.hedges_gz(x, plan.conf_level), "g_z", EFFECT)
    g_av = paired.hedges_gav(before, before + x, plan.conf_level)
    rows += effects(scope, _why(g_av), "g_av", EFFECT)
    matched = paired.rank_biserial(x, plan.conf_level)
    return rows + result_rows(scope, "rank_biserial", _why(matched), EFFECT, digits=2, unit="")


def effects(scope: Scope, result: Result, part: str, stats: tuple[str, ...]) -> Rows:
    """Rows of a standardised effect: two decimals, no unit."""
    return result_rows(scope, part, result, stats, digits=2, unit="SD")


def compare(scope: Scope, desk: Desk, x: pd.Series, y: pd.Series, ordinal: bool) -> Rows:
    """Two groups: exact tests, shift with its interval, effect.

    With one patient in a group only the p rows stand, refused, with what the design allows.
    Of ordered categories the mean score is compared (an exact trend test), no SD is used.
    """
    a, b, plan = x.to_numpy(float), y.to_numpy(float), desk.plan
    scope = scope.but(n=len(a) + len(b))
    mean = groups.permutation(a, b, seed=desk.seed(f"permutation {scope.id()}"))
    if ordinal:
        mean = mean.but(method="exact trend over ordered categories (permutation of mean score)")
    mean = printable(mean, plan.alpha)
    rank = printable(groups.rank_sum(a, b), plan.alpha)
    if min(len(a), len(b)) < 2:
        return [
            row
            for part, r in (("permutation", mean), ("ranksum", rank))
            for row in result_rows(scope, part, _untested(r), ("p",))
        ]
    rows = result_rows(scope, "permutation", mean, ("p",) if ordinal else ("estimate", "p"))
    rows += result_rows(scope, "ranksum", rank, ("p",))
    rows += result_rows(scope, "shift", groups.shift(a, b, plan.conf_level), ESTIMATE)
    if not ordinal:
        rows += effects(scope, groups.hedges_g(a, b, plan.conf_level), "hedges_g", EFFECT)
    for part, r in (
        ("rank_biserial", groups.rank_biserial(a, b, plan.conf_level)),
        ("superiority", groups.superiority(a, b, plan.conf_level)),
    ):
        rows += result_rows(scope, part, r, EFFECT, digits=2, unit="")
    return rows


def _why(result: Result) -> Result:
    """An estimate whose interval is missing says why."""
    missing = math.isnan(result.ci_low) and not result.note
    return result.but(note="no interval at the end of the scale or from few") if missing else result


def _untested(result: Result) -> Result:
    note = result.note or "no test printed: one patient in a group"
    return result.but(p=NAN, note=note)


def share(scope: Scope, count: int, n: int, plan: Analyses, part: str = "") -> Rows:
    """Count, percent and interval of patients; of one person the count alone."""
    scope = scope.but(n=n, unit="patients")
    r = proportions.clopper_pearson(count, n, plan.conf_level)
    cp = r.but(estimate=100 * r.estimate, ci_low=100 * r.ci_low, ci_high=100 * r.ci_high)
    rows = [scope.row("count", count, part=part)]
    group = plan.groups.get(scope.group)
    if n <= 1 and group is not None and group.single:
        return rows
    rows += [scope.row("percent", cp.estimate, part=part, result=cp)]
    rows += result_rows(scope, part, cp, INTERVAL, unit="%", digits=1)
    return rows + wilson(scope, count, n, plan, part)


def wilson(scope: Scope, count: int, n: int, plan: Analyses, part: str = "") -> Rows:
    """Wilson's interval of a share as a second one, where the plan asks for it."""
    if not plan.wilson:
        return []
    r = proportions.wilson(count, n, plan.conf_level)
    r = r.but(ci_low=100 * r.ci_low, ci_high=100 * r.ci_high)
    name = f"{part}_wilson" if part else "wilson"
    return result_rows(scope, name, r, INTERVAL, unit="%", digits=1)


def count(scope: Scope, k: int, *, unit: str = "patients", note: str = "", n: float = NAN) -> Rows:
    """A bare count."""
    scope = scope.but(unit=unit, n=scope.n if math.isnan(n) else n)
    return [scope.row("count", k, note=note)]


def number(scope: Scope, stat: str, value: float, note: str, **more: Any) -> Rows:
    """A bare number; the note is kept only where there is no number."""
    return [scope.row(stat, value, note=note if math.isnan(value) else "", **more)]
