"""A small hand-made trial for the tests of tables, figures and publishing.

Five patients: IM01 and IM02 completed on imatinib, IM03 and IM04 stopped, IM05 took placebo;
SF01 was screened only. All cells are text, as `tabular.read_csv` gives them. The numbers of the
ARD were typed by hand: the tests ask that they arrive unchanged, not that they are right.
"""

from __future__ import annotations

import pandas as pd

PEOPLE = {
    # subject: arm, completed, first dose, last dose, end of study
    "IM01": ("Imatinib", "Y", "2008-05-05", "2008-11-03", "2008-11-04"),
    "IM02": ("Imatinib", "Y", "2008-05-12", "2008-11-10", "2008-11-12"),
    "IM03": ("Imatinib", "", "2008-05-20", "2008-06-02", "2008-11-18"),
    "IM04": ("Imatinib", "", "2008-06-02", "2008-08-25", "2008-12-01"),
    "IM05": ("Placebo", "Y", "2008-06-09", "2008-12-07", "2008-12-08"),
}
SKIN = {
    # subject: (visit, study day, mRSS, off drug, line of the raw file)
    "IM01": [("Baseline", 1, 30, "", 5), ("Month 3", 92, 29, "", 8), ("Month 6", 183, 27, "", 9)],
    "IM02": [
        ("Baseline", 1, 33, "", 14),
        ("Month 3", 90, 33, "", 17),
        ("Month 6", 184, 34, "", 18),
    ],
    "IM03": [("Baseline", 1, 28, "", 23), ("Month 6", 182, 25, "Y", 27)],
    "IM04": [
        ("Baseline", 1, 35, "", 32),
        ("Month 3", 93, 31, "Y", 35),
        ("Month 6", 180, 30, "Y", 36),
    ],
    "IM05": [
        ("Baseline", 1, 31, "", 41),
        ("Month 3", 91, 30, "", 44),
        ("Month 6", 182, 32, "", 45),
    ],
}
RAW = "redcap/IMSSC_DATA.csv"


def _frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype(str)


def _person(subject: str) -> dict:
    arm, completed, *_ = PEOPLE[subject]
    return {
        "STUDYID": "IMSSC",
        "USUBJID": subject,
        "TRT01A": arm,
        "SAFFL": "Y",
        "COMPLFL": completed,
    }


def adsl() -> pd.DataFrame:
    """Subjects, with the screen failure."""
    rows = []
    for k, (subject, (arm, completed, first, last, end)) in enumerate(PEOPLE.items()):
        rows.append(
            {
                **_person(subject),
                "SUBJID": subject,
                "AGE": 40 + k,
                "SEX": "F",
                "ARM": arm,
                "TRT01P": arm,
                "SCRNFL": "Y",
                "RANDFL": "Y",
                "STRATAR": "N",
                "TRTSDT": first,
                "TRTEDT": last,
                "EOSDT": end,
                "EOSSTT": "COMPLETED" if completed else "DISCONTINUED",
                "DCSREAS": "" if completed else "Adverse event",
                "HOSPFL": "Y" if subject == "IM03" else "",
                "SRCFILE": RAW,
                "SRCLINE": 2 + 9 * k,
            }
        )
    rows.append({"USUBJID": "SF01", "SUBJID": "SF01", "SCRNFL": "Y", "EOSSTT": "SCREEN FAILURE"})
    return pd.DataFrame(rows, dtype=object).fillna("").astype(str)


def adqs() -> pd.DataFrame:
    """The skin score of each visit, and one unscheduled record that is not analysed."""
    rows = []
    for subject, visits in SKIN.items():
        base = visits[0][2]
        for visit, day, score, off, line in visits:
            first = visit == "Baseline"
            rows.append(
                {
                    **_person(subject),
                    "PARAMCD": "MRSS",
                    "PARAM": "Modified Rodnan skin score",
                    "PARCAT1": "Total",
                    "AVISIT": visit,
                    "ADY": day,
                    "AVAL": score,
                    "BASE": base,
                    "CHG": "" if first else score - base,
                    "ABLFL": "Y" if first else "",
                    "ANL01FL": "Y",
                    "DTYPE": "",
                    "ICEFL": off,
                    "SRCDOM": "mrss",
                    "SRCFILE": RAW,
                    "SRCLINE": line,
                }
            )
    rows.append({**rows[1], "AVAL": 44, "CHG": 14, "ADY": 120, "ANL01FL": "", "SRCLINE": 99})
    return _frame(rows)


