"""adqs: skin score, function, globals and health transition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.derive.bds import BDS, SOURCE, arrange, derive_bds, endpoints_of, subjects
from sclerotrial.derive.composites import add_composites
from sclerotrial.derive.entry import each, rows_of, take
from sclerotrial.derive.records import questionnaires
from sclerotrial.derive.spans import dated_spans
from sclerotrial.instruments.responders import responds
from sclerotrial.read.findings import frame

CRITERIA = [f"CRIT{i}{s}" for i in (1, 2, 3, 4) for s in ("", "FL")]
_WORDS = ("oedema", "edema", "fluid retention")


def derive_adqs(
    study: Any,
    clean: Mapping[str, pd.DataFrame],
    adsl: pd.DataFrame,
    adex: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive adqs.

    Parameters
    ----------
    study : Study
        Sections ``endpoints``, ``composites``, ``forms``, ``visits``, ``efficacy_visits``,
        ``intercurrent_events``.
    clean : mapping
        The forms of the endpoints, ``visit_log``, ``vitals``, ``adverse_events``.
    adsl : DataFrame
    adex : DataFrame, optional
        Not used; every derivation takes it.

    Returns
    -------
    (DataFrame, DataFrame)
        Rows (key USUBJID, PARAMCD, AVISIT, ADT, SRCLINE, DTYPE) and findings. Missing items:
        AVAL missing. Several records in a window: one is analysed. See `derive_bds`; for indices
        made of several scores `add_composites`.
    """
    records, notes = questionnaires(study, clean)
    endpoints = endpoints_of(study, "adqs")
    df, more = derive_bds(records, study, adsl, endpoints)
    df = flag_criteria(df, endpoints)
    df = add_composites(df, study)
    df = flag_oedema(df, clean, subjects(adsl, ["EOSDT"]))
    return arrange(df, [*BDS, "NITEMS", "EDEMAFL", *CRITERIA, *SOURCE]), frame(notes + more)


def flag_criteria(df: pd.DataFrame, endpoints: Mapping[str, Any]) -> pd.DataFrame:
    """Add CRIT1..4 (wording) and CRIT1FL..4 by the responder definitions of the endpoint.

    Parameters
    ----------
    df : DataFrame
        PARAMCD, BASE, AVAL, CHG (NaN: not evaluable).
    endpoints : mapping
        PARAMCD -> endpoint with ``responders``.

    Returns
    -------
    DataFrame
        The wording stands on evaluable rows only, so that 'not reached' ('' with wording) differs
        from 'not evaluable' ('' without).
    """
    out = df.copy()
    for column in CRITERIA:
        out[column] = ""
    for code, endpoint in endpoints.items():
        rows = out[(out["PARAMCD"] == code) & out["CHG"].notna()]
        for rule in endpoint.responders:
            if rule.code not in CRITERIA:
                continue
            reached = [
                responds(base, value, rule.absolute, rule.percent, rule.strict)
                for base, value in zip(rows["BASE"], rows["AVAL"], strict=True)
            ]
            told = [rule.label if r is not None else "" for r in reached]
            out.loc[rows.index, rule.code] = told
            out.loc[rows.index, f"{rule.code}FL"] = ["Y" if r else "" for r in reached]
    return out


def flag_oedema(
    df: pd.DataFrame, clean: Mapping[str, pd.DataFrame], people: pd.DataFrame
) -> pd.DataFrame:
    """Add EDEMAFL: oedema, which can raise a skin score, was present on the day of the record.

    Parameters
    ----------
    df : DataFrame
        USUBJID, ADT, VISIT, PARAMCD, POSTFL.
    clean : mapping
        ``vitals`` (``edema`` 1 on the same day or at the same visit) and ``adverse_events``
        (preferred terms with oedema or fluid retention that last on that day, dates completed as
        in adae). On the day of the first dose the record comes before an event of that day.
    people : DataFrame
        USUBJID, TRTSDT, EOSDT.

    Returns
    -------
    DataFrame
        'Y' on rows of the skin score only.
    """
    seen = take(clean, "vitals", [], ["vs_date", "edema"])
    seen = seen[seen["edema"] == "1"]
    days, visits = set(each(seen, "USUBJID", "vs_date")), set(each(seen, "USUBJID", "VISIT"))
    events = take(clean, "adverse_events", [], ["ae_pt", "ae_start", "ae_end", "ae_ongoing"])
    events, _ = dated_spans(events, "adverse_events", "ae_start", "ae_end", "ae_ongoing", people)
    named = [any(w in term.lower() for w in _WORDS) for term in events["ae_pt"]]
    spans: dict[str, list[tuple[str, str]]] = {}
    for event in rows_of(events[np.array(named, dtype=bool)]):
        if event["ASTDT"]:
            spans.setdefault(event["USUBJID"], []).append((event["ASTDT"], event["AENDT"]))

    def present(row: Mapping[str, Any]) -> bool:
        subject, date = row["USUBJID"], row["ADT"]
        lasting = any(
            (start < date or (start == date and row["POSTFL"] == "Y")) and (not end or date <= end)
            for start, end in spans.get(subject, [])
        )
        return lasting or (subject, date) in days or (subject, row["VISIT"]) in visits

    skin = df[df["PARAMCD"].str.startswith("MRSS") & (df["ADT"] != "")]
    rows = rows_of(skin[["USUBJID", "ADT", "VISIT", "POSTFL"]])
    flags = pd.Series(["Y" if present(r) else "" for r in rows], index=skin.index, dtype=object)
    return df.assign(EDEMAFL=flags.reindex(df.index, fill_value=""))
