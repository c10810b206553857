"""Queries and comments that an export of secuTrial brings along, as rows of the query list."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sclerotrial.read.export import Export, FormTable
from sclerotrial.read.findings import MASK, finding

#: column by which a table of them is told -> rule and words of its rows
_TOLD = {
    "mnpqueryid": ("query_of_source", "A query in the system of the CRF"),
    "mnpcommentid": ("comment_of_source", "A comment in the system of the CRF"),
}
_DOCUMENT = "mnpdocid"


def asked(
    export: Export, forms: Mapping[str, tuple[FormTable, pd.DataFrame]]
) -> list[dict[str, str]]:
    """A finding for each query and comment: its form and field, never its text.

    Parameters
    ----------
    export : Export
    forms : mapping of form to (FormTable, DataFrame)
        A form's table as exported, and the same rows keyed for the study.

    Returns
    -------
    list of findings
        Of the record that the document's number names; without subject and form where no form
        that is read holds it. What a query says is free text: masked.
    """
    documents: dict[str, dict[str, str]] = {}
    for form, (table, frame) in forms.items():
        if _DOCUMENT not in table.fields:
            continue
        keys = frame[["USUBJID", "VISIT", "INSTANCE"]].to_dict("records")
        for document, key in zip(table.rows[_DOCUMENT], keys, strict=True):
            documents.setdefault(document, key | {"FORM": form})
    found = []
    for table in export.extra.values():
        told = next((c for c in _TOLD if c in table.fields), None)
        for row in table.rows.to_dict("records") if told else ():
            rule, words = _TOLD[told]
            at = documents.get(row.get(_DOCUMENT, ""), {})
            state = row.get("querystatus", "")
            found.append(
                finding(
                    rule=rule,
                    severity="warning" if told == "mnpqueryid" else "info",
                    subject=at.get("USUBJID", ""),
                    visit=at.get("VISIT", ""),
                    form=at.get("FORM", ""),
                    instance=at.get("INSTANCE", ""),
                    field=row.get("ffcolname", ""),
                    raw=MASK if row.get("qaccontent") else "",
                    message=f"{words}{f' (status {state})' if state else ''}: look it up there",
                    file=row["SRCFILE"],
                    line=row["SRCLINE"],
                    key=row[told],
                )
            )
    return found
