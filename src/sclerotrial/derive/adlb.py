"""adlb: laboratory results with reference ranges, grades and shifts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.bds import BDS, SOURCE, arrange, derive_bds, endpoints_of
from sclerotrial.derive.codes import criteria
from sclerotrial.derive.dates import usable
from sclerotrial.derive.entry import as_number, each, rows_of, take
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
    "ATOXDSCL",
    "ATOXGRL",
    "BTOXGRL",
    "SHIFT2",
    "ATOXDSCH",
    "ATOXGRH",
    "BTOXGRH",
    "SHIFT3",
]
#: direction of the CTCAE's terms -> ending of the variables, variable of the shift
_WAYS = {"low": ("L", "SHIFT2"), "high": ("H", "SHIFT3")}


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
        configuration is left out with a finding; a record without a number stays without AVAL, one
        without a whole date without ADT, with a finding.
        ATOXDSC holds the terms of the CTCAE by which the test is graded, parted by ';'.
    """
    needed = ["sample_date", "test", "value"]
    optional = ["result", "cens", "unit", "ref_low", "ref_high", "raw_result", "raw_unit"]
    lab = take(clean, FORM, needed, optional)
    notes: list[dict[str, str]] = []

    def leave_out(rows: pd.Series, rule: str, message: str, field: str) -> None:
        for record in rows_of(lab[rows]):
            notes.append(
                finding(
                    rule=rule, message=message, action="excluded", field=field,
                    **place(record, FORM),
                )
            )  # fmt: skip

    tests = study.laboratory
    known = lab["test"].isin(tests)
    unknown = "The test is not in the configuration; the record is not used"
    leave_out(~known, "test_unknown", unknown, "test")
    lab = lab[known].reset_index(drop=True)
    date = pd.Series(
        [d if len(usable(d)) == 10 else "" for d in lab["sample_date"].str[:10]], dtype=object
    )
    value = pd.Series([as_number(v) for v in lab["value"]], dtype=float)
    undated = "The record has no date and belongs to no analysis visit"
    leave_out((date == "") & value.notna(), "date_none", undated, "sample_date")
    of = [tests[code] for code in lab["test"]]
    limits = {c: [as_number(v) for v in lab[c]] for c in ("ref_low", "ref_high")}
    out = {
        **{c: lab[c] for c in ["USUBJID", "VISIT", "INSTANCE", "SRCFILE", "SRCLINE"]},
        "ADT": date,
        "PARAMCD": lab["test"],
        "PARAM": pd.Series([t.param for t in of], dtype=object),
        "PARCAT1": "Laboratory",
        "AVAL": value,
        "AVALC": lab["result"],
        "AVALU": lab["unit"].where(
            lab["unit"] != "", pd.Series([t.unit for t in of], dtype=object)
        ),
        "LBORRES": lab["raw_result"],
        "LBORRESU": lab["raw_unit"],
        "AVALCENS": lab["cens"],
        "ANRLO": pd.Series(limits["ref_low"], dtype=float),
        "ANRHI": pd.Series(limits["ref_high"], dtype=float),
        "ATOXDSC": pd.Series([t.ctcae or "" for t in of], dtype=object),
        "SRCDOM": FORM,
        "SRCVAR": "result",
    }
    return pd.DataFrame(out, index=lab.index), notes


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
    version = criteria(study)
    df = add_grades(df, version)
    return arrange(df, [*BDS, *EXTRA, *SOURCE]), frame(notes + more + ungraded(study, version))


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
    limits = each(out, "AVAL", "ANRLO", "ANRHI", "AVALCENS")
    out["ANRIND"] = [range_indicator(*row) for row in limits]
    base = out[out["ABLFL"] == "Y"].set_index(["USUBJID", "PARAMCD"])["ANRIND"].to_dict()
    keys = each(out, "USUBJID", "PARAMCD")
    out["BNRIND"] = [base.get(k, "") for k in keys]
    both = each(out, "POSTFL", "BNRIND", "ANRIND")
    out["SHIFT1"] = [f"{b} to {a}" if post == "Y" and b and a else "" for post, b, a in both]
    return out


