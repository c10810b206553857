"""advs: vital signs, weight gain and oedema on examination."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.bds import BDS, SOURCE, arrange, derive_bds, endpoints_of
from sclerotrial.derive.codes import criteria
from sclerotrial.derive.entry import as_number, empty_if_none, take
from sclerotrial.derive.records import COLUMNS, dated
from sclerotrial.instruments import ctcae
from sclerotrial.read.findings import frame

FORM = "vitals"
GAIN = "Weight gain"
OEDEMA = {"1": (1.0, "Y"), "0": (0.0, "N")}


def vital_signs(
    study: Any, clean: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Records of the vital signs, and EDEMA (1 present, 0 absent) where the form asks for it.

    Parameters
    ----------
    study : Study
        Sections ``vitals``, ``forms``.
    clean : mapping
        Forms ``vitals`` (weight in kg) and ``visit_log``.

    Returns
    -------
    (DataFrame, list of dict)
        A row a sign and record that holds it; blank cells give no row.
    """
    rows: list[dict[str, Any]] = []
    notes: list[dict[str, str]] = []
    rule = study.forms.forms.get(FORM)
    field = rule.date if rule else None
    fields = [v.field for v in study.vitals.values()]
    records = take(clean, FORM, [], [*([field] if field else []), *fields, "edema"])
    for record in dated(records, FORM, field, clean, notes):
        common = {
            **{c: record[c] for c in ["USUBJID", "VISIT", "INSTANCE", "SRCFILE", "SRCLINE"]},
            "ADT": record["ADT"],
            "PARCAT1": "Vital signs",
            "NITEMS": math.nan,
            "SRCDOM": FORM,
        }
        for code, sign in study.vitals.items():
            value = as_number(record[sign.field])
            if value is not None:
                rows.append(
                    {
                        **common,
                        "PARAMCD": code,
                        "PARAM": sign.param,
                        "AVAL": value,
                        "AVALC": "",
                        "AVALU": sign.unit,
                        "SRCVAR": sign.field,
                    }
                )
        if record["edema"] in OEDEMA:
            value, word = OEDEMA[record["edema"]]
            label = {"PARAMCD": "EDEMA", "PARAM": "Oedema on examination", "AVALU": ""}
            rows.append({**common, **label, "AVAL": value, "AVALC": word, "SRCVAR": "edema"})
    return pd.DataFrame(rows, columns=COLUMNS), notes


def derive_advs(
    study: Any,
    clean: Mapping[str, pd.DataFrame],
    adsl: pd.DataFrame,
    adex: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive advs.

    Parameters
    ----------
    study : Study
        Sections ``vitals``, ``endpoints``, ``forms``, ``visits``, ``efficacy_visits``,
        ``intercurrent_events``, ``safety``.
    clean : mapping
        Forms ``vitals`` and ``visit_log``.
    adsl : DataFrame
    adex : DataFrame, optional
        Not used; every derivation takes it.

    Returns
    -------
    (DataFrame, DataFrame)
        Rows (key USUBJID, PARAMCD, AVISIT, ADT, SRCLINE) and findings.
    """
    records, notes = vital_signs(study, clean)
    df, more = derive_bds(records, study, adsl, endpoints_of(study, "advs"))
    df["ATOXDSC"], df["ATOXGR"] = "", math.nan
    df = empty_if_none([df, weight_gain(df, criteria(study))], list(df.columns))
    order = ["USUBJID", "PARAMCD", "AVISITN", "ADT"]
    df = df.sort_values(order, kind="stable", na_position="last")
    return arrange(df, [*BDS, "ATOXDSC", "ATOXGR", *SOURCE]), frame(notes + more)


def weight_gain(df: pd.DataFrame, version: str) -> pd.DataFrame:
    """Rows WTGAIN: change of weight in percent of baseline, with its grade.

    Parameters
    ----------
    df : DataFrame
        Rows of WEIGHT with PCHG.
    version : str
        Of the CTCAE: weight gain is grade 1 from 5 %, 2 from 10 %, 3 from 20 %.

    Returns
    -------
    DataFrame
        One row for each weight after baseline that has a baseline; AVAL and PCHG in percent, no
        BASE nor CHG. A loss is grade 0.
    """
    rows = df[(df["PARAMCD"] == "WEIGHT") & df["PCHG"].notna() & (df["DTYPE"] == "")].copy()
    rows["PARAMCD"], rows["PARAM"] = "WTGAIN", "Weight change from baseline"
    rows["AVAL"], rows["AVALU"], rows["AVALC"] = rows["PCHG"], "%", ""
    rows["BASE"] = rows["CHG"] = math.nan
    rows["ATOXDSC"] = GAIN
    grades = [ctcae.grade(GAIN, v, "%", version=version) for v in rows["AVAL"]]
    rows["ATOXGR"] = pd.Series(grades, index=rows.index, dtype=float)
    return rows
