"""Feasibility, the stated aim: recruitment, retention, adherence, what became of the drug."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import ESTIMATE, Rows
from sclerotrial.analysis.common import Desk, Frames, both, by_subject, is_
from sclerotrial.ard import Scope, slug, visit_part
from sclerotrial.inference import counts, proportions
from sclerotrial.inference.result import NAN

RANDOMISED_ONLY = 'RANDFL=="Y"'


def feasibility(study: Any, frames: Frames) -> pd.DataFrame:
    """The feasibility family.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``endpoints``, ``visits``, ``efficacy_visits``, ``recruitment``,
        ``arms``, ``dosing``.
    frames : mapping of name to DataFrame of str
        ``adsl``; the dataset of the first endpoint (``adqs``) for who came to the last visit.
    """
    desk = Desk.of(study, frames)
    if not desk.plan.groups:
        return ard.frame([])
    rows = _recruitment(desk)
    for name in desk.plan.feasibility.arms:
        rows += _allocated(desk, name)
    treated = desk.plan.feasibility.treated
    if treated:
        rows += _retention(desk, treated) + _adherence(desk, treated) + _drug(desk, treated)
    # the flow of participants tells of each arm who stayed, but of one person alone
    others = (a for a in desk.plan.feasibility.arms if a != treated)
    rows += [r for a in others if not desk.group(a).single for r in _retention(desk, a)]
    return ard.frame(rows)


def _at(desk: Desk, param: str, name: str, label: str, *wheres: str) -> tuple[Scope, pd.DataFrame]:
    where = both(*wheres, desk.group(name).where)
    scope = desk.scope("feasibility", name, param=param, label=label, dataset="adsl", where=where)
    return scope, desk.select("adsl", where)


def _recruitment(desk: Desk) -> Rows:
    plan, planned = desk.plan.feasibility, desk.study.recruitment.planned
    screened, people = _at(desk, "screened", plan.screened, "Screened")
    rows = blocks.count(screened.but(group=""), len(people), n=len(people))
    failed, out = _at(desk, "screen_failures", plan.screened, "Not randomised", 'RANDFL!="Y"')
    rows += blocks.count(failed.but(group=""), len(out), n=len(people))
    for reason, k in _reasons(out):
        here, _ = _at(
            desk, f"screen_failures_{slug(reason)}", plan.screened, f"Not randomised: {reason}",
            'RANDFL!="Y"', is_("DCSREAS", reason),
        )  # fmt: skip
        rows += blocks.count(here.but(group=""), k, n=len(people))
    enrolled, inside = _at(desk, "enrolled", plan.enrolled, "Randomised")
    rows += blocks.count(enrolled.but(group=""), len(inside), n=len(inside))
    share = enrolled.but(group="", param="enrolled_of_screened", label="Randomised of screened")
    both_ = int(inside["USUBJID"].isin(people["USUBJID"]).sum())
    rows += blocks.share(share, both_, len(people), desk.plan)
    if planned:
        aim = Scope("feasibility", "planned", label="Planned", unit="patients")
        rows.append(aim.row("count", planned, n=planned, note="from the protocol"))
        part = enrolled.but(
            group="", param="enrolled_of_planned", label="Randomised of planned", n=planned
        )
        cp = proportions.clopper_pearson(min(len(inside), planned), planned, desk.plan.conf_level)
        note = "the interval treats each planned place as one chance to enrol"
        if len(inside) > planned:
            note = "more were randomised than planned: no interval"
            cp = cp.but(estimate=len(inside) / planned, ci_low=NAN, ci_high=NAN)
        rows += [part.row("percent", 100 * cp.estimate, result=cp, note=note)]
        limits = cp.but(ci_low=100 * cp.ci_low, ci_high=100 * cp.ci_high)
        rows += ard.result_rows(part, "", limits, ("ci_low", "ci_high"), unit="%", note=note)
        if len(inside) <= planned:
            rows += blocks.wilson(part, len(inside), planned, desk.plan)
    return rows + _accrual(desk, enrolled.but(group=""), inside)


def _reasons(df: pd.DataFrame) -> list[tuple[str, int]]:
    """Reasons and numbers of patients, in alphabetical order."""
    many = df.loc[df["DCSREAS"] != "", "DCSREAS"].value_counts()
    return [(str(reason), int(many[reason])) for reason in sorted(many.index)]


def _accrual(desk: Desk, enrolled: Scope, inside: pd.DataFrame) -> Rows:
    """Patients a month, to the last randomisation and to the day enrolment stopped."""
    r = desk.study.recruitment
    dates = sorted(dt.date.fromisoformat(d) for d in inside["RANDDT"] if d)
    rows: Rows = []
    ends = {
        "accrual_per_month": (dates[-1] if dates else None, "to the last randomisation"),
        "accrual_per_month_to_stop": (r.stopped, "to the day enrolment stopped"),
    }
    for param, (end, label) in ends.items():
        if not r.start or not end:
            continue
        start = _day(r.start)
        months = ((_day(end) - start).days + 1) / desk.plan.feasibility.month_days
        rate = counts.poisson_rate(len(dates), months, desk.plan.conf_level, n=len(dates))
        at = enrolled.but(
            param=param, label=f"Randomised a month, {label}", unit="patients/month", digits=2
        )
        note = f"{months:.1f} months from {start.isoformat()}"
        rows += ard.result_rows(at, "", rate, ESTIMATE, note=note)
    if r.stopped:
        known = sum(d <= _day(r.stopped) for d in dates)
        at = enrolled.but(param="enrolled_at_stop", label="Randomised when enrolment stopped")
        why = f"enrolment stopped: {r.stop_reason}" if r.stop_reason else ""
        rows += blocks.count(at, known, n=len(dates), note=why)
    return rows


def _day(value: Any) -> dt.date:
    """A date of the configuration, whether it came as a date or as text."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _allocated(desk: Desk, name: str) -> Rows:
    """Randomised and treated, by planned arm."""
    treated = desk.select("adsl", desk.group(name).where)
    arm = next((a.label for a in desk.study.arms if a.label in set(treated["TRT01A"])), None)
    arm = arm or desk.group(name).label
    where = both(RANDOMISED_ONLY, is_("TRT01P", arm))
    people = desk.select("adsl", where)
    at = desk.scope(
        "feasibility", name, param="allocated", label="Randomised to", dataset="adsl", where=where
    )
    rows = blocks.count(at.but(population="RANDFL"), len(people), n=len(people))
    took, inside = _at(desk, "treated", name, "Took study drug")
    return rows + blocks.count(took, len(inside), n=len(people))