def adex() -> pd.DataFrame:
    """Dosing: IM01 had an interruption and came back at half the dose."""
    spans = [
        ("IM01", 1, 20, 400, "DOSING"),
        ("IM01", 21, 34, 0, "INTERRUPTION"),
        ("IM01", 35, 183, 200, "DOSING"),
        ("IM02", 1, 183, 400, "DOSING"),
        ("IM03", 1, 14, 400, "DOSING"),
        ("IM04", 1, 85, 400, "DOSING"),
        ("IM05", 1, 182, 400, "DOSING"),
    ]
    return _frame(
        [
            {
                **_person(s),
                "ASTDY": a,
                "AENDY": b,
                "DOSE": d,
                "EXTYPE": kind,
                "EXREAS": "Start",
                "SRCFILE": RAW,
                "SRCLINE": 60 + k,
            }
            for k, (s, a, b, d, kind) in enumerate(spans)
        ]
    )


def adae() -> pd.DataFrame:
    """Adverse events; the verbatim text must never be shown."""
    events = [
        ("IM01", "Nausea", 3, 12, 1, ""),
        ("IM01", "Oedema peripheral", 5, 40, 2, ""),
        ("IM02", "Nausea", 4, 6, 1, ""),
        ("IM03", "Fluid retention", 2, 20, 3, "Y"),
        ("IM03", "Fatigue", 2, 30, 2, ""),
        ("IM04", "Anaemia", 60, 120, 2, ""),
        ("IM05", "Fatigue", 30, 32, 1, ""),
    ]
    return _frame(
        [
            {
                **_person(s),
                "AESEQ": k,
                "AEGRPID": f"{s}-E{k}",
                "AETERM": "free text of a patient",
                "AEDECOD": term,
                "AEBODSYS": "General disorders",
                "ASTDY": a,
                "AENDY": b,
                "AETOXGRN": g,
                "AESHOSP": h,
                "AEREL": "Probably",
                "AEACN": "None",
                "TRTEMFL": "Y",
                "SRCFILE": RAW,
                "SRCLINE": 80 + k,
            }
            for k, (s, term, a, b, g, h) in enumerate(events)
        ]
    )


def adbm() -> pd.DataFrame:
    """Two serum proteins and a skin gene; one value below its limit."""
    rows = []
    panel = [
        ("IL6", "Interleukin-6", "SERUM", "luminex_serum"),
        ("SCD163", "Soluble CD163", "SERUM", "luminex_serum"),
        ("COL1A1", "Collagen type I alpha 1", "SKIN", "qpcr_skin"),
    ]
    for j, (code, name, compartment, assay) in enumerate(panel):
        for k, subject in enumerate(PEOPLE):
            shift = (-0.8, 0.2, 0.5, -0.1, 0.05)[(k + j) % 5]
            blq = code == "IL6" and subject == "IM03"
            for visit, day, change in (
                ("Baseline", 1, None),
                ("Month 3", 92, shift / 2),
                ("Month 6", 183, shift),
            ):
                censored = blq and visit == "Month 6"
                rows.append(
                    {
                        **_person(subject),
                        "PARAMCD": code,
                        "PARAM": name,
                        "PARCAT1": assay,
                        "ASSAY": assay,
                        "COMPART": compartment,
                        "AVISIT": visit,
                        "ADY": day,
                        "AVAL": 8.0 if change is None else 8.0 * 2**change,
                        "AVALU": "pg/mL",
                        "AVALCENS": "<" if censored else "",
                        "BASECENS": "",
                        "LOG2FC": "" if change is None or censored else change,
                        "LOG2FC_LOW": "",
                        "LOG2FC_HIGH": -0.5 if censored else "",
                        "DIRECTION": "" if change is None else (1 if change > 0 else -1),
                        "RCVFL": "Y" if code == "SCD163" and abs(change or 0) > 0.7 else "",
                        "BLQFL": "Y" if censored else "",
                        "ABLFL": "Y" if change is None else "",
                        "ANL01FL": "Y",
                        "SAMPLEID": f"{subject}-{visit[:2]}",
                        "SRCFILE": "serum/luminex_plate1.csv",
                        "SRCLINE": 100 + k,
                    }
                )
    return _frame(rows)


def adlb() -> pd.DataFrame:
    """Haemoglobin: IM03 falls below the range; one record has no upper limit."""
    rows = []
    for k, subject in enumerate(PEOPLE):
        for visit, day, value in (("Baseline", 1, 130), ("Month 6", 183, 128 - 6 * k)):
            rows.append(
                {
                    **_person(subject),
                    "PARAMCD": "HGB",
                    "PARAM": "Haemoglobin",
                    "AVISIT": visit,
                    "ADY": day,
                    "AVAL": value,
                    "ANRLO": 120,
                    "ANRHI": "" if k == 0 else 160,
                    "ANRIND": "LOW" if value < 120 else "NORMAL",
                    "DTYPE": "",
                }
            )
    return _frame(rows)


