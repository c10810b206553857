"""Workbooks in Excel's XML of 2003, which instruments and systems name .xls or .xml.

They open as those of the library do: names of sheets, and rows of values from A1 on. Source:
Microsoft, XML Spreadsheet Reference (Workbook, Worksheet, Table, Row, Cell, Data).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from xml.parsers import expat

_SPACE = b"urn:schemas-microsoft-com:office:spreadsheet"
_ROOT = re.compile(rb"<(\w+:)?Workbook[\s>]")
#: bytes within which the root element begins
_HEAD = 4000
#: most rows and columns of a sheet
_ROWS, _COLUMNS = 1 << 20, 1 << 14
#: the day on which a time without a date lies; another where days are counted from 1904
_NO_DAY, _NO_DAY_1904 = dt.date(1899, 12, 31), dt.date(1904, 1, 1)


def is_xml_book(content: bytes) -> bool:
    """Whether a text is such a workbook, by its root element."""
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff") and not content[:64].strip().startswith(
        (b"<", b"\xef\xbb\xbf<")
    ):
        return False
    head = content[:_HEAD].replace(b"\x00", b"")
    return _SPACE in head and _ROOT.search(head) is not None


class Sheet:
    """The cells of a sheet."""

    def __init__(self, rows: list[list[object]]) -> None:
        self.rows = rows

    def to_python(self, skip_empty_area: bool = False) -> list[list[object]]:
        """Rows of equal length from A1 on: text, numbers, dates; '' for a cell without a value."""
        width = max(map(len, self.rows), default=0)
        return [row + [""] * (width - len(row)) for row in self.rows]


class XmlBook:
    """A workbook; a cell that others are merged into holds their value, the others are empty.

    Raises
    ------
    ValueError
        XML that is cut or not well formed, with entities of its own, rows beyond the last of Excel.
    """

    def __init__(self, content: bytes) -> None:
        self.sheets: dict[str, list[list[object]]] = {}
        self.path: list[str] = []
        self.rows: list[list[object]] = []
        self.at = self.over = 0  # place of the next cell; rows that the present one stands for
        self.kind, self.text, self.inside = "", [""], False
        self.moments: list[tuple[list[object], int]] = []
        self.from_1904 = False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, IndexError):  # cut, or a value without a row or a cell
            line = parser.CurrentLineNumber
            raise ValueError(f"line {line}") from None
        first = _NO_DAY_1904 if self.from_1904 else _NO_DAY
        for row, i in self.moments:
            row[i] = _moment(row[i], first)

    @property
    def sheet_names(self) -> list[str]:
        """Names of the sheets, hidden ones among them."""
        return list(self.sheets)

    def get_sheet_by_name(self, name: str) -> Sheet:
        """A sheet."""
        return Sheet(self.sheets[name])

    def _entity(self, *_: object) -> None:
        raise ValueError("entities of its own")

    def _start(self, tag: str, given: dict[str, str]) -> None:
        name, above = tag.rpartition(" ")[2], self.path[-1] if self.path else ""
        self.path.append(name)
        about = {k.rpartition(" ")[2]: v for k, v in given.items()}
        if name == "Worksheet":
            title = about.get("Name", "") or f"Sheet{len(self.sheets) + 1}"
            while title in self.sheets:
                title += "'"
            self.sheets[title] = self.rows = []
        elif name == "Row" and above == "Table":
            index = int(about.get("Index", len(self.rows) + 1))
            if not len(self.rows) < index <= _ROWS:
                raise ValueError("rows out of order")
            self.rows += [[] for _ in range(index - len(self.rows))]
            self.at, self.over = 0, int(about.get("Span", 0))
        elif name == "Cell" and above == "Row":
            row, index = self.rows[-1], int(about.get("Index", self.at + 1))
            self.at = index + int(about.get("MergeAcross", 0))
            if not len(row) < index <= self.at <= _COLUMNS:
                raise ValueError("cells out of order")
            row += [""] * (index - len(row))
        elif name == "Data" and above == "Cell":
            self.kind, self.text, self.inside = about.get("Type", "String"), [], True

    def _characters(self, text: str) -> None:
        if self.inside:  # text of several fonts stands deeper
            self.text.append(text)

    def _end(self, tag: str) -> None:
        name = self.path.pop()
        above = self.path[-1] if self.path else ""
        if name == "Data" and above == "Cell":
            row, text, self.inside = self.rows[-1], "".join(self.text), False
            row[-1] = _value(text, self.kind)
            if self.kind == "DateTime":
                self.moments.append((row, len(row) - 1))
        elif name == "Row" and above == "Table":
            if len(self.rows) + self.over > _ROWS:
                raise ValueError("too many rows")
            self.rows += [[] for _ in range(self.over)]
        elif name == "Date1904":
            self.from_1904 = True


def _value(text: str, kind: str) -> object:
    if kind == "Boolean":
        return text.strip().lower() in ("1", "true")
    if kind == "Number":
        try:
            number = float(text)
        except ValueError:
            return text
        return number if math.isfinite(number) else text
    return text


def _moment(text: object, no_day: dt.date) -> object:
    """A date, a date with its time, or a time alone; as text what is none of these."""
    try:
        at = dt.datetime.fromisoformat(str(text).strip())
    except ValueError:
        return text
    if at.date() == no_day:
        return at.time()
    return at.date() if at.time() == dt.time() else at