def _retention(desk: Desk, name: str) -> Rows:
    """Completed the planned months of drug, and came to the last visit on drug or not."""
    months = visit_part(desk.last_visit)
    at, people = _at(desk, "retention", name, "Completed the planned study drug")
    done = people[people["COMPLFL"] == "Y"]
    rows = blocks.share(at, len(done), len(people), desk.plan)
    code = (desk.plan.efficacy.endpoints or [""])[0]
    if code:
        e = desk.study.endpoints[code]
        where = both(
            is_("PARAMCD", code), is_("AVISIT", desk.last_visit), 'ANL01FL=="Y"',
            desk.group(name).where,
        )  # fmt: skip
        seen = by_subject(desk.select(e.dataset, where), "AVAL")
        here = at.but(
            param=f"assessed_{months}", label=f"{e.param} assessed at {desk.last_visit}, "
            f"{desk.group(name).label}", dataset=e.dataset, where=where, visit="",
        )  # fmt: skip
        rows += blocks.share(here, len(seen), len(people), desk.plan)
    out, left = _at(desk, "discontinued", name, "Stopped early", 'COMPLFL!="Y"')
    rows += blocks.share(out, len(left), len(people), desk.plan)
    for reason, k in _reasons(left):
        here, _ = _at(
            desk, f"discontinued_{slug(reason)}", name, f"Stopped early: {reason}",
            'COMPLFL!="Y"', is_("DCSREAS", reason),
        )  # fmt: skip
        rows += blocks.share(here, k, len(people), desk.plan)
    return rows


def _adherence(desk: Desk, name: str) -> Rows:
    """Capsules used of those recorded as taken, and dose taken of the dose planned."""
    rows: Rows = []
    items = {
        "adherence": ("PILLPCT", "Capsules used, of intakes recorded"),
        "dose_while_on": ("RDIDUR", "Dose taken of the plan while on drug"),
        "dose_of_plan": ("RDIPLAN", "Dose taken of the whole plan"),
    }
    for param, (column, label) in items.items():
        at, people = _at(desk, param, name, label, f'{column}!=""')
        rows += blocks.summary(at.but(unit="%"), by_subject(people, column), (1, 1))
    return rows


def _drug(desk: Desk, name: str) -> Rows:
    """Dose reductions, interruptions, and what became of those given the drug again."""
    everyone = desk.size(name)
    kinds = {
        "dose_reduced": ("Dose reduced", [is_("DOSEREDFL", "Y")]),
        "interrupted": ("Study drug interrupted", [is_("INTERRFL", "Y")]),
        "rechallenge": ("Given again after an interruption", [is_("REINTFL", "Y")]),
    }
    rows: Rows = []
    for param, (label, wheres) in kinds.items():
        at, people = _at(desk, param, name, label, *wheres)
        rows += blocks.share(at, len(people), everyone, desk.plan)
    again = [is_("REINTFL", "Y")]
    _, given = _at(desk, "rechallenge", name, "", *again)
    outcomes = {
        "rechallenge_failed": ("Stopped again after it was given again", "stopped again"),
        "rechallenge_tolerated": ("Tolerated when given again", "tolerated"),
    }
    for param, (label, outcome) in outcomes.items():
        at, people = _at(desk, param, name, label, *again, is_("REINTOUT", outcome))
        rows += blocks.share(at, len(people), len(given), desk.plan)
    return rows
