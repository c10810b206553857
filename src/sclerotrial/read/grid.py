"""A table as read: cells of text, and the line (or sheet row) at which each row begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import pandas as pd

from sclerotrial.errors import InputErrors, Problem

_CHUNK = 20_000
BLANKS = " \t\r\n\u00a0\u2007\u202f\ufeff"
HEADER_WITHIN = 30
_MOST_PROBLEMS = 20
_UNNAMED = re.compile(r"\(column \d+\)")
Record = tuple[list[str], int]


@dataclass(frozen=True)
class Grid:
    """Rows of a table and the physical line (or sheet row) at which each begins.

    `cells` has text only, its columns are named by the header; `lines` is parallel to its rows.
    `padded` tells by column the lines whose cells had outer blanks, which were taken off.
    """

    header: list[str]
    header_line: int
    cells: pd.DataFrame
    lines: pd.Series
    padded: dict[str, list[int]] = field(default_factory=dict)
    encoding: str = ""
    separator: str = ""
    line_ends: str = ""


def squeeze(name: object) -> str:
    """A column name without case and needless blanks, to compare."""
    return " ".join(str(name).replace("\u00a0", " ").split()).casefold()


def tidy(cell: str) -> str:
    """A cell without outer blanks (also no-break ones); line ends inside become LF."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip(BLANKS)


def header_row(rows: Iterable[list[str]], wanted: Iterable[str]) -> int:
    """Index of the header among the first rows: the one with most of the wanted names."""
    names = {squeeze(w) for w in wanted if w}
    hits = [len(names & {squeeze(c) for c in row}) for row in rows]
    return hits.index(max(hits))


def to_grid(
    records: Iterator[Record],
    shown: str,
    problems: list[Problem],
    wanted: Iterable[str] = (),
    namer: Callable[[list[str]], list[str]] | None = None,
    **about: str,
) -> Grid:
    """Find the header, check the shape of the rows, and make the grid.

    Parameters
    ----------
    records : iterator of (cells, line)
        Rows that are not blank. It may add to `problems` while it is read.
    wanted : iterable of str
        Names that the header should hold; see `header_row`.
    namer : function, optional
        Other names for those of the header.

    Raises
    ------
    InputErrors
        No header, columns named twice or not at all, rows of another length: all of them.
    """
    top = list(islice(records, HEADER_WITHIN))
    if not top:
        problems.append(
            Problem(
                "The file has no header line",
                f"{shown}, line 1",
                "Export the file again, with its column names in the first line",
            )
        )
        raise InputErrors(problems)
    start = header_row((row for row, _ in top), wanted)
    header = [tidy(c) for c in top[start][0]]
    while header and not header[-1]:
        header.pop()
    header = namer(header) if namer else header
    header = named(header)
    header_line = top[start][1]
    problems += _header_problems(header, header_line, shown)
    body = chain(top[start + 1 :], records)
    chunks: list[pd.DataFrame] = []
    ragged: list[Problem] = []
    while block := list(islice(body, _CHUNK)):
        chunks.append(_chunk(block, len(header), shown, ragged))
    problems += ragged[:_MOST_PROBLEMS]
    if problems:
        raise InputErrors(problems)
    cells = pd.concat(chunks, ignore_index=True) if chunks else _frame([], len(header))
    lines = cells.pop("line").astype("int64")
    cells.columns = pd.Index(header)
    cells, lines, padded = _trimmed(cells, lines)
    return without_empty(Grid(header, header_line, cells, lines, padded, **about))


def without_empty(grid: Grid) -> Grid:
    """The grid without columns that have neither a name nor a cell."""
    gone = {c for c in grid.header if is_unnamed(c) and not (grid.cells[c] != "").any()}
    if not gone:
        return grid
    header = [c for c in grid.header if c not in gone]
    return replace(grid, header=header, cells=grid.cells[header])


def named(header: list[str]) -> list[str]:
    """The header with columns that have no name told by their number, as '(column 1)'."""
    return [name or f"(column {i})" for i, name in enumerate(header, start=1)]


def is_unnamed(name: str) -> bool:
    """Whether a column had no name."""
    return bool(_UNNAMED.fullmatch(name))


def _header_problems(header: list[str], line: int, shown: str) -> list[Problem]:
    found = []
    seen: dict[str, int] = {}
    for position, name in enumerate(header, start=1):
        where = f"{shown}, line {line}, column {position}"
        if name in seen:
            found.append(
                Problem(
                    f"Two columns have the name {name!r} (columns {seen[name]} and {position})",
                    f"{where}, field {name}",
                    "Keep one of them, or rename it",
                )
            )
        seen.setdefault(name, position)
    return found


def _chunk(block: list[Record], width: int, shown: str, ragged: list[Problem]) -> pd.DataFrame:
    """Rows of the header's length; the others become problems."""
    rows = []
    for row, line in block:
        if len(row) > width and not any(c.strip() for c in row[width:]):
            row = row[:width]
        if len(row) == width:
            rows.append((row, line))
        else:
            more = "more" if len(row) > width else "fewer"
            ragged.append(
                Problem(
                    f"A row has {len(row)} cells, {more} than the {width} of the header",
                    f"{shown}, line {line}",
                    "Look for a separator inside an unquoted cell; export the file again",
                )
            )
    return _frame(rows, width)


def _frame(rows: list[Record], width: int) -> pd.DataFrame:
    columns = zip(*(row for row, _ in rows), strict=True) if rows else [()] * width
    frame = pd.DataFrame({i: pd.Series(list(cells), dtype=str) for i, cells in enumerate(columns)})
    return frame.assign(line=pd.Series([line for _, line in rows], dtype="int64"))


def _trimmed(
    cells: pd.DataFrame, lines: pd.Series
) -> tuple[pd.DataFrame, pd.Series, dict[str, list[int]]]:
    """Cells without outer blanks, rows that hold anything, and which cells had blanks."""
    padded: dict[str, list[int]] = {}
    trimmed = {}
    for name in cells.columns:
        text = cells[name]
        if text.str.contains("\r", regex=False).any():
            text = text.str.replace("\r\n", "\n", regex=False).str.replace("\r", "\n", regex=False)
        trimmed[name] = text.str.strip(BLANKS)
        changed = trimmed[name] != text
        if changed.any():
            padded[name] = lines[changed].tolist()
    if not padded:
        return pd.DataFrame(trimmed, columns=cells.columns), lines, padded
    frame = pd.DataFrame(trimmed, columns=cells.columns)
    filled = (frame != "").any(axis=1)
    return frame[filled].reset_index(drop=True), lines[filled].reset_index(drop=True), padded
