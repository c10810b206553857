"""ADBM: biomarker levels of all assays with their baseline and change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.change.score import beyond_rcv, change, rcv
from sclerotrial.derive.dates import study_days
from sclerotrial.derive.entry import require
from sclerotrial.read.findings import finding, frame
from sclerotrial.study_assays import scale_of
from sclerotrial.tabular import num, plain

#: Columns of adbm.
COLUMNS = [
    "STUDYID", "USUBJID", "TRT01A", "SAFFL", "COMPLFL", "PARAMCD", "PARAM", "PARCAT1", "COMPART",
    "ASSAY", "AVISIT", "AVISITN", "ADT", "ADY", "AVAL", "AVALU", "AVALC", "AVALCENS", "AVALLIM",
    "LLOQ", "ULOQ", "BASE", "BASECENS", "BASELIM", "CHG", "PCHG", "LOG2FC", "LOG2FC_LOW",
    "LOG2FC_HIGH", "DIRECTION", "BLQFL", "QCFL", "RCVFL", "ABLFL", "ANL01FL", "SAMPLEID", "SRCFILE",
    "SRCLINE",
]  # fmt: skip
#: Columns of change.csv, the contract.
CHANGE = [
    "USUBJID", "PARAMCD", "PARAM", "COMPART", "ASSAY", "AVISIT", "BASE", "AVAL", "AVALU", "LOG2FC",
    "LOG2FC_LOW", "LOG2FC_HIGH", "CHG", "PCHG", "BASECENS", "AVALCENS", "BASELIM", "AVALLIM",
    "BLQFL", "QCFL", "RCVFL", "SRCFILE", "SRCLINE",
]  # fmt: skip
_SERIES = ["USUBJID", "ASSAY", "PARAMCD"]
_ADSL = ["USUBJID", "TRT01A", "SAFFL", "COMPLFL", "TRTSDT", "RANDDT"]
_LEVELS = [
    "ASSAY", "COMPART", "SAMPLE", "USUBJID", "AVISIT", "PARAMCD", "PARAM", "VALUE", "CENS", "LLOQ",
    "ULOQ", "UNIT", "BLQFL", "QCFL", "FILE", "LINE",
]  # fmt: skip


def adbm(
    levels: pd.DataFrame, adsl: pd.DataFrame, samples: pd.DataFrame, study: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Biomarker dataset.

    Baseline is the sample of the baseline visit that was collected on or before the first dose
    (randomisation for those never dosed), the last one where there are several; of one day the
    one that is not doubted. At later visits the last sample is analysed (ANL01FL); every other
    row stays.

    Parameters
    ----------
    levels : DataFrame
        levels.csv of all assays, one below the other.
    adsl : DataFrame
        USUBJID, TRT01A, SAFFL, COMPLFL, TRTSDT, RANDDT.
    samples : DataFrame
        Cleaned manifest: barcode, collected.
    study : study.Study
        Visits and assays (scale, variation of the analytes).

    Returns
    -------
    adbm : DataFrame
        Columns `COLUMNS`; AVAL on the analysis scale of the assay, the limit where censored.
    findings : DataFrame
        Levels of subjects that ADSL does not hold (excluded), samples without a date, baseline
        samples taken after the first dose, later samples taken on or before it, measurements
        that gave way to another one of the same visit.
    """
    require(levels, "levels", _LEVELS)
    require(
        adsl, "adsl", ["USUBJID", "TRT01A", "SAFFL", "COMPLFL", "TRTSDT", "RANDDT"], ["USUBJID"]
    )
    require(samples, "samples", ["barcode", "collected"], ["barcode"])
    df, findings = _join(levels, adsl, samples, study)
    df, more = _roles(df, study)
    df = _with_baseline(df)
    df = _score(df, study)
    keys = ["USUBJID", "COMPART", "ASSAY", "PARAMCD", "AVISITN", "ADT", "SAMPLEID"]
    df = df.sort_values(keys, kind="stable").reset_index(drop=True)
    return df[COLUMNS], frame(findings + more)


