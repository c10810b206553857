"""A small trial typed by hand: nine on imatinib (six completed), one on placebo, one screened.

The skin scores have the totals of the published means: 280 -> 265 of nine, 186 -> 182 of the six
who completed.
"""

from __future__ import annotations

import pandas as pd
import pytest

BASE = [36, 25, 44, 25, 28, 28, 37, 30, 27]
AFTER = [34, 23, 45, 26, 27, 27, 33, 27, 23]
ACTIVE = [f"IM{k:02d}" for k in range(1, 10)]
PLACEBO = "IM10"
STOPPED = ("IM07", "IM08", "IM09")


def person(subject: str) -> dict:
    """The columns that every dataset carries."""
    return {
        "STUDYID": "IMSSC",
        "USUBJID": subject,
        "TRT01A": "Placebo" if subject == PLACEBO else "Imatinib",
        "SAFFL": "Y",
        "COMPLFL": "" if subject in STOPPED else "Y",
    }


def text(rows: list[dict]) -> pd.DataFrame:
    """A frame as `tabular.read_csv` gives it."""
    return pd.DataFrame(rows).astype(object).fillna("").astype(str)


def adsl() -> pd.DataFrame:
    rows = []
    for k, s in enumerate([*ACTIVE, PLACEBO]):
        p = person(s)
        stopped = s in STOPPED
        rows.append(
            {
                **p,
                "TRT01P": p["TRT01A"],
                "SCRNFL": "Y",
                "RANDFL": "Y",
                "AGE": 40 + k,
                "SEX": "F" if k % 3 else "M",
                "DISDUR": 10.5 + k,
                "STRATAR": "Y",
                "STRATAV": "Y" if k < 5 else "N",
                "ANTITOPO": "Y" if k == 0 else "",
                "ANTIRNAP": "",
                "ILDFL": "",
                "RANDDT": f"2008-05-{10 + k:02d}",
                "EOSSTT": "DISCONTINUED" if stopped else "COMPLETED",
                "DCSREAS": "Adverse event" if stopped else "",
                "DCSCD": "AE" if stopped else "",
                "HOSPFL": "",
                "RESCUEDT": "",
                "TRTDURD": 60 if stopped else 182,
                "DOSEDAYS": 50 if stopped else 182,
                "CUMDOSE": 15000 if stopped else 72800,
                "AVGDD": 250 if stopped else 400,
                "RDIPLAN": 20.6 if stopped else 100,
                "RDIDUR": 62.5 if stopped else 100,
                "PILLPCT": "" if k == 2 else 98,
                "DOSEREDFL": "Y" if stopped else "",
                "INTERRFL": "Y" if k in (5, 6, 7) else "",
                "REINTFL": "Y" if k in (5, 6, 7) else "",
                "REINTOUT": {5: "tolerated", 6: "stopped again", 7: "stopped again"}.get(k, ""),
            }
        )
    rows.append(
        {"USUBJID": "SF01", "SCRNFL": "Y", "EOSSTT": "SCREEN FAILURE", "DCSREAS": "Declined"}
    )
    return text(rows)


def bds(code: str, values: dict[str, dict[str, float]], **more) -> list[dict]:
    """Rows of a parameter: subject -> visit -> value; LOCF rows where month 6 is missing."""
    rows = []
    ordinal = more.pop("ordinal", False)
    for subject, seen in values.items():
        base = seen["Baseline"]
        for visit in ("Baseline", "Month 3", "Month 6"):
            first, there = visit == "Baseline", visit in seen
            value = seen.get(visit, list(seen.values())[-1])
            later = not first and not ordinal
            rows.append(
                {
                    **person(subject),
                    "PARAMCD": code,
                    "PARAM": code,
                    "AVISIT": visit,
                    "AVAL": value,
                    "BASE": base,
                    "CHG": value - base if later else "",
                    "PCHG": 100 * (value - base) / base if later and base else "",
                    "ABLFL": "Y" if first else "",
                    "ANL01FL": "Y" if there else "",
                    "ANL02FL": "Y",
                    "DTYPE": "" if there else "LOCF",
                    "ICEFL": "Y" if visit == "Month 6" and subject in STOPPED else "",
                    "ATOXGR": "",
                    "SHIFT1": "",
                    **{f"CRIT{i}{e}": "" for i in (1, 2, 3, 4) for e in ("", "FL")},
                    **more,
                }
            )
    return rows