def add_grades(df: pd.DataFrame, version: str) -> pd.DataFrame:
    """Add grades (0-4, NaN where it cannot be graded), those at baseline, and shifts between them.

    Parameters
    ----------
    df : DataFrame
        ATOXDSC (terms of the CTCAE, parted by ';', at most one a direction), AVAL, AVALU, AVALCENS,
        ANRLO, ANRHI, BASE, BNRIND, ABLFL, POSTFL.
    version : str
        Of the CTCAE. Terms that it does not have give no grade (`ungraded` tells them).

    Returns
    -------
    DataFrame
        By direction ATOXDSCL, ATOXGRL, BTOXGRL, SHIFT2 (grade at baseline to grade, after
        baseline) for values that are too low, ATOXDSCH, ATOXGRH, BTOXGRH, SHIFT3 for too high;
        ATOXGR and BTOXGR are the graver of both; missing where one way is not graded and the other
        gives 0, as the value may be abnormal. The baseline and what came before it are graded
        against ranges only, later values also against the baseline where the version says so.
    """
    out = df.copy()
    known = {t.lower(): (t, way) for t, way in ctcae.terms(version).items()}
    named = {d: _by_way(d, known) for d in out["ATOXDSC"].unique()}
    for way, (end, shift) in _WAYS.items():
        out[f"ATOXDSC{end}"] = [named[d].get(way, "") for d in out["ATOXDSC"]]
        out[f"ATOXGR{end}"] = _grades(out, out[f"ATOXDSC{end}"], version)
        out[f"BTOXGR{end}"] = _at_baseline(out, f"ATOXGR{end}")
        both = each(out, "POSTFL", f"BTOXGR{end}", f"ATOXGR{end}")
        out[shift] = [
            f"{b:.0f} to {a:.0f}" if post == "Y" and b == b and a == a else ""
            for post, b, a in both
        ]
    terms = [f"ATOXDSC{end}" for end, _ in _WAYS.values()]
    for column in ("ATOXGR", "BTOXGR"):
        ways = out[[f"{column}{end}" for end, _ in _WAYS.values()]]
        graver = ways.max(axis=1)
        open_ = (ways.isna().to_numpy() & (out[terms] != "").to_numpy()).any(axis=1)
        out[column] = graver.where(~open_ | (graver > 0))
    return out


def _by_way(terms: str, known: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    found = [known[t.strip().lower()] for t in terms.split(";") if t.strip().lower() in known]
    return {way: term for term, way in found}


def _grades(df: pd.DataFrame, terms: pd.Series, version: str) -> pd.Series:
    """Grades of the rows that have a term and a value."""
    rows = df[(terms != "") & df["AVAL"].notna()]
    columns = ["AVAL", "AVALU", "ANRLO", "ANRHI", "BASE", "BNRIND", "AVALCENS", "POSTFL"]
    found = each(rows.assign(TERM=terms.loc[rows.index]), "TERM", *columns)
    grades = [
        ctcae.grade(
            term, value, unit, version=version, lln=low, uln=high, base=base,
            base_high=at_base == "HIGH", censored=censored, ranges_only=post != "Y",
        )
        for term, value, unit, low, high, base, at_base, censored, post in found
    ]  # fmt: skip
    return pd.Series(grades, index=rows.index, dtype=float).reindex(df.index)


def _at_baseline(df: pd.DataFrame, column: str) -> pd.Series:
    base = df[df["ABLFL"] == "Y"].set_index(["USUBJID", "PARAMCD"])[column].to_dict()
    keys = each(df, "USUBJID", "PARAMCD")
    return pd.Series([base.get(k, math.nan) for k in keys], index=df.index, dtype=float)


def ungraded(study: Any, version: str) -> list[dict[str, str]]:
    """A finding for each term of the configuration that the version of the CTCAE does not have."""
    known = {t.lower() for t in ctcae.terms(version)}
    return [
        finding(
            rule="term_ungraded",
            message=f"Version {version} of the CTCAE has no criteria for {term.strip()!r}; {code} "
            "is not graded by it",
            form=FORM,
            field=code,
        )
        for code, test in study.laboratory.items()
        for term in (test.ctcae or "").split(";")
        if term.strip() and term.strip().lower() not in known
    ]