def readings() -> pd.DataFrame:
    """Three standards of a bead panel with their expected concentration, and two samples."""
    rows = []
    for k, mfi in enumerate((100, 1000, 9000)):
        name = f"Standard{k + 1}"
        rows.append((f"A{k + 1}", name, "STANDARD", "median_mfi", mfi))
        rows.append((f"A{k + 1}", name, "STANDARD", "expected", 10**k))
    rows += [("B1", "IM01-Ba", "SAMPLE", "median_mfi", 500)]
    rows += [("B2", "IM03-Mo", "SAMPLE", "median_mfi", 20)]
    columns = ["WELL", "SAMPLE", "TASK", "QUANTITY", "VALUE"]
    frame = pd.DataFrame(rows, columns=columns).astype(str)
    return frame.assign(ANALYTE="IL-6", FILE="serum/luminex_plate1.csv")


def levels() -> pd.DataFrame:
    """The two samples quantified: one measured, one below its limit."""
    shared = {
        "ASSAY": "luminex_serum", "PARAMCD": "IL6", "LLOQ": "1", "ULOQ": "100", "UNIT": "pg/mL",
        "FILE": "serum/luminex_plate1.csv",
    }  # fmt: skip
    return pd.DataFrame(
        [
            {**shared, "SAMPLE": "IM01-Ba", "VALUE": "5", "CENS": ""},
            {**shared, "SAMPLE": "IM03-Mo", "VALUE": "1", "CENS": "<"},
        ]
    )


