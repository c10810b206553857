"""Two assays that measure one analyte in the same samples: how far they agree."""

from __future__ import annotations

from typing import Any

from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, both, is_
from sclerotrial.ard import slug
from sclerotrial.change.twice import side_by_side
from sclerotrial.inference.agreement import limits_of_agreement
from sclerotrial.study_twice import twofold


def agreement(desk: Desk) -> Rows:
    """Bias and limits of agreement of each pair of assays, on the log2 scale.

    Parameters
    ----------
    desk : Desk
        With ``adbm``; sections ``assays`` and ``analyses``.

    Returns
    -------
    list of rows
        ``biomarker.{compartment}_{code}.{group}.agree_{first}_{second}.*``: pairs, patients, pairs
        left out for a limit, bias, and the two limits of agreement.
    """
    plan = desk.plan
    group = "all" if "all" in plan.groups else next(iter(plan.biomarkers.groups), "")
    return [
        row for found in twofold(desk.study.assays) if group for row in _rows(desk, *found, group)
    ]


def _rows(desk: Desk, code: str, compartment: str, first: str, second: str, group: str) -> Rows:
    assays = desk.study.assays
    where = both(
        is_("ASSAY", first, second), is_("PARAMCD", code), 'ANL01FL=="Y"', 'AVAL!=""',
        desk.group(group).where,
    )  # fmt: skip
    df = desk.select("adbm", where)
    found = side_by_side(df, code, first, second, assays)
    whole = found[~found["LIMIT"]]
    people = whole["USUBJID"].nunique()
    agreed = limits_of_agreement(whole["FIRST"] - whole["SECOND"], whole["USUBJID"])
    agreed = agreed.but(n=people)
    at = desk.scope(
        "biomarker", group, param=f"{compartment.lower()}_{slug(code)}", dataset="adbm",
        paramcd=code, where=where, unit="log2", digits=2, estimand="descriptive", n=people,
        quantity=f"agree_{slug(first)}_{slug(second)}",
        label=f"{code}, {compartment.lower()}, {assays[first].label} minus {assays[second].label}",
    )  # fmt: skip
    counts = {
        "pairs": ("pairs measured by both", len(whole), "pairs"),
        "patients": ("patients with such a pair", people, "patients"),
        "limited": ("pairs with a limit, left out", len(found) - len(whole), "pairs"),
    }
    differ = df.loc[df["AVALU"] != "", "AVALU"].nunique() > 1
    note = "the units differ: the bias is that of their scales" if differ else ""
    rows: list[dict[str, Any]] = [
        at.row("count", k, part=part, label=label, unit=unit)
        for part, (label, k, unit) in counts.items()
    ]
    limits = "limit of agreement"
    return rows + [
        at.row("estimate", agreed.estimate, part="bias", label="bias", result=agreed, note=note),
        at.row("min", agreed.ci_low, part="limits", label=limits, result=agreed),
        at.row("max", agreed.ci_high, part="limits", label=limits, result=agreed),
    ]
