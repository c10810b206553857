"""Analysis visits: each record belongs to the visit whose window holds its study day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import pandas as pd

from sclerotrial.study_models import Visit
from sclerotrial.tabular import cells


def linear(day: float) -> float:
    """Study day without the gap at 0, so that differences are days."""
    return day - 1 if day > 0 else day


def window_of(day: float, visits: Sequence[Visit]) -> Visit | None:
    """The visit whose window holds a study day.

    Parameters
    ----------
    day : float
        Study day (no 0); NaN gives None.
    visits : sequence of Visit
        Those without window or target take no records.

    Returns
    -------
    Visit or None
        Of overlapping windows the one with the nearest planned day, then the earlier visit; None
        outside all windows.
    """
    held = [
        v
        for v in visits
        if v.window is not None and v.target is not None and v.window[0] <= day <= v.window[1]
    ]
    if not held:
        return None
    return min(held, key=lambda v: (abs(linear(day) - linear(v.target)), v.avisitn))


def assign_window(df: pd.DataFrame, visits: Sequence[Visit]) -> pd.DataFrame:
    """Add AVISIT, AVISITN and AWTDIFF by the windows.

    Parameters
    ----------
    df : DataFrame
        ADY (study day, NaN when unknown), POSTFL ('Y' after the reference date), ABLFL ('Y' for
        the baseline record).
    visits : sequence of Visit
        Of the study.

    Returns
    -------
    DataFrame
        The baseline record belongs to the baseline visit. Other records up to the reference date
        belong to an earlier visit or, in the window of the baseline visit only, to that; records
        after it never do. AWTDIFF is the distance from the planned day in days. Outside all
        windows, or without a day: blank.
    """
    base = [v for v in visits if v.baseline]
    before = [v for v in visits if not v.baseline and v.target is not None and v.target < 1]
    after = [v for v in visits if not v.baseline and v.target is not None and v.target >= 1]

    @cache
    def place(day: float, post: bool, first: bool) -> tuple[str, float | None, float | None]:
        if first and base:
            visit = base[0]
        elif post:
            visit = window_of(day, after)
        else:
            visit = window_of(day, before) or window_of(day, base)
        if visit is None:
            return "", None, None
        known = visit.target is not None and not math.isnan(day)
        distance = abs(linear(day) - linear(visit.target)) if known else None
        return visit.avisit, visit.avisitn, distance

    # there are few days, and many rows
    days = [math.nan if d != d else d for d in cells(df["ADY"])]
    flags = [[f == "Y" for f in cells(df[c])] for c in ("POSTFL", "ABLFL")]
    found = [place(*row) for row in zip(days, *flags, strict=True)]
    placed = pd.DataFrame(found, columns=["AVISIT", "AVISITN", "AWTDIFF"], index=df.index)
    out = df.copy()
    out["AVISIT"] = placed["AVISIT"].astype(object)
    out[["AVISITN", "AWTDIFF"]] = placed[["AVISITN", "AWTDIFF"]].astype(float)
    return out


def flag_analysed(df: pd.DataFrame) -> pd.DataFrame:
    """Add ANL01FL: of the records with a value in a visit, the one that is analysed.

    Parameters
    ----------
    df : DataFrame
        USUBJID, PARAMCD, AVISIT, AVAL, AWTDIFF, ABLFL, ADT, LINE (order of source).

    Returns
    -------
    DataFrame
        At most one 'Y' a subject, parameter and visit: the baseline record at baseline, else the
        nearest to the planned day, of equally near ones the later date, then the later record.
        Records without a value or visit are never analysed.
    """
    out = df.copy()
    out["ANL01FL"] = ""
    usable = out[(out["AVISIT"] != "") & out["AVAL"].notna()]
    ranked = usable.assign(FIRST=usable["ABLFL"] != "Y").sort_values(
        ["FIRST", "AWTDIFF", "ADT", "LINE"], ascending=[True, True, False, False], kind="stable"
    )
    best = ranked.drop_duplicates(["USUBJID", "PARAMCD", "AVISIT"]).index
    out.loc[best, "ANL01FL"] = "Y"
    return out
