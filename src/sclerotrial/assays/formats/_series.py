"""Readings of wells over time, wavelengths or points of a well, in any table of a plate reader."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

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
class Reading:
    """A reading of a series: `quantity` kinetic, spectrum, scan or (a row a read) od.

    `table` counts the tables; `name` is what the title of a column says before the well:
    ``Un0001 (A01)``.
    """

    heading: str
    quantity: str
    point: str
    well: str
    text: str
    line: int
    table: int
    name: str = ""


def series(rows: Rows) -> Iterator[Reading]:
    """All series of a table.

    A column a well and a row a point (below titles such as ``Time, T 450, A1, A2``), or a row a
    well and a column a point (``Cycle Nr., 1, 2`` above ``Time [s], 0, 30``); or a column a well
    and a row a read. The heading is what stands alone above.
    """
    mode = quantity = heading = above = ""
    columns: list[tuple[int, str]] = []
    titles: list[str] = []
    points: list[str] = []
    at = table = 0
    for line, cells in rows:
        first = next((c for c in cells[:3] if c), "")
        if found := _titles(cells):
            mode, heading, table = "columns", above, table + 1
            columns, quantity, at = found
            titles = [c.rpartition("(")[0] for c in cells]
        elif kind := _points(cells):
            if mode != "rows":
                heading, table = above, table + 1
            mode, quantity, points = "rows", kind, [_point(c) for c in cells[1:]]
        elif mode == "columns" and (read := _row(cells, columns, quantity, at)):
            told, point = read
            for i, place in columns:
                if i < len(cells) and cells[i]:
                    yield Reading(heading if told != "od" else point, told,
                                  point if told != "od" else "", place, cells[i], line,
                                  table, titles[i])  # fmt: skip
        elif mode == "rows" and (place := _place(first)) and cells[0]:
            for point, text in zip(points, cells[1:], strict=False):
                if text and point:
                    yield Reading(heading, quantity, point, place, text, line, table)
        elif mode == "rows" and fold(first).startswith("temp"):
            pass
        else:
            mode = ""
        above = first if first and sum(map(bool, cells)) == 1 and first == cells[0] else above


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
    columns = [(i, p) for i, c in enumerate(cells) if i and c and (p := _place(c))]
    if not columns or _place(cells[0]):
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
    rest = [c for c in cells[1:] if c]
    kind = _over(cells[0]) if cells else ""
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
