"""Adverse events: patients and events, by kind, term and lay word; onset, dose, time to first."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks, shares
from sclerotrial.analysis.blocks import ESTIMATE, INTERVAL, Rows
from sclerotrial.analysis.common import Desk, Frames, both, by_subject, is_
from sclerotrial.analysis.term_grades import term_grades
from sclerotrial.ard import Scope, slug, visit_part
from sclerotrial.inference import counts, survival
from sclerotrial.tabular import num, plain

EARLY = "Onset in the first week"
RECUR = "events recur within a patient: no interval"


def safety(study: Any, frames: Frames) -> pd.DataFrame:
    """Adverse events from the first dose on.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl``, ``adae``, ``adtte``.
    """
    desk = Desk.of(study, frames)
    rows: Rows = []
    for name in desk.plan.safety.groups:
        rows += _kinds(desk, name)
        rows += _onset(desk, name)
        rows += _doses(desk, name)
        rows += _times(desk, name)
    for name in desk.plan.safety.comparisons:
        rows += _kinds_against(desk, name)
    rows += _terms(desk)
    rows += term_grades(desk, _ranked(desk, "AEDECOD"))
    return ard.frame(rows)


def _events(desk: Desk, name: str, *wheres: str) -> tuple[str, pd.DataFrame]:
    """Emergent events of a group that meet further conditions."""
    where = both(desk.plan.safety.emergent, *wheres, desk.group(name).where)
    return where, desk.select("adae", where)


def _episodes(df: pd.DataFrame) -> int:
    """Number of events: rows of one episode count once."""
    return df["AEGRPID"].where(df["AEGRPID"] != "", df["USUBJID"] + "/" + df["AESEQ"]).nunique()


def _scope(desk: Desk, name: str, param: str, label: str, where: str) -> Scope:
    return desk.scope("safety", name, param=param, label=label, dataset="adae", where=where)


def _pair(desk: Desk, name: str, param: str, label: str, *wheres: str) -> Rows:
    """Patients (with percent and interval) and events of one kind."""
    where, df = _events(desk, name, *wheres)
    at = _scope(desk, name, param, label, where)
    size = desk.size(name)
    patients = at.but(quantity="patients", label=f"{at.label}, patients")
    rows = blocks.share(patients, df["USUBJID"].nunique(), size, desk.plan)
    events = at.but(quantity="events", label=f"{at.label}, events")
    return rows + blocks.count(events, _episodes(df), unit="events", n=size)


def _kinds(desk: Desk, name: str) -> Rows:
    plan = desk.plan.safety
    rows: Rows = []
    for param, kind in plan.categories.items():
        rows += _pair(desk, name, param, kind.label, kind.where)
    for param, cluster in plan.clusters.items():
        rows += _pair(desk, name, param, cluster.label, is_("AEDECOD", *cluster.terms))
    _, df = _events(desk, name)
    worst = _worst(df)
    for grade in range(1, 6):
        where, _ = _events(desk, name, is_("AETOXGRN", str(grade)))
        at = _scope(desk, name, f"worst_grade{grade}", f"Worst grade {grade}", where)
        k = int((worst == grade).sum())
        rows += blocks.share(at.but(quantity="patients"), k, desk.size(name), desk.plan)
    return rows


def _kinds_against(desk: Desk, name: str) -> Rows:
    """The same kinds, worst grades and early onset, one group against the other."""
    plan = desk.plan.safety
    kinds = {k: (c.label, c.where) for k, c in plan.categories.items()}
    kinds |= {k: (c.label, is_("AEDECOD", *c.terms)) for k, c in plan.clusters.items()}
    rows: Rows = []
    for param, (label, where) in kinds.items():
        rows += _against(desk, name, param, label, where)
    for grade in range(1, 6):
        rows += _against(desk, name, f"worst_grade{grade}", f"Worst grade {grade}", worst=grade)
    return rows + _against(desk, name, "week1", EARLY, plan.early)


def _against(desk: Desk, name: str, param: str, label: str, *wheres: str, worst: int = 0) -> Rows:
    """Patients of both groups with an event of one kind (or of this worst grade)."""
    pair = desk.plan.comparisons[name]
    sides = []
    for group in (pair.first, pair.second):
        _, df = _events(desk, group, *wheres)
        k = int((_worst(df) == worst).sum()) if worst else df["USUBJID"].nunique()
        sides.append((k, desk.size(group)))
    grade = is_("AETOXGRN", str(worst)) if worst else ""
    at = desk.scope(
        "safety", pair.first, param=param, label=label, dataset="adae", quantity="patients",
        where=both(desk.plan.safety.emergent, *wheres, grade, shares.either(desk, pair)),
    ).but(
        group=name, label=f"{label}, {pair.label}, patients", estimand=pair.estimand
    )  # fmt: skip
    return shares.against(at, desk.plan, *sides)


def _worst(df: pd.DataFrame) -> pd.Series:
    """Worst grade of each patient."""
    return num(df["AETOXGRN"]).groupby(df["USUBJID"].to_numpy()).max()


def _onset(desk: Desk, name: str) -> Rows:
    """Share of events, of first events a term, and of each patient's events that came early."""
    plan = desk.plan.safety
    where, df = _events(desk, name)
    early_where, early = _events(desk, name, plan.early)
    at = _scope(desk, name, "week1", EARLY, early_where).but(unit="events", n=desk.size(name))
    rows = blocks.share(
        at.but(quantity="patients"), early["USUBJID"].nunique(), desk.size(name), desk.plan
    )
    _, first = _events(desk, name, plan.first_of_term)
    first_where, first_early = _events(desk, name, plan.first_of_term, plan.early)
    parts = {
        "events": ("share of all events", early_where, _episodes(early), _episodes(df)),
        "first_events": (
            "share of the first events of each term in each patient",
            first_where,
            len(first_early),
            len(first),
        ),
    }
    for quantity, (words, condition, k, n) in parts.items():
        here = at.but(quantity=quantity, label=f"{at.label}, {words}", where=condition)
        rows.append(here.row("count", k))
        rows.append(here.but(quantity=f"{quantity}_all", where=where).row("count", n))
        value = 100 * k / n if n else float("nan")
        rows.append(here.row("percent", value, note=RECUR if n else "no event"))
    began = df["AEGRPID"].isin(set(early["AEGRPID"]))
    mine = df.assign(EARLY=began).drop_duplicates(["USUBJID", "AEGRPID"])
    shares = 100 * mine.groupby("USUBJID")["EARLY"].mean()
    each = at.but(
        quantity="patient_share", unit="%", label=f"{at.label}, share of each patient's events",
        where=where,
    )  # fmt: skip
    return rows + blocks.values(each, shares, (1, 1), desk.group(name).single)


