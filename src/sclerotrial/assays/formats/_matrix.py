"""A matrix of features by samples, and the tidy table of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sclerotrial.assays.formats._common import COLUMNS, number, refuse
from sclerotrial.errors import Problem, raise_if_any


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


def matrix(frame: pd.DataFrame, first_line: int, name: str, places: Sequence[str] = ()) -> Matrix:
    """The matrix of a table whose first column names the features.

    Parameters
    ----------
    frame : DataFrame
        Text or numbers; a column a sample.
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
    problems = []
    features = frame.iloc[:, 0].fillna("").astype(str).str.strip().tolist()
    if not features:
        raise refuse("The matrix has no rows", name, "Export it again")
    samples = [str(c).strip() for c in frame.columns[1:]]
    columns: list[np.ndarray] = []
    whole = all(k.kind in "fiu" for k in frame.dtypes.iloc[1:])
    for i in range(1, 1 if whole else len(samples) + 1):
        column = frame.iloc[:, i]
        if column.dtype.kind in "fiu":
            columns.append(column.to_numpy(float))
            continue
        got = pd.to_numeric(column, errors="coerce")
        for k in np.flatnonzero(got.isna() & column.notna()):
            text = number(str(column.iloc[k]), "," if "." not in str(column.iloc[k]) else ".")
            if text is None:
                where = f"{name}, line {first_line + k}, column {i + 1}"
                problems.append(Problem("A cell of the matrix is no number", where, "Correct it"))
            elif text:
                got = got.astype(float)
                got.iloc[k] = float(text)
        columns.append(got.to_numpy(float))
    if len(set(samples)) < len(samples):
        what = "Two columns of the matrix carry one sample's name"
        problems.append(Problem(what, f"{name}, line {first_line - 1}", "Name each sample once"))
    raise_if_any(problems[:20])
    lines = np.arange(first_line, first_line + len(features))
    values = frame.iloc[:, 1:].to_numpy(float) if whole else np.column_stack(columns)
    return Matrix(features, samples, values, list(places) or [""] * len(samples),
                  lines)  # fmt: skip


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
