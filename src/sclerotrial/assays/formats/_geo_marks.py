"""Lines that mark the parts of GEO text, and what is said where they are missing."""

from __future__ import annotations

import re

from sclerotrial.assays.formats._common import refuse
from sclerotrial.errors import InputErrors

BEGIN = re.compile(r"^!(series_matrix|sample)_table_begin[^\n]*\n", re.M | re.I)
SAMPLE = re.compile(r"^\^SAMPLE\s*=\s*(\S+)", re.M)
TITLE = re.compile(r"^!Sample_title\s*(?:=\s*)?\t?(.*)$", re.M)
ACCESSION = re.compile(r"^!Sample_geo_accession\s*(?:=\s*)?\t?(.*)$", re.M)


def cells_of(rx: re.Pattern, text: str) -> list[str]:
    """Cells of the line that a mark begins, [] where there is none."""
    found = rx.search(text)
    return [c.strip().strip('"') for c in found.group(1).split("\t")] if found else []


def untold(name: str) -> InputErrors:
    """What is said of a file without a table."""
    what = "The file has no table of expression (the data may lie beside it)"
    return refuse(what, name, "Take the processed table of the series")


def cut(name: str) -> InputErrors:
    """What is said of a table without its end."""
    what = "The table ends before its last line: the file was cut"
    return refuse(what, name, "Copy or download the file again")
