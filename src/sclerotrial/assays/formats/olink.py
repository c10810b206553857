"""Olink NPX: wide workbook or text (Target), long rows (Explore, Explore HT, Reveal)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import Rows, load_text, records, table_delimiter
from sclerotrial.assays.formats._olink_long import Long, read_long, read_table
from sclerotrial.assays.formats._olink_wide import wide, wide_header
from sclerotrial.assays.formats._panel import Cells, Keep

NAME = "olink"


def sniff(head: str, path: Path) -> str | None:
    """Layout (and version where told), None when the file is another's."""
    kind = _files.head_of(path).kind
    if kind == "parquet":
        import pyarrow.parquet as pq

        return (
            "parquet" if {"OlinkID", "NPX", "SampleID"} <= set(pq.read_schema(path).names) else None
        )
    rows = _top(head, path)
    if any({"OlinkID", "SampleID"} <= set(c) and {"NPX", "Quantified_value"} & set(c)
           for _, c in rows[:2]):  # fmt: skip
        return "long"
    if wide_header(rows):
        told = [c for _, row in rows[:2] for c in row[:4] if re.search(r"\d+\.\d+", c)]
        return told[0] if told else "wide"
    return None


def _top(head: str, path: Path) -> Rows:
    if head:
        if "olinkid" not in _files.lowered(head):
            return []
        first = "\n".join(head.split("\n")[:12])
        return records(first, table_delimiter(first))
    book = _files.workbook(path)
    return book.rows(book.names[0])[:12] if book and book.names else []


def read(path: Path, name: str) -> pd.DataFrame:
    """Read NPX as the tidy long table (quantities ``npx`` or ``concentration``, and ``lod``).

    FLAGS: ``qc_warning`` (sample), ``assay_warning``. ANALYTE is the assay, with its OlinkID where
    several panels carry it. TASK is CONTROL for the control samples.

    Raises
    ------
    InputErrors
        No table of NPX, cells that are no number.
    """
    long, rows = _layout(path, name)
    if long:
        return read_table(Long(path, name, rows))
    return wide(rows, name)


def read_cells(path: Path, name: str, keep: Keep, runs: re.Pattern | None = None) -> Cells | None:
    """Long rows as the cells of a panel (see `_olink_long.read_long`); None for a wide table."""
    long, rows = _layout(path, name)
    return read_long(Long(path, name, rows), keep, runs) if long else None


def _layout(path: Path, name: str) -> tuple[bool, Any]:
    """Whether the rows are long, and the rows themselves unless they are read in parts."""
    if _files.head_of(path).kind == "parquet":
        return True, None
    if _files.head_of(path).kind == "workbook":
        book = _files.workbook(path)
        rows = book.rows(book.names[0]) if book and book.names else []
        long = bool(rows) and "OlinkID" in rows[0][1] and "SampleID" in rows[0][1]
        return long, [c for _, c in rows] if long else rows
    head = _files.decode(_files.head_of(path).raw)[0]
    if "OlinkID" in head.split("\n", 1)[0]:
        return True, None
    text = load_text(path, name)
    return False, records(text, table_delimiter(text))
