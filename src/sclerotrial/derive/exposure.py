"""Dosing intervals as they count, and the sums over them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from sclerotrial.derive.codes import labels, meanings
from sclerotrial.derive.dates import add_days, days_between
from sclerotrial.derive.entry import as_number, rows_of, take
from sclerotrial.read.findings import finding, place

FORM = "dosing"
INTAKES = {"QD": 1, "BID": 2}
COLUMNS = [
    "USUBJID",
    "ASTDT",
    "AENDT",
    "EXDOSE",
    "EXDOSFRQ",
    "DOSE",
    "DURD",
    "CUMDOSE",
    "EXREAS",
    "REASON",
    "EXTYPE",
    "SRCFILE",
    "SRCLINE",
]


def intervals(
    study: Any, clean: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Dosing intervals without overlap, with a row for each gap between them.

    Parameters
    ----------
    study : Study
        Section ``forms``.
    clean : mapping
        Forms ``dosing`` and ``disposition``.

    Returns
    -------
    (DataFrame, list of dict)
        USUBJID, ASTDT, AENDT, EXDOSE (mg per intake), EXDOSFRQ (QD, BID), DOSE (mg a day), DURD
        (days), CUMDOSE (mg), EXREAS (label), REASON (word), EXTYPE (DOSING, INTERRUPTION), source.
        A gap carries the source of the interval before it; an interval with dose 0 is a gap.
        An interval without a start, or that ends before it starts, is excluded. An open end is
        closed on the day before the next start, else on the last dose of the disposition form,
        else left open (no duration). Of overlapping intervals the earlier is cut short, and goes on
        after one that lies within it; of two that start on one day the later record counts. Each
        of these leaves a finding.
    """
    dosing = take(clean, FORM, ["ex_start", "ex_end", "ex_dose", "ex_freq"], ["ex_reason"])
    last_doses = take(clean, "disposition", [], ["ds_last_dose"])
    last = {r["USUBJID"]: r["ds_last_dose"] for r in rows_of(last_doses)}
    words = labels(study, FORM, "ex_reason")
    rows: list[dict[str, Any]] = []
    notes: list[dict[str, str]] = []
    # sorted by subject on entry
    for subject, group in itertools.groupby(rows_of(dosing), lambda r: r["USUBJID"]):
        sound = _sound(group, notes)
        closed = _closed(sound, last.get(subject, ""), notes)
        rows += _with_gaps([_row(r, words) for r in closed])
    return pd.DataFrame(rows, columns=COLUMNS), notes


def _note(row: Mapping[str, str], rule: str, message: str, field: str, **more: str) -> dict:
    return finding(rule=rule, message=message, field=field, **more, **place(row, FORM))


def _sound(group: Iterable[dict[str, str]], notes: list[dict[str, str]]) -> list[dict[str, str]]:
    """Records that can be placed in time, by start; of one start the later record."""
    kept: dict[str, dict[str, str]] = {}
    for row in group:
        if not row["ex_start"]:
            notes.append(
                _note(row, "dose_no_start", "A dosing interval without start is not used",
                      "ex_start", severity="error", action="excluded")
            )  # fmt: skip
        elif row["ex_end"] and row["ex_end"] < row["ex_start"]:
            notes.append(
                _note(row, "dose_order", "A dosing interval that ends before it starts is not used",
                      "ex_end", severity="error", action="excluded", raw=row["ex_end"])
            )  # fmt: skip
        else:
            if row["ex_start"] in kept:
                notes.append(
                    _note(kept[row["ex_start"]], "dose_same_start",
                          "Two dosing intervals start on one day; the later record is used",
                          "ex_start", action="excluded", raw=row["ex_start"])
                )  # fmt: skip
            if (as_number(row["ex_dose"]) or 0) < 0:
                notes.append(
                    _note(row, "dose_negative", "A dose below zero is treated as missing",
                          "ex_dose", severity="error", action="set missing", raw=row["ex_dose"])
                )  # fmt: skip
                row = {**row, "ex_dose": ""}
            kept[row["ex_start"]] = row
    return [kept[start] for start in sorted(kept)]