def three(base: list, after: list, place: float) -> dict[str, dict[str, float]]:
    found = {
        s: {"Baseline": b, "Month 3": b, "Month 6": a}
        for s, b, a in zip(ACTIVE, base, after, strict=True)
    }
    return found | {PLACEBO: {"Baseline": place, "Month 3": place, "Month 6": place}}


def adqs() -> pd.DataFrame:
    skin = bds("MRSS", three(BASE, AFTER, 33))
    for row in skin:
        if row["AVISIT"] != "Baseline":
            row |= {"CRIT1": "Fall of 5", "CRIT1FL": "Y" if row["CHG"] <= -4 else ""}
    disability = three([0.5] * 9, [0.5, 0.625, 0.375, 0.5, 0.5, 0.75, 0.5, 0.5, 0.25], 1.5)
    del disability["IM08"]["Month 6"]
    del disability["IM09"]["Month 6"]
    patient = three([60, 61, 62, 63, 64, 65, 66, 67, 68], [50, 61, 70, 63, 64, 60, 66, 60, 68], 90)
    transition = three([5, 4, 4, 3, 5, 4, 5, 4, 3], [3, 4, 3, 3, 4, 4, 4, 2, 3], 4)
    return text(
        skin
        + bds("MRSSPRO", three(BASE, AFTER, 33))
        + bds("HAQDI", disability)
        + bds("PTGA", patient)
        + bds("PHGA", patient)
        + bds("HTQ", transition, ordinal=True)
    )


def adlb() -> pd.DataFrame:
    crp = bds("CRP", three([5, 6, 7, 8, 9, 10, 11, 12, 13], [5, 4, 9, 8, 7, 10, 15, 12, 30], 3))
    esr = bds("ESR", three([20] * 9, [20, 21, 22, 19, 18, 20, 25, 20, 20], 15))
    haemoglobin = bds("HGB", three([130] * 9, [128, 131, 95, 130, 118, 130, 130, 129, 130], 121))
    for row in haemoglobin:
        low = row["AVAL"] < 120
        row["ATOXGR"] = 2 if row["AVAL"] < 100 else int(low)
        row["SHIFT1"] = "NORMAL to LOW" if low else "NORMAL to NORMAL"
        if row["AVISIT"] == "Baseline":
            row["SHIFT1"] = ""
    return text(crp + esr + haemoglobin)


def advs() -> pd.DataFrame:
    weight = bds("WEIGHT", three([70] * 9, [72] * 9, 60))
    gain = [
        {**r, "PARAMCD": "WTGAIN", "AVAL": r["PCHG"], "CHG": "", "ATOXGR": 0, "ABLFL": ""}
        for r in weight
        if r["AVISIT"] != "Baseline"
    ]
    return text(weight + gain)


