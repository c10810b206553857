"""Rows of a Gen5 export: of its text or each of its sheets, and of each plate in them."""

from __future__ import annotations

import re
from pathlib import Path

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import load_text, records, table_delimiter
from sclerotrial.assays.formats._tidy import Rows, fold

#: two wavelengths of a read (``GFP:485,530``), which text delimited by commas does not quote
_PAIR = re.compile(r"(?<![^\s,\[])([A-Za-z][^,;:\t\n\[\]\"]*:\d{3,4}(?:/\d+)?),"
                   r"(?=\d{3,4}(?:/\d+)?(?:\[\d+\])?(?:[,\]\s]|$))")  # fmt: skip
#: what stands for their comma while rows are split
_COMMA = "\x1a"
#: titles of the first column of a table
_FIRST = {"time", "wavelength", "xread", "kineticread", "well"}


def sheets_of(path: Path, name: str) -> list[Rows]:
    """Rows of the text, or of each sheet; data that begin one column to the right are moved."""
    book = _files.workbook(path) if _files.head_of(path).kind == "workbook" else None
    if book is None:
        text = load_text(path, name)
        if (delimiter := table_delimiter(text)) != ",":
            return [records(text, delimiter)]
        rows = records(_PAIR.sub(rf"\1{_COMMA}", text), delimiter)
        return [[(n, [c.replace(_COMMA, ",") for c in cells]) for n, cells in rows]]
    out = []
    for title in book.names:
        rows = book.rows(title)
        begins = (c[1:4] for _, c in rows if len(c) > 3 and not c[0])
        if any(fold(c[0]) in _FIRST or c == ["", "1", "2"] for c in begins):
            rows = [(n, c[1:] if c and not c[0] else c) for n, c in rows]
        out.append(rows)
    return out


def plates_of(rows: Rows) -> list[tuple[str, Rows]]:
    """Rows of each plate: a file can hold several, each after a line Plate Number."""
    starts = [i for i, (_, c) in enumerate(rows) if c and c[0] == "Plate Number"]
    if len(starts) < 2:
        return [(rows[starts[0]][1][1] if starts else "", rows)]
    ends = [*starts[1:], len(rows)]
    return [(rows[a][1][1] if len(rows[a][1]) > 1 else str(k + 1), rows[a:b])
            for k, (a, b) in enumerate(zip(starts, ends, strict=True))]  # fmt: skip
