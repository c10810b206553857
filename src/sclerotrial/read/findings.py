"""The schema of findings: what was converted, excluded, imputed or doubted, one row each.

It lives in the first room that needs it; `sclerotrial.clean.queries` makes the query list of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

#: columns of a findings frame, all text
COLUMNS = [
    "USUBJID",
    "VISIT",
    "FORM",
    "FIELD",
    "RULE",
    "SEVERITY",
    "RAW",
    "ACTION",
    "VALUE",
    "MESSAGE",
    "SRCFILE",
    "SRCLINE",
    "INSTANCE",
]
#: text of the record's own key, where it has one: it makes ids stable when rows are added
KEY = "KEY"
SEVERITIES = ("info", "warning", "error")
#: what happened to a value; the last two by decision of a person
ACTIONS = ("kept", "set missing", "converted", "excluded", "confirmed", "corrected")
MASK = "[masked]"


def finding(
    *,
    rule: str,
    message: str,
    severity: str = "warning",
    action: str = "kept",
    subject: str = "",
    visit: str = "",
    form: str = "",
    instance: str = "",
    field: str = "",
    raw: str = "",
    value: str = "",
    file: str = "",
    line: str | int = "",
    key: str = "",
) -> dict[str, str]:
    """One finding as a row of the findings frame.

    Parameters
    ----------
    rule : str
        Short name of the rule, part of the query's id.
    message : str
        A sentence for the person who keeps the data; never free text of a record.
    severity : {'info', 'warning', 'error'}
        Conversion without doubt, doubt, contradiction.
    action : {'kept', 'set missing', 'converted', 'excluded', 'confirmed', 'corrected'}
        What happened to the value (or the row).
    raw, value : str
        As written and as used; the raw text of identifying and free-text cells is the mask.
    key : str
        Text of the record's own key (date, test); it replaces the instance in the query's id.

    Raises
    ------
    ValueError
        When severity or action is none of the known words.
    """
    if severity not in SEVERITIES or action not in ACTIONS:
        raise ValueError(f"severity {severity!r}, action {action!r}")
    return {
        "USUBJID": subject,
        "VISIT": visit,
        "FORM": form,
        "FIELD": field,
        "RULE": rule,
        "SEVERITY": severity,
        "RAW": raw,
        "ACTION": action,
        "VALUE": value,
        "MESSAGE": message,
        "SRCFILE": file,
        "SRCLINE": str(line),
        "INSTANCE": instance,
        KEY: key,
    }


def frame(rows: Iterable[Mapping[str, str]]) -> pd.DataFrame:
    """Findings as a frame of text with the columns of the schema (and the record's key)."""
    return pd.DataFrame(list(rows), columns=[*COLUMNS, KEY], dtype=str).fillna("")


def place(row: Mapping[str, str], form: str, key: Iterable[str] = ()) -> dict[str, str]:
    """The arguments of `finding` that say where a record of a form stands."""
    return {
        "subject": row["USUBJID"],
        "visit": row["VISIT"],
        "form": form,
        "instance": row["INSTANCE"],
        "file": row["SRCFILE"],
        "line": row["SRCLINE"],
        "key": "|".join(str(row[k]) for k in key if k in row),
    }


def doubt(
    row: Mapping[str, str],
    field: str,
    form: str,
    key: Iterable[str] = (),
    *,
    rule: str,
    message: str,
) -> dict[str, str]:
    """A finding on a value that is kept as it is written, and asked about.

    Parameters
    ----------
    row : mapping
        The record.
    field : str
        The field that is doubted.
    form : str
    key : iterable of str
        Fields that make a record of the form one.
    rule, message : str
        As of `finding`.
    """
    text = row[field]
    return finding(
        rule=rule, field=field, raw=text, value=text, message=message, **place(row, form, key)
    )
