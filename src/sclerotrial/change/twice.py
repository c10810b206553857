"""Analytes that two assays of one compartment measure: their levels side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.tabular import num


def side_by_side(
    adbm: pd.DataFrame, code: str, first: str, second: str, assays: Mapping[str, Any]
) -> pd.DataFrame:
    """Levels of one analyte by two assays in the samples that both measured.

    Parameters
    ----------
    adbm : DataFrame of str
    code, first, second : str
        Parameter and the two assays.
    assays : mapping
        For the scale of each.

    Returns
    -------
    DataFrame
        ``USUBJID``, ``AVISIT``, ``FIRST``, ``SECOND`` (log2), ``LIMIT`` (whether one of the two
        lies beyond a limit), a row a patient and visit; of several records the analysed one.
    """
    frames = []
    for assay, column in ((first, "FIRST"), (second, "SECOND")):
        rows = adbm[(adbm["ASSAY"] == assay) & (adbm["PARAMCD"] == code)]
        rows = rows[(rows["ANL01FL"] == "Y") & (rows["AVAL"] != "")]
        value = num(rows["AVAL"]).astype(float)
        if assays[assay].scale == "linear":
            value = np.log2(value.where(value > 0))
        frame = rows[["USUBJID", "AVISIT"]].assign(
            **{column: value, f"{column}_CENS": rows["AVALCENS"] != ""}
        )
        frames.append(frame.drop_duplicates(["USUBJID", "AVISIT"], keep="last"))
    found = frames[0].merge(frames[1], on=["USUBJID", "AVISIT"])
    found["LIMIT"] = found["FIRST_CENS"] | found["SECOND_CENS"]
    found = found.dropna(subset=["FIRST", "SECOND"])
    return found[["USUBJID", "AVISIT", "FIRST", "SECOND", "LIMIT"]].reset_index(drop=True)
