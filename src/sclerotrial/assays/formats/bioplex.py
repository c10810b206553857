"""Bio-Plex Manager and Bio-Plex Data Pro results: a sheet an analyte, or a sheet a quantity.

Lines of settings, then a table with the columns Type, Well, Description and FI, Obs Conc, Exp Conc
and more. `OOR <` and `OOR >` lie beyond the curve, `*4.12` is extrapolated, `***` not available,
`---` an outlier that the analyst left out. A row may be the mean of several wells (`A1,B1`). Raw
readings give the beads of each behind it: `15710.5 (52)`.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._bioplex_tables import add_table, kind_of
from sclerotrial.assays.formats._bioplex_trust import findings
from sclerotrial.assays.formats._common import decode, records, refuse, table_delimiter, top_rows
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import with_findings

NAME = "bioplex"


def sniff(head: str, path: Path) -> str | None:
    """Version where told, '' for results of Bio-Plex, None when the file is another's."""
    return "" if any(kind_of(rows[:80]) for rows in _sheets(head, path)) else None


def _sheets(head: str, path: Path):
    """Tables of a file: its sheets, or the text itself."""
    if head:
        low = _files.lowered(head)
        if "type" not in low or "well" not in low:
            return
        yield top_rows(head)
        return
    book = _files.workbook(path)
    if book is None or book.named("results", "amplification data", "raw data"):
        return  # qPCR: its sheets are long
    for title in book.names[:4]:
        yield book.rows(title)


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the results as the tidy long table.

    Quantities median_mfi, net_mfi, result, count and, for standards and controls, expected.
    Standards, controls and blanks go by their type (S1, C1, B): that is what tells levels apart.

    Raises
    ------
    InputErrors
        No table of results, cells that are no number.
    """
    text, encoding = decode(_files.whole(path, name))
    if encoding == "binary":
        book = _files.workbook(path)
        sheets = [(title, book.rows(title)) for title in book.names] if book else []
    else:
        sheets = [("", records(text, table_delimiter(text)))]
    out = Tidy(name)
    for title, rows in sheets:
        add_table(out, rows, title)
    if not len(out):
        raise refuse("There is no table with the columns Type, Well and FI", name,
                     "Export the results of all analytes again")  # fmt: skip
    return with_findings(out.table(), findings(sheets), name)
