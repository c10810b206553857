"""Records that last from a day to a day: events and drugs, with partial dates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sclerotrial.derive.dates import impute_end, impute_start, not_after, study_days, usable
from sclerotrial.derive.entry import rows_of
from sclerotrial.read.findings import finding, place


def dated_spans(
    df: pd.DataFrame, form: str, start: str, end: str, ongoing: str, people: pd.DataFrame
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Join subjects and complete the dates of records that last: events, drugs.

    Parameters
    ----------
    df : DataFrame
        Clean form with the named fields.
    form, start, end, ongoing : str
        Form and its fields; `ongoing` is '1' where it has not ended.
    people : DataFrame
        USUBJID, TRTSDT, EOSDT ('' when unknown).

    Returns
    -------
    (DataFrame, list of dict)
        ASTDT, ASTDTF, AENDT, AENDTF, ASTDY, AENDY, ONGOING ('Y', ''). A start that is missing
        altogether stays missing. The end of the study caps what did not begin after it. Records of
        somebody not in `people`, and dates that are no ISO dates, leave a finding.
    """
    notes = []
    for row in rows_of(df[~df["USUBJID"].isin(people["USUBJID"])]):
        notes.append(
            finding(
                rule="not_randomised",
                message="The subject was not randomised; the record is in no analysis dataset",
                severity="info",
                action="excluded",
                **place(row, form),
            )
        )
    out = df.merge(people, on="USUBJID", how="inner", validate="m:1")
    done = []
    for row in rows_of(out):
        for field in (start, end):
            if row[field] and not usable(row[field]):
                notes.append(
                    finding(
                        rule="date_unreadable",
                        message="The date is no whole or partial ISO date and is left out",
                        action="set missing",
                        field=field,
                        **place(row, form),
                    )
                )
        goes_on = row[ongoing] == "1"
        first, first_flag = impute_start(usable(row[start]), [row["TRTSDT"]])
        # what began after the end of the study did not end with it
        cap = row["EOSDT"] if first <= row["EOSDT"] else ""
        last, last_flag = impute_end(usable(row[end]), [cap], goes_on)
        first = not_after(first, first_flag, last, usable(row[start]))
        done.append((first, first_flag, last, last_flag, goes_on))
    names = ["ASTDT", "ASTDTF", "AENDT", "AENDTF", "ONGOING"]
    spans = pd.DataFrame(done, columns=names, index=out.index)
    out[names] = spans[names]
    out["ONGOING"] = np.where(spans["ONGOING"].astype(bool), "Y", "")
    out["ASTDY"] = study_days(out["ASTDT"], out["TRTSDT"])
    out["AENDY"] = study_days(out["AENDT"], out["TRTSDT"])
    return out, notes
