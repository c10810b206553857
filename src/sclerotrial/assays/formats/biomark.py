"""Fluidigm (Standard BioTools) BioMark chip, Table Results: a row a chamber, 999 for no Ct."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import Rows, load_text, records, refuse, table_delimiter
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import Finding, code, with_findings
from sclerotrial.assays.formats._tidy import cell, fold

NAME = "biomark"
#: its first lines belong to no other format
SURE = True

_HEAD = re.compile(r"^\ufeff?\s*\"?Chip Run (Filename|Info)", re.I)
_VERSION = re.compile(r"^\"?Application Version\"?[,;\t]\"?([\d.]+)", re.M)
#: a chamber without amplification
_NONE = 999.0
_TYPES = {"ntc": "NTC", "standard": "STANDARD", "control": "CONTROL", "nac": "NTC", "blank": "NTC"}


def sniff(head: str, path: Path) -> str | None:
    """Version of the software, None when the file is another's."""
    if not _HEAD.match(head):
        return None
    version = _VERSION.search(head)
    return version.group(1) if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the chip as the tidy long table (quantity ``ct``).

    A chamber that the software called failed keeps its Ct and says ``failed``; one at 999 is
    undetermined.

    Raises
    ------
    InputErrors
        No table of chambers, cells that are no number.
    """
    text = load_text(path, name)
    rows = records(text, table_delimiter(text))
    start = next(
        (i for i, (_, c) in enumerate(rows) if c and fold(c[0]) in ("id", "chamberid")), None
    )
    if start is None:
        raise refuse("There is no table of chambers", name, "Export the Table Results of the chip")
    columns = _columns(rows[start - 1][1] if start else [], rows[start][1])
    if "ct" not in columns or "target" not in columns:
        raise refuse("The table of chambers has no Ct value or no assay name", name,
                     "Export the Table Results of the chip")  # fmt: skip
    out, called = Tidy(name), []
    for line, cells in rows[start + 1 :]:
        place = cell(cells, 0)
        if not re.fullmatch(r"S\d+-A\d+", place):
            continue
        ct = cell(cells, columns["ct"])
        lost = ct == "" or (ct.replace(".", "").isdigit() and float(ct) >= _NONE)
        call = cell(cells, columns.get("call")).lower()
        flags = ["undetermined"] * lost + (["failed"] if call == "fail" and not lost else [])
        called += [line] * ("failed" in flags)
        what = _TYPES.get(fold(cell(cells, columns.get("type"))), "SAMPLE")
        out.add("ct", "" if lost else ct, line, well=place, task=what, unit="Ct",
                sample=cell(cells, columns.get("sample")), flags=" ".join(flags),
                analyte=cell(cells, columns["target"]))  # fmt: skip
    table = out.table("The table of chambers is empty")
    return with_findings(table, _called(called, rows[:start]), name)


def _called(lines: list[int], above: Rows) -> Iterator[Finding]:
    """Chambers whose curve the software does not trust; what it takes for one stands above."""
    told = next((cell(c, 1) for _, c in above if fold(cell(c, 0)) == "qualitythreshold"), "")
    if lines:
        below = f" (quality below {code(told)})" if told else ""
        text = f"The software calls {len(lines)} chambers failed{below} that have a Ct, kept"
        yield Finding("instrument_flag", "note", text, lines[0], len(lines))


def _columns(above: list[str], header: list[str]) -> dict[str, int]:
    """Columns by the two rows of titles: the upper one groups (Sample, EvaGreen, Ct)."""
    group, out = "", {}
    for i, title in enumerate(header):
        group = above[i] if i < len(above) and above[i] else group
        both = (fold(group), fold(title))
        key = {
            ("sample", "name"): "sample", ("sample", "type"): "type", ("ct", "value"): "ct",
            ("ct", "call"): "call",
        }.get(both)  # fmt: skip
        if key is None and fold(title) == "name" and both[0] not in ("sample", ""):
            key = "target"  # EvaGreen, FAM-MGB, Detector
        if key and key not in out:
            out[key] = i
    return out
