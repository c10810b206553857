"""What the datasets of one row a parameter and record (BDS) share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.derive.baseline import derive_baseline, derive_change
from sclerotrial.derive.dates import add_days, study_days
from sclerotrial.derive.entry import each, require, rows_of
from sclerotrial.derive.visits import assign_window, flag_analysed
from sclerotrial.read.findings import finding
from sclerotrial.tabular import as_text, cells
from sclerotrial.where import mask, terms

SUBJECT = ["STUDYID", "USUBJID", "TRT01A", "SAFFL", "COMPLFL"]
_DATES = ["RANDFL", "TRTSDT", "TRTEDT", "RANDDT"]
BDS = [
    *SUBJECT,
    "PARAMCD",
    "PARAM",
    "PARCAT1",
    "AVISIT",
    "AVISITN",
    "ADT",
    "ADY",
    "AVAL",
    "AVALC",
    "AVALU",
    "BASE",
    "CHG",
    "PCHG",
    "ABLFL",
    "ANL01FL",
    "ANL02FL",
    "DTYPE",
    "ONTRTFL",
    "ICEFL",
    "ICE",
    "VISIT",
    "AWTDIFF",
]
SOURCE = ["SRCDOM", "SRCVAR", "SRCFILE", "SRCLINE"]
#: parameters whose unused records are told by their total already
_SILENT = ("mRSS area", "HAQ category")


def subjects(adsl: pd.DataFrame, extra: Iterable[str] = ()) -> pd.DataFrame:
    """Randomised subjects with the variables that other datasets carry, as text.

    Parameters
    ----------
    adsl : DataFrame
        One row a subject, else InputErrors. Screen failures are left out.
    extra : iterable of str
        Further columns to keep.
    """
    columns = [*SUBJECT, *_DATES, *extra]
    # plain Python text: it is looked at row by row
    df = as_text(require(adsl, "adsl", columns, ["USUBJID"])[columns]).astype(object)
    df = df[df["RANDFL"] == "Y"].reset_index(drop=True)
    df["REFDT"] = df["TRTSDT"].where(df["TRTSDT"] != "", df["RANDDT"])
    return df


def derive_bds(
    records: pd.DataFrame, study: Any, adsl: pd.DataFrame, carried: Iterable[str] = ()
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """From records to rows with visit, baseline, change, flags and carried values.

    Parameters
    ----------
    records : DataFrame
        Columns of `records.COLUMNS` (others stay); key: none, records may repeat.
    study : Study
        Sections ``visits``, ``efficacy_visits``, ``endpoints``, ``intercurrent_events``.
    adsl : DataFrame
    carried : iterable of str
        PARAMCD whose missing values are carried forward (`add_locf`).

    Returns
    -------
    (DataFrame, list of dict)
        Rows of randomised subjects, sorted; a finding for each record that is in no window, or
        not used because another stands nearer to the planned day, or of somebody not randomised.
        Records without a value stay, never analysed.
    """
    df, notes = _randomised(records, subjects(adsl, event_variables(study)))
    df["AVAL"] = df["AVAL"].astype(float)
    df["LINE"] = source_order(df)
    df["ADY"] = study_days(df["ADT"], df["REFDT"])
    df = derive_baseline(df)
    df = flag_analysed(assign_window(df, study.visits))
    notes += _unused(df)
    df["DTYPE"] = ""
    df = flag_on_treatment(df, study)
    df = add_locf(df, study, carried)
    ordinal = frozenset(c for c, e in study.endpoints.items() if e.scale == "ordinal")
    df = derive_change(df, ordinal)
    order = ["USUBJID", "PARAMCD", "AVISITN", "ADT", "DTYPE", "SRCFILE", "LINE"]
    return df.sort_values(order, kind="stable", na_position="last").reset_index(drop=True), notes


def source_order(df: pd.DataFrame) -> pd.Series:
    """Rank of a record in its source: file, line, running number."""
    line = pd.to_numeric(df["SRCLINE"], errors="coerce")
    instance = pd.to_numeric(df["INSTANCE"], errors="coerce")
    keys = pd.DataFrame({"f": df["SRCFILE"], "l": line, "i": instance})
    ranked = keys.sort_values(["f", "l", "i"], kind="stable").index
    return pd.Series(np.arange(len(df)), index=ranked).reindex(df.index)


def _randomised(
    records: pd.DataFrame, people: pd.DataFrame
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    strangers = records[~records["USUBJID"].isin(people["USUBJID"])]
    keys = ["USUBJID", "VISIT", "INSTANCE", "SRCDOM", "SRCFILE", "SRCLINE"]
    notes = [
        finding(
            rule="not_randomised",
            message="The subject was not randomised; the record is in no analysis dataset",
            severity="info",
            action="excluded",
            subject=r["USUBJID"],
            visit=r["VISIT"],
            form=r["SRCDOM"],
            instance=r["INSTANCE"],
            file=r["SRCFILE"],
            line=r["SRCLINE"],
        )
        for r in rows_of(strangers[keys].drop_duplicates())
    ]
    return records.merge(people, on="USUBJID", how="inner", validate="m:1"), notes


def _unused(df: pd.DataFrame) -> list[dict[str, str]]:
    """A finding a source record and reason, naming the parameters concerned.

    Tables of one result a line (no visit as collected) are told by subject and day.
    """
    told = df[(df["ANL01FL"] != "Y") & df["AVAL"].notna() & (df["ADT"] != "")]
    told = told[~told["PARCAT1"].isin(_SILENT)].copy()
    told["RULE"] = np.where(told["AVISIT"] == "", "window_none", "window_not_used")
    told["PER"] = told["INSTANCE"].where(told["VISIT"] != "", "")
    rows = []
    keys = ["USUBJID", "VISIT", "PER", "SRCDOM", "SRCFILE", "ADT", "RULE", "AVISIT"]
    told = told.sort_values("LINE", kind="stable")
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for key, one in zip(each(told, *keys), each(told, "PARAMCD", "SRCLINE"), strict=True):
        groups.setdefault(key, []).append(one)
    for key in sorted(groups):
        subject, visit, instance, form, file, date, rule, avisit = key
        message = (
            "The record lies in no visit window"
            if rule == "window_none"
            else f"Another record is analysed at {avisit}: this one is further from the planned "
            "day, or earlier"
        )
        rows.append(
            finding(
                rule=rule,
                message=message,
                severity="info",
                subject=subject,
                visit=visit,
                form=form,
                instance=instance,
                field=" ".join(sorted({code for code, _ in groups[key]})),
                value=date,
                file=file,
                line=groups[key][0][1],
                key="" if visit else date,
            )
        )
    return rows


def flag_on_treatment(df: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Add ONTRTFL, ICEFL and ICE.

    Parameters
    ----------
    df : DataFrame
        ADT, POSTFL, TRTSDT, TRTEDT, COMPLFL and what adsl tells of events (`event_variables`).
    study : Study
        Section ``intercurrent_events``: in whom each happened, and since when.

    Returns
    -------
    DataFrame
        ONTRTFL 'Y' after the first dose up to the day after the last (interruptions included).
        ICEFL 'Y' later than that in somebody who stopped the drug before its planned end. ICE
        holds the codes of what had happened by then, in their declared order, joined by blanks.
        Without a last dose nobody is off drug; without a date there are no flags.
    """
    out = df.copy()
    last = _days_later(out["TRTEDT"], 1)
    treated = (out["TRTSDT"] != "") & (out["POSTFL"] == "Y") & (out["ADT"] != "")
    late = treated & (last != "") & (out["ADT"] > last)
    out["ONTRTFL"] = np.where(treated & ~late, "Y", "")
    out["ICEFL"] = np.where(late & (out["COMPLFL"] != "Y"), "Y", "")
    ice = pd.Series("", index=out.index, dtype=object)
    for event in study.intercurrent_events:
        first = _days_later(out[event.since], event.later)
        by_then = treated & mask(out, event.where, "adsl") & (first != "") & (first <= out["ADT"])
        ice = ice.where(~by_then, ice + " " + event.code)
    out["ICE"] = ice.str.strip().astype(object)
    return out


