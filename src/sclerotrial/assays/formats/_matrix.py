"""A matrix of features by samples, and the tidy table of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pandas as pd

from sclerotrial.assays.formats._common import COLUMNS, number, refuse
from sclerotrial.errors import Problem, raise_if_any

#: of a table that is read at once
_CELLS = 1 << 17


@dataclass(frozen=True)
class Matrix:
    """Expression of features in samples.

    Attributes
    ----------
    features, samples : list of str
    values : (features, samples) array of float
        NaN where empty.
    places : list of str
        A second name of each sample (accession), '' where it has none.
    lines : (features,) array of int
        Line of each feature in the file.
    """

    features: list[str]
    samples: list[str]
    values: np.ndarray
    places: list[str]
    lines: np.ndarray


class Titled(io.RawIOBase):
    """A file of bytes behind a line of titles of ours."""

    def __init__(self, titles: bytes, source: IO[bytes]) -> None:
        self.titles, self.source = io.BytesIO(titles), source

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Bytes of the titles, then those of the file."""
        got = self.titles.read(len(into)) or self.source.read(len(into))
        into[: len(got)] = got
        return len(got)


def chunks(
    source: IO[bytes], name: str, delimiter: str, header: Sequence[str], columns: Sequence[int],
    skip: int = 0,
) -> Iterator[pd.DataFrame]:  # fmt: skip
    """A table of text, some lines at a time: the whole of it is never held as text.

    Parameters
    ----------
    source : open file of bytes
        UTF-8.
    name : str
        How the file is called.
    delimiter : str
    header : sequence of str
        Names of all columns.
    columns : sequence of int
        Those to read, the first of them the features.
    skip : int
        Lines before the first feature.
    """
    over = len(header)  # one title more than there are: what stands below it is too much
    titles = delimiter.join(map(str, range(over + 1))) + "\n"
    try:
        with pd.read_csv(
            io.BufferedReader(Titled(titles.encode(), source), 1 << 18), sep=delimiter,
            skiprows=range(1, skip + 1), dtype={0: str}, low_memory=False, index_col=False,
            usecols=[*columns, over], skip_blank_lines=False, encoding="utf-8",
            na_values=["null", "NULL", "NA"], chunksize=max(1, _CELLS // len(columns)),
        ) as parts:  # fmt: skip
            for part in parts:
                if (more := part.iloc[:, -1].notna()).any():
                    what = f"A row of the matrix has more cells than the {over} titles"
                    where = f"{name}, row {more.idxmax() + 1} below the titles"
                    raise refuse(what, where, "Write numbers with a point, or quote such cells")
                part = part.iloc[:, :-1]
                yield part.set_axis([header[int(i)] for i in part.columns], axis=1)
    except pd.errors.ParserError:
        what = "The matrix cannot be read: a quote is opened and not closed"
        raise refuse(what, name, "Export it again") from None


def gather(
    parts: Iterable[pd.DataFrame], rows: int, first_line: int, name: str,
    places: Sequence[str] = (),
) -> Matrix:  # fmt: skip
    """The matrix of tables that follow one another; their first column names the features.

    Parameters
    ----------
    parts : iterable of DataFrame
        Text or numbers; a column a sample. The index tells the row, the first is 0; rows without
        a name are left out.
    rows : int
        About how many there are.
    first_line : int
        Line of the first feature in the file.
    name : str
        How the file is called.
    places : sequence of str
        See `Matrix`.

    Raises
    ------
    InputErrors
        Cells that are no number, samples named alike, no features.
    """
    features: list[str] = []
    lines: list[np.ndarray] = []
    samples: list[str] = []
    problems: list[Problem] = []
    values = np.empty((0, 0))
    for frame in parts:
        part = frame[frame.iloc[:, 0].notna()] if frame.iloc[:, 0].isna().any() else frame
        if not samples:
            samples = [str(c).strip() for c in frame.columns[1:]]
            values = np.empty((rows, len(samples)))
        begin, end = len(features), len(features) + len(part)
        if end > len(values):
            values = np.concatenate([values, np.empty((end - len(values), len(samples)))])
        features += part.iloc[:, 0].astype(str).str.strip().tolist()
        lines.append(part.index.to_numpy(int) + first_line)
        if all(k.kind in "fiu" for k in part.dtypes.iloc[1:]):
            values[begin:end] = part.iloc[:, 1:].to_numpy(float)
        else:
            for i in range(1, part.shape[1]):
                values[begin:end, i - 1] = _numbers(part.iloc[:, i], lines[-1], i, name, problems)
    return _whole(features, samples, values[: len(features)], np.concatenate(lines or [[]]), name,
                  places, problems)  # fmt: skip


def by_columns(
    features: pd.Series, samples: Sequence[str], column: Callable[[str], pd.Series], name: str
) -> Matrix:
    """As `gather`, of a table whose columns are read one by one."""
    values = np.empty((len(features), len(samples)))
    lines = np.arange(1, len(features) + 1)
    problems: list[Problem] = []
    for j, sample in enumerate(samples):
        values[:, j] = _numbers(column(sample), lines, j + 1, name, problems)
    names = features.fillna("").astype(str).str.strip().tolist()
    return _whole(names, [s.strip() for s in samples], values, lines, name, (), problems)


def _whole(
    features: list[str], samples: list[str], values: np.ndarray, lines: np.ndarray, name: str,
    places: Sequence[str], problems: list[Problem],
) -> Matrix:  # fmt: skip
    """The matrix, or what is wrong with it."""
    if not features:
        raise refuse("The matrix has no rows", name, "Export it again")
    if len(set(samples)) < len(samples):
        what = "Two columns of the matrix carry one sample's name"
        where = f"{name}, line {max(int(lines[0]) - 1, 0)}"
        problems = [*problems, Problem(what, where, "Name each sample once")]
    raise_if_any(problems[:20])
    return Matrix(features, samples, values, list(places) or [""] * len(samples), lines)


def _numbers(
    column: pd.Series, lines: np.ndarray, place: int, name: str, problems: list[Problem]
) -> np.ndarray:
    """Numbers of a column that may hold text; what is none is told."""
    if column.dtype.kind in "fiu":
        return column.to_numpy(float)
    got = pd.to_numeric(column.astype(object), errors="coerce").to_numpy(float, copy=True)
    # words of truth are read as such where a column has no other
    odd = column.notna().to_numpy() & (np.isnan(got) | (column.dtype.kind == "b"))
    for k in np.flatnonzero(odd):
        cell = str(column.iloc[k])
        text = number(cell, "," if "." not in cell else ".")
        if text is None:
            where = f"{name}, line {lines[k]}, column {place + 1}"
            problems.append(Problem("A cell of the matrix is no number", where, "Correct it"))
        elif text:
            got[k] = float(text)
    return got


def matrix(frame: pd.DataFrame, first_line: int, name: str, places: Sequence[str] = ()) -> Matrix:
    """As `gather`, of one table."""
    whole = frame.reset_index(drop=True)
    return gather([whole], len(whole), first_line, name, places)


def tidy(m: Matrix, name: str, quantity: str = "expression", unit: str = "") -> pd.DataFrame:
    """The matrix as the tidy long table, sample by sample; repeated text is held once."""
    n, k = m.values.shape

    def few(values: Sequence[str], codes: np.ndarray) -> pd.Categorical:
        levels = list(dict.fromkeys(values))
        index = {v: i for i, v in enumerate(levels)}
        return pd.Categorical.from_codes(np.array([index[v] for v in values])[codes], levels)

    sample, feature = np.repeat(np.arange(k), n), np.tile(np.arange(n), k)
    flat = m.values.T.ravel()
    # the shortest decimal that gives the number back is what the file held
    text = pd.Series([repr(x) if x == x else "" for x in flat.tolist()], dtype="str")
    out = {
        "WELL": few(m.places, sample), "SAMPLE": few(m.samples, sample),
        "TASK": few(["SAMPLE"], 0 * sample), "ANALYTE": few(m.features, feature),
        "QUANTITY": few([quantity], 0 * sample), "VALUE": text, "TEXT": text,
        "UNIT": few([unit], 0 * sample), "FLAGS": few([""], 0 * sample),
        "DILUTION": few([""], 0 * sample), "FILE": few([name], 0 * sample),
        "LINE": few([str(x) for x in m.lines], feature),
    }  # fmt: skip
    return pd.DataFrame(out, columns=COLUMNS)
