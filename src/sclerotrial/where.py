"""Conditions on the rows of a dataset, written as they stand in FILTER."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sclerotrial.errors import InputErrors, Problem, did_you_mean

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: a word in quotes; a quote or backslash of its own stands behind a backslash
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TERM = re.compile(
    rf'\s*([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=|not in|in)\s*({_QUOTED}|\[(?:[^\]"]|{_QUOTED})*\])\s*'
)
#: what may follow a comparison: nothing, or & and another one
_JOINED = re.compile(r"\Z|&(?=.)", re.DOTALL)
_LIST = re.compile(rf"\[\s*{_QUOTED}\s*(?:,\s*{_QUOTED}\s*)*\]")
_WORD = re.compile(_QUOTED)
_ESCAPED, _BEHIND = re.compile(r'(["\\])'), r"\\\1"
_UNESCAPED = re.compile(r"\\(.)")


def both(*wheres: str) -> str:
    """Conditions joined by &; empty ones are left out."""
    return " & ".join(w for w in wheres if w)


def is_(column: str, *values: str) -> str:
    """The condition that a column has this value, or one of these."""
    words = [f'"{_ESCAPED.sub(_BEHIND, v)}"' for v in values]
    return f"{column}=={words[0]}" if len(words) == 1 else f"{column} in [{', '.join(words)}]"


class Term(NamedTuple):
    """One comparison: a column, whether it should be among the words, the words."""

    column: str
    among: bool
    words: tuple[str, ...]


def _words(literal: str) -> tuple[str, ...]:
    return tuple(_UNESCAPED.sub(r"\1", word[1:-1]) for word in _WORD.findall(literal))


@lru_cache(maxsize=8192)
def terms(where: str) -> tuple[Term, ...]:
    """The comparisons of a condition; an empty condition has none.

    Parameters
    ----------
    where : str
        ``COLUMN=="x"``, ``!=``, ``in ["x", "y"]``, ``not in [...]``, joined by ``&``. Nothing in
        it is ever executed.

    Raises
    ------
    InputErrors
        On anything beyond this grammar.
    """
    found = []
    at = 0
    while at < len(where):
        hit = _TERM.match(where, at)
        if not hit or not _JOINED.match(where, hit.end()):
            raise InputErrors([_unread(where)])
        column, operator, literal = hit.groups()
        if operator.endswith("in") != bool(_LIST.fullmatch(literal)):
            raise InputErrors([_unread(where)])
        found.append(Term(column, operator in ("==", "in"), _words(literal)))
        at = hit.end() + 1
    return tuple(found)


def readable(where: str) -> bool:
    """Whether a condition follows the grammar."""
    try:
        terms(where)
    except InputErrors:
        return False
    return True


def mask(
    df: pd.DataFrame, where: str, name: str = "", known: dict[Any, np.ndarray] | None = None
) -> np.ndarray:
    """Which rows of a text frame meet a condition, as an array of bool.

    Parameters
    ----------
    df : DataFrame of str
    where : str
        See `terms`.
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
    for term in terms(where):
        if term.column not in df.columns:
            raise InputErrors([_no_column(term.column, where, df, name)])
        if (name, term) not in known:
            inside = df[term.column].isin(term.words).to_numpy(bool)
            known[name, term] = inside if term.among else ~inside
        keep &= known[name, term]
    return keep


def select(
    df: pd.DataFrame, where: str, name: str = "", known: dict[Any, np.ndarray] | None = None
) -> pd.DataFrame:
    """Rows of a text frame that meet a condition; parameters and errors as of `mask`."""
    return df[mask(df, where, name, known)]


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
