"""adcm: drugs taken besides the study drug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.derive.bds import SUBJECT, arrange, subjects
from sclerotrial.derive.entry import as_number, take
from sclerotrial.derive.spans import dated_spans
from sclerotrial.read.findings import frame

FORM = "concomitant_drugs"
FIELDS = [
    "cm_drug", "cm_class", "cm_start", "cm_end", "cm_ongoing", "cm_dose", "cm_unit", "cm_freq",
    "cm_indication",
]  # fmt: skip
#: words of a drug's class or name that make it an immunosuppressant
IMMUNOSUPPRESSANTS = (
    "immunosuppress",
    "methotrexate",
    "mycophenol",
    "cyclophosphamide",
    "azathioprine",
    "rituximab",
    "ciclosporin",
    "cyclosporin",
    "tocilizumab",
)
COLUMNS = [
    *SUBJECT, "CMSEQ", "CMTRT", "CMCLAS", "ASTDT", "ASTDTF", "AENDT", "AENDTF", "ASTDY", "AENDY",
    "CMONGO", "CMDOSE", "CMDOSU", "CMDOSFRQ", "CMINDC", "PREFL", "CONFL", "MTXFL", "DIURFL",
    "SRCDOM", "SRCFILE", "SRCLINE",
]  # fmt: skip


def derive_adcm(
    study: Any,
    clean: Mapping[str, pd.DataFrame],
    adsl: pd.DataFrame,
    adex: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive adcm.

    Parameters
    ----------
    study : Study
        Not used; every derivation takes it.
    clean : mapping
        Form ``concomitant_drugs``.
    adsl : DataFrame
    adex : DataFrame, optional
        Not used; every derivation takes it.

    Returns
    -------
    (DataFrame, DataFrame)
        Rows (key USUBJID, CMSEQ) and findings. PREFL: begun before the first dose (or with no
        known start). CONFL: taken at some time from first to last dose; a drug without an end is
        taken to go on. Neither where no dose was taken.
    """
    df = take(clean, FORM, [], FIELDS)
    df, notes = dated_spans(df, FORM, "cm_start", "cm_end", "cm_ongoing", subjects(adsl, ["EOSDT"]))
    df = df.sort_values(["USUBJID", "ASTDT", "cm_drug"], kind="stable").reset_index(drop=True)
    df["CMSEQ"] = df.groupby("USUBJID").cumcount() + 1
    df = df.rename(
        columns={
            "cm_drug": "CMTRT",
            "cm_class": "CMCLAS",
            "cm_unit": "CMDOSU",
            "cm_freq": "CMDOSFRQ",
            "cm_indication": "CMINDC",
            "ONGOING": "CMONGO",
        }
    )
    df["CMDOSE"] = pd.Series([as_number(v) for v in df["cm_dose"]], index=df.index, dtype=float)
    treated = df["TRTSDT"] != ""
    df["PREFL"] = np.where(treated & (df["ASTDT"] < df["TRTSDT"]), "Y", "")
    begun = (df["TRTEDT"] == "") | (df["ASTDT"] <= df["TRTEDT"])
    over = (df["AENDT"] != "") & (df["AENDT"] < df["TRTSDT"])
    df["CONFL"] = np.where(treated & begun & ~over, "Y", "")
    names = (df["CMCLAS"] + " " + df["CMTRT"]).str.lower()
    df["MTXFL"] = np.where(names.str.contains("methotrexate"), "Y", "")
    df["DIURFL"] = np.where(df["CMCLAS"].str.lower().str.contains("diuretic"), "Y", "")
    df["SRCDOM"] = FORM
    return arrange(df, COLUMNS), frame(notes)


def rescue_dates(clean: Mapping[str, pd.DataFrame], people: pd.DataFrame) -> dict[str, str]:
    """Subject -> first day on which an immunosuppressant was added after the first dose.

    Parameters
    ----------
    clean : mapping
        Form ``concomitant_drugs``.
    people : DataFrame
        USUBJID, TRTSDT, EOSDT.

    Returns
    -------
    dict
        A drug whose start is missing, or that was taken before the first dose too, is not added.
    """
    df = take(clean, FORM, [], FIELDS)
    df, _ = dated_spans(df, FORM, "cm_start", "cm_end", "cm_ongoing", people)
    names = (df["cm_class"] + " " + df["cm_drug"]).str.lower()
    wanted = names.map(lambda n: any(w in n for w in IMMUNOSUPPRESSANTS)).astype(bool)
    df = df[wanted & (df["TRTSDT"] != "") & (df["ASTDT"] != "")]
    before = df[df["ASTDT"] <= df["TRTSDT"]]
    had = set(zip(before["USUBJID"], before["cm_drug"].str.lower(), strict=True))
    later = df[df["ASTDT"] > df["TRTSDT"]]
    new = [k not in had for k in zip(later["USUBJID"], later["cm_drug"].str.lower(), strict=True)]
    return later[np.array(new, dtype=bool)].groupby("USUBJID")["ASTDT"].min().to_dict()
