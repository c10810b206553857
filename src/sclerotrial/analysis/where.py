"""Conditions on the rows of a dataset, written as they stand in FILTER."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sclerotrial.errors import InputErrors, Problem, did_you_mean

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_TERM = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=|not in|in)\s*("[^"]*"|\[[^\]]*\])\s*')
_WORD = re.compile(r'"([^"]*)"')


def both(*wheres: str) -> str:
    """Conditions joined by &; empty ones are left out."""
    return " & ".join(w for w in wheres if w)


def is_(column: str, *values: str) -> str:
    """The condition that a column has this value, or one of these."""
    if len(values) == 1:
        return f'{column}=="{values[0]}"'
    listed = ", ".join(f'"{v}"' for v in values)
    return f"{column} in [{listed}]"


def select(
    df: pd.DataFrame, where: str, name: str = "", known: dict[Any, np.ndarray] | None = None
) -> pd.DataFrame:
    """Rows of a text frame that meet a condition.

    Parameters
    ----------
    df : DataFrame of str
    where : str
        ``COLUMN=="x"``, ``!=``, ``in ["x", "y"]``, ``not in [...]``, joined by ``&``.
    name : str
        Of the dataset, for messages.
    known : dict, optional
        Keeps what each comparison of this dataset gave: most are asked many times.

    Raises
    ------
    InputErrors
        When the condition cannot be read, or names a column that is not there.
    """
    import numpy as np  # not wanted where conditions are only checked

    keep = np.ones(len(df), bool)
    known = {} if known is None else known
    at = 0
    while at < len(where):
        hit = _TERM.match(where, at)
        if not hit or (hit.end() < len(where) and where[hit.end()] != "&"):
            raise InputErrors([_unread(where)])
        column, operator, literal = hit.groups()
        if column not in df.columns:
            raise InputErrors([_no_column(column, where, df, name)])
        key = (name, column, operator, literal)
        if key not in known:
            inside = df[column].isin(_WORD.findall(literal)).to_numpy(bool)
            known[key] = inside if operator in ("==", "in") else ~inside
        keep &= known[key]
        at = hit.end() + 1
    return df[keep]


def readable(where: str) -> bool:
    """Whether a condition follows the grammar."""
    at = 0
    while at < len(where):
        hit = _TERM.match(where, at)
        if not hit or (hit.end() < len(where) and where[hit.end()] != "&"):
            return False
        at = hit.end() + 1
    return True


def _unread(where: str) -> Problem:
    return Problem(
        f"The condition {where!r} cannot be read",
        "analyses.yaml, key where",
        'Write comparisons such as COLUMN=="x" or COLUMN in ["x", "y"], joined by &',
    )


def _no_column(column: str, where: str, df: pd.DataFrame, name: str) -> Problem:
    return Problem(
        f"The dataset {name or '(unnamed)'} has no column {column!r}."
        f"{did_you_mean(column, df.columns)}",
        f"analyses.yaml, the condition {where!r}",
        "Correct the name of the column",
    )
