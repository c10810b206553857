"""Support of the exact tests: strata, the model of all visits between arms, change going together.

Each stands where the data allow it; where they do not, the row says why.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis.blocks import ESTIMATE, Rows
from sclerotrial.analysis.common import Desk, both, by_subject, is_
from sclerotrial.ard import Scope
from sclerotrial.inference import correlation, mixed, stratified
from sclerotrial.inference.result import NAN, Result
from sclerotrial.study_analyses import Comparison

OBSERVED = is_("ANL01FL", "Y")
LEAST = 3  # patients of each arm below which no model is fitted


def by_strata(desk: Desk, name: str, at: Scope, found: list[pd.Series], *, ordinal: bool) -> Rows:
    """Both groups compared within the strata of the comparison, exactly.

    Parameters
    ----------
    desk : Desk
    name : str
        Of the comparison; without `strata` there is nothing.
    at : Scope
    found : list of two Series
        Values of both groups, by subject.
    ordinal : bool
        Ranks only.
    """
    column = desk.plan.comparisons[name].strata
    if not column:
        return []
    desk.holding("adsl", "", column, f"comparisons.{name}.strata")
    adsl = desk.frames["adsl"]
    of = dict(zip(adsl["USUBJID"], adsl[column], strict=True))
    kinds = sorted({of.get(s, "") for values in found for s in values.index} - {""})
    parts = [
        tuple(v[[of.get(s, "") == kind for s in v.index]].to_numpy(float) for v in found)
        for kind in kinds
    ]
    at = at.but(n=sum(len(v) for v in found))
    rows: Rows = []
    seed = desk.seed(f"strata {at.id()}")
    ranks = ("vanelteren", stratified.rank_sum(parts, seed=seed))
    means = [("permutation_stratified", stratified.permutation(parts, seed=seed))]
    for part, test in ([] if ordinal else means) + [ranks]:
        said = test.but(convention=f"{test.convention}; strata by {column}")
        if min(map(len, found)) < 2:
            said = said.but(p=NAN, note=said.note or "no test printed: one patient in a group")
        rows += ard.result_rows(at, part, ard.printable(said, desk.plan.alpha), ("p",))
    return rows


def all_visits(desk: Desk, code: str, name: str, at: Scope) -> Rows:
    """Difference of the arms' changes at the last visit, by the model of all later visits (MMRM).

    Parameters
    ----------
    desk : Desk
    code : str
        Of the endpoint.
    name : str
        Of the comparison of arms.
    at : Scope
    """
    pair: Comparison = desk.plan.comparisons[name]
    table: dict[str, dict[str, float]] = {v: {} for v in desk.later_visits}
    base: dict[str, float] = {}
    side: dict[str, float] = {}
    words = ", ".join(f'"{v}"' for v in desk.later_visits)
    for group, arm in ((pair.first, 1.0), (pair.second, 0.0)):
        where = both(is_("PARAMCD", code), f"AVISIT in [{words}]", OBSERVED)
        df = desk.select(desk.study.endpoints[code].dataset, both(where, desk.group(group).where))
        for visit in desk.later_visits:
            here = df[df["AVISIT"] == visit]
            table[visit] |= by_subject(here, "CHG").to_dict()
            base |= by_subject(here, "BASE").to_dict()
        side |= dict.fromkeys(df["USUBJID"], arm)
    who = sorted(s for s in base if any(s in table[v] for v in desk.later_visits))
    arms = np.array([side[s] for s in who])
    sizes = (int(arms.sum()), int((1 - arms).sum()))
    level = desk.plan.conf_level
    if min(sizes) < LEAST:
        what = f"{' v '.join(map(str, sizes))}: fewer than {LEAST} patients in an arm, no model"
        found = Result("MMRM, difference of changes", "REML, Satterthwaite", sum(sizes), sizes,
                       conf_level=level, note=what)  # fmt: skip
    else:
        y = np.array([[table[v].get(s, NAN) for v in desk.later_visits] for s in who])
        every = mixed.mmrm(y, np.array([base[s] for s in who]), arms, level)
        found = every[desk.later_visits.index(desk.last_visit)].but(sizes=sizes)
    if not math.isnan(found.p):
        found = found.but(p_attainable=0.0, p_design=0.0)
    return ard.result_rows(at.but(n=found.n), "mmrm", found, (*ESTIMATE, "p"))


def going_together(desk: Desk, code: str, other: str, name: str) -> Rows:
    """Two endpoints over all visits: the slope that patients share within themselves.

    Parameters
    ----------
    desk : Desk
    code, other : str
        Of the endpoints.
    name : str
        Of the group.
    """
    first, second = (desk.study.endpoints[c] for c in (code, other))
    where = [
        both(is_("PARAMCD", c), OBSERVED, desk.group(name).where) for c in (code, other)
    ]  # fmt: skip
    visits = desk.study.efficacy_visits
    seen = []
    for e, condition in zip((first, second), where, strict=True):
        df = desk.select(e.dataset, condition)
        df = df[df["AVISIT"].isin(visits) & (df["AVAL"] != "")]
        seen.append({(s, v): float(a) for s, v, a in
                     zip(df["USUBJID"], df["AVISIT"], df["AVAL"], strict=True)})  # fmt: skip
    common = sorted(set(seen[0]) & set(seen[1]))
    r = correlation.repeated(
        [seen[0][k] for k in common], [seen[1][k] for k in common], [s for s, _ in common],
        desk.plan.conf_level,
    )  # fmt: skip
    if not math.isnan(r.p):
        r = r.but(p_attainable=0.0, p_design=0.0)
    elif not r.note:
        r = r.but(note="no spread within patients")
    at = desk.scope(
        "efficacy", name, param=code.lower(), paramcd=code, dataset=first.dataset,
        where=where[0], label=f"{first.param} and {second.param}, within patients",
    ).but(
        visit="all_visits", quantity=f"corr_{other.lower()}", digits=2, n=r.n,
        estimand="exploratory",
    )  # fmt: skip
    return ard.result_rows(at, "repeated", r, (*ESTIMATE, "p"))
