"""adlb: laboratory results with reference ranges, grades and shifts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.bds import BDS, SOURCE, arrange, derive_bds, endpoints_of
from sclerotrial.derive.codes import criteria
from sclerotrial.derive.entry import as_number, take
from sclerotrial.instruments import ctcae
from sclerotrial.read.findings import finding, frame, place

FORM = "lab"
EXTRA = [
    "LBORRES",
    "LBORRESU",
    "AVALCENS",
    "ANRLO",
    "ANRHI",
    "ANRIND",
    "BNRIND",
    "ATOXDSC",
    "ATOXGR",
    "BTOXGR",
    "SHIFT1",
]


def laboratory(
    study: Any, clean: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Records of the laboratory list.

    Parameters
    ----------
    study : Study
        Section ``laboratory``.
    clean : mapping
        Form ``lab`` in the analysis units.

    Returns
    -------
    (DataFrame, list of dict)
        AVAL is the value, or the limit where AVALCENS is '<' or '>'. A test that is not in the
        configuration is left out with a finding; a record without a number stays without AVAL.
    """
    needed = ["sample_date", "test", "value"]
    optional = ["result", "cens", "unit", "ref_low", "ref_high", "raw_result", "raw_unit"]
    lab = take(clean, FORM, needed, optional)
    rows: list[dict[str, Any]] = []
    notes: list[dict[str, str]] = []
    for record in lab.to_dict("records"):
        test = study.laboratory.get(record["test"])
        if test is None:
            notes.append(
                finding(
                    rule="test_unknown",
                    message="The test is not in the configuration; the record is not used",
                    action="excluded",
                    field="test",
                    **place(record, FORM),
                )
            )
            continue
        date = record["sample_date"][:10]
        value = as_number(record["value"])
        if not date and value is not None:
            notes.append(
                finding(
                    rule="date_none",
                    message="The record has no date and belongs to no analysis visit",
                    action="excluded",
                    field="sample_date",
                    **place(record, FORM),
                )
            )
        rows.append(
            {
                **{c: record[c] for c in ["USUBJID", "VISIT", "INSTANCE", "SRCFILE", "SRCLINE"]},
                "ADT": date,
                "PARAMCD": record["test"],
                "PARAM": test.param,
                "PARCAT1": "Laboratory",
                "AVAL": math.nan if value is None else value,
                "AVALC": record["result"],
                "AVALU": record["unit"] or test.unit,
                "LBORRES": record["raw_result"],
                "LBORRESU": record["raw_unit"],
                "AVALCENS": record["cens"],
                "ANRLO": as_number(record["ref_low"]),
                "ANRHI": as_number(record["ref_high"]),
                "ATOXDSC": test.ctcae or "",
                "SRCDOM": FORM,
                "SRCVAR": "result",
            }
        )
    columns = [
        "USUBJID", "VISIT", "INSTANCE", "SRCFILE", "SRCLINE", "ADT", "PARAMCD", "PARAM",
        "PARCAT1", "AVAL", "AVALC", "AVALU", "LBORRES", "LBORRESU", "AVALCENS", "ANRLO",
        "ANRHI", "ATOXDSC", "SRCDOM", "SRCVAR",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns), notes


def derive_adlb(
    study: Any,
    clean: Mapping[str, pd.DataFrame],
    adsl: pd.DataFrame,
    adex: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive adlb.

    Parameters
    ----------
    study : Study
        Sections ``laboratory``, ``endpoints``, ``visits``, ``efficacy_visits``,
        ``intercurrent_events``, ``safety``.
    clean : mapping
        Form ``lab``.
    adsl : DataFrame
    adex : DataFrame, optional
        Not used; every derivation takes it.

    Returns
    -------
    (DataFrame, DataFrame)
        Rows (key USUBJID, PARAMCD, AVISIT, ADT, SRCLINE, DTYPE) and findings. The collected list
        has no visit: the window of the sample's day decides.
    """
    records, notes = laboratory(study, clean)
    df, more = derive_bds(records, study, adsl, endpoints_of(study, "adlb"))
    df = add_range(df)
    df = add_grades(df, criteria(study))
    return arrange(df, [*BDS, *EXTRA, *SOURCE]), frame(notes + more)


def range_indicator(value: float, low: float, high: float, censored: str = "") -> str:
    """LOW, NORMAL, HIGH, or '' when it cannot be told.

    Parameters
    ----------
    value : float
        Or the limit, with `censored` '<' or '>'.
    low, high : float
        Limits of the range; NaN where the list has none on that side (both missing: '').
    """
    if math.isnan(value) or (math.isnan(low) and math.isnan(high)):
        return ""
    if censored == "<":
        if not math.isnan(low) and low > 0:
            return "LOW" if value <= low else ""
        return "NORMAL" if value <= high else ""
    if censored == ">":
        if not math.isnan(high):
            return "HIGH" if value >= high else ""
        return "NORMAL" if value >= low else ""
    if value < low:
        return "LOW"
    return "HIGH" if value > high else "NORMAL"


def add_range(df: pd.DataFrame) -> pd.DataFrame:
    """Add ANRIND, BNRIND (that of the baseline record) and SHIFT1 (after baseline).

    Parameters
    ----------
    df : DataFrame
        AVAL, AVALCENS, ANRLO, ANRHI, ABLFL, POSTFL, DTYPE.
    """
    out = df.copy()
    out[["ANRLO", "ANRHI"]] = out[["ANRLO", "ANRHI"]].astype(float)
    limits = zip(out["AVAL"], out["ANRLO"], out["ANRHI"], out["AVALCENS"], strict=True)
    out["ANRIND"] = [range_indicator(*row) for row in limits]
    base = out[out["ABLFL"] == "Y"].set_index(["USUBJID", "PARAMCD"])["ANRIND"].to_dict()
    keys = zip(out["USUBJID"], out["PARAMCD"], strict=True)
    out["BNRIND"] = [base.get(k, "") for k in keys]
    both = zip(out["POSTFL"], out["BNRIND"], out["ANRIND"], strict=True)
    out["SHIFT1"] = [f"{b} to {a}" if post == "Y" and b and a else "" for post, b, a in both]
    return out


def add_grades(df: pd.DataFrame, version: str) -> pd.DataFrame:
    """Add ATOXGR (0-4, NaN where it cannot be graded) and BTOXGR (that of the baseline record).

    Parameters
    ----------
    df : DataFrame
        ATOXDSC (term of the CTCAE), AVAL, AVALU, AVALCENS, ANRLO, ANRHI, BASE, BNRIND, ABLFL.
    version : str
        Of the CTCAE.
    """
    out = df.copy()
    grades = [
        ctcae.grade(
            r["ATOXDSC"],
            r["AVAL"],
            r["AVALU"],
            version=version,
            lln=r["ANRLO"],
            uln=r["ANRHI"],
            base=r["BASE"],
            base_high=r["BNRIND"] == "HIGH",
            censored=r["AVALCENS"],
        )
        for r in out.to_dict("records")
    ]
    out["ATOXGR"] = pd.Series(grades, index=out.index, dtype=float)
    base = out[out["ABLFL"] == "Y"].set_index(["USUBJID", "PARAMCD"])["ATOXGR"].to_dict()
    keys = zip(out["USUBJID"], out["PARAMCD"], strict=True)
    out["BTOXGR"] = pd.Series([base.get(k, math.nan) for k in keys], index=out.index, dtype=float)
    return out