def adae() -> pd.DataFrame:
    events = [
        # subject, term, onset day, grade, stay in hospital, action, dose on the day, episode
        ("IM01", "Nausea", 2, 1, "", "None", 400, "a"),
        ("IM01", "Nausea", 30, 2, "", "None", 400, "b"),
        ("IM01", "Oedema peripheral", 3, 1, "", "None", 400, "c"),
        ("IM01", "Oedema peripheral", 9, 2, "", "None", 400, "c"),
        ("IM07", "Fatigue", 4, 3, "Y", "Stopped", 200, "d"),
        ("IM08", "Myalgia", 70, 2, "", "Interrupted", 0, "e"),
        (PLACEBO, "Fatigue", 20, 1, "", "None", 400, "f"),
    ]
    rows, seen = [], set()
    for k, (s, term, day, grade, stay, action, dose, episode) in enumerate(events):
        rows.append(
            {
                **person(s),
                "AESEQ": k + 1,
                "AEGRPID": episode,
                "AETERM": "words of a patient",
                "AEDECOD": term,
                "AEBODSYS": "Gastrointestinal disorders" if term == "Nausea" else "General",
                "ASTDY": day,
                "AETOXGRN": grade,
                "AESER": stay,
                "AESHOSP": stay,
                "RELFL": "Y",
                "AEACN": action,
                "TRTEMFL": "Y",
                "DOSEON": dose,
                "WEEK1FL": "Y" if day <= 7 else "",
                "AOCCPFL": "" if (s, term) in seen else "Y",
                "DECHAL": "positive" if term == "Myalgia" else "",
                "RECHAL": "",
            }
        )
        seen.add((s, term))
    rows.append({**rows[0], "AESEQ": 99, "AEGRPID": "z", "TRTEMFL": "", "AEDECOD": "Rash"})
    return text(rows)


def adtte() -> pd.DataFrame:
    rows = []
    for code in ("TTFAE", "TTDISC", "TTHOSP"):
        for k, s in enumerate([*ACTIVE, PLACEBO]):
            event = s in STOPPED if code == "TTDISC" else s == "IM07"
            rows.append(
                {
                    **person(s),
                    "PARAMCD": code,
                    "PARAM": f"Time, {code}",
                    "AVAL": 10 * (k + 1),
                    "CNSR": 0 if event else 1,
                }
            )
    return text(rows)


def adbm() -> pd.DataFrame:
    """IL6 measured; CCL2 with two limits at month 6; ET1 mostly below; a gene at month 6 only."""
    rows = []
    ways = [-0.5, -0.4, -0.3, -0.6, -0.2, -0.1, -0.7, 0.15, -0.35]
    panel = [
        ("luminex_serum", "SERUM", "IL6", 0),
        ("luminex_serum", "SERUM", "CCL2", 2),
        ("luminex_serum", "SERUM", "ET1", 6),
        ("luminex_serum", "SERUM", "SCD163", 0),
        ("qpcr_skin", "SKIN", "COL1A1", 0),
    ]
    for assay, compartment, code, below in panel:
        for k, s in enumerate([*ACTIVE, PLACEBO]):
            change = ([*ways, 0.25])[k]
            for visit in ("Baseline", "Month 3", "Month 6"):
                if assay == "qpcr_skin" and visit == "Month 3":
                    continue
                first = visit == "Baseline"
                limit = visit == "Month 6" and k < below
                log = assay == "qpcr_skin"
                value = (3 if log else 8) if first else (3 + change if log else 8 * 2**change)
                base = 3 if log else 8
                rows.append(
                    {
                        **person(s),
                        "PARAMCD": code,
                        "PARAM": f"Marker {code}",
                        "ASSAY": assay,
                        "COMPART": compartment,
                        "AVISIT": visit,
                        "AVAL": 2 if limit else value,
                        "AVALU": "pg/mL",
                        "AVALCENS": "<" if limit else "",
                        "BASE": "" if first else base,
                        "BASECENS": "",
                        "CHG": "" if first else value - base,
                        "LOG2FC": "" if first or limit else change,
                        "DIRECTION": "" if first else (-1 if limit or change < 0 else 1),
                        "QCFL": "Y" if k == 3 else "",
                        "RCVFL": "Y" if code == "SCD163" and k == 6 and not first else "",
                        "ABLFL": "Y" if first else "",
                        "ANL01FL": "Y",
                    }
                )
    return text(rows)


def queries() -> pd.DataFrame:
    error = {"SEVERITY": "error", "ACTION": "set missing", "STATUS": "new", "FORM": "a"}
    warning = {"SEVERITY": "warning", "ACTION": "kept", "STATUS": "open", "FORM": "b"}
    return text([{"RULE": "range", **error}, {"RULE": "range", **warning}])


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    """All datasets by name, cells as text."""
    makers = (adsl, adqs, adlb, advs, adae, adtte, adbm, queries)
    return {make.__name__: make() for make in makers}
