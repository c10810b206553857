"""What the readers of instrument files share: decoding, numbers, the tidy table."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem

Rows = list[tuple[int, list[str]]]

#: Columns of the tidy long table of readings; every cell is text.
COLUMNS = [
    "WELL", "SAMPLE", "TASK", "ANALYTE", "QUANTITY", "VALUE",
    "TEXT", "UNIT", "FLAGS", "DILUTION", "FILE", "LINE",
]  # fmt: skip

#: Zip container (xlsx) and legacy Excel: not text.
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MISSING = {"", "nan", "n/a", "na", "-", "---", "null", "none"}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def decode(raw: bytes) -> tuple[str, str]:
    """Decode bytes: by byte order mark, else UTF-8, else Windows-1252.

    Returns
    -------
    text, encoding : str
        `text` has LF line ends (CR-only files exist); '' with 'binary' for containers.
    """
    if raw.startswith(_BINARY):
        return "", "binary"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, encoding = raw.decode("utf-16", errors="replace"), "utf-16"
    else:
        try:
            text, encoding = raw.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError:
            text, encoding = raw.decode("cp1252", errors="replace"), "windows-1252"
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Split delimited text into (1-based line at which the record begins, stripped cells)."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    out, begin = [], 1
    for row in reader:
        out.append((begin, [c.strip() for c in row]))
        begin = reader.line_num + 1
    return out


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
    """Text of a number with a decimal point: '' when missing, None when it is no number."""
    text = cell.strip()
    if text.lower() in _MISSING:
        return ""
    text = text.replace(".", "").replace(",", ".") if mark == "," else text.replace(",", "")
    return text if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


def table(rows: list[tuple]) -> pd.DataFrame:
    """Rows in the order of `COLUMNS` as the tidy table."""
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def refuse(what: str, where: str, todo: str) -> InputErrors:
    """One problem, ready to raise."""
    return InputErrors([Problem(what, where, todo)])


def workbook(path: Path, title: str) -> Rows | None:
    """Rows of the sheet of that title (any case); None when there is none or it does not open."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError):
        return None
    sheet = next((s for s in book.sheet_names if s.strip().lower() == title), None)
    if sheet is None:
        return None
    cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [(i + 1, [str(c).strip() for c in row]) for i, row in enumerate(cells)]


def load_text(path: Path, name: str) -> str:
    """Text of a file.

    Raises
    ------
    InputErrors
        When the file cannot be opened or is not text.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise refuse(
            f"The file cannot be opened ({error.strerror})", name, "Check its name and rights"
        ) from error
    text, encoding = decode(raw)
    if encoding == "binary":
        raise refuse(
            "The file is a workbook, the format named for it is text",
            name,
            "Export it as text, or set `format: auto`",
        )
    return text
