"""NanoString counts of many lanes in one table, as the RCC Collector and nSolver write them.

A row a probe (Code Class, Name, Accession) and a column a lane, the attributes of the lanes above.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import decode, records, refuse, table_delimiter
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import Finding, with_findings
from sclerotrial.assays.formats._tidy import Rows, cell, fold

NAME = "rcc_collector"
#: its first lines belong to no other format
SURE = True

#: classes of codes
_CLASSES = {"endogenous", "endogenous1", "endogenous2", "housekeeping", "positive", "negative",
            "ligation", "purification", "invariant", "spikein", "binding", "protein",
            "restrictionsite", "snvref", "snvvar", "snvutctl"}  # fmt: skip
_CONTROL = ("positive", "negative", "housekeeping", "ligation", "purification", "invariant")
_LANE = {"fovcount": "fov_count", "fovcounted": "fov_counted", "bindingdensity": "binding_density"}
_TITLES = (["codeclass", "name", "accession"], ["classname", "name", "accession"])
#: columns before the first lane
_BESIDE = 3


def sniff(head: str, path: Path) -> str | None:
    """'' for a table of lanes, None when the file is another's."""
    if head.lstrip().startswith("<"):
        return None  # the RCC of a lane
    if head and "accession" not in _files.lowered(head) and "fov count" not in _files.lowered(head):
        return None
    rows = _tables(head, path)[:1]
    return "" if rows and _lanes(*_parts(rows[0][:400])) else None


def _tables(text: str, path: Path) -> list[Rows]:
    if text:
        return [records(text, table_delimiter(text))]
    book = _files.workbook(path)
    return [book.rows(n) for n in book.names[:1]] if book else []


def _parts(rows: Rows) -> tuple[dict[str, tuple[int, list[str]]], list[str], Rows]:
    """Attributes of the lanes by folded title, the titles of the counts, and the rows of these."""
    about: dict[str, tuple[int, list[str]]] = {}
    titles: list[str] = []
    body: Rows = []
    for line, cells in rows:
        first = fold(cells[0]) if cells else ""
        if [fold(c) for c in cells[:_BESIDE]] in _TITLES:
            titles = cells
        elif first in _CLASSES and len(cells) > _BESIDE and cells[1]:
            body.append((line, cells))
        elif first and not body:
            about.setdefault(first, (line, cells))
    return about, titles, body


def _lanes(about: dict, titles: list[str], body: Rows) -> list[tuple[int, str]]:
    """Column and sample of each lane; a file's name where the samples' own do not tell them."""
    width = len(body[0][1]) if body else 0
    ids, files = (about.get(k, (0, []))[1] for k in ("sampleid", "filename"))
    if files and ("fovcount" in about or titles):
        at = [i for i in range(_BESIDE, width) if cell(files, i)]
        own = [cell(ids, i) for i in at]
        told = own if all(own) and len(set(own)) == len(own) else [
            cell(files, i).removesuffix(".RCC") for i in at
        ]  # fmt: skip
        return list(zip(at, told, strict=True))
    return [(i, titles[i]) for i in range(_BESIDE, min(width, len(titles))) if titles[i]]


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the lanes as the tidy long table, as `nanostring` reads each of them.

    SAMPLE is the Sample ID, or the name of the lane's file where an ID is blank or recurs. WELL is
    the lane of its cartridge.

    Raises
    ------
    InputErrors
        No table of counts, lanes of one name, counts that are no whole numbers.
    """
    text = decode(_files.whole(path, name))[0]
    tables = _tables(text, path)
    about, titles, body = _parts(tables[0]) if tables else ({}, [], [])
    lanes = _lanes(about, titles, body)
    if not lanes or not body:
        raise refuse("There is no table of counts by lane", name, "Export the RCC files themselves")
    at, samples = [i for i, _ in lanes], [s for _, s in lanes]
    if len(set(samples)) < len(samples):
        raise refuse("Two lanes carry one name", f"{name}, line {body[0][0]}", "Name each once")
    texts = [cell(c, i) for _, c in body for i in at]
    if any("." in t.rstrip("0").rstrip(".") for t in texts):
        raise refuse("The counts are no whole numbers: they were normalised", name,
                     "Export the raw counts")  # fmt: skip
    cartridge, number = (about.get(k, (0, []))[1] for k in ("cartridgeid", "laneid"))
    places = [f"{cell(cartridge, i)}:{cell(number, i)}" for i in at]
    across = {"well": [p if p != ":" else "" for p in places], "sample": samples}
    out = Tidy(name)
    for key, quantity in _LANE.items():
        line, cells = about.get(key, (0, []))
        own = [cell(cells, i) for i in at]
        if any(own):
            out.add_grid(own, [line], width=len(at), down={}, across=across, task="LANE",
                         quantity=quantity, skip_empty=True)  # fmt: skip
    kinds = [c[0] for _, c in body]
    down = {
        "analyte": [c[1] for _, c in body],
        "task": ["CONTROL" if k.lower() in _CONTROL else "SAMPLE" for k in kinds],
        "flags": [f"class={k}" for k in kinds],
    }
    out.add_grid(texts, [n for n, _ in body], width=len(at), down=down, across=across,
                 quantity="count", unit="counts")  # fmt: skip
    line, cells = about.get("messages", (0, []))
    many = sum(bool(cell(cells, i)) for i in at)
    told = f"The scanner left messages for {many} lanes; see the file"
    said = [Finding("instrument_warning", "note", told, line, many)] if many else []
    return with_findings(out.table(), said, name)