def _days_later(dates: pd.Series, days: int) -> pd.Series:
    later = {d: add_days(d, days) for d in dates.unique()}
    return pd.Series([later[d] for d in cells(dates)], index=dates.index, dtype=object)


def event_variables(study: Any) -> list[str]:
    """Variables of adsl by which the intercurrent events are told, besides those always kept."""
    named = [
        name
        for event in study.intercurrent_events
        for name in [*(t.column for t in terms(event.where)), event.since]
    ]
    return [n for n in dict.fromkeys(named) if n not in (*SUBJECT, *_DATES)]


def add_locf(df: pd.DataFrame, study: Any, carried: Iterable[str]) -> pd.DataFrame:
    """Add ANL02FL and, for treated subjects, rows with the last observation carried forward.

    Parameters
    ----------
    df : DataFrame
        From `flag_analysed`, with SAFFL, PARAMCD, AVISIT, AVAL, ADT, ADY.
    study : Study
        Sections ``visits``, ``efficacy_visits``: each efficacy visit after baseline is filled.
    carried : iterable of str
        PARAMCD to which this applies.

    Returns
    -------
    DataFrame
        Where a treated subject has no analysed value at a visit, one row with DTYPE LOCF, made of
        the last record with a value before that visit's window, whatever its visit; the baseline
        record counts too. It keeps date, day and source of the record that it repeats. A subject
        without any value gets none. ANL02FL is 'Y' on these and on the analysed rows.
    """
    out = df.copy()
    out["ANL02FL"] = out["ANL01FL"]
    filled = [
        v for v in study.visits if v.avisit in study.efficacy_visits and not v.baseline and v.window
    ]
    key = ["USUBJID", "PARAMCD"]
    treated = out[(out["SAFFL"] == "Y") & out["PARAMCD"].isin(list(carried))]
    valued = treated[treated["AVAL"].notna() & treated["ADY"].notna()]
    valued = valued.sort_values([*key, "ADT", "LINE"], kind="stable")
    parts = []
    for visit in filled:
        seen = treated[(treated["ANL01FL"] == "Y") & (treated["AVISIT"] == visit.avisit)]
        last = valued[valued["ADY"] < visit.window[0]].drop_duplicates(key, keep="last")
        open_ = ~pd.MultiIndex.from_frame(last[key]).isin(pd.MultiIndex.from_frame(seen[key]))
        marks = {"ABLFL": "", "ANL01FL": "", "ANL02FL": "Y", "DTYPE": "LOCF", "AWTDIFF": np.nan}
        place = {"AVISIT": visit.avisit, "AVISITN": float(visit.avisitn)}
        parts.append(last[open_].assign(**place, **marks))
    parts = [p for p in parts if len(p)]
    return pd.concat([out, *parts], ignore_index=True) if parts else out


def endpoints_of(study: Any, dataset: str) -> dict[str, Any]:
    """Endpoints of a dataset by PARAMCD."""
    return {c: e for c, e in study.endpoints.items() if e.dataset == dataset}


def arrange(df: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The named columns in that order."""
    return df[list(columns)].reset_index(drop=True)
