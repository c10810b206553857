"""adtte: time to the first adverse event, to stopping the drug, to admission to hospital."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sclerotrial.derive.bds import SUBJECT, arrange, subjects
from sclerotrial.derive.dates import add_days, days_between
from sclerotrial.derive.entry import require, rows_of, take
from sclerotrial.derive.exposure import by_subject
from sclerotrial.read.findings import frame
from sclerotrial.tabular import as_text

COLUMNS = [
    *SUBJECT,
    "PARAMCD",
    "PARAM",
    "STARTDT",
    "ADT",
    "AVAL",
    "AVALU",
    "CNSR",
    "EVNTDESC",
    "SRCDOM",
    "SRCVAR",
    "SRCFILE",
    "SRCLINE",
]
PARAMS = {
    "TTFAE": "Time to first treatment-emergent adverse event",
    "TTDISC": "Time to discontinuation of study drug",
    "TTHOSP": "Time to first admission to hospital",
}
#: reasons that end the follow-up of the drug without being a failure of it
ADMINISTRATIVE = ("CLOSED", "COMPLETED")


def derive_adtte(
    study: Any,
    clean: Mapping[str, pd.DataFrame],
    adsl: pd.DataFrame,
    adae: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive adtte: one row a treated subject and parameter.

    Parameters
    ----------
    study : Study
        Section ``safety``.
    clean : mapping
        Form ``disposition`` (source of the end of treatment).
    adsl, adae : DataFrame

    Returns
    -------
    (DataFrame, DataFrame)
        AVAL in days from the first dose, that day being 1; CNSR 0 for an event, 1 for a censored
        time. Events are emergent ones; without one the time ends at the last contact or so many
        days after the last dose, whatever comes first. Stopping the drug early is an event
        whatever the reason, except that the study was closed; completers are censored at their
        last dose. An emergent event without a start counts on day 1. Findings are empty.
    """
    extra = ["EOSDT", "DCSREAS", "DCSCD", "SRCDOM", "SRCFILE", "SRCLINE"]
    people = subjects(adsl, extra)
    needed = ["USUBJID", "AESEQ", "ASTDT", "TRTEMFL", "AESHOSP", "AEDECOD", "SRCFILE", "SRCLINE"]
    ae = as_text(require(adae, "adae", needed, ["USUBJID", "AESEQ"]))
    left = take(clean, "disposition", [], ["ds_last_dose"]).drop_duplicates("USUBJID")
    ends = {r["USUBJID"]: r for r in rows_of(left)}
    emergent = by_subject(ae[ae["TRTEMFL"] == "Y"])
    window = study.safety.emergent_days_after_last_dose
    rows = []
    for person in rows_of(people[people["TRTSDT"] != ""]):
        source = ends.get(person["USUBJID"])
        own = emergent.get(person["USUBJID"], [])
        stays = [e for e in own if e["AESHOSP"] == "Y"]
        parts = {
            "TTFAE": _first_event(person, own, window, source),
            "TTDISC": _stop(person, source),
            "TTHOSP": _first_event(person, stays, window, source),
        }
        for code, part in parts.items():
            common = {c: person[c] for c in SUBJECT}
            days = days_between(person["TRTSDT"], part["ADT"])
            rows.append(
                {
                    **common,
                    "PARAMCD": code,
                    "PARAM": PARAMS[code],
                    "STARTDT": person["TRTSDT"],
                    "AVAL": days,
                    "AVALU": "days",
                    **part,
                }
            )
    df = pd.DataFrame(rows, columns=COLUMNS)
    return arrange(df, COLUMNS), frame([])


def _from(row: Mapping[str, str] | None, person: Mapping[str, str], form: str, field: str) -> dict:
    """Source of a time: the record itself, else the subject's row of adsl."""
    if row is None:
        return {
            "SRCDOM": person["SRCDOM"],
            "SRCVAR": "",
            "SRCFILE": person["SRCFILE"],
            "SRCLINE": person["SRCLINE"],
        }
    place = {"SRCFILE": row["SRCFILE"], "SRCLINE": row["SRCLINE"]}
    return {"SRCDOM": form, "SRCVAR": field, **place}


def _first_event(
    person: Mapping[str, str],
    own: Sequence[Mapping[str, str]],
    window: int,
    end: Mapping[str, str] | None,
) -> dict:
    if own:
        when = [{**e, "ADT": max(e["ASTDT"], person["TRTSDT"])} for e in own]
        first = min(when, key=lambda e: e["ADT"])
        words = {"ADT": first["ADT"], "CNSR": 0, "EVNTDESC": first["AEDECOD"]}
        return {**words, **_from(first, person, "adverse_events", "ae_start")}
    last = [person["EOSDT"], add_days(person["TRTEDT"], window)]
    known = [d for d in last if d]
    words = {"ADT": min(known) if known else "", "CNSR": 1, "EVNTDESC": "End of observation"}
    return {**words, **_from(end, person, "disposition", "ds_end")}


def _stop(person: Mapping[str, str], end: Mapping[str, str] | None) -> dict:
    reason = person["DCSCD"]
    early = person["COMPLFL"] != "Y" and reason not in ("", *ADMINISTRATIVE)
    if person["COMPLFL"] == "Y":
        described = "Completed"
    else:
        described = person["DCSREAS"] or "End of observation"
    words = {"ADT": person["TRTEDT"], "CNSR": 0 if early else 1, "EVNTDESC": described}
    return {**words, **_from(end, person, "disposition", "ds_last_dose")}