def quality() -> pd.DataFrame:
    """Checks of a plate: one replicate is too far off, a note is no failure."""
    rows = [
        ("replicate_cv", "IL6", "4.5", "at most 20 %", "pass"),
        ("replicate_cv", "IL6", "34.1", "at most 20 %", "fail"),
        ("control_recovery", "IL6", "96", "80 to 120 %", "note"),
        ("curve_r2", "IL6", "0.998", "at least 0.99", "pass"),
    ]
    columns = ["CHECK", "PARAMCD", "VALUE", "LIMIT", "VERDICT"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(ASSAY="luminex_serum", FILE="serum/luminex_plate1.csv")


def wide() -> pd.DataFrame:
    """A panel of 60 features: three fall or rise past the bound, one has no p."""
    rows = []
    for k in range(60):
        p = (0.00002, 0.0004, 0.0005)[k] if k < 3 else 0.05 + 0.015 * k
        change = (-1.4, 0.9, 1.1)[k] if k < 3 else 0.3 * ((k % 7) - 3) / 3
        rows.append(
            {
                "ASSAY": "luminex_serum", "GROUP": "imatinib", "AVISIT": "Month 6",
                "FEATURE": f"OID{k:05d}", "PARAM": f"GENE{k}", "N": 4 if k else 3,
                "ESTIMATE": change, "P_MOD": "" if k == 59 else p,
                "P_ADJ": "" if k == 59 else min(1.0, p * 20),
            }
        )  # fmt: skip
    return _frame(rows)


def adam() -> dict[str, pd.DataFrame]:
    """All frames by name."""
    makers = (adsl, adqs, adex, adae, adbm, adlb, readings, levels, quality, wide)
    return {make.__name__: make() for make in makers}


_ARD = [
    # ID, text, value, further columns
    ("feasibility.planned.count", "20", 20, {}),
    ("feasibility.screened.count", "6", 6, {}),
    ("feasibility.enrolled.count", "5", 5, {}),
    ("efficacy.mrss.imatinib.baseline.aval.n", "4", 4, {}),
    ("efficacy.mrss.imatinib.baseline.aval.mean", "31.5", 31.5, {}),
    ("efficacy.mrss.imatinib.baseline.aval.sd", "3.1", 3.109, {}),
    ("efficacy.mrss.imatinib.month6.aval.n", "4", 4, {}),
    ("efficacy.mrss.imatinib.month6.aval.mean", "29.0", 29.0, {}),
    ("efficacy.mrss.imatinib.month6.aval.sd", "3.9", 3.916, {}),
    ("efficacy.mrss.imatinib.month6.chg.n", "4", 4, {}),
    ("efficacy.mrss.imatinib.month6.chg.mean", "-2.5", -2.5, {}),
    ("efficacy.mrss.imatinib.month6.chg.t.ci_low", "-6.8", -6.8, {"CONF_LEVEL": "0.95"}),
    ("efficacy.mrss.imatinib.month6.chg.t.ci_high", "1.8", 1.8, {"CONF_LEVEL": "0.95"}),
    ("efficacy.mrss.imatinib.month6.chg.hl.estimate", "-3.0", -3, {}),
    ("efficacy.mrss.imatinib.month6.chg.hl.ci_low", "-5.0", -5, {"CONF_ACHIEVED": "0.875"}),
    ("efficacy.mrss.imatinib.month6.chg.hl.ci_high", "1.0", 1, {"CONF_ACHIEVED": "0.875"}),
    (
        "efficacy.mrss.imatinib.month6.chg.signflip.p",
        "",
        "",
        {
            "NOTE": "no test printed: the smallest p of this design (n = 4) is 0.125",
            "P_DESIGN": "0.125",
        },
    ),
    (
        "completion.crp.completers_vs_stopped.month6.chg.ranksum.p",
        "0.667",
        0.667,
        {"P_ATTAINABLE": "0.333", "P_DESIGN": "0.333", "P_ADJ": "1"},
    ),
    ("safety.pt_nausea.imatinib.patients.count", "2", 2, {}),
    ("safety.pt_fatigue.imatinib.patients.count", "1", 1, {}),
    ("safety.week1.imatinib.events.percent", "83.3", 83.3, {"UNIT": "%"}),
    ("safety.hospitalised.imatinib.patients.count", "1", 1, {}),
    ("efficacy.mrssface.imatinib.month6.chg.n", "4", 4, {}),
    ("efficacy.mrssface.imatinib.month6.chg.mean", "-0.25", -0.25, {}),
    ("efficacy.mrsshanl.imatinib.month6.chg.n", "3", 3, {}),
    ("efficacy.mrsshanl.imatinib.month6.chg.mean", "0.50", 0.5, {}),
    ("safety.pt_nausea.imatinib.events.count", "3", 3, {}),
    ("safety.pt_nausea.imatinib.grade1.count", "1", 1, {}),
    ("safety.pt_nausea.imatinib.grade3.count", "1", 1, {}),
    ("safety.pt_nausea.placebo.patients.count", "0", 0, {}),
    ("lab.hgb.imatinib.shift_normal_to_low.count", "2", 2, {}),
    (
        "biomarker.serum_il6.imatinib.month6.corr_mrss.spearman.estimate",
        "",
        "",
        {"NOTE": "some pairs with a limit", "N": "3", "PARAMCD": "IL6"},
    ),
    (
        "biomarker.serum_scd163.imatinib.month6.corr_mrss.spearman.estimate",
        "-0.40",
        -0.4,
        {"N": "4", "PARAMCD": "SCD163"},
    ),
    ("biomarker.serum_scd163.imatinib.month6.corr_mrss.spearman.ci_low", "-0.97", -0.97, {}),
    ("biomarker.serum_scd163.imatinib.month6.corr_mrss.spearman.ci_high", "0.91", 0.91, {}),
    ("quality.assay_luminex_serum.check_replicate_cv.count", "2", 2, {}),
    ("quality.assay_luminex_serum.check_replicate_cv_failed.count", "1", 1, {}),
    ("quality.ice_hosp.imatinib.count", "1", 1, {}),
    ("quality.deviation_stratum.patients.count", "1", 1, {}),
    ("quality.deviation_stratum.records.count", "2", 2, {}),
    ("quality.queries.count", "7", 7, {}),
    ("feasibility.rechallenge.imatinib.count", "2", 2, {}),
    ("feasibility.rechallenge_failed.imatinib.count", "2", 2, {}),
]
_COLUMNS = [
    "ID", "DATASET", "FILTER", "LABEL", "VALUE", "UNIT", "TEXT", "N", "METHOD", "CONVENTION",
    "POPULATION", "ESTIMAND", "PARAMCD", "AVISIT", "STAT", "CONF_LEVEL", "CONF_ACHIEVED",
    "P_ATTAINABLE", "P_DESIGN", "FAMILY", "P_ADJ", "NOTE",
]  # fmt: skip
_FILTERS = {
    "efficacy.mrss.imatinib.month6.aval": 'PARAMCD=="MRSS" & AVISIT=="Month 6"'
    ' & ANL01FL=="Y" & TRT01A=="Imatinib"',
    "efficacy.mrss.imatinib.month6.chg": 'PARAMCD=="MRSS" & AVISIT=="Month 6"'
    ' & ANL01FL=="Y" & TRT01A=="Imatinib"',
}


def ard() -> pd.DataFrame:
    """A few numbers as ``results/ard.csv`` holds them."""
    rows = []
    for id_, text, value, more in _ARD:
        row = dict.fromkeys(_COLUMNS, "")
        row |= {"ID": id_, "TEXT": text, "VALUE": str(value), "STAT": id_.rsplit(".", 1)[-1]}
        for stem, where in _FILTERS.items():
            if id_.startswith(stem):
                row |= {"DATASET": "adqs", "FILTER": where, "PARAMCD": "MRSS"}
        rows.append(row | more)
    return pd.DataFrame(rows, dtype=str)
