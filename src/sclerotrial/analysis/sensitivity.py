"""Does the conclusion hang on a choice? Population x rule for missing values x test, an endpoint.

All rows rest on the last visit. The rules differ in whose change is used; the tests see the same
changes. Rows that repeat a number of the main analysis do so on purpose: the table is read as one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis.blocks import ESTIMATE, Rows, sign_flip
from sclerotrial.analysis.common import Desk, both, by_subject, is_
from sclerotrial.ard import Scope
from sclerotrial.inference import bootstrap, mixed, models, paired
from sclerotrial.inference.result import NAN, Result

OBSERVED = is_("ANL01FL", "Y")
CARRIED = is_("ANL02FL", "Y")
RULES = {
    "observed": "as observed, whatever happened to the drug (treatment policy)",
    "locf": "last observation carried forward",
    "bocf": "no change where nothing was seen (baseline carried forward)",
}
#: what the main analysis calls the change that a rule sees too
MAIN = {"observed": "chg", "locf": "chg_locf"}
WHOLE = (*ESTIMATE, "p")
REACH = 40  # steps that a tipping point is looked for in each direction


def sensitivity(desk: Desk, code: str) -> Rows:
    """Rows of one endpoint, in the populations that the plan names."""
    plan = desk.plan.efficacy.sensitivity
    rows: Rows = []
    for name in plan.groups:
        for rule in plan.rules:
            rows += _rule(desk, code, name, rule)
    return rows


def _scope(desk: Desk, code: str, name: str, where: str, quantity: str, **more: Any) -> Scope:
    e = desk.study.endpoints[code]
    return desk.scope(
        "efficacy",
        name,
        label=f"{e.param}, sensitivity",
        param=code.lower(),
        paramcd=code,
        dataset=e.dataset,
        unit=e.unit,
        avisit=desk.last_visit,
        where=where,
        quantity=quantity,
        digits=desk.digits(code)[1],
        **more,
    )


def _found(desk: Desk, code: str, name: str, *wheres: str) -> tuple[str, pd.DataFrame]:
    where = both(is_("PARAMCD", code), *wheres, desk.group(name).where)
    return where, desk.select(desk.study.endpoints[code].dataset, where)


def _changes(desk: Desk, code: str, name: str, rule: str) -> tuple[str, pd.Series, pd.Series]:
    """The condition, the changes and the baselines of those whom a rule uses."""
    later = is_("AVISIT", desk.last_visit)
    where, df = _found(desk, code, name, later, CARRIED if rule == "locf" else OBSERVED)
    change, base = _moved(desk, code, df), by_subject(df, "BASE")
    if rule == "bocf":
        _, start = _found(desk, code, name, is_("ABLFL", "Y"))
        base = by_subject(start, "AVAL")
        change = change.reindex(base.index).fillna(0.0)
    return where, change, base.reindex(change.index)


def _moved(desk: Desk, code: str, df: pd.DataFrame) -> pd.Series:
    """Changes; of an ordered scale their direction."""
    if desk.study.endpoints[code].scale != "ordinal":
        return by_subject(df, "CHG")
    gap = (by_subject(df, "AVAL") - by_subject(df, "BASE")).dropna()
    return pd.Series(np.sign(gap.to_numpy(float)), gap.index)


def _rule(desk: Desk, code: str, name: str, rule: str) -> Rows:
    where, change, base = _changes(desk, code, name, rule)
    at = _scope(desk, code, name, where, f"sens_{rule}").but(estimand=RULES[rule])
    x, plan = change.to_numpy(float), desk.plan
    at = at.but(n=len(x))
    ordinal = desk.study.endpoints[code].scale == "ordinal"
    main = "direction" if ordinal and rule == "observed" else MAIN.get(rule, at.quantity)
    flip = sign_flip(desk, at.but(quantity=main), x)
    rows: Rows = [at.row("n", len(x))]
    if ordinal:
        flip = flip.but(method="exact sign test of the direction of change")
        return rows + ard.result_rows(at, "signflip", ard.printable(flip, plan.alpha), ("p",))
    rank = {z: paired.signed_rank(x, z) for z in ("drop", "pratt")}
    for part, test in (
        ("signflip", flip),
        ("signedrank", rank["drop"]),
        ("signedrank_pratt", rank["pratt"]),
    ):
        rows += ard.result_rows(at, part, ard.printable(test, plan.alpha), ("p",))
    rows += ard.result_rows(at, "t", _told(paired.mean_change(x, plan.conf_level)), WHOLE)
    rows += ard.result_rows(at, "hl", paired.hodges_lehmann(x, plan.conf_level), ESTIMATE)
    model = models.ancova(x, base.to_numpy(float), level=plan.conf_level)
    rows += ard.result_rows(at, "ancova", _told(model), WHOLE)
    if rule == "observed":
        seed = desk.seed(f"bootstrap {at.id()}")
        bca = bootstrap.bca_mean(x, plan.conf_level, seed=seed)
        rows += ard.result_rows(at, "bca", bca, ESTIMATE)
        rows += _mmrm(desk, code, name, at)
        rows += _tipping(desk, code, name, at, change)
    return rows


def _told(result: Result) -> Result:
    """A p of normal theory has no smallest value but 0; one that is missing has a reason."""
    if math.isnan(result.p):
        return result if result.note else result.but(note="no p")
    return result.but(p_attainable=0.0, p_design=0.0)


def _mmrm(desk: Desk, code: str, name: str, at: Scope) -> Rows:
    """Mean change at the last visit from the model of all later visits."""
    where, df = _found(desk, code, name, _any_of(desk.later_visits), OBSERVED)
    table, base = {}, {}
    for visit in desk.later_visits:
        here = df[df["AVISIT"] == visit]
        table[visit] = by_subject(here, "CHG")
        base |= by_subject(here, "BASE").to_dict()
    who = sorted(base)
    y = np.array([[table[v].get(s, NAN) for v in desk.later_visits] for s in who], float)
    y = y.reshape(len(who), len(desk.later_visits))
    found = mixed.mmrm(y, np.array([base[s] for s in who]), level=desk.plan.conf_level)
    place = desk.later_visits.index(desk.last_visit)
    return ard.result_rows(at.but(where=where), "mmrm", _told(found[place]), WHOLE)


def _any_of(visits: list[str]) -> str:
    words = ", ".join(f'"{v}"' for v in visits)
    return f"AVISIT in [{words}]"


def _tipping(desk: Desk, code: str, name: str, at: Scope, seen: pd.Series) -> Rows:
    """How much must be added to the carried values of the unseen to turn the sign-flip test."""
    step = desk.plan.efficacy.sensitivity.tipping.get(code)
    if step is None:
        return []
    _, filled, _ = _changes(desk, code, name, "bocf")
    _, last, _ = _changes(desk, code, name, "locf")
    filled = filled[~filled.index.isin(seen.index)]
    filled = last.reindex(filled.index).fillna(filled).to_numpy(float)
    tip = _tip(desk, at, seen.to_numpy(float), filled, step)
    note = tip.note
    if not note:
        note = f"added to the last values of {len(filled)} not seen; p without it {tip.first:.3f}"
    label = "addition to the unseen at which the sign-flip test turns"
    return [at.row("estimate", tip.delta, part="tipping", label=label, note=note,
                   method="delta-adjusted tipping point")]  # fmt: skip


def _tip(desk: Desk, at: Scope, seen: np.ndarray, filled: np.ndarray, step: float) -> models.Tip:
    """Where the sign-flip test turns; every addition is drawn alike where the test is drawn."""
    here = at.but(quantity="tipping")
    if not len(filled):
        p = sign_flip(desk, here, seen).p
        return models.Tip(NAN, p, [], "no outcome is missing")

    def p_of(delta: float) -> float:
        return sign_flip(desk, here, np.concatenate([seen, filled + delta])).p

    return models.tipping_point(p_of, step, REACH * step, desk.plan.alpha)