def analysed_samples(
    columns: pd.DataFrame, adsl: pd.DataFrame, samples: pd.DataFrame, study: Any, assay: str
) -> pd.DataFrame:
    """The sample of each subject and visit that is analysed, by the rules of `adbm`.

    Parameters
    ----------
    columns : DataFrame
        Samples of a wide panel: COLUMN, SAMPLE, FILE, USUBJID, AVISIT, DOUBT (bool).
    adsl, samples, study
        As for `adbm`.
    assay : str

    Returns
    -------
    DataFrame
        COLUMN, USUBJID, AVISIT; a subject has one row a visit at most. At the baseline visit it
        is the baseline.
    """
    levels = pd.DataFrame("", index=columns.index, columns=_LEVELS).assign(
        ASSAY=assay, SAMPLE=columns["SAMPLE"], USUBJID=columns["USUBJID"], VALUE="1",
        AVISIT=columns["AVISIT"], FILE=columns["FILE"], LINE=columns["COLUMN"],
        QCFL=np.where(columns["DOUBT"].astype(bool), "Y", ""),
    )  # fmt: skip
    df, _ = _join(levels, adsl, samples, study)
    df, _ = _roles(df, study)
    first = {v.avisit for v in study.visits if v.baseline}
    rows = df[(df["ANL01FL"] == "Y") & ((df["ABLFL"] == "Y") | ~df["AVISIT"].isin(first))]
    out = rows.rename(columns={"SRCLINE": "COLUMN"})[["COLUMN", "USUBJID", "AVISIT"]]
    return out.sort_values("COLUMN", kind="stable").reset_index(drop=True)


def change_view(adbm: pd.DataFrame) -> pd.DataFrame:
    """change.csv: the analysed rows after baseline, columns `CHANGE`."""
    later = num(adbm["ADY"]).gt(0) | num(adbm["ADY"]).isna()
    rows = adbm[(adbm["ANL01FL"] == "Y") & (adbm["ABLFL"] != "Y") & later]
    return rows[CHANGE].reset_index(drop=True)


def _join(levels, adsl, samples, study) -> tuple[pd.DataFrame, list[dict]]:
    when = samples.set_index("barcode")["collected"].fillna("").astype(str)
    df = levels.rename(
        columns={"SAMPLE": "SAMPLEID", "UNIT": "AVALU", "FILE": "SRCFILE", "LINE": "SRCLINE"}
    ).assign(
        STUDYID=study.study.id,
        AVAL=num(levels["VALUE"]),
        AVALCENS=levels["CENS"].fillna(""),
        LLOQ=num(levels["LLOQ"]),
        ULOQ=num(levels["ULOQ"]),
        PARCAT1=levels["ASSAY"],
        ADT=levels["SAMPLE"].map(when).fillna("").str[:10],
    )
    people = adsl[_ADSL].fillna("")
    strange = df[~df["USUBJID"].isin(people["USUBJID"])].drop_duplicates("SAMPLEID")
    findings = [
        finding(rule="sample_subject_unknown", severity="error", action="excluded",
                subject=s.USUBJID, visit=s.AVISIT, form="samples", field="barcode", key=s.SAMPLEID,
                file=s.SRCFILE, line=s.SRCLINE,
                message="The subject of the sample is not in the study")
        for s in strange.itertuples()
    ]  # fmt: skip
    df = df.merge(people, on="USUBJID", how="inner")
    numbers = {v.avisit: v.avisitn for v in study.visits}
    df["AVISITN"] = df["AVISIT"].map(numbers).astype(float)
    df["REFDT"] = df["TRTSDT"].where(df["TRTSDT"] != "", df["RANDDT"]).str[:10]
    df["ADY"] = study_days(df["ADT"], df["REFDT"])
    df["AVALLIM"] = df["AVAL"].where(df["AVALCENS"] != "")
    df["AVALC"] = df["AVALCENS"] + df["AVAL"].map(plain)
    return df, findings


