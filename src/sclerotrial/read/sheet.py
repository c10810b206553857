"""Excel workbooks as rows of text with the row numbers of the sheet."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import python_calamine

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.compound import OLE, is_whole
from sclerotrial.read.grid import HEADER_WITHIN, Grid, squeeze, to_grid
from sclerotrial.read.sheeterrors import Book, errors_of
from sclerotrial.read.sheetxml import XmlBook, is_xml_book
from sclerotrial.read.text import read_bytes

#: first bytes of .xlsx and .ods (zip archives) and of the old .xls
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook by its content; systems name text files .xls too."""
    return content.startswith(_WORKBOOK) or is_xml_book(content)


def open_book(content: bytes) -> python_calamine.CalamineWorkbook | XmlBook | Book:
    """A workbook of any kind: .xlsx, .xls, .ods, or Excel's XML of 2003; within `reading`."""
    if is_xml_book(content):
        return XmlBook(content)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    errors = errors_of(content)
    return Book(book, errors) if errors else book


@contextlib.contextmanager
def reading(content: bytes, shown: str) -> Iterator[None]:
    """Whatever the library says of a damaged workbook, in words; nothing that it prints itself."""
    if content.startswith(OLE) and not is_whole(content):
        raise InputErrors([_unreadable(shown)])
    try:
        with _unheard():
            yield
    except InputErrors:
        raise
    except BaseException as error:  # a panic of the library is no Exception
        known = (python_calamine.CalamineError, OSError, ValueError)
        if isinstance(error, known) or type(error).__name__ == "PanicException":
            raise InputErrors([_unreadable(shown)]) from None
        raise


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Nothing is written to the terminal's second stream, which may be closed."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def read_workbook(path: Path, shown: str, *, sheet: str = "", wanted: Iterable[str] = ()) -> Grid:
    """Read one sheet of a workbook; the first one that holds anything when none is named.

    Cells of Excel's date type become ISO text, whole numbers lose their point.

    Raises
    ------
    InputErrors
        No workbook, no such sheet, no header, bad rows.
    """
    content = read_bytes(path, shown)
    with reading(content, shown):
        book = open_book(content)
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
    raise InputErrors([Problem("The workbook is empty", shown, "Export the table again")])


def read_one(
    content: bytes,
    shown: str,
    wanted: Iterable[str],
    namer: Callable[[list[str]], list[str]] | None = None,
) -> tuple[Grid, list[str]]:
    """The sheet of a workbook that holds most of the wanted columns; names of all, it first.

    Parameters
    ----------
    content : bytes
    shown : str
    wanted : iterable of str
        Names of columns; the first sheet that holds anything where no sheet has one of them.
    namer : function, optional
        Other names for those of the header.

    Raises
    ------
    InputErrors
        No workbook, an empty one, bad rows.
    """
    with reading(content, shown):
        book = open_book(content)
        bodies = {
            n: [[cell_text(c) for c in row] for row in rows]
            for n in book.sheet_names
            if any(map(any, rows := book.get_sheet_by_name(n).to_python(skip_empty_area=False)))
        }
    if not bodies:
        raise InputErrors([Problem("The workbook is empty", shown, "Export the table again")])
    names = {squeeze(w) for w in wanted}

    def known(name: str) -> int:
        return max(len(names & {squeeze(c) for c in r}) for r in bodies[name][:HEADER_WITHIN])

    order = sorted(bodies, key=known, reverse=True)
    return _grid(bodies[order[0]], f"{shown}, sheet {order[0]}", wanted, namer), order


def read_sheets(content: bytes, shown: str) -> list[tuple[str, Grid]]:
    """Every sheet that holds anything, as (name, rows); the header is the first full row.

    Title lines above the header and columns without any cell are passed over.

    Raises
    ------
    InputErrors
        No workbook, bad rows: of all sheets.
    """
    with reading(content, shown):
        book = open_book(content)
        names = book.sheet_names
        bodies = [book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names]
    found, problems = [], []
    for name, body in zip(names, bodies, strict=True):
        rows = [[cell_text(c) for c in row] for row in body]
        top = header_at(rows)
        if top is None:
            continue
        wanted = [c for c in rows[top] if c]
        try:
            found.append((name, _grid(_whole(rows, top), f"{shown}, sheet {name}", wanted)))
        except InputErrors as error:
            problems += error.problems
    if problems:
        raise InputErrors(problems)
    return found


def header_at(rows: list[list[str]]) -> int | None:
    """Index of the first row that is nearly as full as the fullest of the first rows."""
    full = [sum(bool(c.strip()) for c in row) for row in rows[:HEADER_WITHIN]]
    most = max(full, default=0)
    return next((i for i, n in enumerate(full) if n and n >= 0.6 * most), None)


def _whole(rows: list[list[str]], top: int) -> list[list[str]]:
    """Rows from the header on; columns without a name, or with another's, have their letter."""
    head: list[str] = []
    for i, cell in enumerate(rows[top]):
        name = cell.strip()
        same = bool(name) and name in head
        head.append(f"{name} ({column_letter(i)})".strip() if same or not name else name)
    return [[] for _ in rows[:top]] + [head, *rows[top + 1 :]]


def column_letter(index: int) -> str:
    """Letter of a column of a sheet, counted from 0: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _unreadable(shown: str) -> Problem:
    return Problem(
        "The file cannot be read as an Excel workbook",
        shown,
        "Open and save it again in Excel, or export it as CSV",
    )


def _grid(
    rows: list[list[str]],
    shown: str,
    wanted: Iterable[str],
    namer: Callable[[list[str]], list[str]] | None = None,
) -> Grid:
    records = ((row, line) for line, row in enumerate(rows, start=1) if any(row))
    return to_grid(records, shown, [], wanted, namer, encoding="xlsx")


def cell_text(cell: object) -> str:
    """A cell of a sheet as the text a person sees in it (dates as ISO)."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.timedelta):  # hours beyond a day
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell)
