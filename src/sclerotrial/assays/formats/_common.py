"""What the readers of instrument files share: decoding, numbers, the tidy table."""

from __future__ import annotations

import csv
import functools
import io
import math
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._files import decode
from sclerotrial.assays.formats._frame import frame, together
from sclerotrial.errors import InputErrors, Problem

Rows = list[tuple[int, list[str]]]

#: Columns of the tidy long table of readings; every cell is text.
COLUMNS = [
    "WELL", "SAMPLE", "TASK", "ANALYTE", "QUANTITY", "VALUE",
    "TEXT", "UNIT", "FLAGS", "DILUTION", "FILE", "LINE",
]  # fmt: skip

_NAMES = pd.Index(COLUMNS)
#: characters up to which the rows of a text are kept, since several formats look at them
_KEPT = 1 << 20
#: blanks beside the space
_BLANKS = "\t" + "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c not in "\t\r\n ")
_MISSING = {"", "nan", "n/a", "na", "-", "---", "null", "none"}
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def records(text: str, delimiter: str) -> Rows:
    """Split delimited text into (1-based line at which the record begins, stripped cells)."""
    return _kept_records(text, delimiter) if len(text) <= _KEPT else _records(text, delimiter)


def _records(text: str, delimiter: str) -> Rows:
    if not any(c in text for c in '"\r\0'):
        # nothing is quoted: splitting is all there is to do
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        if any(c in text for c in _BLANKS if c != delimiter):
            return [(i, [c.strip() for c in x.split(delimiter)] if x else [])
                    for i, x in enumerate(lines, 1)]  # fmt: skip
        # cells of a line without a space have none around them
        return [(i, ([c.strip() for c in x.split(delimiter)] if " " in x else x.split(delimiter))
                 if x else []) for i, x in enumerate(lines, 1)]  # fmt: skip
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    out, begin = [], 1
    for row in reader:
        out.append((begin, [c.strip() for c in row]))
        begin = reader.line_num + 1
    return out


_kept_records = functools.lru_cache(maxsize=4)(_records)


def table_delimiter(text: str, of: str = "\t;,") -> str:
    """The delimiter of a delimited text: the one that most of its lines hold most often."""
    return _delimiter(text[:20000], of)


@functools.lru_cache(maxsize=8)
def _delimiter(text: str, of: str) -> str:
    of = [d for d in of if d in text] or of[:1]
    if len(of) == 1:
        return of[0]
    lines = [line for line in text.split("\n")[:200] if line.strip()]
    score = {d: sum([min(line.count(d), 3) for line in lines]) for d in of}
    return max(score, key=score.get)


@functools.lru_cache(maxsize=4)
def top_rows(head: str) -> Rows:
    """The first 400 lines of a text as rows; cached, since several formats look at them."""
    lines = head.split("\n", 400)
    return records("\n".join(lines[:400]) if len(lines) > 400 else head, table_delimiter(head))


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
    return frame(_NAMES, together([c] for c in zip(*rows, strict=True)))


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
    text, encoding = decode(_files.whole(path, name))
    if encoding == "binary":
        raise refuse(
            "The file is a workbook, the format named for it is text",
            name,
            "Export it as text, or set `format: auto`",
        )
    return text


def forget() -> None:
    """Drop what is kept of the files last seen, as before the first was read."""
    _files.forget()
    for kept in (_kept_records, _delimiter, top_rows):
        kept.cache_clear()
