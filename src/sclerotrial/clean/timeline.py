"""Rules across forms on when things happened: visits in order, within consent and the trial."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter

import pandas as pd

from sclerotrial.clean.specs import KEYS, form_of
from sclerotrial.read.findings import doubt, finding, place
from sclerotrial.study_models import Study

Found = list[dict[str, str]]
Frames = dict[str, pd.DataFrame]
#: a form dated further than this from its visit belongs to another visit or has a wrong date
FORM_DAYS = 10
#: laboratory, doses and events further than this outside a subject's time in the trial are doubted
MARGIN_DAYS = 90
VISIT_FORM, VISIT_DATE = "visit_log", "visit_date"


def visit_dates(study: Study, crf: Frames) -> pd.DataFrame:
    """Dates of the planned visits: USUBJID, VISIT, DATE, NUMBER, FORM, FIELD and keys of records.

    From the visit log; a study without one gives the dates of its forms.
    """
    dated = (
        {VISIT_FORM: VISIT_DATE}
        if VISIT_DATE in crf.get(VISIT_FORM, ())
        else {f: d for f in crf if (d := form_of(study, f).date) and d in crf[f]}
    )
    number = {v.avisit: v.avisitn for v in study.visits if v.target is not None}
    parts = [
        crf[f][["USUBJID", "VISIT", "INSTANCE", "SRCFILE", "SRCLINE"]].assign(
            DATE=crf[f][field], FORM=f, FIELD=field, NUMBER=crf[f]["VISIT"].map(number)
        )
        for f, field in dated.items()
    ]
    columns = [*KEYS, "DATE", "FORM", "FIELD", "NUMBER"]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return frame[frame["DATE"].str.len() == 10] if len(frame) else frame


def unknown_visits(study: Study, crf: Frames) -> Found:
    """Events of the export that no visit of the study names: one row an event."""
    known = {v.avisit for v in study.visits} | {""}
    if len(known) == 1:
        return []
    first: dict[str, tuple[str, dict[str, str]]] = {}
    many: Counter[str] = Counter()
    for form, table in crf.items():
        strange = table[~table["VISIT"].isin(known)]
        many.update(strange["VISIT"])
        for row in strange.drop_duplicates("VISIT").to_dict("records"):
            first.setdefault(row["VISIT"], (form, row))
    return [
        finding(
            rule="event_unknown",
            field="VISIT",
            raw=visit,
            value=visit,
            message="No visit of study.yaml has this event; so in "
            f"{many[visit]} records, the first is shown. Their dates decide where they count",
            **place(row, form),
        )
        for visit, (form, row) in sorted(first.items())
    ]


def visit_order(study: Study, crf: Frames) -> Found:
    """Visits whose dates do not increase: the fewest visits that would have to be wrong."""
    dates = visit_dates(study, crf)
    if dates.empty:
        return []
    found = []
    planned = dates[dates["NUMBER"].notna()]
    for _, rows in planned.groupby(["USUBJID", "FORM"], sort=True):
        rows = rows.sort_values("NUMBER", kind="stable")
        keep = _longest_rising(list(rows["DATE"]))
        for i, row in enumerate(rows.to_dict("records")):
            if i not in keep:
                found.append(
                    finding(
                        rule="visit_order",
                        severity="error",
                        field=row["FIELD"],
                        raw=row["DATE"],
                        value=row["DATE"],
                        message="The date does not lie between the visits before and after",
                        **place(row, row["FORM"]),
                    )
                )
    return found


def _longest_rising(values: list[str]) -> set[int]:
    """Positions of a longest strictly rising subsequence."""
    tails: list[str] = []
    where: list[int] = []
    before: list[int | None] = []
    for i, value in enumerate(values):
        at = bisect_left(tails, value)
        before.append(where[at - 1] if at else None)
        if at == len(tails):
            tails.append(value)
            where.append(i)
        else:
            tails[at], where[at] = value, i
    kept: set[int] = set()
    at: int | None = where[-1] if where else None
    while at is not None:
        kept.add(at)
        at = before[at]
    return kept


def _consent(study: Study, crf: Frames) -> dict[str, str]:
    """Day of consent by subject: the date at which age is taken, or a field `consent_date`."""
    field = study.forms.age.at if study.forms.age else "consent_date"
    for table in crf.values():
        if field in table:
            full = table[table[field].str.len() == 10]
            return dict(zip(full["USUBJID"], full[field], strict=True))
    return {}


def before_consent(study: Study, crf: Frames) -> Found:
    """Visits before the subject consented."""
    consent = _consent(study, crf)
    return [
        finding(
            rule="before_consent",
            severity="error",
            field=row["FIELD"],
            raw=row["DATE"],
            value=row["DATE"],
            message=f"The visit lies before consent ({consent[row['USUBJID']]})",
            **place(row, row["FORM"]),
        )
        for row in visit_dates(study, crf).to_dict("records")
        if row["DATE"] < consent.get(row["USUBJID"], "")
    ]


def allocation_day(study: Study, crf: Frames) -> Found:
    """Randomised before consent, or after the first dose."""
    table, doses = crf.get("allocation"), crf.get("dosing")
    if table is None or "rand_date" not in table:
        return []
    consent, first = _consent(study, crf), {}
    if doses is not None and "ex_start" in doses:
        full = doses[doses["ex_start"].str.len() == 10]
        first = full.groupby("USUBJID")["ex_start"].min().to_dict()
    found = []
    for row in table[table["rand_date"].str.len() == 10].to_dict("records"):
        subject, date = row["USUBJID"], row["rand_date"]
        said = []
        if date < consent.get(subject, ""):
            said.append(f"before consent ({consent[subject]})")
        if date > first.get(subject, "9999"):
            said.append(f"after the first dose ({first[subject]})")
        found += [
            finding(
                rule="allocation_day",
                severity="error",
                field="rand_date",
                raw=date,
                value=date,
                message=f"Randomised {words}",
                **place(row, "allocation"),
            )
            for words in said
        ]
    return found


def days_between(a: str, b: str) -> int:
    """Days from ISO date b to ISO date a."""
    return (dt.date.fromisoformat(a) - dt.date.fromisoformat(b)).days


def form_dates(study: Study, crf: Frames) -> Found:
    """Forms dated far from the visit that they belong to."""
    if VISIT_DATE not in crf.get(VISIT_FORM, ()):
        return []
    log = crf[VISIT_FORM]
    log = log[log[VISIT_DATE].str.len() == 10]
    keys = ["USUBJID", "VISIT", "INSTANCE"]
    visits = log.drop_duplicates(keys).set_index(keys)[VISIT_DATE].to_dict()
    found = []
    for name, table in crf.items():
        field = form_of(study, name).date
        if name == VISIT_FORM or field not in table:
            continue
        for row in table[table[field].str.len() == 10].to_dict("records"):
            visit = visits.get(tuple(row[k] for k in keys))
            if visit and abs(days_between(row[field], visit)) > FORM_DAYS:
                away = abs(days_between(row[field], visit))
                found.append(
                    doubt(
                        row,
                        field,
                        name,
                        rule="date_off_visit",
                        message=f"{away} days from the visit ({visit})",
                    )
                )
    return found


def out_of_trial(study: Study, crf: Frames) -> Found:
    """Laboratory, doses and events dated far outside the subject's time in the trial."""
    consent = _consent(study, crf)
    last: dict[str, str] = {}
    visits = visit_dates(study, crf)
    for subject, date in zip(visits["USUBJID"], visits["DATE"], strict=True):
        last[subject] = max(date, last.get(subject, ""))
    end = crf.get("disposition", pd.DataFrame())
    if "ds_end" in end:
        for subject, date in zip(end["USUBJID"], end["ds_end"], strict=True):
            if len(date) == 10:
                last[subject] = max(date, last.get(subject, ""))
    found = []
    for name, table in crf.items():
        form = form_of(study, name)
        dated = form.laboratory or name in ("dosing", "adverse_events")
        field = "sample_date" if form.laboratory else form.order[0][0] if form.order else ""
        if not dated or field not in table:
            continue
        for row in table[table[field].str.len() == 10].to_dict("records"):
            subject, date = row["USUBJID"], row[field]
            early = subject in consent and days_between(date, consent[subject]) < -MARGIN_DAYS
            late = subject in last and days_between(date, last[subject]) > MARGIN_DAYS
            if early or late:
                found.append(
                    finding(
                        rule="date_out_of_trial",
                        field=field,
                        raw=date,
                        value=date,
                        message=f"More than {MARGIN_DAYS} days "
                        + ("before consent" if early else "after the last contact"),
                        **place(row, name, form.key),
                    )
                )
    return found


