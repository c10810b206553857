"""What the readers of instrument files share: decoding, numbers, the tidy table."""

from __future__ import annotations

import csv
import functools
import io
import math
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._files import decode
from sclerotrial.errors import InputErrors, Problem

Rows = list[tuple[int, list[str]]]

#: Columns of the tidy long table of readings; every cell is text.
COLUMNS = [
    "WELL", "SAMPLE", "TASK", "ANALYTE", "QUANTITY", "VALUE",
    "TEXT", "UNIT", "FLAGS", "DILUTION", "FILE", "LINE",
]  # fmt: skip

_MISSING = {"", "nan", "n/a", "na", "-", "---", "null", "none"}
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Split delimited text into (1-based line at which the record begins, stripped cells)."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    out, begin = [], 1
    for row in reader:
        out.append((begin, [c.strip() for c in row]))
        begin = reader.line_num + 1
    return out


def table_delimiter(text: str, of: str = "\t;,") -> str:
    """The delimiter of a delimited text: the one that most of its lines hold most often."""
    lines = [line for line in text[:20000].split("\n")[:200] if line.strip()]
    score = {d: sum(min(line.count(d), 3) for line in lines) for d in of}
    return max(score, key=score.get)


@functools.lru_cache(maxsize=4)
def top_rows(head: str) -> Rows:
    """The first 400 lines of a text as rows; cached, since several formats look at them."""
    return records("\n".join(head.split("\n", 400)[:400]), table_delimiter(head))


def decimal_mark(cells: Iterable[str]) -> str:
    """Tell the decimal mark of a file from all its numeric cells.

    Instruments write no thousands separator, so a comma is the decimal mark, unless points
    stand in numbers of the same file or a cell holds two commas.
    """
    comma = point = False
    for cell in cells:
        comma |= "," in cell
        point |= "." in cell or cell.count(",") > 1
        if comma and point:
            return "."
    return "," if comma else "."


def number(cell: str, mark: str = ".") -> str | None:
    """Text of a number with a decimal point: '' when missing, None when it is no number.

    A comma that cannot be a thousands separator (``0,02``) is a decimal mark in any file.
    """
    text = cell.strip()
    if text.lower() in _MISSING:
        return ""
    if mark == ",":
        text = text.replace(".", "").replace(",", ".")
    elif "," in text:
        text = text.replace(",", "" if _GROUPED.fullmatch(text) else ".")
    return text if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


def table(rows: list[tuple]) -> pd.DataFrame:
    """Rows in the order of `COLUMNS` as the tidy table."""
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def refuse(what: str, where: str, todo: str) -> InputErrors:
    """One problem, ready to raise."""
    return InputErrors([Problem(what, where, todo)])


def load_text(path: Path, name: str) -> str:
    """Text of a file.

    Raises
    ------
    InputErrors
        When the file cannot be opened or is not text.
    """
    try:
        raw = _files.whole(path)
    except (OSError, EOFError, zlib.error) as error:
        raise refuse(
            f"The file cannot be opened ({getattr(error, 'strerror', None) or 'damaged'})",
            name,
            "Check its name and rights",
        ) from error
    text, encoding = decode(raw)
    if encoding == "binary":
        raise refuse(
            "The file is a workbook, the format named for it is text",
            name,
            "Export it as text, or set `format: auto`",
        )
    return text
