"""Keys by content, for records of tables that have no key of their own.

The running number of a row changes when a later export holds a row more above it; what the row
says does not. So the id of a query on such a row hangs on its other cells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pandas as pd

from sclerotrial.clean.people import is_table
from sclerotrial.clean.specs import data_columns, form_of
from sclerotrial.read.findings import KEY
from sclerotrial.study_models import Study

#: key of a record that is the only one of its subject
ONLY = "the subject's only record"


def with_keys(
    study: Study, findings: pd.DataFrame, crf: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The findings, those on keyless rows of a table with a key made of what the row says.

    Parameters
    ----------
    study : Study
        Section ``forms``.
    findings : DataFrame
        Columns of the schema and the record's key.
    crf : mapping of form to DataFrame
        The forms as read, before any decision.

    Returns
    -------
    DataFrame
        A copy. The cell that a finding is about is no part of its key: correcting it does not
        make another query of it.
    """
    findings = findings.copy()
    for form, table in crf.items():
        if not is_table(study, form) or form_of(study, form).key:
            continue
        mine = (findings["FORM"] == form) & (findings[KEY] == "") & (findings["INSTANCE"] != "")
        if not mine.any():
            continue
        columns = data_columns(table)
        rows = {(r["SRCFILE"], r["SRCLINE"]): r for r in table.to_dict("records")}
        several = set(table.loc[table.duplicated("USUBJID"), "USUBJID"])
        for at, file, line, field, subject in findings.loc[
            mine, ["SRCFILE", "SRCLINE", "FIELD", "USUBJID"]
        ].itertuples():
            row = rows.get((file, line))
            if row is None:
                continue
            said = [row[c] for c in columns if c != field]
            findings.loc[at, KEY] = _digest(said) if subject in several else ONLY
    return findings


def _digest(cells: list[str]) -> str:
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:16]
