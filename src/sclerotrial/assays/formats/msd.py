"""MSD Discovery Workbench: analysed table, a row a well and spot, text or workbook."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import (
    Rows,
    decimal_mark,
    decode,
    number,
    records,
    table_delimiter,
    top_rows,
)
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import with_findings
from sclerotrial.assays.formats._table_trust import findings
from sclerotrial.assays.formats._tidy import cell, find_header, is_well, task, well

NAME = "msd"

_TITLES = {
    "plate": ("platename", "plate", "platebarcode"), "sample": ("sample", "samplename", "sampleid"),
    "group": ("samplegroup", "sampletype", "type"), "analyte": ("assay", "assayname", "analyte"),
    "well": ("well",), "spot": ("spot",), "dilution": ("dilution", "dilutionfactor"),
    "expected": ("concentration", "conc", "expectedconcentration"),
    "signal": ("signal", "ecl", "adjustedsignal"), "net": ("adjustedsignal",),
    "result": ("calcconcentration", "calculatedconcentration", "calcconc", "calcconcentrationpgml"),
    "flag": ("detectionrange", "detectionrangeindicator", "detectionranges"),
    "unit": ("concentrationunit", "units", "unit"),
}  # fmt: skip
_NEEDS = ("analyte", "well", "signal")
_GROUPS = (("STANDARD", re.compile(r"std|standard|calib", re.I)),
           ("CONTROL", re.compile(r"control|qc", re.I)), ("BLANK", re.compile(r"blank",
               re.I)))  # fmt: skip
#: the software's words for readings beyond the curve or the limits of detection
_BEYOND = {"below fit curve range": "<", "above fit curve range": ">",
           "below detection range": "<", "above detection range": ">",
           "below curve fit": "<", "above curve fit": ">"}  # fmt: skip


def _find(rows: Rows) -> tuple[int, dict[str, int]] | None:
    found = find_header(rows[:60], _TITLES, _NEEDS)
    spotted = found and ({"spot", "plate", "result", "flag"} & set(found[1]))
    return found if spotted else None


def _sheets(head: str, path: Path, whole: bool = False) -> list[Rows]:
    if head:
        low = _files.lowered(head)
        if not whole and "signal" not in low and "ecl" not in low:
            return []
        return [records(head, table_delimiter(head)) if whole else top_rows(head)]
    book = _files.workbook(path)
    if book is None or book.named("results", "raw data", "layout definitions"):
        return []
    return [book.rows(n) for n in book.names[:3]]


def sniff(head: str, path: Path) -> str | None:
    """'' for a table of Discovery Workbench, None when the file is another's."""
    return "" if any(_find(rows) for rows in _sheets(head, path)) else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the table as the tidy long table (quantities signal, net_signal, result, expected).

    Raises
    ------
    InputErrors
        No table with Assay, Well and Signal, cells that are no number.
    """
    out, said = Tidy(name), []
    for rows in _sheets(decode(_files.whole(path, name))[0], path, whole=True):
        if found := _find(rows):
            _table(out, rows, *found)
            start, at = found
            body = [(n, c) for n, c in rows[start + 1 :] if is_well(cell(c, at["well"]))]
            said += findings(rows[:start], rows[start][1], body, at["well"], _BEYOND)
    return with_findings(out.table("There is no table with Assay, Well and Signal"), said, name)


def _table(out: Tidy, rows: Rows, start: int, at: dict[str, int]) -> None:
    body = [(n, c) for n, c in rows[start + 1 :] if is_well(cell(c, at["well"]))]
    keys = [k for k in ("signal", "net", "result", "expected", "dilution") if k in at]
    out.mark = decimal_mark(cell(c, at[k]) for _, c in body for k in keys)
    given: set[tuple[str, str]] = set()
    for line, cells in body:
        sample, group = cell(cells, at.get("sample")), cell(cells, at.get("group"))
        told = next((t for t, rx in _GROUPS if rx.search(group)), None)
        what = told or task(re.sub(r"[ -]?\d+$", "", sample) or sample)
        analyte, unit = cell(cells, at["analyte"]), cell(cells, at.get("unit"))
        plate = cell(cells, at.get("plate"))
        flag = _BEYOND.get(cell(cells, at.get("flag")).lower(), "")
        where = {"well": f"{plate}:{well(cells[at['well']])}" if plate else well(cells[at["well"]]),
                 "sample": sample, "task": what, "analyte": analyte,
                 "dilution": number(cell(cells, at.get("dilution")), out.mark) or ""}  # fmt: skip
        out.add("signal", cell(cells, at["signal"]), line, unit="ECL", **where)
        if "net" in at and at["net"] != at["signal"]:
            out.add("net_signal", cell(cells, at["net"]), line, unit="ECL", **where)
        if cell(cells, at.get("result")) or flag:
            out.add("result", cell(cells, at.get("result")), line, unit=unit, flags=flag, **where)
        expected = cell(cells, at.get("expected"))
        if expected and what in ("STANDARD", "CONTROL") and (sample, analyte) not in given:
            given.add((sample, analyte))
            out.add(
                "expected", expected, line, sample=sample, task=what, analyte=analyte, unit=unit
            )