def dose_intervals(crf: Frames) -> Found:
    """Dose intervals that overlap, or stay open while a later one begins."""
    table = crf.get("dosing")
    if table is None or not {"ex_start", "ex_end"} <= set(table):
        return []
    found = []
    full = table[table["ex_start"].str.len() == 10].sort_values(
        ["USUBJID", "ex_start"], kind="stable"
    )
    for _, rows in full.groupby("USUBJID", sort=True):
        records = rows.to_dict("records")
        for row, after in zip(records, records[1:], strict=False):
            if not row["ex_end"] or after["ex_start"] <= row["ex_end"]:
                what = "reaches into" if row["ex_end"] else "has no end before"
                found.append(
                    finding(
                        rule="dose_overlap",
                        severity="error",
                        field="ex_end",
                        raw=row["ex_end"],
                        value=row["ex_end"],
                        message=f"The interval {what} the one that begins on {after['ex_start']}",
                        **place(row, "dosing"),
                    )
                )
    return found


def last_dose(crf: Frames) -> Found:
    """Last dose by disposition against the end of the last dose interval."""
    end, table = crf.get("disposition"), crf.get("dosing")
    if end is None or table is None or "ds_last_dose" not in end or "ex_end" not in table:
        return []
    last = table[table["ex_end"].str.len() == 10].groupby("USUBJID")["ex_end"].max()
    return [
        doubt(
            row,
            "ds_last_dose",
            "disposition",
            rule="last_dose",
            message=f"The dose log ends on {last[row['USUBJID']]}",
        )
        for row in end.to_dict("records")
        if len(row["ds_last_dose"]) == 10
        and row["USUBJID"] in last
        and row["ds_last_dose"] != last[row["USUBJID"]]
    ]
