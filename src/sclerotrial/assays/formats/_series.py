"""Readings of wells over time, wavelengths or points of a well, in any table of a plate reader."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import Rows, fold, is_well, well

_NAMED = re.compile(r".+\(([A-P]\d{1,2})\)|([A-P]) (\d{1,2})")
#: how the title of what a series runs over begins (English, German, French), and its quantity
_OVER = (
    ("kinetic", re.compile(r"(avg)?time|cycle|kineticread|reading|zeit|zyklus|temps(?!c)")),
    ("spectrum", re.compile(r"wavel|nm\b|nm$|wellenl|longueur")),
    ("scan", re.compile(r"xread")),
)  # fmt: skip
_POINT = re.compile(r"(\d[\d.,:]*)\s*(s|nm|ms|min|h)?")


@dataclass(frozen=True)
class Series:
    """Readings of wells: `quantity` kinetic, spectrum, scan or (a row a read) od.

    Attributes
    ----------
    heading : str
        What stands alone above, or the name of the read.
    quantity : str
    table : int
        Counts the tables.
    points, wells : list of str
        One a row and one a column, or the other way round where `turned`.
    names : list of str
        What the title of a column says before the well (``Un0001 (A01)``), one a well.
    lines : list of int
        Line of each row.
    texts : list of str
        The cells, row by row; an empty one, or one without a point, is no reading.
    """

    heading: str
    quantity: str
    table: int
    points: list[str]
    wells: list[str]
    names: list[str]
    lines: list[int]
    texts: list[str]
    turned: bool = False

    def firsts(self) -> Iterator[tuple[int, str]]:
        """Line of each row that has readings, and the point of the first of them."""
        width = len(self.points) if self.turned else len(self.wells)
        for k, line in enumerate(self.lines):
            cells = self.texts[k * width : (k + 1) * width]
            at = next((i for i, c in enumerate(cells) if c), None)
            if at is not None:
                yield line, self.points[at if self.turned else k]

    def add(self, out: Tidy, *, of_well: dict[str, list[str]], of_point: dict[str, list[str]],
            quantity: str = "", **every: str) -> None:  # fmt: skip
        """Add the readings to a table.

        Parameters
        ----------
        out : Tidy
        of_well, of_point : dict of str to list of str
            Columns of the table that differ by well, and by point.
        quantity : str
            By default that of the series.
        every : str
            Columns that hold for all readings.
        """
        down, across = (of_well, of_point) if self.turned else (of_point, of_well)
        out.add_grid(self.texts, self.lines, down=down, across=across, skip_empty=True,
                     width=len(self.points if self.turned else self.wells),
                     quantity=quantity or self.quantity, **every)  # fmt: skip


class _Building:
    """The series that is being read: rows that follow one another are one."""

    def __init__(self) -> None:
        self.key: tuple = ()
        self.rows: list[tuple[str, int]] = []
        self.texts: list[str] = []
        self.across: list[str] = []
        self.names: list[str] = []

    def close(self) -> Iterator[Series]:
        if any(self.texts):
            heading, quantity, table, turned = self.key
            down, lines = [d for d, _ in self.rows], [n for _, n in self.rows]
            points, wells = (self.across, down) if turned else (down, self.across)
            yield Series(heading, quantity, table, points, wells, self.names, lines, self.texts,
                         turned)  # fmt: skip
        self.key, self.rows, self.texts = (), [], []

    def begin(self, key: tuple, across: list[str], names: list[str]) -> Iterator[Series]:
        if key != self.key or across is not self.across:
            yield from self.close()
            self.key, self.across, self.names = key, across, names

    def row(self, mark: str, line: int, cells: list[str]) -> None:
        if not any(cells):
            return
        self.rows.append((mark, line))
        short = len(self.across) - len(cells)
        self.texts += cells + [""] * short if short > 0 else cells[: len(self.across)]


def series(rows: Rows) -> Iterator[Series]:
    """All series of a table.

    A column a well and a row a point (below titles such as ``Time, T 450, A1, A2``), or a row a
    well and a column a point (``Cycle Nr., 1, 2`` above ``Time [s], 0, 30``); or a column a well
    and a row a read. The heading is what stands alone above.
    """
    mode = quantity = heading = above = ""
    columns: list[tuple[int, str]] = []
    points: list[str] = []
    names: list[str] = []
    wells: list[str] = []
    at = table = 0
    now = _Building()
    # of a table whose columns stand side by side: its key, the first well and the end
    steady: tuple[tuple, int, int] | None = None
    for line, cells in rows:
        if steady and len(cells) >= steady[2] and (found := _POINT.fullmatch(cells[at])):
            key, begin, end = steady
            here, told = cells[begin:end], "".join(cells)
            if any(here) and told.lower() == told.upper():
                if now.key is not key:
                    yield from now.begin(key, wells, names)
                now.rows.append((found[1], line))
                now.texts += here
                continue
        elif steady and at == 0 and len(cells) == 1 and _POINT.fullmatch(cells[0]):
            above = cells[0]  # a point in time that was not read
            continue
        first = cells[0] if cells and cells[0] else next((c for c in cells[1:3] if c), "")
        # a row without letters is no row of titles
        told = "".join(cells) if len(cells) > 1 else ""
        lettered = told.lower() != told.upper()
        if lettered and (found := _titles(cells)):
            mode, heading, table = "columns", above, table + 1
            columns, quantity, at = found
            wells, names = [p for _, p in columns], [cells[i].rpartition("(")[0]
                                                     for i, _ in columns]  # fmt: skip
            spots = [i for i, _ in columns]
            whole = spots == list(range(spots[0], spots[0] + len(spots)))
            over = whole and quantity in ("kinetic", "spectrum")
            key = (heading, quantity, table, False)
            steady = (key, spots[0], spots[0] + len(spots)) if over else None
        elif lettered and (kind := _points(cells)):
            if mode != "rows":
                heading, table = above, table + 1
            mode, quantity, steady = "rows", kind, None
            points = [_point(c) for c in cells[1:]]
        elif mode == "columns" and (read := _row(cells, columns, quantity, at)):
            told, point = read
            alone = told == "od"
            yield from now.begin((point if alone else heading, told, table, False), wells, names)
            if whole:
                here = cells[spots[0] : spots[0] + len(spots)]
            else:
                here = [cells[i] if i < len(cells) else "" for i in spots]
            now.row("" if alone else point, line, here)
        elif mode == "rows" and (place := _place(first)) and cells[0]:
            yield from now.begin((heading, quantity, table, True), points, [])
            here = cells[1 : len(points) + 1]
            now.row(
                place,
                line,
                here
                if all(points)
                else [c if p else "" for c, p in zip(here, points, strict=False)],
            )
        elif mode == "rows" and fold(first).startswith("temp"):
            pass
        else:
            mode, steady = "", None
        if first and first == cells[0] and len(cells) - cells.count("") == 1:
            above = first
    yield from now.close()


@functools.lru_cache(maxsize=1 << 14)
def _place(text: str) -> str:
    """The well that a cell names (``A1``, ``A 1``, ``Un0001 (A01)``), '' for none."""
    if is_well(text):
        return well(text)
    found = _NAMED.fullmatch(text)
    return well(found[1] or f"{found[2]}{found[3]}") if found else ""


@functools.lru_cache(maxsize=1 << 12)
def _over(title: str) -> str:
    folded = fold(title)
    return next((kind for kind, rx in _OVER if rx.match(folded)), "")


def _titles(cells: list[str]) -> tuple[list[tuple[int, str]], str, int] | None:
    """Columns of wells, quantity ('' untold) and the column of the points, of a row of titles."""
    if _place(cells[0]):
        return None
    columns = [(i, p) for i, c in enumerate(cells) if i and c and (p := _place(c))]
    if not columns:
        return None
    lead = cells[: columns[0][0]]
    kind = next((k for c in lead if (k := _over(c))), "")
    beside = sum(1 for c in cells[columns[0][0] :] if c)
    if len(columns) < (1 if kind else 2) or len(columns) < 0.8 * beside:
        return None
    at = next((i for i, c in enumerate(lead) if "time" in fold(c) or "zeit" in fold(c)), 0)
    return columns, kind, at


def _points(cells: list[str]) -> str:
    """Quantity of a row of points: ``Cycle Nr., 1, 2``; '' for any other row."""
    kind = _over(cells[0]) if cells else ""
    if not kind and cells[:1] != ["*"]:
        return ""
    rest = [c for c in cells[1:] if c]
    if not kind and cells and cells[0] == "*" and rest and all(c.endswith("nm") for c in rest):
        kind = "spectrum"
    return kind if len(rest) > 1 and all(_POINT.fullmatch(c) for c in rest) else ""


def _point(text: str) -> str:
    found = _POINT.fullmatch(text)
    return found[1] if found else ""


def _row(cells: list[str], columns: list, quantity: str, at: int) -> tuple[str, str] | None:
    """Quantity and point of a row of readings; of a row a read its name."""
    lead = [c for c in cells[: columns[0][0]]]
    told = lead[at] if at < len(lead) and lead[at] else next((c for c in lead if c), "")
    found = _POINT.fullmatch(told)
    if found and (quantity or found[2] or ":" in told):
        if quantity == "scan":
            return quantity, ",".join(lead[:2])
        return quantity or ("spectrum" if found[2] == "nm" else "kinetic"), found[1]
    return ("od", told) if told and not quantity and any(cells[columns[0][0] :]) else None
