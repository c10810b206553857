"""Excel workbooks as rows of text with the row numbers of the sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import python_calamine

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.grid import Grid, to_grid
from sclerotrial.read.text import read_bytes

#: first bytes of .xlsx and .ods (zip archives) and of the old .xls
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook by its content; systems name text files .xls too."""
    return content.startswith(_WORKBOOK)


def read_workbook(path: Path, shown: str, *, sheet: str = "", wanted: Iterable[str] = ()) -> Grid:
    """Read one sheet of a workbook; the first one that holds anything when none is named.

    Cells of Excel's date type become ISO text, whole numbers lose their point.

    Raises
    ------
    InputErrors
        No workbook, no such sheet, no header, bad rows.
    """
    read_bytes(path, shown)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if sheet and sheet not in names:
            raise InputErrors(
                [
                    Problem(
                        f"The workbook has no sheet {sheet!r}.{did_you_mean(sheet, names)}",
                        shown,
                        f"Use one of: {', '.join(names)}, in options.sheet of the source",
                    )
                ]
            )
        for name in [sheet] if sheet else names:
            top = book.get_sheet_by_name(name)
            body = top.to_python(skip_empty_area=False)
            rows = [[cell_text(c) for c in row] for row in body]
            if any(any(row) for row in rows):
                return _grid(rows, f"{shown}, sheet {name}", wanted)
    except (python_calamine.CalamineError, OSError):
        raise InputErrors(
            [
                Problem(
                    "The file cannot be read as an Excel workbook",
                    shown,
                    "Open and save it again in Excel, or export it as CSV",
                )
            ]
        ) from None
    raise InputErrors([Problem("The workbook is empty", shown, "Export the table again")])


def _grid(rows: list[list[str]], shown: str, wanted: Iterable[str]) -> Grid:
    records = ((row, line) for line, row in enumerate(rows, start=1) if any(row))
    return to_grid(records, shown, [], wanted, encoding="xlsx")


def cell_text(cell: object) -> str:
    """A cell of a sheet as the text a person sees in it (dates as ISO)."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell)
