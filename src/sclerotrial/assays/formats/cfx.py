"""Bio-Rad CFX Manager, Maestro (Quantification Cq Results), Opticon: text or workbook."""

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
    refuse,
    table_delimiter,
    top_rows,
)
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import cell, find_header, is_well, well

NAME = "cfx"

_TITLES = {
    "well": ("well", "wellset"), "fluor": ("fluor", "fluorophore", "dye"),
    "target": ("target", "targetname", "gene"),
    "content": ("content", "type", "sampletype"), "sample": ("sample", "samplename", "description"),
    "ct": ("cq", "ct", "cqct", "thresholdcyclect", "thresholdcycle"),
    "quantity": ("startingquantitysq", "sq", "startingquantity", "quantity"),
}  # fmt: skip
_NEEDS = ("well", "fluor", "content", "ct")
_CONTENT = ((re.compile(r"std|standard", re.I), "STANDARD"),
            (re.compile(r"ntc|nrt|neg|blank", re.I), "NTC"),
            (re.compile(r"pos|cal|ctrl|control", re.I), "CONTROL"))  # fmt: skip
_VERSION = re.compile(r"CFX (?:Manager|Maestro)[^\d\n]*([\d.]+)", re.I)


def sniff(head: str, path: Path) -> str | None:
    """Version of the software ('' untold), None when the file is another's."""
    if head:
        low = _files.lowered(head)
        if "fluor" not in low and "dye" not in low:
            return None
        rows = top_rows(head)
        version = _VERSION.search(head)
        known = find_header(rows[:40], _TITLES, _NEEDS)
        return (version.group(1) if version else "") if known else None
    return "" if _sheet(path) else None


def _sheet(path: Path) -> Rows | None:
    book = _files.workbook(path)
    # results stand in the first sheets; others are curves by cycle
    if book is None or book.named("results", "raw data", "layout definitions"):
        return None
    for title in book.names[:3]:
        if find_header(book.rows(title)[:40], _TITLES, _NEEDS):
            return book.rows(title)
    return None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the table as the tidy long table (quantity ``ct``; ``expected`` for standards).

    A Cq that is missing or zero was not reached: undetermined.

    Raises
    ------
    InputErrors
        No table, cells that are neither Cq nor undetermined.
    """
    text, encoding = decode(_files.whole(path, name))
    rows = _sheet(path) or [] if encoding == "binary" else records(text, table_delimiter(text))
    found = find_header(rows, _TITLES, _NEEDS)
    if found is None:
        raise refuse("There is no table with Well, Fluor, Content and Cq", name,
                     "Export the Quantification Cq Results")  # fmt: skip
    start, at = found
    body = [(n, c) for n, c in rows[start + 1 :] if is_well(cell(c, at["well"]))]
    out = Tidy(name, decimal_mark(cell(c, at["ct"]) for _, c in body))
    given: set[tuple[str, str]] = set()
    # without names of genes the dye tells two readings of a well apart
    dyes = len({cell(c, at["fluor"]) for _, c in body}) > 1
    for line, cells in body:
        ct, content = cell(cells, at["ct"]), cell(cells, at["content"])
        target, sample = cell(cells, at.get("target")), cell(cells, at.get("sample"))
        if not target and not sample and not content:
            continue
        target = target or (cell(cells, at["fluor"]) if dyes else "")
        what = next((t for rx, t in _CONTENT if rx.match(content)), "SAMPLE")
        value = number(ct, out.mark)
        lost = value == "" or (value is not None and float(value) == 0)
        amount = cell(cells, at.get("quantity"))
        if not sample and what != "SAMPLE":
            level = what == "STANDARD" and amount and content.isalpha()
            sample = f"{content} {amount}" if level else content
        out.add("ct", "" if lost else ct, line, well=well(cell(cells, at["well"])), sample=sample,
                task=what, analyte=target, unit="Ct",
                flags="undetermined" if lost else "")  # fmt: skip
        if what == "STANDARD" and number(amount, out.mark) and (sample, target) not in given:
            given.add((sample, target))
            out.add("expected", amount, line, sample=sample, task=what, analyte=target)
    return out.table("The results table is empty")
