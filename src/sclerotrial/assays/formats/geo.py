"""GEO text: series matrix, and SOFT of a sample (``!sample_table_begin``), packed or not."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import load_text, records, refuse
from sclerotrial.assays.formats._geo_marks import (
    ACCESSION,
    BEGIN,
    SAMPLE,
    TITLE,
    cells_of,
    cut,
    untold,
)
from sclerotrial.assays.formats._matrix import Matrix, chunks, gather, matrix, tidy

NAME = "geo"
#: its first lines belong to no other format
SURE = True


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
    return pd.concat([tidy(m, name) for m in _all(path, name)], ignore_index=True)


def read_matrix(path: Path, name: str) -> Matrix:
    """Read a series matrix as a matrix (see `_matrix.Matrix`)."""
    parts = _all(path, name)
    if len(parts) > 1:
        raise refuse("The file holds several samples", name, "Give it as a series matrix")
    return parts[0]


def _all(path: Path, name: str) -> list[Matrix]:
    """A series matrix as it is read, or the tables of samples."""
    rows = _files.utf8_lines(path)
    if rows is not None:
        with _files.unpacked(path) as source:
            if (found := _series(source, rows, name)) is not None:
                return [found]
    text = load_text(path, name)
    if SAMPLE.search(text):
        return _soft(text, name)
    found = _series(io.BytesIO(text.encode()), text.count("\n") + 1, name)
    return [found] if found is not None else []


def _table(text: str, name: str, begin: int) -> tuple[pd.DataFrame, int, int]:
    found = BEGIN.search(text, begin)
    if found is None:
        raise untold(name)
    end = text.find(f"!{found.group(1).lower()}_table_end", found.end())
    if end < 0:
        raise cut(name)
    line = text[: found.end()].count("\n") + 2
    try:
        frame = pd.read_csv(io.StringIO(text[found.end() : end]), sep="\t", dtype={0: str},
                            na_values=["null", "NULL", "NA"], low_memory=False)  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        what = "The table of a sample cannot be read: rows of another length, or an open quote"
        raise refuse(what, f"{name}, the table that begins in line {line - 1}",
                     "Copy or download the file again") from None  # fmt: skip
    return frame, line, end


def _series(source: IO[bytes], rows: int, name: str) -> Matrix | None:
    """The table of a series; None where the text tells of single samples."""
    head: list[str] = []
    begin = None
    while begin is None:
        if not (line := source.readline()):
            raise untold(name)
        head.append(line.decode("utf-8" if head else "utf-8-sig"))
        if SAMPLE.match(head[-1]):
            return None
        begin = BEGIN.match(head[-1])
    names = [c for _, cells in records(source.readline().decode(), "\t") for c in cells]
    if not names:
        raise cut(name)
    told = "".join(head).replace("\r", "")
    titles, codes = cells_of(TITLE, told), cells_of(ACCESSION, told)
    columns = names[1:]
    named = dict(zip(codes, titles, strict=False))
    new = [named.get(c, c) for c in columns]
    shown = new if len(set(new)) == len(new) else columns
    table = chunks(source, name, "\t", ["", *shown], range(len(names)))
    parts = _until_end(table, begin[1], name)
    return gather(parts, rows - len(head), len(head) + 2, name, columns)


def _until_end(parts: Iterator[pd.DataFrame], kind: str, name: str) -> Iterator[pd.DataFrame]:
    """The rows before the line that ends the table."""
    for part in parts:
        last = part.iloc[:, 0].str.lower() == f"!{kind.lower()}_table_end"
        if last.any():
            yield part.iloc[: int(last.to_numpy().argmax())]
            return
        yield part
    raise cut(name)


def _soft(text: str, name: str) -> list[Matrix]:
    out, begin = [], 0
    for found in SAMPLE.finditer(text):
        frame, line, end = _table(text, name, max(begin, found.start()))
        begin = end
        title = cells_of(TITLE, text[found.start() : found.start() + 20000])
        values = next((c for c in frame.columns if str(c).upper() == "VALUE"), None)
        if values is None:
            raise refuse(
                "The table has no column VALUE", f"{name}, line {line - 1}", "Export again"
            )
        mine = frame[[frame.columns[0], values]].rename(columns={values: (title or [""])[0] or
                                                                 found.group(1)})  # fmt: skip
        out.append(matrix(mine, line, name, [found.group(1)]))
    return out
