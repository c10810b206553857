"""Olink NPX as a wide table: rows of panels, assays and OlinkIDs above a row a sample."""

from __future__ import annotations

import re

import pandas as pd

from sclerotrial.assays.formats._common import Rows, refuse
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import cell

CONTROL = re.compile(r"^CONTROL|^(?:IPC|NC|SC|PC|Neg|Inter)[ _-]?\d*$|control", re.I)
#: words by which the software doubts a sample, an assay or a plate
WARNED = {"WARN", "WARNING", "FAIL", "FAILED", "MANUAL_WARN", "EXCLUDED"}
_FEET = {"lod": "lod", "max lod": "lod", "plate lod": "lod"}


def wide_header(rows: Rows) -> int | None:
    """Index of the row OlinkID of a wide table."""
    told = {c[0].strip().lower(): i for i, (_, c) in enumerate(rows) if c}
    return told["olinkid"] if {"panel", "assay", "olinkid"} <= set(told) else None


def analytes_of(assay: pd.Series, code: pd.Series) -> pd.Series:
    """What each reading is called: its assay, with the OlinkID where several panels carry it."""
    pairs = pd.DataFrame({"a": assay, "c": code}).drop_duplicates()
    twice = set(pairs.loc[pairs["a"].duplicated(keep=False), "a"])
    return assay.where(~assay.isin(twice), assay + " " + code)


def wide(rows: Rows, name: str) -> pd.DataFrame:
    """Read the rows of a wide table as the tidy long table.

    Raises
    ------
    InputErrors
        No rows of panels, assays and OlinkIDs, no samples, cells that are no number.
    """
    at = wide_header(rows[:20])
    if at is None:
        raise refuse("The table has no rows Panel, Assay and OlinkID", name, "Export NPX again")
    head = {c[0].strip().lower(): c for _, c in rows[: at + 2] if c}
    codes, assays, panels = head["olinkid"], head["assay"], head["panel"]
    measured = [i for i, c in enumerate(codes) if i and re.match(r"OID\d+", c)]
    label = analytes_of(
        pd.Series([assays[i] for i in measured]), pd.Series([codes[i] for i in measured])
    )
    beside = {(fold, panels[i]): i for i, c in enumerate(assays)
              if (fold := c.strip().lower()) in ("plate id", "qc warning", "plateid")}  # fmt: skip
    out = Tidy(name)
    begun = ended = False
    for line, cells in rows[at + 1 :]:
        first = cell(cells, 0)
        foot = _FEET.get(first.lower())
        ended |= bool(foot) or (begun and not any(cells))
        begun |= bool(first)
        if ended and not foot:
            continue  # below the samples stand limits, warnings and frequencies
        if (
            not first
            or not any(cells[1:])
            or first.lower().startswith(("missing", "normali", "unit", "lowest"))
        ):
            continue
        for i, analyte in zip(measured, label, strict=True):
            warn = cell(cells, beside.get(("qc warning", panels[i]))).lower()
            plate = cell(cells, beside.get(("plate id", panels[i])))
            if foot:
                out.add("lod", cell(cells, i), line, task="LOD", analyte=analyte, unit="NPX")
            else:
                out.add("npx", cell(cells, i), line, well=plate, sample=first, analyte=analyte,
                        task="CONTROL" if CONTROL.search(first) else "SAMPLE", unit="NPX",
                        flags="qc_warning" if warn in ("warning", "warn",
                        "fail") else "")  # fmt: skip
    return out.table("The table has no samples")
