"""Tables of Bio-Plex Manager: a row an analyte and well, a column an analyte, or raw readings."""

from __future__ import annotations

import re

from sclerotrial.assays.formats._common import decimal_mark, number
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import Rows, cell, find_header, fold, is_well, task, well

_TITLES = {
    "analyte": ("analyte",), "type": ("type",), "well": ("well", "wells"),
    "sample": ("description", "sample", "samplename"), "outlier": ("outlier",),
    "dilution": ("dilution",), "fi": ("fi", "fimedian", "medianfi"), "net": ("fibkgd",),
    "result": ("obsconc", "conc"), "expected": ("expconc",), "count": ("beadcount", "beads"),
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
#: raw readings: the title of an analyte ends with its bead region, a cell with its beads
_REGION = re.compile(r".*\S \(\d+\)")
_BEADS = re.compile(r"(\S+) \((\d+)\)")


def kind_of(rows: Rows) -> str | None:
    """`long` a row an analyte and well, `wide` a column an analyte, `raw`, None for none."""
    if find_header(rows, _TITLES, ("type", "well", "fi")):
        return "long"
    if _raw_columns(rows):
        return "raw"
    found = find_header(rows, _TITLES, ("type", "well", "sample"))
    if found is None or found[0] + 1 >= len(rows):
        return None
    _, cells = rows[found[0] + 1]
    place = cell(cells, found[1]["well"]).split(",")[0]
    return "wide" if _TYPE.fullmatch(cell(cells, found[1]["type"])) and is_well(place) else None


def add_table(out: Tidy, rows: Rows, title: str) -> None:
    """Add what a sheet holds.

    Parameters
    ----------
    out : Tidy
    rows : list of (line, cells)
    title : str
        Of the sheet: it names the analyte, or the quantity.
    """
    add = {"long": _long, "wide": _wide, "raw": _raw}.get(kind_of(rows) or "")
    if add:
        add(out, rows, title)


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


def _raw_columns(rows: Rows) -> tuple[int, dict[str, int], list[tuple[int, str]]] | None:
    """Index and columns of the titles of raw readings, and its analytes."""
    found = find_header(rows, _TITLES, ("type", "well"))
    if found is None or found[0] + 1 >= len(rows):
        return None
    start, at = found
    below = rows[start + 1][1]
    columns = [(i, t) for i, t in enumerate(rows[start][1])
               if _REGION.fullmatch(t) and _BEADS.fullmatch(cell(below, i))]  # fmt: skip
    return (start, at, columns) if columns else None


def _raw(out: Tidy, rows: Rows, _title: str) -> None:
    start, at, columns = _raw_columns(rows)
    for line, cells in rows[start + 1 :]:
        place, kind = cell(cells, at["well"]), cell(cells, at["type"])
        if not is_well(place):
            continue
        known = _TYPE.fullmatch(kind)
        what = _TASKS[re.sub(r"\d", "", kind.upper())] if known else task(kind)
        sample = cell(cells, at.get("sample")) if what == "SAMPLE" else ""
        where = {"well": well(place), "sample": sample or kind, "task": what}
        for i, analyte in columns:
            text = cell(cells, i)
            found = _BEADS.fullmatch(text)
            out.add("median_mfi", found[1] if found else text, line, analyte=analyte, unit="MFI",
                    **where)  # fmt: skip
            if found:
                out.add("count", found[2], line, analyte=analyte, unit="beads", **where)
