"""Luminex xMAP INTELLIFLEX plate export: a row a well, columns such as ``R25: RP1 MEDIAN``.

Dual reporter plates have RP1 and RP2 for each region; the second is an analyte of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import (
    decimal_mark,
    load_text,
    records,
    table_delimiter,
    top_rows,
)
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import with_findings
from sclerotrial.assays.formats._table_trust import findings
from sclerotrial.assays.formats._tidy import cell, find_header, task, well

NAME = "intelliflex"

_TITLES = {
    "well": ("welllocation", "well"), "sample": ("sampleid", "sample", "samplename"),
    "type": ("sampletype", "welltype"), "version": ("softwareversion",),
    "dilution": ("dilutionfactor", "dilution"),
}  # fmt: skip
_COLUMN = re.compile(r"(.+?)\s*[:|]\s*(?:RP(\d)\s+)?([A-Z% ]+)", re.I)
_QUANTITY = {
    "median": "median_mfi", "count": "count", "bead count": "count", "average mfi": "mean_mfi",
    "mean": "mean_mfi", "net mfi": "net_mfi", "net median": "net_mfi", "result": "result",
    "concentration": "result", "expected concentration": "expected",
}  # fmt: skip
_TYPES = {"standard": "STANDARD", "control": "CONTROL", "background": "BLANK", "blank": "BLANK",
          "unknown": "SAMPLE"}  # fmt: skip


def sniff(head: str, path: Path) -> str | None:
    """Version of the software, None when the file is another's."""
    if "intelliflex" not in _files.lowered(head)[:20000]:
        return None
    rows = top_rows(head)
    found = find_header(rows[:40], _TITLES, ("well", "sample"))
    if not found or not any(_column(c) for c in rows[found[0]][1]):
        return None
    below = rows[found[0] + 1 : found[0] + 2]  # none where the file ends with its titles
    version = cell(below[0][1], found[1].get("version")) if below else ""
    return version.split("/")[0].rsplit(" - ", 1)[-1]


def _column(title: str) -> tuple[str, str] | None:
    """Analyte and quantity of a column, None for others (such as CV and trimmed statistics)."""
    found = _COLUMN.fullmatch(title.strip())
    quantity = _QUANTITY.get(found.group(3).strip().lower()) if found else None
    if not quantity:
        return None
    return found.group(1) + (f" RP{found.group(2)}" if found.group(2) not in (None, "1") else ""), (
        quantity
    )


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the export as the tidy long table (see `_common.COLUMNS`).

    Raises
    ------
    InputErrors
        No wells, cells that are no number.
    """
    text = load_text(path, name)
    rows = records(text, table_delimiter(text))
    out = Tidy(name)
    found = find_header(rows, _TITLES, ("well", "sample"))
    if found is None:
        return out.table("There is no row of titles with Well Location and Sample ID")
    start, at = found
    columns = [(i, c) for i, t in enumerate(rows[start][1]) if (c := _column(t))]
    body = [(n, c) for n, c in rows[start + 1 :] if cell(c, at["well"])]
    out.mark = decimal_mark(cell(c, i) for _, c in body for i, _ in columns)
    units = {"count": "beads", "result": "", "expected": ""}
    for line, cells in body:
        sample, kind = cell(cells, at["sample"]), cell(cells, at.get("type")).lower()
        what = _TYPES.get(kind) or task(sample)
        for i, (analyte, quantity) in columns:
            out.add(quantity, cell(cells, i), line, well=well(cell(cells, at["well"])),
                    sample=sample, task=what, analyte=analyte, unit=units.get(quantity, "MFI"),
                    dilution=cell(cells, at.get("dilution")))  # fmt: skip
    said = findings(rows[:start], rows[start][1], body, at["well"])
    return with_findings(out.table(), said, name)
