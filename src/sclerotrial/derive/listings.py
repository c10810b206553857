"""Listings: rows beside each other that a reader must see together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.entry import require, rows_of, take
from sclerotrial.derive.exposure import by_subject
from sclerotrial.derive.records import known_answers, ticked
from sclerotrial.instruments import haq
from sclerotrial.tabular import as_text

SKIN_COLUMNS = [
    "USUBJID", "TRT01A", "AVISIT", "ADT", "ADY", "AVAL", "CHG", "DTYPE", "EDEMAFL", "ONEXAM",
    "EVENTS", "WTGAIN", "DIURETIC", "SRCFILE", "SRCLINE",
]  # fmt: skip
HAQ_COLUMNS = [
    "USUBJID", "VISIT", "INSTANCE", "CATEGORY", "PARAMCD", "KIND", "FIELD", "LABEL", "ANSWER",
    "EFFECT", "UNAIDED", "SCORE", "SRCFILE", "SRCLINE",
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
    for row in rows_of(scores):
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


def haq_answers(study: Any, clean: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What each answer of the HAQ, each aid and each help did to its category.

    Parameters
    ----------
    study : Study
        Section ``endpoints``: those of the HAQ, with their rule of a category.
    clean : mapping
        The forms of these endpoints.

    Returns
    -------
    DataFrame
        A row an item, aid or help and record of the form, key USUBJID, VISIT, INSTANCE, FIELD,
        SRCLINE. ANSWER is 0 to 3, blank, or 1 and 0 of a box; EFFECT says what came of it (sets the
        category, below the highest answer, raises 1 to 2, no effect and why). UNAIDED and SCORE
        are the category without and with aids: SCORE is AVAL of PARAMCD in adqs. An answer that
        the instrument does not know counts as blank, as there.
    """
    codes = {c["CATEGORY"]: c["PARAMCD"] for c in haq.categories_in_order()}
    items = [i["FIELD"] for i in haq.items()]
    rows = []
    for endpoint in study.endpoints.values():
        if endpoint.instrument != "haq":
            continue
        form = take(clean, endpoint.form)
        for record in rows_of(form):
            answers = known_answers(record, items, haq.is_valid, endpoint.form, [])
            given = (answers, ticked(record, "aid"), ticked(record, "help"), endpoint.category_rule)
            scored = haq.categories(*given)
            for effect in haq.effects(*given):
                of = scored[effect.category]
                rows.append(
                    {
                        **record,
                        "CATEGORY": effect.category,
                        "PARAMCD": codes[effect.category],
                        "KIND": effect.kind,
                        "FIELD": effect.field,
                        "LABEL": effect.label,
                        "ANSWER": effect.answer,
                        "EFFECT": effect.words,
                        "UNAIDED": of.unaided,
                        "SCORE": of.score,
                    }
                )
    out = pd.DataFrame(rows, columns=HAQ_COLUMNS)
    numbers = ["ANSWER", "UNAIDED", "SCORE"]
    return out.astype(dict.fromkeys(numbers, float))


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
