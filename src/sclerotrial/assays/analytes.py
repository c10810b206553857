"""Which parameter an analyte of a plate is: names as configured, told apart without their marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.assays.plate import row
from sclerotrial.errors import Problem, did_you_mean, raise_if_any


def fold(name: str) -> str:
    """Lower case, without spaces, marks and the bead region ``(25)`` that kits append."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(\d+\)\s*$", "", name.strip()).lower())


def assign(
    readings: pd.DataFrame,
    analytes: Mapping[str, Any],
    extra: tuple[str, ...] = (),
) -> tuple[pd.Series, list[dict]]:
    """PARAMCD of every reading.

    Parameters
    ----------
    readings : DataFrame
        ANALYTE, FILE.
    analytes : mapping
        PARAMCD -> entry of assays.yaml with `names`; when it is empty, every analyte of the
        plates is taken under its own folded name.
    extra : tuple of str
        Further parameters that count as known (reference genes).

    Returns
    -------
    codes : Series
        PARAMCD, '' for an analyte that is not configured.
    rows : list of dict
        Quality rows analyte_unknown and analyte_absent.

    Raises
    ------
    InputErrors
        A name that stands for two parameters, two analytes of one file that are one parameter.
    """
    seen = list(dict.fromkeys(readings.loc[readings["ANALYTE"] != "", "ANALYTE"]))
    if not analytes:
        own = {a: fold(a).upper() for a in seen}
        own |= {a: e for e in extra for a in seen if fold(a) == fold(e)}
        return readings["ANALYTE"].map(own).fillna(""), []
    names: dict[str, str] = {}
    problems = []
    for code in [*extra, *analytes]:
        for name in [code, *getattr(analytes.get(code), "names", [])]:
            if names.setdefault(fold(name), code) != code:
                what = f"The name {name!r} stands for {names[fold(name)]} and for {code}"
                problems.append(Problem(what, "assays.yaml, key names", "Give each name once"))
    codes = {a: names.get(fold(a), "") for a in seen}
    pairs = readings.drop_duplicates(["FILE", "ANALYTE"])
    pairs = pairs.assign(CODE=pairs["ANALYTE"].map(codes).fillna(""))
    twice = pairs[(pairs["CODE"] != "") & pairs.duplicated(["FILE", "CODE"], keep="first")]
    for p in twice.itertuples():
        what = f"Two analytes of the file are both {p.CODE}; one is {p.ANALYTE!r}"
        problems.append(Problem(what, p.FILE, "Leave one of the names out in assays.yaml"))
    raise_if_any(problems)
    rows = []
    for p in pairs[pairs["CODE"] == ""].itertuples():
        if p.ANALYTE:
            text = f"{p.ANALYTE} is not configured and left out.{did_you_mean(p.ANALYTE, names)}"
            rows.append(row("analyte_unknown", "note", text, FILE=p.FILE))
    for code in analytes:
        if code not in set(codes.values()):
            text = "No file of the assay has the configured analyte"
            rows.append(row("analyte_absent", "fail", text, PARAMCD=code))
    return readings["ANALYTE"].map(codes).fillna(""), rows
