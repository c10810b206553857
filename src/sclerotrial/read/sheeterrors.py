"""Cells of .xlsx sheets that hold an error (#N/A, #DIV/0!), which the library gives as empty.

Their text is put back, so that a value that could not be computed is no missing one. Source:
ECMA-376, SpreadsheetML: `c` elements whose type is `e`.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from sclerotrial.read.formats.archive import DAMAGE

_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>'
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,20})</",
    re.DOTALL,
)
_BOOK, _TIES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
Errors = dict[tuple[int, int], str]


class Sheet:
    """A sheet of the library with the errors in their places."""

    def __init__(self, sheet: Any, errors: Errors) -> None:
        self.sheet, self.errors = sheet, errors

    def to_python(self, skip_empty_area: bool = False) -> list[list[Any]]:
        """Rows from A1 on."""
        rows = self.sheet.to_python(skip_empty_area=False)
        for (row, column), text in self.errors.items():
            if row < len(rows) and column < len(rows[row]) and rows[row][column] == "":
                rows[row][column] = text
        return rows


class Book:
    """A workbook of the library with the errors in their places."""

    def __init__(self, book: Any, errors: Mapping[str, Errors]) -> None:
        self.book, self.errors = book, errors
        self.sheet_names: list[str] = book.sheet_names

    def get_sheet_by_name(self, name: str) -> Any:
        """A sheet."""
        sheet = self.book.get_sheet_by_name(name)
        return Sheet(sheet, self.errors[name]) if name in self.errors else sheet


def errors_of(content: bytes) -> dict[str, Errors]:
    """Errors by sheet and place (row, column from 0); none where the archive is no .xlsx."""
    found: dict[str, Errors] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if _TIES not in archive.namelist():
                return {}
            ties = {
                e.get("Id", ""): e.get("Target", "")
                for e in ElementTree.fromstring(archive.read(_TIES))
            }
            for sheet in ElementTree.fromstring(archive.read(_BOOK)).iter():
                tie = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
                if not sheet.tag.endswith("}sheet") or tie not in ties:
                    continue
                path = posixpath.normpath(posixpath.join("/xl", ties[tie])).lstrip("/")
                text = archive.read(path) if path in archive.namelist() else b""
                if b't="e"' in text:
                    found[sheet.get("name", "")] = {
                        (int(m[2]) - 1, _column(m[1])): m[3].decode() for m in _CELL.finditer(text)
                    }
    except (*DAMAGE, KeyError, ElementTree.ParseError):
        return {}
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