def _closed(
    rows: list[dict[str, str]], last_dose: str, notes: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Intervals cut or closed so that each ends before the next begins."""
    out, waiting = [], list(rows)
    while waiting:
        row, *waiting = waiting
        following, end = (waiting or [None])[0], row["ex_end"]
        limit = add_days(following["ex_start"], -1) if following else ""
        if not end:
            end = limit or (last_dose if last_dose >= row["ex_start"] else "")
            notes.append(
                _note(row, "dose_open_end",
                      "The end of a dosing interval is missing; it is taken from the next start "
                      "or from the last dose" if end else
                      "The end of the last dosing interval is not known",
                      "ex_end", severity="warning" if end else "error",
                      action="converted" if end else "kept", value=end)
            )  # fmt: skip
        elif limit and end > limit:
            notes.append(
                _note(row, "dose_overlap",
                      "A dosing interval overlaps the next; it is cut on the day before that",
                      "ex_end", action="converted", raw=end, value=limit)
            )  # fmt: skip
            rest = _rest(row, following, waiting)
            waiting = sorted([*waiting, *rest], key=lambda r: r["ex_start"])
            end = limit
        out.append({**row, "ex_end": end})
    if out and last_dose and out[-1]["ex_end"] and out[-1]["ex_end"] != last_dose:
        notes.append(
            _note(out[-1], "dose_last",
                  "The last dosing interval and the disposition form give different days for the "
                  "last dose; the dosing interval is used",
                  "ex_end", raw=out[-1]["ex_end"], value=out[-1]["ex_end"])
        )  # fmt: skip
    return out


def _rest(
    row: dict[str, str], within: Mapping[str, str], waiting: list[dict[str, str]]
) -> list[dict[str, str]]:
    """What is left of an interval after one that lies within it, where no other starts then."""
    start = add_days(within["ex_end"], 1)
    goes_on = start and start <= row["ex_end"] and all(w["ex_start"] != start for w in waiting)
    return [{**row, "ex_start": start}] if goes_on else []


def _row(row: Mapping[str, str], words: Mapping[str, str]) -> dict[str, Any]:
    mg = as_number(row["ex_dose"])
    freq = meanings(FORM, "ex_freq").get(row["ex_freq"], "")
    dose = math.nan if mg is None else 0.0 if mg == 0 else mg * INTAKES.get(freq, math.nan)
    days = days_between(row["ex_start"], row["ex_end"])
    days = math.nan if days is None else days
    return {
        "USUBJID": row["USUBJID"],
        "ASTDT": row["ex_start"],
        "AENDT": row["ex_end"],
        "EXDOSE": math.nan if mg is None else mg,
        "EXDOSFRQ": freq,
        "DOSE": dose,
        "DURD": days,
        "CUMDOSE": dose * days,
        "EXREAS": words.get(row["ex_reason"], ""),
        "REASON": meanings(FORM, "ex_reason").get(row["ex_reason"], ""),
        "EXTYPE": "INTERRUPTION" if dose == 0 else "DOSING",
        "SRCFILE": row["SRCFILE"],
        "SRCLINE": row["SRCLINE"],
    }


def _with_gaps(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for row in rows:
        if out and out[-1]["AENDT"]:
            first, final = add_days(out[-1]["AENDT"], 1), add_days(row["ASTDT"], -1)
            if first <= final:
                gap = {"ASTDT": first, "AENDT": final, "DURD": days_between(first, final)}
                nothing = {"EXDOSE": 0.0, "DOSE": 0.0, "CUMDOSE": 0.0}
                words = {"EXDOSFRQ": "", "EXREAS": "", "REASON": "", "EXTYPE": "INTERRUPTION"}
                out.append({**out[-1], **gap, **nothing, **words})
        out.append(row)
    return out


def dose_intensity(
    given: float, planned: float, nothing: float = math.nan, unplanned: float = math.inf
) -> float:
    """Dose given in percent of the planned one.

    Parameters
    ----------
    given, planned : float
        mg; NaN for unknown gives NaN.
    nothing : float
        Value for 0 of 0 (some take 0).
    unplanned : float
        Value for a dose where none was planned (some take 100).
    """
    if math.isnan(given) or math.isnan(planned):
        return math.nan
    if planned == 0:
        return nothing if given == 0 else unplanned
    return 100 * given / planned


def by_subject(rows: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Rows of a frame as mappings, by USUBJID, in their order."""
    out: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(rows):
        out.setdefault(row["USUBJID"], []).append(row)
    return out


def dose_on(rows: Sequence[Mapping[str, Any]], date: str) -> float:
    """Dose in mg a day on a date: 0 in gaps and after the last interval, NaN before the first.

    Parameters
    ----------
    rows : sequence of mapping
        Intervals of one subject: ASTDT, AENDT, DOSE (numbers).
    date : str
        ISO date; '' gives NaN.
    """
    if not date or not rows or date < min(r["ASTDT"] for r in rows):
        return math.nan
    held = [r for r in rows if r["ASTDT"] <= date and (r["AENDT"] >= date or not r["AENDT"])]
    return float(held[-1]["DOSE"]) if held else 0.0


def summary(study: Any, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Exposure of one subject over its intervals.

    Parameters
    ----------
    study : Study
        Section ``dosing`` (planned mg a day, planned days).
    rows : sequence of mapping
        Intervals of one subject from `intervals`.

    Returns
    -------
    dict
        TRTSDT, TRTEDT (first and last day with a dose), TRTDURD (calendar days), DOSEDAYS (days
        dosed), CUMDOSE (mg), AVGDD (mg a day over TRTDURD), RDIPLAN (percent of the whole plan),
        RDIDUR (percent of the plan while on drug), DOSEREDFL, INTERRFL, REINTFL, DOSREDDT. Empty
        when no dose was taken. An unknown dose or end makes the sums NaN.
    """
    taken = [r for r in rows if r["EXTYPE"] == "DOSING"]
    if not taken:
        return {}
    start, end = min(r["ASTDT"] for r in taken), taken[-1]["AENDT"]
    latest = max(r["ASTDT"] for r in taken)
    duration = days_between(start, end)
    duration = math.nan if duration is None else float(duration)
    total = float(sum(r["CUMDOSE"] for r in taken))
    plan = study.dosing
    daily = plan.planned_daily if plan else math.nan
    whole = daily * plan.planned_days if plan else math.nan
    lower = [r["ASTDT"] for r in taken if r["DOSE"] < daily]
    gaps = [r for r in rows if r["EXTYPE"] == "INTERRUPTION" and r["ASTDT"] < latest]
    again = bool(gaps) or any(r["REASON"] == "REINTRODUCED" for r in taken)
    return {
        "TRTSDT": start,
        "TRTEDT": end,
        "TRTDURD": duration,
        "DOSEDAYS": float(sum(r["DURD"] for r in taken)),
        "CUMDOSE": total,
        "AVGDD": total / duration,
        "RDIPLAN": dose_intensity(total, whole),
        "RDIDUR": dose_intensity(total, daily * duration),
        "DOSEREDFL": "Y" if lower else "",
        "DOSREDDT": min(lower, default=""),
        "INTERRFL": "Y" if gaps else "",
        "REINTFL": "Y" if again else "",
    }
