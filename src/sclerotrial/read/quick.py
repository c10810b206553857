"""Large delimited texts by pyarrow, with the line of every record; odd texts are left to `text`.

The quick way is taken only where it gives what the careful one gives: every quote opens or closes
a cell, and every record has as many cells as the header. Otherwise nothing is returned, and the
careful way reads the text and says what is wrong where.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sclerotrial.read.grid import (
    BLANKS,
    HEADER_WITHIN,
    Grid,
    header_row,
    named,
    tidy,
    without_empty,
)
from sclerotrial.read.scan import scan

#: below this many characters the careful way is as quick
_SMALL = 200_000
#: bytes in which the first records are looked for, and how many of them
_HEAD, _TOP = 4_000_000, 90


def quick_grid(
    text: str | bytes,
    skipped: int,
    wanted: Iterable[str],
    about: dict[str, str],
    namer: Callable[[list[str]], list[str]] | None = None,
) -> Grid | None:
    """Parse a large, regular delimited text.

    Parameters
    ----------
    text : str or bytes
        Without byte-order mark and `sep=` line; bytes are UTF-8.
    skipped : int
        Lines taken off before.
    wanted : iterable of str
        Names that the header should hold.
    about : dict
        Encoding, separator, line_ends of the grid.
    namer : function, optional
        Other names for those of the header.

    Returns
    -------
    Grid or None
        None where the text is small, irregular or faulty.
    """
    separator = about["separator"]
    if len(text) < _SMALL or len(separator) != 1 or ord(separator) > 127:
        return None
    content = text.encode("utf-8") if isinstance(text, str) else text
    if separator == "\t" and b'"' in content:  # a tab in quotes would not be seen as a blank
        return None
    found = scan(content, ord(separator))
    top = _top(content, separator)
    filled = [(row, k) for k, row in enumerate(top) if any(row)][:HEADER_WITHIN]
    if found is None or not filled:
        return None
    row, at = filled[header_row((r for r, _ in filled), wanted)]
    header = [tidy(c) for c in row]
    header = named(namer(header) if namer else header)
    if len(set(header)) < len(header):
        return None
    begins = np.concatenate(([0], found.ends[:-1] + 1))
    body = begins[at + 1] if at + 1 < len(begins) else len(content)
    table = _table(content, int(body), len(header), separator, found.spans)
    kept = np.flatnonzero(found.sizes(content) > 0)
    kept = kept[kept > at]
    if table is None or table.num_rows != len(kept):
        return None
    return _finish(
        table.rename_columns(header),
        found.lines[kept] + skipped,
        int(found.lines[at]) + skipped,
        found.doubtful,
        about,
    )


def _top(content: bytes, separator: str) -> list[list[str]]:
    """The first records, as many as the beginning of the text holds whole."""
    head = content[:_HEAD].decode("utf-8", "ignore")
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    rows = list(islice(reader, _TOP))
    return rows if len(rows) == _TOP or len(content) <= _HEAD else rows[:-1]


def _table(content: bytes, begin: int, width: int, separator: str, spans: bool) -> pa.Table | None:
    names = [str(i) for i in range(width)]
    try:
        return pa_csv.read_csv(
            pa.BufferReader(memoryview(content)[begin:]),
            pa_csv.ReadOptions(column_names=names, block_size=4 << 20, use_threads=False),
            pa_csv.ParseOptions(delimiter=separator, newlines_in_values=spans),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _finish(
    table: pa.Table, lines: np.ndarray, header_line: int, doubtful: bool, about: dict[str, str]
) -> Grid:
    columns, padded = {}, {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if doubtful:
            ends = pc.replace_substring(column, "\r\n", "\n")
            ends = pc.replace_substring(ends, "\r", "\n")
            plain = pc.utf8_trim(ends, characters=BLANKS)
            if not plain.equals(ends):
                changed = pc.not_equal(plain, ends).to_numpy()
                padded[name] = lines[changed].tolist()
            column = plain
        columns[name] = column
    cells = pa.table(columns).to_pandas()
    first = cells.iloc[:, 0]
    if (first == "").any():
        blank = cells.index[first == ""]
        empty = blank[~(cells.loc[blank] != "").any(axis=1)]
        cells = cells.drop(index=empty).reset_index(drop=True)
        lines = np.delete(lines, empty)
    numbers = pd.Series(lines, dtype="int64")
    return without_empty(Grid(list(cells.columns), header_line, cells, numbers, padded, **about))
