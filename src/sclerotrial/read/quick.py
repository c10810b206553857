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

#: below this many characters the careful way is as quick
_SMALL = 200_000
_LF, _CR, _QUOTE = 10, 13, 34


def quick_grid(
    text: str,
    skipped: int,
    wanted: Iterable[str],
    about: dict[str, str],
    namer: Callable[[list[str]], list[str]] | None = None,
) -> Grid | None:
    """Parse a large, regular delimited text.

    Parameters
    ----------
    text : str
        Without byte-order mark and `sep=` line.
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
    if separator == "\t" and '"' in text:  # a tab within quotes would not be seen as a blank
        return None
    content = text.encode("utf-8")
    data = np.frombuffer(content, dtype=np.uint8)
    ends, lines, spans = _records(data, ord(separator))
    if ends is None:
        return None
    top = [r for r in islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 90)]
    filled = [(row, k) for k, row in enumerate(top) if any(row)][:HEADER_WITHIN]
    if not filled:
        return None
    row, at = filled[header_row((r for r, _ in filled), wanted)]
    header = [tidy(c) for c in row]
    header = named(namer(header) if namer else header)
    if len(set(header)) < len(header):
        return None
    begins = np.concatenate(([0], ends[:-1] + 1))
    body = begins[at + 1] if at + 1 < len(begins) else len(content)
    table = _table(content, int(body), len(header), separator)
    sizes = ends - begins
    crlf = (ends > 0) & (ends < len(data)) & (data[np.maximum(ends - 1, 0)] == _CR)
    kept = np.flatnonzero((sizes - crlf) > 0)
    kept = kept[kept > at]
    if table is None or table.num_rows != len(kept):
        return None
    return _finish(
        table.rename_columns(header),
        lines[kept] + skipped,
        int(lines[at]) + skipped,
        spans or _padding(data, separator),
        about,
    )


def _records(data: np.ndarray, separator: int) -> tuple[np.ndarray | None, np.ndarray, bool]:
    """Where each record ends, its first line, and whether any spans several lines."""
    newline = np.flatnonzero(data == _LF)
    returns = np.flatnonzero(data == _CR)
    if len(returns):
        alone = returns[
            (returns == len(data) - 1) | (data[np.minimum(returns + 1, len(data) - 1)] != _LF)
        ]
        newline = np.sort(np.concatenate((newline, alone)))
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes) % 2 or not _regular(data, quotes, separator):
        return None, newline, False
    outside = np.flatnonzero(np.searchsorted(quotes, newline) % 2 == 0)
    ends = newline[outside]
    first = np.concatenate(([1], outside + 2))
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    return ends, first[: len(ends)].astype("int64"), len(outside) < len(newline)


def _regular(data: np.ndarray, quotes: np.ndarray, separator: int) -> bool:
    """Whether every quote begins a cell, ends one, or is doubled inside one."""
    edges = np.zeros(256, dtype=bool)
    edges[[separator, _LF, _CR, _QUOTE]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = opening[opening > 0] - 1
    behind = closing[closing < len(data) - 1] + 1
    return bool(edges[data[before]].all() and edges[data[behind]].all())


def _table(content: bytes, begin: int, width: int, separator: str) -> pa.Table | None:
    names = [str(i) for i in range(width)]
    try:
        return pa_csv.read_csv(
            pa.BufferReader(memoryview(content)[begin:]),
            pa_csv.ReadOptions(column_names=names, block_size=16 << 20),
            pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _padding(data: np.ndarray, separator: str) -> bool:
    """Whether a cell may have blanks around it, or a carriage return in it."""
    if (data >= 128).any() or (data == _CR).any():
        return True
    edges = np.zeros(256, dtype=bool)
    edges[[ord(separator), _LF, _QUOTE]] = True
    for blank in (32, 9):
        if blank == ord(separator):
            continue
        at = np.flatnonzero(data == blank)
        inner = at[(at > 0) & (at < len(data) - 1)]
        if len(inner) < len(at) or edges[data[inner - 1]].any() or edges[data[inner + 1]].any():
            return True
    return False


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
