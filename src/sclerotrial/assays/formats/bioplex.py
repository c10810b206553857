"""Bio-Plex Manager and Bio-Plex Data Pro results: a sheet an analyte, or a sheet a quantity.

Lines of settings, then a table with the columns Type, Well, Description and FI, Obs Conc, Exp Conc
and more. `OOR <` and `OOR >` lie beyond the curve, `*4.12` is extrapolated, `***` not available,
`---` an outlier that the analyst left out. A row may be the mean of several wells (`A1,B1`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import (
    decimal_mark,
    decode,
    number,
    records,
    refuse,
    table_delimiter,
    top_rows,
)
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import Rows, cell, find_header, fold, is_well, well

NAME = "bioplex"

_TITLES = {
    "analyte": ("analyte",), "type": ("type",), "well": ("well", "wells"),
    "sample": ("description", "sample", "samplename"), "outlier": ("outlier",),
    "dilution": ("dilution",), "fi": ("fi", "fimedian", "medianfi"), "net": ("fibkgd",),
    "result": ("obsconc", "conc"), "expected": ("expconc",), "count": ("beadcount", "beads"),
    "errors": ("samplingerrors",),
}  # fmt: skip
_QUANTITY = {"fi": "median_mfi", "net": "net_mfi", "result": "result", "count": "count"}
#: sheets or headings of a table with a column an analyte
_BLOCKS = {
    "fi": "median_mfi", "fibkgd": "net_mfi", "obsconc": "result", "expconc": "expected",
    "beadcount": "count", "beads": "count",
}  # fmt: skip
_TASKS = {"B": "BLANK", "S": "STANDARD", "ES": "STANDARD", "C": "CONTROL", "X": "SAMPLE"}
_TYPE = re.compile(r"(ES|[BSCX])\d*", re.I)
_UNIT = re.compile(r"^\s*(?:conc(?:entration)?\.? )?units?:?\s*(\S+)", re.I)


def sniff(head: str, path: Path) -> str | None:
    """Version where told, '' for results of Bio-Plex, None when the file is another's."""
    for rows in _sheets(head, path):
        if _kind(rows[:80]):
            return ""
    return None


def _sheets(head: str, path: Path):
    """Tables of a file: its sheets, or the text itself."""
    if head:
        low = _files.lowered(head)
        if "type" not in low or "well" not in low:
            return
        yield top_rows(head)
        return
    book = _files.workbook(path)
    if book is None or book.named("results", "amplification data", "raw data"):
        return  # qPCR: its sheets are long
    for title in book.names[:4]:
        yield book.rows(title)


def _kind(rows: Rows) -> str | None:
    """`long` a row an analyte and well, `wide` a column an analyte, None for neither."""
    if find_header(rows, _TITLES, ("type", "well", "fi")):
        return "long"
    found = find_header(rows, _TITLES, ("type", "well", "sample"))
    if found is None or found[0] + 1 >= len(rows):
        return None
    _, cells = rows[found[0] + 1]
    place = cell(cells, found[1]["well"]).split(",")[0]
    return "wide" if _TYPE.fullmatch(cell(cells, found[1]["type"])) and is_well(place) else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the results as the tidy long table.

    Quantities median_mfi, net_mfi, result, count and, for standards and controls, expected.
    Standards, controls and blanks go by their type (S1, C1, B): that is what tells levels apart.

    Raises
    ------
    InputErrors
        No table of results, cells that are no number.
    """
    raw = _files.whole(path)
    text, encoding = decode(raw)
    if encoding == "binary":
        book = _files.workbook(path)
        sheets = [(title, book.rows(title)) for title in book.names] if book else []
    else:
        sheets = [("", records(text, table_delimiter(text)))]
    out = Tidy(name)
    for title, rows in sheets:
        kind = _kind(rows)
        if kind == "long":
            _long(out, rows, title)
        elif kind == "wide":
            _wide(out, rows, title)
    if not len(out):
        raise refuse("There is no table with the columns Type, Well and FI", name,
                     "Export the results of all analytes again")  # fmt: skip
    return out.table()


def _who(cells: list[str], at: dict[str, int]) -> tuple[str, str, str] | None:
    """Type, sample and task of a row; None when it is no row of the table."""
    kind = cell(cells, at["type"])
    found = _TYPE.fullmatch(kind)
    if not found:
        return None
    what = _TASKS[re.sub(r"\d", "", kind.upper())]
    return kind, (cell(cells, at.get("sample")) or kind) if what == "SAMPLE" else kind, what


def _places(text: str) -> str:
    return ",".join(well(p) for p in text.split(","))


def _long(out: Tidy, rows: Rows, title: str) -> None:
    start, at = find_header(rows, _TITLES, ("type", "well", "fi"))
    told = [c[0] for _, c in rows[:start] if c and c[0].lower().startswith("analyte:")]
    named = told[-1].split(":", 1)[1].strip() if told else title
    body = [(n, c) for n, c in rows[start + 1 :] if _who(c, at)]
    numeric = [cell(c, at[k]) for _, c in body for k in (*_QUANTITY, "expected") if k in at]
    out.mark = decimal_mark(c.strip("*<> ") for c in numeric if re.match(r"[*<> ]*[-\d.,]", c))
    units = [m.group(1) for _, c in rows for x in c[:2] if (m := _UNIT.match(x))]
    unit = units[0] if units else ""
    given: set[tuple[str, str]] = set()
    for line, cells in body:
        kind, sample, what = _who(cells, at)
        analyte = cell(cells, at.get("analyte")) or named
        flags = "outlier" if number(cell(cells, at.get("outlier"))) not in ("", "0", None) else ""
        where = {"well": _places(cell(cells, at["well"])), "sample": sample, "task": what,
                 "analyte": analyte, "flags": flags,
                 "dilution": number(cell(cells, at.get("dilution")), out.mark) or ""}  # fmt: skip
        for key, quantity in _QUANTITY.items():
            if key in at and (key != "result" or cell(cells, at[key])):
                unit_of = unit if key == "result" else "beads" if key == "count" else "MFI"
                out.add(quantity, cell(cells, at[key]), line, unit=unit_of, **where)
        expected = cell(cells, at.get("expected"))
        if expected and what in ("STANDARD", "CONTROL") and (analyte, kind) not in given:
            given.add((analyte, kind))
            out.add(
                "expected", expected, line, sample=sample, task=what, analyte=analyte, unit=unit
            )


def _wide(out: Tidy, rows: Rows, title: str) -> None:
    begin, quantity = 0, _BLOCKS.get(fold(title), "")
    while found := find_header(rows, _TITLES, ("type", "well", "sample"), begin):
        start, at = found
        above = [c[0] for _, c in rows[begin:start] if c and fold(c[0]) in _BLOCKS]
        what_is = _BLOCKS[fold(above[-1])] if above else quantity or "median_mfi"
        header = rows[start][1]
        taken = set(at.values())
        columns = [(i, c) for i, c in enumerate(header) if c and i not in taken]
        begin = start + 1
        while begin < len(rows) and (who := _who(rows[begin][1], at)):
            line, cells = rows[begin]
            for i, analyte in columns:
                out.add(what_is, cell(cells, i), line, well=_places(cell(cells, at["well"])),
                        sample=who[1], task=who[2], analyte=analyte)  # fmt: skip
            begin += 1
