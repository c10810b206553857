"""adsl: one row a subject who signed consent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from sclerotrial.derive import exposure
from sclerotrial.derive.adae import events
from sclerotrial.derive.adcm import rescue_dates
from sclerotrial.derive.adlb import laboratory
from sclerotrial.derive.advs import vital_signs
from sclerotrial.derive.baseline import derive_baseline
from sclerotrial.derive.bds import source_order
from sclerotrial.derive.codes import labels, meanings, unmapped
from sclerotrial.derive.dates import impute_start, study_day, usable
from sclerotrial.derive.entry import as_number, take
from sclerotrial.derive.records import questionnaires
from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.findings import finding, frame, place

COLUMNS = [
    "STUDYID", "USUBJID", "SUBJID", "SITEID", "AGE", "AGEU", "SEX", "RACE", "ARM", "ARMCD",
    "TRT01P", "TRT01A", "STRATAR", "STRATAV", "SCRNFL", "RANDFL", "SAFFL", "COMPLFL", "CONSDT",
    "RANDDT", "RANDNO", "TRTSDT", "TRTEDT", "EOSDT", "EOSSTT", "DCSREAS", "DCSCD", "ONSETDT",
    "ONSETDTF", "DISDUR", "TRTDURD", "DOSEDAYS", "CUMDOSE", "AVGDD", "RDIPLAN", "RDIDUR",
    "DOSEREDFL", "DOSREDDT", "INTERRFL", "REINTFL", "REINTOUT", "PILLUSED", "PILLPCT", "HOSPFL",
    "HOSPDT", "RESCUEDT", "ANTITOPO", "ANTIRNAP", "ILDFL", "MTXDOSE",
]  # fmt: skip
SOURCE = ["SRCDOM", "SRCFILE", "SRCLINE"]
NUMERIC = [
    "AGE", "DISDUR", "TRTDURD", "DOSEDAYS", "CUMDOSE", "AVGDD", "RDIPLAN", "RDIDUR", "PILLUSED",
    "PILLPCT", "MTXDOSE",
]  # fmt: skip
_DAYS_A_MONTH = Decimal("30.4375")
#: parameters whose baseline stands in adsl besides those of the endpoints
_MORE_BASELINES = ("WEIGHT",)
Notes = list[dict[str, str]]
Rows = Sequence[Mapping[str, Any]]


def derive_adsl(study: Any, clean: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive adsl.

    Parameters
    ----------
    study : Study
        Sections ``study``, ``arms``, ``dosing``, ``visits``, ``endpoints``, ``forms``,
        ``laboratory``, ``vitals``, ``safety``.
    clean : mapping
        ``demographics`` (one row a subject), ``allocation`` (at most one), and where the trial
        has them: eligibility, ssc_history, visit_log, dosing, disposition, drug_accountability,
        adverse_events, concomitant_drugs, the forms of the endpoints, lab, vitals.

    Returns
    -------
    (DataFrame, DataFrame)
        One row a subject, key USUBJID, and findings. Screen failures and those never dosed have
        blanks where a value supposes randomisation or treatment. Somebody who was allocated but
        has no demographics gets a row, with a finding. Baselines (BMRSS, ...) are the last value
        on or before the first dose, or randomisation for those never dosed. A second row of
        demographics or allocation is an InputErrors (nobody can choose between them here), and so
        is a trial without any subject.
    """
    notes: Notes = []
    forms = _forms(clean)
    demographics, allocation = forms["demographics"], forms["allocation"]
    notes += unmapped(demographics, study, "demographics", ["sex", "race"])
    notes += unmapped(forms["disposition"], study, "disposition", ["ds_reason"])
    given, _ = exposure.intervals(study, clean)
    by = {name: df.set_index("USUBJID").to_dict("index") for name, df in forms.items()}
    pills = take(clean, "drug_accountability", [], ["da_dispensed", "da_returned"])
    logs = {
        "dosing": exposure.by_subject(given),
        "visit_log": exposure.by_subject(
            take(clean, "visit_log", [], ["visit_date", "visit_done"])
        ),
        "drug_accountability": exposure.by_subject(pills),
    }
    people = sorted({*demographics["USUBJID"], *allocation["USUBJID"]})
    if not people:
        raise InputErrors(
            [
                Problem(
                    "There is no subject",
                    "forms demographics and allocation",
                    "Check which sources these forms are read from (forms.yaml)",
                )
            ]
        )
    rows = []
    for subject in people:
        records = {name: held.get(subject, {}) for name, held in by.items()}
        own = {name: held.get(subject, []) for name, held in logs.items()}
        rows.append(_subject(study, subject, records, own, notes))
    df = pd.DataFrame(rows)
    df = _baselines(df, study, clean)
    return _finish(df, study), frame(notes)


