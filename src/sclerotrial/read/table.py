"""Tables with one row a record: laboratory lists, allocation lists, sample manifests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.export import apart
from sclerotrial.read.grid import Grid, squeeze
from sclerotrial.read.identity import derive_age, identifiers, subjects
from sclerotrial.read.sheet import is_workbook, read_workbook
from sclerotrial.read.text import read_bytes, read_delimited
from sclerotrial.study_models import Study


def open_table(path: Path, shown: str, study: Study, source: str) -> Grid:
    """The rows of a table file, delimited or a workbook."""
    about = study.forms.sources[source]
    wanted = [about.subject or "", *(c for m in _mappings(study, source).values() for c in m)]
    if is_workbook(read_bytes(path, shown)):
        return read_workbook(path, shown, sheet=str(about.options.get("sheet", "")), wanted=wanted)
    separator = str(about.options.get("separator", ""))
    return read_delimited(path, shown, separator=separator, wanted=wanted)


def _mappings(study: Study, source: str) -> dict[str, dict[str, str]]:
    """For each form of the source: column of the file -> field."""
    return {
        name: {
            (rule.source or field): field for field, rule in study.forms.forms[name].fields.items()
        }
        for name in study.forms_of(source)
    }


def read_table(
    grid: Grid,
    study: Study,
    source: str,
    shown: str,
    *,
    taken_at: Mapping[str, str] | None = None,
) -> tuple[dict[str, pd.DataFrame], list[dict[str, str]]]:
    """Keyed rows of each form that a table holds.

    Columns are told by name, whatever their order, case or blanks; a form without `fields` takes
    all of them. INSTANCE is the running number of the row within its subject. Columns that the
    study does not use are named in ``options.ignore`` (separated by commas).

    Raises
    ------
    InputErrors
        Unknown or missing columns, rows without a readable subject: all of them.
    """
    about = study.forms.sources[source]
    mappings = _mappings(study, source)
    problems: list[Problem] = []
    columns = {squeeze(h): h for h in grid.header}
    subject = columns.get(squeeze(about.subject or ""))
    if subject is None:
        problems.append(_missing(about.subject or "(not configured)", grid, shown, source))
    ignored = {squeeze(c) for c in str(about.options.get("ignore", "")).split(",")}
    used = {squeeze(about.subject or ""), *ignored}
    for mapping in mappings.values():
        used |= {squeeze(c) for c in mapping}
        problems += [_missing(c, grid, shown, source) for c in mapping if squeeze(c) not in columns]
    whole = any(not m for m in mappings.values())
    if not whole:
        hidden = {squeeze(i) for i in identifiers(study, None)}
        problems += [
            Problem(
                f"The column {h!r} is not known."
                + did_you_mean(h, [c for m in mappings.values() for c in m]),
                f"{shown}, line {grid.header_line}, field {h}",
                "Map it under `fields` of the form, or name it in `options.ignore` of the source",
            )
            for key, h in columns.items()
            if key not in used | hidden
        ]
    if subject is None:
        raise InputErrors(problems)
    ids, findings, found = subjects(
        grid.cells[subject],
        grid.lines,
        study,
        shown=shown,
        column=subject,
        blank=about.restricted,
        padded=grid.padded.get(subject, ()),
    )
    problems += found
    result = {}
    for form, mapping in mappings.items():
        table = _keyed(grid, ids, mapping, columns, {subject}, shown)
        age, doubts, found = derive_age(form, table, study, about.date_order, shown, taken_at)
        findings += doubts
        problems += found
        table = table.drop(columns=identifiers(study, None), errors="ignore")
        if age is not None:
            table.insert(table.columns.get_loc("SRCFILE"), study.forms.age.field, age)
        result[form] = table
    if problems:
        raise InputErrors(problems)
    return result, findings


def _missing(column: str, grid: Grid, shown: str, source: str) -> Problem:
    return Problem(
        f"The column {column!r} is missing.{did_you_mean(column, grid.header)}",
        f"{shown}, line {grid.header_line}, field {column}",
        f"Add the column to the export, or correct its name under {source!r} in forms.yaml",
    )


def _keyed(
    grid: Grid,
    ids: pd.Series,
    mapping: Mapping[str, str],
    columns: Mapping[str, str],
    subject: set[str],
    shown: str,
) -> pd.DataFrame:
    if mapping:
        taken = {f: columns[squeeze(c)] for c, f in mapping.items() if squeeze(c) in columns}
    else:
        names = apart(grid.header, ("USUBJID", "INSTANCE", "SRCFILE", "SRCLINE"))
        taken = {names.get(h, h): h for h in grid.header if h not in subject}
    frame = pd.DataFrame({"USUBJID": ids, "VISIT": "", "INSTANCE": ""}, dtype=str)
    frame["INSTANCE"] = (frame.groupby("USUBJID", sort=False).cumcount() + 1).astype(str)
    for field, column in taken.items():
        frame[field] = grid.cells[column]
    return frame.assign(SRCFILE=shown, SRCLINE=grid.lines.astype(str)).astype(str)
