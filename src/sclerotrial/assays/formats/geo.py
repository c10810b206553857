"""GEO text: series matrix, and SOFT of a sample (``!sample_table_begin``), packed or not."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text, refuse
from sclerotrial.assays.formats._matrix import Matrix, matrix, tidy

NAME = "geo"
#: its first lines belong to no other format
SURE = True

_BEGIN = re.compile(r"^!(series_matrix|sample)_table_begin[^\n]*\n", re.M | re.I)
_SAMPLE = re.compile(r"^\^SAMPLE\s*=\s*(\S+)", re.M)
_TITLE = re.compile(r"^!Sample_title\s*(?:=\s*)?\t?(.*)$", re.M)
_ACCESSION = re.compile(r"^!Sample_geo_accession\s*(?:=\s*)?\t?(.*)$", re.M)


def sniff(head: str, path: Path) -> str | None:
    """Kind of GEO text, None when the file is another's."""
    if re.match(r"\s*\"?!Series_\w+\t", head):
        return "series matrix"
    if re.match(r"\s*(\^DATABASE|\^SERIES|\^PLATFORM|\^SAMPLE|!Sample_)", head):
        return "SOFT"
    return None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the table of expression as the tidy long table; SAMPLE is the title, WELL the GSM.

    Raises
    ------
    InputErrors
        No table, a table without its end, cells that are no number.
    """
    text = load_text(path, name)
    if _SAMPLE.search(text):
        return pd.concat([tidy(m, name) for m in _soft(text, name)], ignore_index=True)
    return tidy(_series(text, name), name)


def read_matrix(path: Path, name: str) -> Matrix:
    """Read a series matrix as a matrix (see `_matrix.Matrix`)."""
    text = load_text(path, name)
    parts = _soft(text, name) if _SAMPLE.search(text) else [_series(text, name)]
    if len(parts) > 1:
        raise refuse("The file holds several samples", name, "Give it as a series matrix")
    return parts[0]


def _table(text: str, name: str, kind: str, begin: int = 0) -> tuple[pd.DataFrame, int, int]:
    found = _BEGIN.search(text, begin)
    if found is None:
        raise refuse("The file has no table of expression (the data may lie beside it)", name,
                     "Take the processed table of the series")  # fmt: skip
    end = text.find(f"!{found.group(1).lower()}_table_end", found.end())
    if end < 0:
        raise refuse("The table ends before its last line: the file was cut", name,
                     "Copy or download the file again")  # fmt: skip
    frame = pd.read_csv(io.StringIO(text[found.end() : end]), sep="\t", dtype={0: str},
                        na_values=["null", "NULL", "NA"], low_memory=False)  # fmt: skip
    return frame, text[: found.end()].count("\n") + 2, end


def _cells(rx: re.Pattern, text: str) -> list[str]:
    found = rx.search(text)
    return [c.strip().strip('"') for c in found.group(1).split("\t")] if found else []


def _series(text: str, name: str) -> Matrix:
    frame, line, _ = _table(text, name, "series_matrix")
    head = text[: text.find("!series_matrix_table_begin")]
    titles, codes = _cells(_TITLE, head), _cells(_ACCESSION, head)
    columns = [str(c) for c in frame.columns[1:]]
    named = dict(zip(codes, titles, strict=False))
    new = [named.get(c, c) for c in columns]
    if len(set(new)) == len(new):
        frame.columns = [frame.columns[0], *new]
    return matrix(frame, line, name, columns)


def _soft(text: str, name: str) -> list[Matrix]:
    out, begin = [], 0
    for found in _SAMPLE.finditer(text):
        frame, line, end = _table(text, name, "sample", max(begin, found.start()))
        begin = end
        title = _cells(_TITLE, text[found.start() : found.start() + 20000])
        values = next((c for c in frame.columns if str(c).upper() == "VALUE"), None)
        if values is None:
            raise refuse(
                "The table has no column VALUE", f"{name}, line {line - 1}", "Export again"
            )
        mine = frame[[frame.columns[0], values]].rename(columns={values: (title or [""])[0] or
                                                                 found.group(1)})  # fmt: skip
        out.append(matrix(mine, line, name, [found.group(1)]))
    return out
