"""What the codes of the forms mean: `codes.csv`, or the choices of the study's configuration."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib import resources

import pandas as pd

from sclerotrial.derive.entry import rows_of
from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.instruments import ctcae
from sclerotrial.read.findings import finding, place


@cache
def _table() -> tuple[dict[str, str], ...]:
    path = resources.files("sclerotrial.derive") / "codes.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@cache
def _packaged(form: str, field: str, column: str) -> dict[str, str]:
    return {r["CODE"]: r[column] for r in _table() if (r["FORM"], r["FIELD"]) == (form, field)}


def labels(study, form: str, field: str) -> dict[str, str]:
    """Code -> label; choices in `forms.yaml` overrule the packaged ones."""
    known = _packaged(form, field, "LABEL")
    rule = study.forms.forms.get(form)
    given = rule.fields[field].choices if rule and field in rule.fields else None
    return {**known, **(given or {})}


def meanings(form: str, field: str) -> dict[str, str]:
    """Code -> the word by which derivations know it (STOPPED, RESOLVED, ...); '' for none."""
    return dict(_packaged(form, field, "VALUE"))


def criteria(study) -> str:
    """The version of the CTCAE that the study grades by; `InputErrors` for one not packaged."""
    version, known = study.safety.ctcae, ctcae.versions()
    if version not in known:
        raise InputErrors(
            [
                Problem(
                    f"There are no laboratory criteria of CTCAE version {version!r}."
                    f"{did_you_mean(version, known)}",
                    "study.yaml, key safety.ctcae",
                    f"Use one of: {', '.join(known)}",
                )
            ]
        )
    return version


def unmapped(df: pd.DataFrame, study, form: str, fields: Iterable[str]) -> list[dict[str, str]]:
    """A finding for each code without a label; its label is left blank."""
    rows = []
    for field in fields:
        known = labels(study, form, field)
        for row in rows_of(df[~df[field].isin([*known, ""])]):
            rows.append(
                finding(
                    rule="code_unknown",
                    message=f"The code of {field} has no label; its label is left blank",
                    field=field,
                    raw=row[field],
                    **place(row, form),
                )
            )
    return rows