def _forms(clean: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The forms that hold at most one record a subject; of the others the last record."""
    single = {
        "demographics": (["consent_date"], ["age", "sex", "race"]),
        "allocation": (["rand_date", "arm"], ["rand_no", "stratum"]),
    }
    last = {
        "eligibility": ["elig_ok", "elig_fail_reason"],
        "ssc_history": [
            "onset_date", "mtx_current", "mtx_dose", "antibodies___2", "antibodies___3",
            "organs___1",
        ],
        "disposition": ["ds_completed", "ds_last_dose", "ds_end", "ds_reason"],
    }  # fmt: skip
    out = {f: take(clean, f, *fields, ["USUBJID"]) for f, fields in single.items()}
    for form, fields in last.items():
        out[form] = take(clean, form, [], fields).drop_duplicates("USUBJID", keep="last")
    return out


def _subject(
    study: Any,
    subject: str,
    records: Mapping[str, Mapping[str, str]],
    own: Mapping[str, Rows],
    notes: Notes,
) -> dict[str, Any]:
    """One row, without what needs the other forms; `own` are the subject's logs by name."""
    given = own["dosing"]
    person, allocated = records["demographics"], records["allocation"]
    if not person:
        notes.append(
            finding(
                rule="no_demographics",
                message="The subject is in the allocation list but has no demographics",
                severity="error",
                **place({**allocated, "USUBJID": subject}, "allocation"),
            )
        )
    arm = next((a for a in study.arms if a.code == allocated.get("arm")), None)
    dosed = exposure.summary(study, given)
    label = arm.label if arm else ""
    row = {
        "STUDYID": study.study.id,
        "USUBJID": subject,
        "SUBJID": subject,
        "SITEID": study.study.sites[0].id if len(study.study.sites) == 1 else "",
        "AGE": as_number(person.get("age", "")),
        "AGEU": "YEARS" if person.get("age") else "",
        "SEX": meanings("demographics", "sex").get(person.get("sex", ""), ""),
        "RACE": labels(study, "demographics", "race").get(person.get("race", ""), ""),
        "ARM": label,
        "ARMCD": arm.code if arm else "",
        "TRT01P": label,
        "TRT01A": label if dosed else "",
        "CONSDT": person.get("consent_date", ""),
        "RANDDT": allocated.get("rand_date", ""),
        "RANDNO": allocated.get("rand_no", ""),
        "SCRNFL": "Y" if person.get("consent_date") else "",
        "RANDFL": "Y" if allocated else "",
        "SAFFL": "Y" if dosed and allocated else "",
        **dosed,
        "SRCDOM": "demographics" if person else "allocation",
        "SRCFILE": (person or allocated)["SRCFILE"],
        "SRCLINE": (person or allocated)["SRCLINE"],
    }
    row |= _history(records["ssc_history"], row, allocated, subject, notes)
    row |= _end(study, records, row, own["visit_log"], notes)
    row |= _pills(given, own["drug_accountability"])
    return row | {"REINTOUT": _restart_outcome(row, given)}


def _history(
    history: Mapping[str, str],
    row: Mapping[str, Any],
    allocated: Mapping[str, str],
    subject: str,
    notes: Notes,
) -> dict[str, Any]:
    """Disease, antibodies and stratum (that the list and the form differ is told in cleaning)."""
    onset, flag = impute_start(usable(history.get("onset_date", "")))
    current = {"1": "Y", "0": "N"}.get(history.get("mtx_current", ""), "")
    stratum = allocated.get("stratum", "")
    where = {**history, "USUBJID": subject}
    if history.get("onset_date") and not onset:
        notes.append(
            finding(
                rule="date_unreadable",
                message="The date is no whole or partial ISO date and is left out",
                action="set missing",
                field="onset_date",
                **place(where, "ssc_history"),
            )
        )
    return {
        "ONSETDT": onset,
        "ONSETDTF": flag,
        "DISDUR": months_between(onset, row["RANDDT"]),
        "STRATAR": stratum,
        "STRATAV": current,
        "MTXDOSE": as_number(history.get("mtx_dose", "")),
        "ANTITOPO": "Y" if history.get("antibodies___2") == "1" else "",
        "ANTIRNAP": "Y" if history.get("antibodies___3") == "1" else "",
        "ILDFL": "Y" if history.get("organs___1") == "1" else "",
    }


def months_between(start: str, end: str) -> float | None:
    """Months of 30.4375 days from start to end, rounded half up to one decimal.

    Parameters
    ----------
    start, end : str
        ISO dates; '' gives None.
    """
    if not start or not end:
        return None
    days = (dt.date.fromisoformat(end) - dt.date.fromisoformat(start)).days
    return float((days / _DAYS_A_MONTH).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _end(
    study: Any,
    records: Mapping[str, Mapping[str, str]],
    row: Mapping[str, Any],
    visit_log: Rows,
    notes: Notes,
) -> dict[str, Any]:
    """End of study, its reason, and whether six months were completed."""
    left, entry = records["disposition"], records["eligibility"]
    word = meanings("disposition", "ds_reason").get(left.get("ds_reason", ""), "")
    said = left.get("ds_completed") == "1"
    reason = labels(study, "disposition", "ds_reason").get(left.get("ds_reason", ""), "")
    if not row["RANDFL"]:
        why = labels(study, "eligibility", "elig_fail_reason")
        reason, word = why.get(entry.get("elig_fail_reason", ""), ""), ""
    status = "SCREEN FAILURE"
    if row["RANDFL"]:
        status = "" if not left else "COMPLETED" if said else "DISCONTINUED"
    done = completed(study, row, visit_log)
    if row["SAFFL"] and left and said != done:
        where = {**left, "USUBJID": row["USUBJID"]}
        notes.append(
            finding(
                rule="completion_differs",
                message="The disposition form and the dates of dosing and visits disagree on "
                "whether the subject completed; completers need both",
                field="ds_completed",
                raw=left["ds_completed"],
                **place(where, "disposition"),
            )
        )
    return {
        "EOSDT": left.get("ds_end", ""),
        "EOSSTT": status,
        "DCSREAS": "" if word == "COMPLETED" else reason,
        "DCSCD": "" if word == "COMPLETED" else word,
        "COMPLFL": "Y" if row["SAFFL"] and said and done else "",
    }


def completed(study: Any, row: Mapping[str, Any], visit_log: Rows) -> bool:
    """Whether dosing lasted into the window of the primary visit and that visit took place.

    Parameters
    ----------
    study : Study
        Section ``visits``: the visit marked primary, with its window.
    row : mapping
        TRTSDT, TRTEDT.
    visit_log : sequence of mapping
        The subject's visit_date, visit_done: a visit counts unless it is marked as not done.

    Returns
    -------
    bool
        The day after the last dose counts as on drug. False without a treatment.
    """
    primary = next((v for v in study.visits if v.primary and v.window), None)
    start, last = row.get("TRTSDT", ""), study_day(row.get("TRTEDT", ""), row.get("TRTSDT", ""))
    if primary is None or last is None or last + 1 < primary.window[0]:
        return False
    dates = [usable(v["visit_date"]) for v in visit_log if v["visit_done"] != "0"]
    days = [study_day(d, start) for d in dates if len(d) == 10]
    return any(primary.window[0] <= d <= primary.window[1] for d in days)


def _restart_outcome(row: Mapping[str, Any], given: Rows) -> str:
    """What became of a re-introduction: tolerated, stopped again, or '' when it cannot be told."""
    if row.get("REINTFL") != "Y":
        return ""
    gaps = [g for g in given if g["EXTYPE"] == "INTERRUPTION"]
    if len(gaps) > 1 or row["DCSCD"] == "AE":
        return "stopped again"
    return "tolerated" if row["COMPLFL"] == "Y" else ""


def _pills(given: Rows, log: Rows) -> dict[str, float | None]:
    """Capsules used, and in percent of the intakes of the dosing log (one capsule an intake)."""
    counts = [(as_number(r["da_dispensed"]), as_number(r["da_returned"])) for r in log]
    if not counts or any(d is None or r is None for d, r in counts):
        return {"PILLUSED": None, "PILLPCT": None}
    used = sum(d - r for d, r in counts)
    taken = [g for g in given if g["EXDOSFRQ"] in exposure.INTAKES and g["DURD"] == g["DURD"]]
    intakes = float(sum(g["DURD"] * exposure.INTAKES[g["EXDOSFRQ"]] for g in taken))
    percent = exposure.dose_intensity(used, intakes) if intakes > 0 else None
    return {"PILLUSED": used, "PILLPCT": percent}


def _baselines(df: pd.DataFrame, study: Any, clean: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add the baseline of each endpoint and of weight; admissions and added drugs with dates."""
    for column in ("TRTSDT", "TRTEDT"):
        df[column] = df[column].fillna("") if column in df.columns else ""
    treated = df[df["RANDFL"] == "Y"]
    people = treated[["USUBJID", "TRTSDT", "TRTEDT", "EOSDT"]]
    ae, _ = events(study, clean, people)
    stays = ae[(ae["ae_hosp"] == "1") & (ae["TRTEMFL"] == "Y")]
    admitted = stays.groupby("USUBJID")["ASTDT"].min().to_dict()
    added = rescue_dates(clean, people)
    df["HOSPDT"] = [admitted.get(s, "") for s in df["USUBJID"]]
    df["HOSPFL"] = ["Y" if s in admitted else "" for s in df["USUBJID"]]
    df["RESCUEDT"] = [added.get(s, "") for s in df["USUBJID"]]
    wanted = [*study.endpoints, *_MORE_BASELINES]
    first = treated["TRTSDT"].where(treated["TRTSDT"] != "", treated["RANDDT"])
    reference = dict(zip(treated["USUBJID"], first, strict=True))
    before = _until(study, clean, reference)
    found = [
        questionnaires(study, before)[0],
        laboratory(study, before)[0],
        vital_signs(study, before)[0],
    ]
    keep = ["USUBJID", "PARAMCD", "ADT", "AVAL", "SRCFILE", "SRCLINE", "INSTANCE"]
    rows = pd.concat([f[keep].astype({"AVAL": float}) for f in found if len(f)] or [found[0][keep]])
    rows = rows[rows["PARAMCD"].isin(wanted)].reset_index(drop=True)
    rows["REFDT"] = [reference.get(s, "") for s in rows["USUBJID"]]
    rows["LINE"] = source_order(rows)
    base = derive_baseline(rows)
    base = base[base["ABLFL"] == "Y"].set_index(["USUBJID", "PARAMCD"])["AVAL"].to_dict()
    for code in wanted:
        df[f"B{code}"] = pd.Series([base.get((s, code)) for s in df["USUBJID"]], dtype=float)
    return df


def _until(
    study: Any, clean: Mapping[str, pd.DataFrame], reference: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """The forms without records that are dated later than the subject's reference day.

    They can be no baseline; a record without a day of its own stays, its visit may have one.
    """
    fields = {name: form.date for name, form in study.forms.forms.items() if form.date}
    out = dict(clean)
    for name, field in (fields | {"lab": "sample_date"}).items():
        if name in out and field in out[name].columns:
            df = out[name]
            day = df[field].astype(str).str[:10]
            whole = day.str.fullmatch(r"\d{4}-\d\d-\d\d")
            out[name] = df[~whole | (day <= df["USUBJID"].map(reference).fillna(""))]
    return out


def _finish(df: pd.DataFrame, study: Any) -> pd.DataFrame:
    baselines = [f"B{c}" for c in [*study.endpoints, *_MORE_BASELINES]]
    for column in COLUMNS:
        if column not in df.columns:
            df[column] = pd.Series([None] * len(df), dtype=object)
    out = df[[*COLUMNS, *baselines, *SOURCE]].copy()
    for column in out.columns:
        if column in NUMERIC or column in baselines:
            out[column] = out[column].astype(float)
        else:
            out[column] = out[column].fillna("").astype(str)
    return out.sort_values("USUBJID", kind="stable").reset_index(drop=True)
