"""Records that should be there, or should not: forms of a visit, doses of those allocated."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sclerotrial.clean.people import is_table
from sclerotrial.clean.specs import Spec, form_of
from sclerotrial.clean.timeline import VISIT_DATE, VISIT_FORM, days_between, visit_dates
from sclerotrial.read.findings import finding, place
from sclerotrial.study_models import Study

Found = list[dict[str, str]]
Frames = Mapping[str, pd.DataFrame]
_DONE = "visit_done"


def blank_events(study: Study, crf: Frames) -> Found:
    """Records of a longitudinal export that say no event."""
    if not any(e for v in study.visits for e in v.events):
        return []
    found = []
    for name, table in crf.items():
        if is_table(study, name) or (table["VISIT"] == "").all():
            continue
        for row in table[table["VISIT"] == ""].to_dict("records"):
            found.append(
                finding(
                    rule="event_blank",
                    severity="error",
                    field="VISIT",
                    message="The record says no event: only its date can tell where it counts",
                    **place(row, name),
                )
            )
    return found


def visits_done(crf: Frames) -> dict[tuple[str, str], dict[str, str]]:
    """(subject, visit) -> row of the visit log, of visits that took place as it says."""
    log = crf.get(VISIT_FORM)
    if log is None or VISIT_DATE not in log:
        return {}
    done = log[VISIT_DATE] != ""
    if _DONE in log:
        done = (log[_DONE] == "1") | (done & (log[_DONE] != "0"))
    return {(r["USUBJID"], r["VISIT"]): r for r in log[done].to_dict("records")}


def forms_of_visits(study: Study, crf: Frames) -> Found:
    """Forms missing at a visit that took place, and forms of visits that did not."""
    done = visits_done(crf)
    if not done:
        return []
    log = crf[VISIT_FORM]
    denied = log[log[_DONE] == "0"] if _DONE in log else log.iloc[:0]
    not_done = set(zip(denied["USUBJID"], denied["VISIT"], strict=True))
    found: Found = []
    for name, table in crf.items():
        form = form_of(study, name)
        if not form.visits:
            continue
        there = set(zip(table["USUBJID"], table["VISIT"], strict=True))
        for key, row in done.items():
            if key[1] in form.visits and key not in there:
                found.append(
                    finding(
                        rule="form_missing",
                        field=name,
                        message=f"The visit took place, and its form {name!r} is empty",
                        **place(row, VISIT_FORM),
                    )
                )
        logged = {k[0] for k in done}
        for row in table.to_dict("records"):
            key = (row["USUBJID"], row["VISIT"])
            if key in not_done:
                message = "The visit log says that the visit did not take place"
            elif key not in done and key[1] in form.visits and key[0] in logged:
                message = "The visit log has no such visit"
            else:
                continue
            found.append(
                finding(
                    rule="form_without_visit",
                    field=form.date or "",
                    raw=row.get(form.date or "", ""),
                    value=row.get(form.date or "", ""),
                    message=message,
                    **place(row, name),
                )
            )
    return found


def undated(
    study: Study, crf: Frames, raw: Frames, told: Mapping[str, Mapping[str, Spec]]
) -> Found:
    """Forms with values and without their date, where the date is not required anyway."""
    found = []
    for name, table in crf.items():
        field = form_of(study, name).date
        if field not in table or told[name][field].required:
            continue
        written = raw[name].set_index(["SRCFILE", "SRCLINE"])[field]
        for row in table[table[field] == ""].to_dict("records"):
            if _DONE in row and row[_DONE] == "0":
                continue
            if written[row["SRCFILE"], row["SRCLINE"]] == "":
                found.append(
                    finding(
                        rule="date_missing",
                        field=field,
                        message="The form is filled and has no date",
                        **place(row, name),
                    )
                )
    return found


def windows(study: Study, crf: Frames) -> Found:
    """Visits outside their window, in study days from the first dose (else the allocation)."""
    limits = {v.avisit: v.window for v in study.visits if v.window}
    start: dict[str, str] = {}
    for form, field in (("allocation", "rand_date"), ("dosing", "ex_start")):
        if field in crf.get(form, ()):
            full = crf[form][crf[form][field].str.len() == 10]
            start |= full.groupby("USUBJID")[field].min().to_dict()
    found = []
    for row in visit_dates(study, crf).to_dict("records"):
        first, window = start.get(row["USUBJID"]), limits.get(row["VISIT"])
        if not first or not window:
            continue
        day = days_between(row["DATE"], first)
        day += day >= 0
        if not window[0] <= day <= window[1]:
            found.append(
                finding(
                    rule="visit_window",
                    field=row["FIELD"],
                    raw=row["DATE"],
                    value=row["DATE"],
                    message=f"Study day {day} lies outside the visit's window"
                    f" ({window[0]} to {window[1]})",
                    **place(row, row["FORM"]),
                )
            )
    return found


def never_dosed(crf: Frames) -> Found:
    """Subjects of the allocation list without any dose."""
    allocation, doses = crf.get("allocation"), crf.get("dosing")
    if allocation is None or doses is None or doses.empty:
        return []
    treated = set(doses["USUBJID"])
    return [
        finding(
            rule="never_dosed",
            field="rand_date" if "rand_date" in allocation else "",
            message="Allocated, and no dose is recorded",
            **place(row, "allocation"),
        )
        for row in allocation[~allocation["USUBJID"].isin(treated)].to_dict("records")
    ]


def aliquots(study: Study, crf: Frames) -> Found:
    """Samples of the same subject, visit and compartment under several barcodes."""
    name = study.samples.form
    by = ["USUBJID", "visit", "compartment"]
    if not {*by, "barcode"} <= set(crf.get(name, ())):
        return []
    table = crf[name]
    table = table.sort_values("barcode", kind="stable")
    again = table[table.duplicated(by) & (table["visit"] != "")]
    return [
        finding(
            rule="sample_twice",
            severity="info",
            field="barcode",
            raw=row["barcode"],
            value=row["barcode"],
            message="Another sample of the same visit and compartment is listed",
            **place(row, name, form_of(study, name).key),
        )
        for row in again.to_dict("records")
    ]