def _doses(desk: Desk, name: str) -> Rows:
    """Events by daily dose on the day of onset."""
    _, df = _events(desk, name)
    found = sorted({v for v in num(df["DOSEON"]).dropna()})
    rows: Rows = []
    for dose in found:
        where, these = _events(desk, name, is_("DOSEON", plain(dose)))
        at = _scope(
            desk, name, f"dose_{slug(plain(dose))}", f"Onset at {plain(dose)} mg/day", where
        )
        at = at.but(n=desk.size(name))
        rows += blocks.count(at.but(quantity="events"), _episodes(these), unit="events")
        rows += blocks.count(at.but(quantity="patients"), these["USUBJID"].nunique())
    return rows


def _times(desk: Desk, name: str) -> Rows:
    """Median time to the first event, and its rate with an exact Poisson interval."""
    rows: Rows = []
    unit = desk.plan.safety.person_time
    for code in desk.plan.safety.times:
        where = both(is_("PARAMCD", code), desk.group(name).where)
        df = desk.select("adtte", where).sort_values("USUBJID", kind="stable")
        days, event = by_subject(df, "AVAL"), by_subject(df, "CNSR") == 0
        event = event.reindex(days.index)
        label = df["PARAM"].iloc[0] if len(df) else code
        at = desk.scope(
            "safety", name, param=slug(code), label=label, paramcd=code, dataset="adtte",
            where=where, unit="days", digits=1, n=len(days),
        )  # fmt: skip
        rows += blocks.count(at.but(quantity="events"), int(event.sum()), unit="events")
        if desk.group(name).single and len(days) <= 1:
            rows += blocks.single(at, days, (0, 1))
            continue
        km = survival.median_interval(list(days), list(event), desk.plan.conf_level)
        rows += [at.row("median", km.estimate, result=km)]
        rows += ard.result_rows(at, "km", km, INTERVAL)
        rate = counts.poisson_rate(
            int(event.sum()), float(days.sum()) / unit.days, desk.plan.conf_level, n=len(days)
        )
        here = at.but(unit=unit.label, digits=2, label=f"{at.label}, rate of first events")
        rows += ard.result_rows(here, "rate", rate, ESTIMATE)
        for visit in desk.study.visits:
            if visit.avisit in desk.plan.safety.event_free:
                rows += _event_free(desk, at, visit, list(days), list(event))
    return rows


def _event_free(desk: Desk, at: Scope, visit: Any, days: list[float], event: list[bool]) -> Rows:
    """Patients at risk on the planned day of a visit, and the share without an event by then."""
    when = f"without an event by day {visit.target}"
    at = at.but(visit=visit_part(visit.avisit), avisit=visit.avisit, unit="%")
    here = at.but(quantity="at_risk", label=f"{at.label}, at risk on day {visit.target}")
    rows = blocks.count(here, sum(d >= visit.target for d in days))
    r = survival.survival_at(days, event, visit.target, desk.plan.conf_level)
    r = r.but(**{k: 100 * getattr(r, k) for k in ESTIMATE})
    free = at.but(quantity="event_free", label=f"{at.label}, {when}")
    rows += [free.row("percent", r.estimate, part="km", result=r)]
    return rows + ard.result_rows(free, "km", r, INTERVAL)


def _terms(desk: Desk) -> Rows:
    """By body system and preferred term, the most frequent first."""
    plan = desk.plan.safety
    rows: Rows = []
    for column, prefix in (("AEBODSYS", "soc"), ("AEDECOD", "pt")):
        for term in _ranked(desk, column):
            for name in plan.groups:
                rows += _pair(desk, name, f"{prefix}_{slug(term)}", term, is_(column, term))
            for name in plan.comparisons:
                rows += _against(desk, name, f"{prefix}_{slug(term)}", term, is_(column, term))
    return rows


def _ranked(desk: Desk, column: str) -> list[str]:
    """Terms seen in any group: by number of patients in the first group, then by name."""
    seen: dict[str, list[int]] = {}
    for k, name in enumerate(desk.plan.safety.groups):
        _, df = _events(desk, name)
        for term, many in df.groupby(column)["USUBJID"].nunique().items():
            seen.setdefault(str(term), [0] * len(desk.plan.safety.groups))[k] = int(many)
    return sorted(seen, key=lambda t: ([-k for k in seen[t]], t))
