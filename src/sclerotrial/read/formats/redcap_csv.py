"""REDCap's CSV files: data (raw or labels), dictionary, events, arms; told by their headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sclerotrial.read.dictionary import COLUMNS, Dictionary
from sclerotrial.read.export import FormTable, keyed_rows
from sclerotrial.read.formats.redcap_labels import labelled, raw_cells, raw_header
from sclerotrial.read.grid import Grid, is_unnamed, squeeze
from sclerotrial.read.redcap_names import EVENT, GROUP, KEYS, NOT_COMPLETED, REPEAT_FORM, REPEAT_NO
from sclerotrial.read.sheet import is_workbook, read_one
from sclerotrial.read.text import decode, parse, read_delimited


def kind_of(header: list[str]) -> str:
    """'dictionary', 'events', 'arms', 'mapping', 'data' or '' by the columns of a CSV."""
    names = {squeeze(h) for h in header}
    needed = [{squeeze(n) for n in COLUMNS[key]} for key in ("name", "form", "type", "label")]
    if all(names & n for n in needed):
        return "dictionary"
    if {"unique_event_name", "arm_num"} <= names:
        return "mapping" if "form" in names else "events"
    if names == {"arm_num", "name"}:
        return "arms"
    if names & set(KEYS) or any("___" in n for n in names):
        return "data"
    return "data" if any(n.endswith("_complete") for n in names) else ""


def read_events(path: Path, shown: str) -> dict[str, str]:
    """Unique name of each event -> its label with the arm, from the file of events."""
    cells = read_delimited(path, shown).cells
    names = {squeeze(c): c for c in cells}
    unique, label = names.get("unique_event_name"), names.get("event_name")
    if unique is None or label is None:
        return {}
    arms = cells[names["arm_num"]] if "arm_num" in names else pd.Series("", index=cells.index)
    return {
        u: f"{e} (Arm {a})" if arms.nunique() > 1 else e
        for u, e, a in zip(cells[unique], cells[label], arms, strict=True)
    }


def read_data(
    content: bytes, shown: str, dictionary: Dictionary, events: Mapping[str, str] | None = None
) -> tuple[Grid, list[str]]:
    """A data export with raw names and codes, whether it came so, with labels, or via Excel.

    Returns
    -------
    (Grid, notes)
    """
    notes: list[str] = []
    header: list[str] = []

    def rename(found: list[str]) -> list[str]:
        header[:] = raw_header(found, dictionary) or found
        if header != found:
            notes.append("the header holds labels, taken for the fields of the dictionary")
        return header

    if is_workbook(content):
        wanted = [c for form in dictionary.forms for c in dictionary.by_column(form)]
        grid, sheets = read_one(content, shown, [dictionary.record_id, *wanted], rename)
        rest = f"; others are passed over: {', '.join(sheets[1:])}" if sheets[1:] else ""
        notes.append(f"saved as a workbook: its sheet {sheets[0]!r} is read{rest}")
    else:
        grid = parse(decode(content, shown), shown, namer=rename)
    first = grid.header[0]
    if is_unnamed(first) and grid.cells[first].is_unique:
        notes.append("the first column has no name: taken for numbers of rows, and left out")
        rest = grid.header[1:]
        grid = replace(grid, header=rest, cells=grid.cells[rest])
    if labelled(grid.cells, dictionary):
        cells, more = raw_cells(grid.cells, dictionary, events or {})
        notes += ["the cells hold labels, turned into the codes of the dictionary", *more]
        grid = replace(grid, cells=cells)
    return grid, notes


def rule_of(note: str) -> str:
    """The rule under which a note of `read_data` stands in the query list.

    Told by how it begins: names of sheets and fields stand within it.
    """
    begins = {"saved as a workbook": "workbook", "the first column has no name": "row_numbers"}
    return next((rule for words, rule in begins.items() if note.startswith(words)), "labels")


def form_tables(grid: Grid, dictionary: Dictionary, shown: str) -> dict[str, FormTable]:
    """Forms of a raw grid: the rows in which at least one field of the form is filled.

    States of forms and time stamps of surveys stay with their form, as system fields.
    """
    cells = grid.cells
    blank = pd.Series("", index=cells.index, dtype=str)
    subject = cells.get(dictionary.record_id, cells.iloc[:, 0] if cells.shape[1] else blank)
    keys = {"event": cells.get(EVENT, blank), "instance": cells.get(REPEAT_NO, blank)}
    tables = {}
    group = [c for c in (GROUP,) if c in cells]
    for form in dictionary.forms:
        fields = {c: f for c, f in dictionary.by_column(form).items() if c in cells}
        system = [c for c in (f"{form}_timestamp", f"{form}_complete") if c in cells]
        filled = pd.Series(False, index=cells.index)
        if f"{form}_timestamp" in cells:  # a survey that was sent without any answer
            filled |= ~cells[f"{form}_timestamp"].isin(["", NOT_COMPLETED])
        for column, f in fields.items():
            text = cells[column]
            filled |= (text != "") & (text != "0") if f.type == "checkbox" else text != ""
        if REPEAT_FORM in cells:
            repeats = cells[REPEAT_FORM]
            other = repeats.isin([f for f in dictionary.forms if f != form])
            state = cells[system[-1]] if system else blank
            filled |= (state != "") & (repeats == form)
            filled &= ~other
        rows = keyed_rows(
            cells.loc[filled, [*group, *fields, *system]],
            subject=subject[filled],
            event=keys["event"][filled],
            instance=keys["instance"][filled],
            file=shown,
            lines=grid.lines[filled],
        )
        tables[form] = FormTable(form, rows, system=frozenset([*system, *group]))
    return tables
