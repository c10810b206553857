"""How the trial was carried out: intercurrent events, deviations, checks of the assays."""

from __future__ import annotations

import pandas as pd

from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, both, is_
from sclerotrial.ard import Scope, slug

#: rules of the query list that tell of a departure from the protocol, and what it is
DEVIATIONS = {
    "stratum": "Stratum at randomisation other than as recorded",
    "allocation_day": "Day of allocation other than that of the list",
    "before_consent": "Dated before consent",
    "visit_order": "Visits out of order",
    "visit_window": "Dated outside the window of its visit",
    "two_events": "Two records of one visit",
    "other_rater": "Skin scored by another rater than before",
    "last_dose": "Last dose other than the dosing log tells",
}


def conduct(desk: Desk) -> Rows:
    """Intercurrent events and deviations.

    Parameters
    ----------
    desk : Desk
        With ``adsl``, ``queries``; sections ``analyses``, ``intercurrent_events``.
    """
    return _intercurrent(desk) + _deviations(desk)


def _intercurrent(desk: Desk) -> Rows:
    """Patients in whom an event that ``study.yaml`` names happened, with its strategy."""
    rows: Rows = []
    for event in desk.study.intercurrent_events:
        for name in desk.plan.safety.groups:
            here = both(event.where, desk.group(name).where)
            at = desk.scope(
                "quality", name, param=f"ice_{slug(event.code)}", dataset="adsl", where=here,
                label=event.label, n=desk.size(name), estimand=event.strategy,
            )  # fmt: skip
            found = desk.select("adsl", here)["USUBJID"].nunique()
            rows += blocks.share(at, found, desk.size(name), desk.plan)
    return rows


def _deviations(desk: Desk) -> Rows:
    """Rows of the query list that tell of a departure from the protocol; patients and records."""
    queries = desk.frames["queries"]
    queries = queries[queries["STATUS"] != "solved"]
    rows: Rows = []
    for rule, label in DEVIATIONS.items():
        found = queries[queries["RULE"] == rule]
        if found.empty:
            continue
        at = Scope(
            "quality", f"deviation_{rule}", dataset="queries", where=is_("RULE", rule), label=label
        )
        people = found.loc[found["USUBJID"] != "", "USUBJID"].nunique()
        rows += blocks.count(at.but(quantity="patients", label=f"{label}, patients"), people)
        records = at.but(quantity="records", label=f"{label}, records")
        rows += blocks.count(records, len(found), unit="records")
    return rows


def assay_checks(checks: pd.DataFrame) -> Rows:
    """Checks of plates and samples by kind, and how many failed.

    Parameters
    ----------
    checks : DataFrame of str
        ``results/assays/{assay}/quality.csv`` of all assays: ``ASSAY``, ``CHECK``, ``VERDICT``.
    """
    rows: Rows = []
    for (assay, check), these in checks.groupby(["ASSAY", "CHECK"], sort=True):
        name = str(check).replace("_", " ")
        at = Scope(
            "quality", f"assay_{slug(assay)}", quantity=f"check_{slug(check)}",
            dataset=f"assays/{assay}/quality.csv", label=f"{assay}, {name}",
        )  # fmt: skip
        rows += blocks.count(at.but(label=f"{at.label}, checks"), len(these), unit="checks")
        bad = at.but(quantity=f"{at.quantity}_failed", label=f"{at.label}, failed")
        rows += blocks.count(bad, int((these["VERDICT"] == "fail").sum()), unit="checks")
        odd = int((~these["VERDICT"].isin(["pass", "fail"])).sum())
        if odd:
            other = at.but(quantity=f"{at.quantity}_warned", label=f"{at.label}, only noted")
            rows += blocks.count(other, odd, unit="checks")
    return rows
