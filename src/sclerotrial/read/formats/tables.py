"""Workbooks and delimited tables of any origin as form tables: one a sheet, one a file."""

from __future__ import annotations

from pathlib import PurePosixPath

from sclerotrial.read.export import (
    SUBJECTS,
    VISITS,
    Export,
    FormTable,
    counts,
    decimal_of,
    guess,
    keyed_rows,
)
from sclerotrial.read.grid import Grid, is_unnamed, squeeze
from sclerotrial.read.sheet import column_letter, read_sheets
from sclerotrial.read.sheetxml import is_xml_book


def find(columns: list[str], name: str) -> str:
    """The column of that name, whatever its case and blanks; '' when there is none."""
    return next((c for c in columns if squeeze(c) == squeeze(name)), "") if name else ""


def form_table(
    grid: Grid, name: str, file: str, *, subject: str, visit: str, kind: str
) -> tuple[FormTable, list[str]]:
    """One table with its keys, and notes of what was guessed.

    Parameters
    ----------
    grid : Grid
    name, file : str
        Of the form; SRCFILE.
    subject, visit : str
        Columns; guessed when not given.
    kind : {'line', 'sheet'}
    """
    letters = {c: column_letter(i) for i, c in enumerate(grid.header)}
    unnamed = [c for c in grid.header if c == f"({letters[c]})" or is_unnamed(c)]
    empty = [c for c in unnamed if not (grid.cells[c] != "").any()]
    cells = grid.cells.drop(columns=empty)
    columns = list(cells.columns)
    key = find(columns, subject) or ("" if subject else guess(columns, SUBJECTS))
    event = find(columns, visit) or ("" if visit else guess(columns, VISITS))
    notes = [f"{name}: column {c} has no name" for c in unnamed if c not in empty]
    if not subject:
        notes.append(f"{name}: {f'{key!r} taken' if key else 'no column taken'} for the subject")
    rows = keyed_rows(
        cells,
        subject=cells[key] if key else "",
        event=cells[event] if event and event != key else "",
        file=file,
        lines=grid.lines,
    )
    places = letters if kind == "sheet" else {}
    return FormTable(name, rows, kind=kind, places=places), notes


def read_workbook_export(content: bytes, shown: str, *, subject: str, visit: str) -> Export:
    """Every sheet of a workbook as a form table; SRCFILE is 'file/sheet', SRCLINE its row."""
    tables, notes, grids = {}, [], []
    for name, grid in read_sheets(content, shown):
        table, more = form_table(
            grid, name, f"{shown}/{name}", subject=subject, visit=visit, kind="sheet"
        )
        tables[name] = table
        notes += more
        grids.append(grid)
    kind = " (.xls)" if content.startswith(b"\xd0\xcf\x11\xe0") else ""
    kind = " (XML of 2003)" if is_xml_book(content) else kind
    return Export(
        file=shown,
        format=f"Excel workbook{kind}",
        tables=tables,
        encoding="",
        decimal=next((d for g in grids if (d := decimal_of(g.cells))), ""),
        notes=tuple(notes),
        **counts(tables.values()),
    )


def read_delimited_export(grid: Grid, shown: str, *, subject: str, visit: str) -> Export:
    """A delimited text as one form table of the file's name."""
    name = PurePosixPath(shown).stem
    table, notes = form_table(grid, name, shown, subject=subject, visit=visit, kind="line")
    return Export(
        file=shown,
        format="delimited table",
        tables={name: table},
        encoding=grid.encoding,
        separator=grid.separator,
        decimal=decimal_of(grid.cells),
        line_ends=grid.line_ends,
        notes=tuple(notes),
        **counts([table]),
    )
