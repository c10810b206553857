"""The tidy table as a DataFrame: its columns are laid down as Arrow text, without a detour.

Built the usual way, a table of a dozen readings costs more time than reading its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.internals import create_dataframe_from_blocks

_TEXT = pa.large_string()
_PLACES = [np.array([i]) for i in range(16)]
_DTYPE = pd.StringDtype("pyarrow", na_value=np.nan)


def column(values: Sequence[str]) -> pa.Array:
    """Text as a column."""
    return pa.array(values, type=_TEXT)


def same(value: str, n: int) -> pa.Array:
    """A column of one text `n` times."""
    return pa.repeat(pa.scalar(value, type=_TEXT), n)


def spread(values: Sequence[str], codes: np.ndarray) -> pa.Array:
    """A column that repeats a few texts, by their position."""
    return column(values).take(pa.array(codes))


def together(columns: Iterable[Sequence[Sequence[str]]]) -> list[pa.ChunkedArray]:
    """Short columns, each of several lists, laid down in one go."""
    columns = [list(chain.from_iterable(c)) for c in columns]
    whole, n = column(list(chain.from_iterable(columns))), len(columns[0])
    return [pa.chunked_array([whole.slice(i * n, n)]) for i in range(len(columns))]


def frame(names: pd.Index, columns: Sequence[pa.ChunkedArray]) -> pd.DataFrame:
    """Table of columns of text, all of one length."""
    blocks = [
        (pd.arrays.ArrowStringArray(c, dtype=_DTYPE), _PLACES[i]) for i, c in enumerate(columns)
    ]
    return create_dataframe_from_blocks(
        blocks, index=pd.RangeIndex(len(columns[0])), columns=names.view()
    )
