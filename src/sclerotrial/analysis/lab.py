"""Laboratory: values and changes by visit, worst grades, shifts; gain of weight."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, Frames, both, by_subject, is_
from sclerotrial.ard import slug
from sclerotrial.tabular import num

LATER = 'CHG!=""'
BOUNDS = ("LOW", "NORMAL", "HIGH")


def lab(study: Any, frames: Frames) -> pd.DataFrame:
    """Laboratory tests of every group, and weight.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``laboratory``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl``, ``adlb``, ``advs``.
    """
    desk = Desk.of(study, frames)
    rows: Rows = []
    for code, test in desk.study.laboratory.items():
        for name in desk.plan.lab.groups:
            rows += _values(desk, code, test, name)
            rows += _shifts(desk, code, test, name)
            if test.ctcae:
                rows += _grades(desk, code, test.param, test.ctcae, name, "adlb", LATER)
    weight = desk.plan.lab.weight
    if weight:
        for name in desk.plan.lab.groups:
            rows += _grades(desk, weight, "Weight", "Weight gain", name, "advs", "")
            rows += _gain(desk, weight, name)
    return ard.frame(rows)


def _values(desk: Desk, code: str, test: Any, name: str) -> Rows:
    """Baseline, value and change at the efficacy visits; no tests."""
    lone, digits = desk.group(name).single, desk.digits(code)
    rows: Rows = []
    first = next(v.avisit for v in desk.study.visits if v.baseline)
    for visit in (first, *desk.later_visits):
        own = is_("ABLFL", "Y") if visit == first else both(is_("AVISIT", visit), 'ANL01FL=="Y"')
        where = both(is_("PARAMCD", code), own, desk.group(name).where)
        df = desk.select("adlb", where)
        at = desk.scope(
            "lab", name, param=code.lower(), label=test.param, paramcd=code, dataset="adlb",
            where=where, unit=test.unit, avisit=visit,
        )  # fmt: skip
        rows += blocks.values(at.but(quantity="aval"), by_subject(df, "AVAL"), digits, lone)
        if visit != first:
            rows += blocks.values(at.but(quantity="chg"), by_subject(df, "CHG"), digits, lone)
    return rows


def _shifts(desk: Desk, code: str, test: Any, name: str) -> Rows:
    """Patients by range at baseline and at any later time; one patient can be in several cells."""
    where = both(is_("PARAMCD", code), 'SHIFT1!=""', desk.group(name).where)
    df = desk.select("adlb", where)
    n = df["USUBJID"].nunique()
    rows: Rows = []
    for before in BOUNDS:
        for after in BOUNDS:
            shift = f"{before} to {after}"
            here = both(is_("PARAMCD", code), is_("SHIFT1", shift), desk.group(name).where)
            at = desk.scope(
                "lab", name, param=code.lower(), quantity=f"shift_{slug(shift)}",
                label=f"{test.param}, {shift.lower()} at any later time", paramcd=code,
                dataset="adlb", where=here, n=n,
            )  # fmt: skip
            k = df.loc[df["SHIFT1"] == shift, "USUBJID"].nunique()
            rows += blocks.count(at, k)
    return rows


def _grades(
    desk: Desk, code: str, label: str, term: str, name: str, dataset: str, later: str
) -> Rows:
    """Patients by worst grade after baseline."""
    where = both(is_("PARAMCD", code), later, 'ATOXGR!=""', desk.group(name).where)
    df = desk.select(dataset, where)
    worst = num(df["ATOXGR"]).groupby(df["USUBJID"].to_numpy()).max()
    rows: Rows = []
    for grade in range(5):
        at = desk.scope(
            "lab", name, param=slug(code), quantity=f"worst_grade{grade}",
            label=f"{label}, worst grade {grade} ({term})", paramcd=code, dataset=dataset,
            where=where, n=len(worst),
        )  # fmt: skip
        rows += blocks.count(at, int((worst == grade).sum()))
    return rows


def _gain(desk: Desk, code: str, name: str) -> Rows:
    """Largest gain of weight of each patient, in percent of baseline."""
    where = both(is_("PARAMCD", code), 'AVAL!=""', desk.group(name).where)
    df = desk.select("advs", where)
    most = num(df["AVAL"]).groupby(df["USUBJID"].to_numpy()).max()
    at = desk.scope(
        "lab", name, param=slug(code), quantity="largest", label="Largest change of weight",
        paramcd=code, dataset="advs", where=where, unit="%",
    )  # fmt: skip
    return blocks.values(at, most, (1, 1), desk.group(name).single)
