"""adex: dosing intervals and interruptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.bds import SUBJECT, arrange, subjects
from sclerotrial.derive.dates import study_days
from sclerotrial.derive.entry import rows_of
from sclerotrial.derive.exposure import FORM, intervals
from sclerotrial.read.findings import finding, frame

COLUMNS = [
    *SUBJECT,
    "EXSEQ",
    "EXTYPE",
    "ASTDT",
    "AENDT",
    "ASTDY",
    "AENDY",
    "EXDOSE",
    "EXDOSFRQ",
    "DOSE",
    "DURD",
    "CUMDOSE",
    "EXREAS",
    "SRCDOM",
    "SRCFILE",
    "SRCLINE",
]


def derive_adex(
    study: Any, clean: Mapping[str, pd.DataFrame], adsl: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive adex.

    Parameters
    ----------
    study : Study
        Section ``forms``.
    clean : mapping
        Forms ``dosing`` and ``disposition``.
    adsl : DataFrame

    Returns
    -------
    (DataFrame, DataFrame)
        Rows (key USUBJID, EXSEQ) and findings; what happens to open, overlapping and impossible
        intervals stands at `intervals`. Dosing of somebody not randomised is left out with a
        finding.
    """
    rows, notes = intervals(study, clean)
    people = subjects(adsl)
    for row in rows_of(rows[~rows["USUBJID"].isin(people["USUBJID"])]):
        notes.append(
            finding(
                rule="not_randomised",
                message="The subject was not randomised; the record is in no analysis dataset",
                severity="error",
                action="excluded",
                subject=row["USUBJID"],
                form=FORM,
                file=row["SRCFILE"],
                line=row["SRCLINE"],
            )
        )
    df = rows.merge(people, on="USUBJID", how="inner", validate="m:1")
    df = df.sort_values(["USUBJID", "ASTDT"], kind="stable").reset_index(drop=True)
    df["EXSEQ"] = df.groupby("USUBJID").cumcount() + 1
    df["ASTDY"] = study_days(df["ASTDT"], df["TRTSDT"])
    df["AENDY"] = study_days(df["AENDT"], df["TRTSDT"])
    df["SRCDOM"] = FORM
    return arrange(df, COLUMNS), frame(notes)
