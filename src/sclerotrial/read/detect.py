"""What a file is by its content, and refusals in words of what is no export."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.formats import rdata, sas
from sclerotrial.read.formats.archive import is_workbook_archive
from sclerotrial.read.sheetxml import is_xml_book
from sclerotrial.read.text import MAGIC, web_page

OLE = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"
#: names that say what a file is -> the kinds that they may be
SUFFIXES = {
    ".xpt": ("xpt",), ".sas7bdat": ("sas7bdat",), ".sav": ("sav",), ".dta": ("dta",),
    ".xlsx": ("workbook",), ".xls": ("workbook", "text"), ".xml": ("odm", "workbook"),
    ".rda": ("r",), ".rdata": ("r",), ".rds": ("r",), ".zip": ("zip",), ".csv": ("text",),
    ".tsv": ("text",), ".txt": ("text",), ".ods": ("workbook",),
}  # fmt: skip
WORDS = {
    "xpt": "a SAS transport file", "sas7bdat": "a SAS data set", "sav": "an SPSS file",
    "dta": "a Stata file", "workbook": "an Excel workbook", "odm": "an XML file",
    "r": "an R data file", "zip": "a zip archive", "text": "delimited text",
}  # fmt: skip
_XLS = re.compile(r"\.xlsx?$", re.IGNORECASE)
_TABLE = "a web page with a table (Excel opens it, but it is no workbook)"


def detect(content: bytes, shown: str) -> str:
    """What a file is by its content: one of the keys of `WORDS`.

    Raises
    ------
    InputErrors
        For what is no export: web pages, pictures, packed files of other kinds; in words, and
        with what the name had promised.
    """
    kind = sas.kind_of(content)
    if kind:
        return kind
    if content.startswith(OLE):
        return "workbook"
    if content.startswith(ZIP):
        return "workbook" if is_workbook_archive(content) else "zip"
    if rdata.is_rdata(content):
        return "r"
    if is_xml_book(content):
        return "workbook"
    what = web_page(content)
    if what and _XLS.search(shown) and b"<td" in content.replace(b"\x00", b"").lower():
        what = _TABLE
    if content.startswith(sas.CPORT):
        what = "a SAS file of PROC CPORT, which SAS alone can read"
    if content.startswith(sas.SAS7BCAT):
        what = "a SAS catalog of formats"
    if not what:
        what = next((w for magic, w in MAGIC.items() if content.startswith(magic)), "")
    if what:
        raise InputErrors([_refusal(what, shown)])
    head = content[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\x00", b"")
    return "odm" if head.startswith(b"<") else "text"


def _refusal(what: str, shown: str) -> Problem:
    promised = SUFFIXES.get(PurePosixPath(shown).suffix.lower())
    said = f", though its name says {WORDS[promised[0]]}" if promised else ""
    todo = "Download the export again, and look at it before you keep it"
    if what == _TABLE:
        todo = "Open it in Excel and save it as .xlsx"
    if "CPORT" in what:
        todo = "Export with PROC COPY and the XPORT engine"
    if "catalog" in what:
        todo = "Name it as `catalog` of the source whose data set uses it"
    return Problem(f"The file is {what}, not an export{said}", shown, todo)
