"""Shares of patients held against each other: difference, Fisher's odds ratio, Boschloo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.analysis.blocks import ESTIMATE, Rows, share
from sclerotrial.analysis.common import Desk, both
from sclerotrial.ard import Scope, printable, result_rows
from sclerotrial.inference import proportions, tables
from sclerotrial.inference.result import NAN, Result

NEAR = 1e-9
COMPOSITE = "composite (stopping counts as no response)"
ALONE = "no test printed: one patient in a group"
SAME = "the same in every patient of both groups: nothing to compare"


@dataclass(frozen=True)
class Share:
    """Patients of a group who meet a condition, of those in whom it is known.

    Attributes
    ----------
    quantity, label : str
        Part of the ID, and words.
    count, n : int
    where : str
        Condition on the rows besides the group's and the visit's.
    estimand : str
        Where it differs from the group's.
    """

    quantity: str
    label: str
    count: int
    n: int
    where: str = ""
    estimand: str = ""

    def at(self, scope: Scope) -> Scope:
        """The scope of a group or comparison, for this share."""
        return scope.but(
            quantity=self.quantity,
            label=f"{scope.label}, {self.label}",
            where=both(scope.where, self.where),
            estimand=self.estimand or scope.estimand,
        )


def of_endpoint(desk: Desk, code: str, size: int, df: pd.DataFrame) -> Iterator[Share]:
    """Responders of an endpoint, and those whose change reaches a published size.

    Parameters
    ----------
    desk : Desk
    code : str
        Of the endpoint.
    size : int
        Patients of the group, observed or not.
    df : DataFrame
        Rows of the group at one visit.
    """
    e = desk.study.endpoints[code]
    for rule in e.responders:
        part = rule.code.lower()
        known = df[df[rule.code] != ""]
        yes = known[f"{rule.code}FL"] == "Y"
        yield Share(part, rule.label, int(yes.sum()), len(known), f'{rule.code}!=""')
        stayed = int((yes & (known["COMPLFL"] == "Y")).sum())
        yield Share(f"{part}_composite", rule.label, stayed, size, estimand=COMPOSITE)
    moved = df.loc[df["CHG"] != "", "CHG"].to_numpy(float)
    gain = -moved if e.better == "lower" else moved
    for name in ("mcid", "mdc"):
        limit = getattr(e, name)
        if limit is None:
            continue
        for word, k in (
            ("better", gain >= limit.value - NEAR),
            ("worse", gain <= NEAR - limit.value),
        ):
            words = f"{word} by at least {limit.value:g} {e.unit}"
            yield Share(f"{name}_{word}", words, int(k.sum()), len(gain))


def rows_of(desk: Desk, scope: Scope, shares: Iterator[Share]) -> Rows:
    """Count, percent and intervals of each share of one group."""
    return [row for s in shares for row in share(s.at(scope), s.count, s.n, desk.plan)]


def against(scope: Scope, plan: Any, first: tuple[int, int], second: tuple[int, int]) -> Rows:
    """Two shares: difference with Newcombe's interval, Fisher's exact test, Boschloo's.

    With one patient in a group only the p rows stand, refused, with what the design allows.

    Parameters
    ----------
    scope : Scope
    plan : Analyses
        Level and smallest p of interest.
    first, second : (count, patients)
    """
    sizes = (first[1], second[1])
    scope = scope.but(n=sum(sizes))
    gap, odds, fisher, boschloo = _results(first, second, plan.conf_level)
    tests = [("fisher", fisher), ("boschloo", boschloo)]
    if min(sizes) < 2:
        out: Rows = []
        for part, test in tests:
            refused = printable(test.but(p=1.0, note=""), plan.alpha)
            refused = refused.but(p=NAN, note=refused.note or ALONE)
            out += result_rows(scope, part, refused, ("p",))
        return out
    rows = result_rows(scope, "newcombe", gap, ESTIMATE, unit="percentage points", digits=1)
    rows += result_rows(scope, "fisher", odds, ESTIMATE, unit="ratio", digits=2)
    for part, test in tests:
        rows += result_rows(scope, part, printable(test, plan.alpha), ("p",))
    return rows


@lru_cache(maxsize=4096)
def _results(
    first: tuple[int, int], second: tuple[int, int], level: float
) -> tuple[Result, Result, Result, Result]:
    """Difference in percent, odds ratio, Fisher and Boschloo of two shares; terms often repeat."""
    (a, m), (b, n) = first, second
    gap = proportions.newcombe(a, m, b, n, level)
    gap = gap.but(
        method="difference in percent of patients, Newcombe interval",
        **{k: 100 * getattr(gap, k) for k in ESTIMATE},
    )
    table = np.array([[a, m - a], [b, n - b]])
    fisher, boschloo = tables.fisher(table, level), tables.boschloo(table)
    empty = "no patient in one group" if min(m, n) == 0 else ""
    same = SAME if a + b in (0, m + n) else ""
    if empty or same:
        fisher = fisher.but(method="Fisher exact", p_attainable=1.0, note=empty or same)
        boschloo = boschloo.but(p=NAN, note=empty or same)
    # Neither test may take the sizes from a table that has lost a row or a column.
    fisher = fisher.but(n=m + n, sizes=(m, n))
    if not empty:
        fisher = fisher.but(p_design=tables.design((m, n)))
    odds = fisher.but(
        method="conditional odds ratio",
        convention="conditional maximum likelihood; exact interval with equal tails (Fisher)",
    )
    return gap, odds, fisher, boschloo


def either(desk: Desk, pair: Any) -> str:
    """One condition that both groups meet: shared terms, and `in` where one column differs."""
    first, second = (desk.group(g).where.split(" & ") for g in (pair.first, pair.second))
    terms = []
    for term in first:
        column, equal, value = term.partition("==")
        other = [t.partition("==")[2] for t in second if equal and t.startswith(f"{column}==")]
        if term in second:
            terms.append(term)
        elif other:
            terms.append(f"{column} in [{value}, {other[0]}]")
    return both(*terms)
