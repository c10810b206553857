"""Which parameter an analyte of a plate is: names as configured, told apart without their marks."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.assays.plate import row
from sclerotrial.errors import Problem, did_you_mean, raise_if_any

#: a wide panel has more analytes than are configured: they are counted, not listed
_TOLD_ONE_BY_ONE = 50


def seen_in(pairs: pd.DataFrame, file: str) -> int:
    """Number of analytes of a file."""
    return int(((pairs["FILE"] == file) & (pairs["ANALYTE"] != "")).sum())


#: quantities that may stand for a level, the first that the files have is taken
QUANTITIES = ("result", "npx", "rfu", "h_score", "percent_positive", "allred", "score", "density",
              "expression")  # fmt: skip


@functools.lru_cache(maxsize=1 << 16)
def fold(name: str) -> str:
    """Lower case, without spaces, marks and the bead region ``(25)`` that kits append."""
    if name.isascii() and name.isalnum():  # most of a panel's 20,000
        return name.lower()
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(\d+\)\s*$", "", name.strip()).lower())


def _no_analyte(readings: pd.DataFrame) -> bool:
    """Whether the files are of an instrument that knows no analytes."""
    return bool(readings["QUANTITY"].isin(["od", "net_od", "signal", "percent_positive"]).any())


def assign(
    readings: pd.DataFrame,
    analytes: Mapping[str, Any],
    extra: tuple[str, ...] = (),
    wide: bool = False,
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
    wide : bool
        A panel of which few analytes are configured: a file may hold none of them.

    Returns
    -------
    codes : Series
        PARAMCD, '' for an analyte that is not configured.
    rows : list of dict
        Quality rows analyte_unknown and analyte_absent.

    Raises
    ------
    InputErrors
        A name that stands for two parameters, two analytes of one file that are one parameter, a
        file without any configured analyte.
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
    codes = {"": ""} | {a: names.get(fold(a), "") for a in seen}
    if len(analytes) == 1 and len(seen) == 1 and not codes[seen[0]] and _no_analyte(readings):
        # a plate reader names the wavelength it read, not the analyte of the kit
        codes[seen[0]] = next(iter(analytes))
    pairs = readings.drop_duplicates(["FILE", "ANALYTE"])
    pairs = pairs.assign(CODE=pairs["ANALYTE"].map(codes).fillna(""))
    twice = pairs[(pairs["CODE"] != "") & pairs.duplicated(["FILE", "CODE"], keep="first")]
    for p in twice.itertuples():
        what = f"Two analytes of the file are both {p.CODE}; one is {p.ANALYTE!r}"
        problems.append(Problem(what, p.FILE, "Leave one of the names out in assays.yaml"))
    named = pairs[pairs["ANALYTE"] != ""]
    known = (named["CODE"] != "").groupby(named["FILE"], sort=False, observed=True).any()
    for file in () if wide else known.index[~known]:
        some = ", ".join(named.loc[named["FILE"] == file, "ANALYTE"].head(4))
        what = f"The file has none of the {len(analytes)} analytes of the assay; seen: {some}"
        todo = "Move it to its folder, narrow `files`, or name its analytes in assays.yaml"
        problems.append(Problem(what, str(file), todo))
    raise_if_any(problems)
    rows = []
    unknown = pairs[(pairs["CODE"] == "") & (pairs["ANALYTE"] != "")]
    for file, mine in unknown.groupby("FILE", sort=False, observed=True):
        if len(mine) > _TOLD_ONE_BY_ONE:
            text = f"{len(mine)} of {seen_in(pairs, file)} analytes are not configured and left out"
            rows.append(row("analyte_unknown", "note", text, FILE=file, VALUE=len(mine)))
            continue
        for name in mine["ANALYTE"]:
            text = f"{name} is not configured and left out.{did_you_mean(name, names)}"
            rows.append(row("analyte_unknown", "note", text, FILE=file))
    for code in analytes:
        if code not in set(codes.values()):
            text = "No file of the assay has the configured analyte"
            rows.append(row("analyte_absent", "fail", text, PARAMCD=code))
    return readings["ANALYTE"].map(codes).fillna(""), rows