def _roles(df: pd.DataFrame, study) -> tuple[pd.DataFrame, list[dict]]:
    """ABLFL and ANL01FL; POST marks rows that may have a change."""
    first = {v.avisit for v in study.visits if v.baseline}
    is_base = df["AVISIT"].isin(first)
    before = (df["ADY"] <= 1) | df["ADY"].isna()
    df = df.assign(POST=~is_base & ((df["ADY"] > 1) | df["ADY"].isna()))
    usable = df["AVAL"].notna()
    # of one day the row that is not doubted comes last, and the last is taken
    rank = df.assign(_CLEAN=df["QCFL"] != "Y").sort_values(
        ["ADT", "_CLEAN", "SRCFILE", "SAMPLEID"], kind="stable"
    )
    base = rank[(is_base & before & usable).loc[rank.index]]
    base = base.drop_duplicates(_SERIES, keep="last").index
    post = rank[(df["POST"] & usable).loc[rank.index]]
    post = post.drop_duplicates([*_SERIES, "AVISIT"], keep="last").index
    df["ABLFL"] = np.where(df.index.isin(base), "Y", "")
    df["ANL01FL"] = np.where(df.index.isin(base) | df.index.isin(post), "Y", "")
    one = df.drop_duplicates("SAMPLEID")
    told = {
        "sample_undated": (one["ADT"] == "", "The sample has no date of collection"),
        "baseline_after_dose": (
            one["AVISIT"].isin(first) & (one["ADY"] > 1),
            "The baseline sample was collected after the first dose and is no baseline",
        ),
        "sample_before_dose": (
            ~one["AVISIT"].isin(first) & (one["ADY"] <= 1),
            "The sample of a later visit was collected on or before the day of the first dose",
        ),
    }
    findings = [
        finding(rule=rule, subject=s.USUBJID, visit=s.AVISIT, form="samples", field="collected",
                raw=s.ADT, value=s.ADT, key=s.SAMPLEID, file=s.SRCFILE, line=s.SRCLINE,
                message=message)
        for rule, (mask, message) in told.items()
        for s in one[mask].itertuples()
    ]  # fmt: skip
    rivals = ((is_base & before) | df["POST"]) & usable & (df["ANL01FL"] != "Y")
    findings += [
        finding(rule="sample_not_used", subject=s.USUBJID, visit=s.AVISIT, form="samples",
                field="barcode", raw=s.SAMPLEID, value=s.SAMPLEID, key=f"{s.SAMPLEID}|{s.SRCFILE}",
                file=s.SRCFILE, line=s.SRCLINE,
                message="Levels of another measurement or tube of this visit are analysed")
        for s in df[rivals].drop_duplicates(["SAMPLEID", "SRCFILE"]).itertuples()
    ]  # fmt: skip
    return df, findings


def _with_baseline(df: pd.DataFrame) -> pd.DataFrame:
    columns = {"AVAL": "BASE", "AVALCENS": "BASECENS", "AVALLIM": "BASELIM"}
    base = df.loc[df["ABLFL"] == "Y", [*_SERIES, *columns]].rename(columns=columns)
    out = df.merge(base, on=_SERIES, how="left")
    return out.assign(BASECENS=out["BASECENS"].fillna(""))


def _score(df: pd.DataFrame, study) -> pd.DataFrame:
    """Changes assay by assay (each has its scale), flags parameter by parameter."""
    names = ["CHG", "PCHG", "LOG2FC", "LOG2FC_LOW", "LOG2FC_HIGH", "DIRECTION"]
    out = df.assign(**dict.fromkeys(names, np.nan), RCVFL="")
    for name, rows in out[out["POST"]].groupby("ASSAY", sort=True):
        assay = study.assays[name]
        for scale, mine in rows.groupby(rows["PARAMCD"].map(lambda c: scale_of(assay, c))):  # noqa: B023
            got = change(mine["BASE"], mine["AVAL"], scale, mine["BASECENS"], mine["AVALCENS"])
            scored = [got.chg, got.pchg, got.log2fc, got.low, got.high, got.direction]
            out.loc[mine.index, names] = np.column_stack(scored)
        for code, mine in rows.groupby("PARAMCD", sort=True):
            entry = assay.analytes.get(code)
            within = getattr(entry, "within_person_cv", None)
            # without a sourced within-person variation nothing is called real
            if within is None or assay.scale not in ("linear", "log2"):
                continue
            own = getattr(entry, "analytical_cv", None)
            bound = rcv(own.value if own else 0.0, within.value)
            cells = out.loc[mine.index]
            real = beyond_rcv(cells["LOG2FC_LOW"], cells["LOG2FC_HIGH"], bound)
            out.loc[mine.index, "RCVFL"] = np.where(real, "Y", "")
    return out
