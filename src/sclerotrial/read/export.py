"""An export as read, whatever system wrote it: rows by form, each cell with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.grid import squeeze

#: columns of every form table before its fields
KEYS = ["SUBJECT", "EVENT", "INSTANCE"]
#: columns of every form table behind its fields
PLACE = ["SRCFILE", "SRCLINE"]
#: columns that hold the subject where nothing is said, in this order
SUBJECTS = (
    "usubjid", "subjid", "subject", "subject_id", "subjectid", "study_subject_id", "patid",
    "pat_id", "patient", "patient_id", "patientid", "patnum", "record_id", "study_id",
    "participant_id", "participant", "pid", "mnpaid", "mnppid", "id",
)  # fmt: skip
#: columns that hold the visit where nothing is said
VISITS = ("redcap_event_name", "visit", "visitnum", "visit_name", "event", "event_name", "avisit",
          "instance")  # fmt: skip
_POINT = re.compile(r"[+-]?\d+\.\d+")
_COMMA = re.compile(r"[+-]?\d+,\d+")


@dataclass(frozen=True)
class FormTable:
    """Rows of one form: SUBJECT, EVENT, INSTANCE, its fields, SRCFILE, SRCLINE; all text.

    Attributes
    ----------
    name, label : str
    rows : DataFrame
    kind : {'line', 'sheet', 'xml', 'record'}
        What SRCLINE counts: lines of a text, rows of a sheet, the line at which an element
        begins, or records of a binary file.
    places : dict
        Field -> its column letter (sheets), OID path (XML) or column (where another name).
    keys : Series or None
        For each row the part of its place before that of the field (XML keys; blocks of columns).
    system : frozenset of str
        Fields that the system added: states of forms, time stamps, user numbers.
    """

    name: str
    rows: pd.DataFrame
    label: str = ""
    kind: str = "line"
    places: Mapping[str, str] = field(default_factory=dict)
    keys: pd.Series | None = None
    system: frozenset[str] = frozenset()

    @property
    def fields(self) -> list[str]:
        """Columns that are neither keys nor places."""
        return [c for c in self.rows.columns if c not in (*KEYS, *PLACE)]

    @property
    def cells(self) -> int:
        """Number of cells of fields that hold anything."""
        return int(sum((self.rows[f] != "").sum() for f in self.fields))

    def where(self, row: int, name: str) -> str:
        """Where a cell stands in the raw file: file and line, sheet cell, or XML key; field."""
        at = self.rows.iloc[row]
        place = self.places.get(name) or self.places.get(original(name), original(name))
        key = "" if self.keys is None else str(self.keys.iloc[row])
        if self.kind == "sheet":
            return f"{at['SRCFILE']}, cell {place}{at['SRCLINE']}, field {name}"
        if self.kind == "xml":
            return f"{at['SRCFILE']}, line {at['SRCLINE']}, key {key}/{place}"
        what = "record" if self.kind == "record" else "line"
        return f"{at['SRCFILE']}, {what} {at['SRCLINE']}, field {key}{place}"

    def without(self, names: Iterable[str]) -> FormTable:
        """The table without these fields."""
        gone = [n for n in names if n in self.rows.columns]
        return FormTable(
            self.name, self.rows.drop(columns=gone), self.label, self.kind, self.places,
            self.keys, self.system - set(gone),
        )  # fmt: skip


@dataclass(frozen=True)
class Export:
    """What a file is and holds.

    Attributes
    ----------
    file : str
    format : str
        In words: 'REDCap raw export', 'CDISC ODM (OpenClinica)', 'secuTrial export' ...
    version : str
        Of the system or the format; '' untold.
    tables : dict of FormTable
    extra : dict of FormTable
        What is about the data: visit plan, queries, comments, audit trail, reasons of missing.
    dictionary : Dictionary or None
        Where the file carries one.
    events : dict
        Event as in EVENT -> its label.
    encoding, separator, decimal, line_ends : str
        As told by content; '' where it does not apply or cannot be told.
    rows, fields, cells : int
        Of the file as it came: records of data tables, their columns, cells that hold anything.
    notes : tuple of str
        What was decided or passed over, in words.
    """

    file: str
    format: str
    tables: dict[str, FormTable]
    version: str = ""
    extra: dict[str, FormTable] = field(default_factory=dict)
    dictionary: Dictionary | None = None
    events: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    separator: str = ""
    decimal: str = ""
    line_ends: str = ""
    rows: int = 0
    fields: int = 0
    cells: int = 0
    notes: tuple[str, ...] = ()


def counts(tables: Iterable[FormTable]) -> dict[str, int]:
    """Rows, fields and filled cells of tables, as arguments of `Export`."""
    found = list(tables)
    return {
        "rows": sum(len(t.rows) for t in found),
        "fields": sum(len(t.fields) for t in found),
        "cells": sum(t.cells for t in found),
    }


def keyed_rows(
    cells: pd.DataFrame,
    *,
    subject: pd.Series | str = "",
    event: pd.Series | str = "",
    instance: pd.Series | str | None = None,
    file: str,
    lines: pd.Series,
) -> pd.DataFrame:
    """Cells with the columns of a form table around them.

    Parameters
    ----------
    cells : DataFrame
        Fields, text.
    subject, event : Series or str
    instance : Series, str or None
        None: the running number among the rows of a subject and event, '' where there is one.
    file : str
    lines : Series
    """
    cells = cells.rename(columns=apart(cells.columns, (*KEYS, *PLACE)))
    keys = pd.DataFrame(
        {"SUBJECT": subject, "EVENT": event, "INSTANCE": instance or ""}
        if not isinstance(instance, pd.Series)
        else {"SUBJECT": subject, "EVENT": event, "INSTANCE": instance},
        index=cells.index,
    ).astype(str)
    if instance is None and len(keys):
        groups = keys.groupby(["SUBJECT", "EVENT"], sort=False)
        number = (groups.cumcount() + 1).astype(str)
        keys["INSTANCE"] = number.where(groups["EVENT"].transform("size") > 1, "")
    ends = pd.DataFrame({"SRCFILE": file, "SRCLINE": lines.to_numpy()}, index=cells.index)
    return pd.concat([keys, cells, ends.astype(str)], axis=1).reset_index(drop=True)


def apart(columns: Iterable[str], reserved: Iterable[str]) -> dict[str, str]:
    """Columns with the name of a key -> their names as fields: with a bar behind."""
    columns = list(columns)
    names = {}
    for name in (c for c in columns if c in set(reserved)):
        other = f"{name}_"
        while other in columns:
            other += "_"
        names[name] = other
    return names


def original(name: str) -> str:
    """The name of a field in its file."""
    bare = name.rstrip("_")
    return bare if bare in (*KEYS, *PLACE) else name


def guess(columns: Iterable[str], names: Iterable[str]) -> str:
    """The first of the names that is a column, whatever its case; '' when none is."""
    known = {squeeze(c).replace(" ", "_"): c for c in columns}
    return next((known[n] for n in names if n in known), "")


def decimal_of(cells: pd.DataFrame, most: int = 20_000) -> str:
    """The decimal mark of a table: '.', ',', 'mixed' or '' when no cell tells."""
    head = cells.iloc[: max(1, most // max(1, cells.shape[1]) + 200)]
    texts = [text for name in head for text in head[name].unique()]
    point = any(_POINT.fullmatch(t) for t in texts)
    comma = any(_COMMA.fullmatch(t) for t in texts)
    return "mixed" if point and comma else "." if point else "," if comma else ""
