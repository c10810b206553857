"""Listings: rows beside each other that a reader must see together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.entry import require
from sclerotrial.derive.exposure import by_subject
from sclerotrial.tabular import as_text

SKIN_COLUMNS = [
    "USUBJID", "TRT01A", "AVISIT", "ADT", "ADY", "AVAL", "CHG", "DTYPE", "EDEMAFL", "ONEXAM",
    "EVENTS", "WTGAIN", "DIURETIC", "SRCFILE", "SRCLINE",
]  # fmt: skip
#: words of an event's term that mean oedema
OEDEMA = ("oedema", "edema", "fluid retention")


def skin_and_oedema(
    adqs: pd.DataFrame, advs: pd.DataFrame, adae: pd.DataFrame, adcm: pd.DataFrame
) -> pd.DataFrame:
    """Each total skin score beside the oedema of that day, which can raise it.

    Parameters
    ----------
    adqs, advs, adae, adcm : DataFrame

    Returns
    -------
    DataFrame
        A row an analysed or carried MRSS, key USUBJID, AVISIT, DTYPE. ONEXAM: oedema on
        examination at the day or visit of the record (Y, N, '' not examined). EVENTS: events of
        oedema or fluid retention that last on that day, with grade and dates ('?' unknown or
        going on). WTGAIN: change of weight from baseline in percent, that day or visit. DIURETIC:
        diuretics taken on that day. A carried row is shown with the day of the record it repeats.
    """
    require(adqs, "adqs", ["USUBJID", "PARAMCD", "ANL02FL", "EDEMAFL"])
    scores = as_text(adqs)
    scores = scores[(scores["PARAMCD"] == "MRSS") & (scores["ANL02FL"] == "Y")]
    signs, events, drugs = (by_subject(as_text(d)) for d in (advs, adae, adcm))
    rows = []
    for row in scores.to_dict("records"):
        subject, day = row["USUBJID"], row["ADT"]
        seen = [s for s in signs.get(subject, []) if _together(s, row)]
        named = [
            f"{e['AEDECOD']}, grade {e['AETOXGRN'] or '?'}, "
            f"{e['ASTDT'] or '?'} to {e['AENDT'] or '?'}"
            for e in events.get(subject, [])
            if any(w in e["AEDECOD"].lower() for w in OEDEMA) and _lasts(e, day)
        ]
        taken = {
            d["CMTRT"] for d in drugs.get(subject, []) if d["DIURFL"] == "Y" and _lasts(d, day)
        }
        rows.append(
            {
                **row,
                "ONEXAM": _first(seen, "EDEMA", "AVALC"),
                "WTGAIN": _number(_first(seen, "WTGAIN", "AVAL")),
                "EVENTS": "; ".join(named),
                "DIURETIC": ", ".join(sorted(taken)),
            }
        )
    return pd.DataFrame(rows, columns=SKIN_COLUMNS)


def _together(sign: Mapping[str, str], row: Mapping[str, str]) -> bool:
    same_visit = bool(row["VISIT"]) and sign["VISIT"] == row["VISIT"]
    return bool(row["ADT"]) and (sign["ADT"] == row["ADT"] or same_visit)


def _lasts(span: Mapping[str, str], day: str) -> bool:
    begun = bool(span["ASTDT"]) and span["ASTDT"] <= day
    return bool(day) and begun and (not span["AENDT"] or day <= span["AENDT"])


def _first(signs: list[dict[str, Any]], code: str, column: str) -> str:
    return next((s[column] for s in signs if s["PARAMCD"] == code), "")


def _number(text: str) -> float:
    return float(text) if text else math.nan
