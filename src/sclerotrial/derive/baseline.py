"""Baseline and change from it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sclerotrial.derive.entry import each


def derive_baseline(df: pd.DataFrame) -> pd.DataFrame:
    """Add POSTFL, ABLFL and BASE.

    Parameters
    ----------
    df : DataFrame
        USUBJID, PARAMCD, ADT (ISO or ''), AVAL, LINE (order of source), REFDT (first dose; for
        those never dosed the day of randomisation).

    Returns
    -------
    DataFrame
        ABLFL is 'Y' for the last value on or before REFDT (of one day the later record), BASE its
        value on all rows of that subject and parameter, NaN where there is none. Records without
        a date or a value are no baseline. POSTFL is 'Y' after REFDT.
    """
    # an empty column has no type of its own
    out = df.astype({"ADT": str, "REFDT": str})
    dated = (out["ADT"] != "") & (out["REFDT"] != "")
    out["POSTFL"] = np.where(dated & (out["ADT"] > out["REFDT"]), "Y", "")
    before = out[dated & (out["POSTFL"] != "Y") & out["AVAL"].notna()]
    last = before.sort_values(["ADT", "LINE"], kind="stable").drop_duplicates(
        ["USUBJID", "PARAMCD"], keep="last"
    )
    out["ABLFL"] = ""
    out.loc[last.index, "ABLFL"] = "Y"
    value = last.set_index(["USUBJID", "PARAMCD"])["AVAL"].to_dict()
    keys = each(out, "USUBJID", "PARAMCD")
    out["BASE"] = pd.Series([value.get(k, np.nan) for k in keys], index=out.index, dtype=float)
    return out


def derive_change(df: pd.DataFrame, ordinal: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Add CHG and PCHG to the rows after the reference date (and to carried rows).

    Parameters
    ----------
    df : DataFrame
        AVAL, BASE, POSTFL, PARAMCD, DTYPE.
    ordinal : frozenset of str
        Parameters whose differences mean nothing; they get neither.

    Returns
    -------
    DataFrame
        CHG = AVAL - BASE; PCHG = 100 CHG / |BASE|, NaN when BASE is 0.
    """
    out = df.copy()
    counts = ((out["POSTFL"] == "Y") | (out["DTYPE"] == "LOCF")) & ~out["PARAMCD"].isin(ordinal)
    change = out["AVAL"] - out["BASE"]
    out["CHG"] = change.where(counts)
    size = out["BASE"].abs().where(out["BASE"] != 0)
    out["PCHG"] = (100 * change / size).where(counts)
    return out
