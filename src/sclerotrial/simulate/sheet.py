"""A delimited text file as rows that remember the line on which they were written."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field


@dataclass
class Sheet:
    """One delimited export.

    Attributes
    ----------
    path : str
        Below the raw folder, with forward slashes.
    columns : list of str
        In the order of the file.
    rows : list of dict
        Cells as text; a missing key is an empty cell.
    delimiter, encoding, quote_all
        How the exporting system writes.
    """

    path: str
    columns: list[str]
    rows: list[dict[str, str]] = field(default_factory=list)
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    quote_all: bool = False

    def render(self) -> tuple[bytes, dict[int, int]]:
        """The file's bytes, and the physical line (from 1) of each row by its identity."""
        out = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\n", quoting=quoting)
        writer.writerow(self.columns)
        lines: dict[int, int] = {}
        line = 2
        for row in self.rows:
            lines[id(row)] = line
            before = out.tell()
            writer.writerow([row.get(c, "") for c in self.columns])
            out.seek(before)
            line += out.read().count("\n")
        text = out.getvalue()
        if self.newline != "\n":
            text = text.replace("\n", self.newline)
        return text.encode(self.encoding), lines
