"""Applied Biosystems SDS exports of 7000 to 7900HT and the plain tables made of them.

A table with Well, Detector (or Target) and Ct, comma or tab; or, without titles, rows of number,
plate, well, passed or flagged, sample, gene, task, Ct as card readers write them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import (
    decimal_mark,
    load_text,
    number,
    records,
    refuse,
    table_delimiter,
    top_rows,
)
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._sds_layers import is_place, layers
from sclerotrial.assays.formats._tidy import cell, find_header, fold, is_well, well

NAME = "sds"

_TITLES = {
    "well": ("wellposition", "well", "position", "pos", "thruholeaddress", "throughholeaddress"),
    "sample": ("samplename", "sample", "name", "sampleid", "sampleinfosampleid"),
    "plate": ("openarrayplateserialnumber",),
    "target": ("detectorname", "detector", "targetname", "target", "gene",
               "assayname", "assayid", "assayassayname"),
    "ct": ("ct", "cq", "crt", "cp", "throughholect", "crossingpoint"),
    "task": ("task", "type", "tasktype"),
    "omit": ("omit", "omitted", "throughholeoutlier"),
    "quantity": ("quantity", "qty"),
}  # fmt: skip
_OTHERS = re.compile(r"^\W*(?:\*|\[Results\])|Block Type|Fluor\b|Chip Run|Bio-?Rad", re.M)
TASKS = {"ntc": "NTC", "nac": "NTC", "standard": "STANDARD", "std": "STANDARD", "s": "STANDARD",
         "ipc": "CONTROL", "ipc+": "CONTROL", "control": "CONTROL", "positivecontrol": "CONTROL",
         "negativecontrol": "NTC"}  # fmt: skip
_STATE = {"passed", "flagged", "omitted", "failed"}
_NEEDS = ("well", "target", "ct")
_CARD = {"state": 3, "well": 2, "sample": 4, "target": 5, "task": 6, "ct": 7}


def _card(cells: list[str]) -> bool:
    """Whether a row is one of a card: 9, plate, A9, Passed, sample, gene, task, Ct."""
    return len(cells) > 7 and is_well(cells[2]) and cells[3].lower() in _STATE


def sniff(head: str, path: Path) -> str | None:
    """'' for a table of SDS, None when the file is another's."""
    if not head:
        rows = _sheet(path)
        return "" if rows and find_header(rows[:5], _TITLES, (*_NEEDS, "task")) else None
    if _OTHERS.search(head[:6000]):
        return None
    rows = top_rows(head)
    if len(rows) > 2 and _card(rows[0][1]) and _card(rows[1][1]):
        return ""
    if _cycler(rows[:20]):
        return "LightCycler"
    if layers(rows[:20]):
        return ""
    found = find_header(rows[:80], _TITLES, _NEEDS)
    if found is None or (told := fold(rows[found[0]][1][found[1]["target"]])) == "gene":
        return None
    version = re.search(r"SDS\s*v?([\d.]+)", head[:2000])
    if version is None and told not in (
        "detector",
        "detectorname",
        "target",
        "targetname",
        "assayname",
        "assayid",
        "assayassayname",
    ):
        return None
    return version.group(1) if version else ""


def _sheet(path: Path) -> list:
    """The first sheet of a workbook that is no export of a later software."""
    book = _files.workbook(path)
    if book is None or not book.names or book.named("results", "raw data", "layout definitions"):
        return []
    return book.rows(book.names[0])


def _cycler(rows: list) -> tuple[int, dict[str, int]] | None:
    """The titles of a LightCycler 480: Pos, Name, Cp; the gene stands in no column."""
    found = find_header(rows, _TITLES, ("well", "sample", "ct"))
    told = {fold(c) for c in rows[found[0]][1]} if found else set()
    return found if {"pos", "cp"} <= told or {"position", "crossingpoint"} <= told else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the table as the tidy long table (quantity ``ct``, a row a well and target).

    A flagged well keeps its Ct and says ``flagged``; an undetermined one has none.

    Raises
    ------
    InputErrors
        No table, cells that are neither Ct nor undetermined.
    """
    if _files.head_of(path).kind == "workbook":
        rows = _sheet(path)
    else:
        text = load_text(path, name)
        rows = records(text, table_delimiter(text))
    if rows and _card(rows[0][1]):
        at, body = _CARD, [(n, c) for n, c in rows if len(c) > 3 and is_well(c[2])]
    elif found := find_header(rows, _TITLES, _NEEDS) or _cycler(rows[:20]):
        start, at = found
        body = [(n, c) for n, c in rows[start + 1 :] if is_place(cell(c, at["well"]))]
    elif told := layers(rows):
        at, body = told
    else:
        raise refuse("There is no table with Well, Detector and Ct", name,
                     "Export the results again")  # fmt: skip
    mark = decimal_mark(c for _, r in body if number(c := cell(r, at["ct"])) or "," in c)
    out, chips = Tidy(name, mark), len({cell(c, at.get("plate")) for _, c in body}) > 1
    for line, cells in body:
        target, ct = cell(cells, at.get("target")), cell(cells, at["ct"])
        if not target and not ct:
            continue
        state = cell(cells, at.get("state")).lower()
        omit = cell(cells, at.get("omit")).lower() in ("true", "yes", "1", "x", "omit", "omitted")
        flags = "omit" if omit or state == "omitted" else "flagged" if state == "flagged" else ""
        what = TASKS.get(fold(cell(cells, at.get("task"))), "SAMPLE")
        sample = cell(cells, at.get("sample"))
        place = well(cell(cells, at["well"]))
        out.add("ct", ct, line, sample=sample, task=what, analyte=target, unit="Ct", flags=flags,
                well=f"{cell(cells, at.get('plate'))}:{place}" if chips else place)  # fmt: skip
        amount = cell(cells, at.get("quantity"))
        if what == "STANDARD" and number(amount, out.mark or "."):
            out.add("expected", amount, line, sample=sample, task=what, analyte=target)
    return out.table("The results table is empty")
