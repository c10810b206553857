"""The FILTER of an ARD row, read by a small grammar of its own: nothing in it is ever executed.

``PARAMCD=="MRSS" & AVISIT in ["Baseline", "Month 6"] & AVAL!=0``: comparisons of a column with
literals, joined by ``&``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<op>==|!=|>=|<=|>|<|&)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>[()\[\],]))""",
    re.VERBOSE,
)


class FilterError(ValueError):
    """A FILTER that does not follow the grammar."""


@dataclass(frozen=True)
class Term:
    """One comparison: a column, an operator (``==``, ``!=``, ``in``, ``not in``), literals."""

    column: str
    operator: str
    values: tuple[str | float, ...]


def parse(text: str) -> list[Term]:
    """Terms of a filter; an empty filter has none.

    Raises
    ------
    FilterError
        On anything beyond the grammar.
    """
    tokens = _tokens(text)
    terms: list[Term] = []
    while tokens:
        terms.append(_term(tokens, text))
        if tokens and tokens.pop(0) != ("op", "&"):
            raise FilterError(f"terms are joined by &: {text}")
    return terms


def select(frame: pd.DataFrame, text: str) -> pd.DataFrame:
    """Rows of a frame that a filter keeps; the index stays.

    Text literals are compared as text, unquoted numbers as numbers ('' is never equal to one).

    Raises
    ------
    FilterError
        On anything beyond the grammar, or a column that the frame has not.
    """
    return frame[Masks(frame).of(text)]


class Masks:
    """Which rows of a frame filters keep; each comparison is worked out once.

    Parameters
    ----------
    frame : DataFrame
        Cells are text (or numbers).
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._known: dict[Term, np.ndarray] = {}

    def of(self, text: str) -> np.ndarray:
        """Boolean array over the rows; see `select`."""
        keep = np.ones(len(self.frame), dtype=bool)
        for term in parse(text):
            if term not in self._known:
                if term.column not in self.frame.columns:
                    raise FilterError(f"no column {term.column}")
                self._known[term] = _matches(self.frame[term.column], term)
            keep &= self._known[term]
        return keep


def _matches(cells: pd.Series, term: Term) -> np.ndarray:
    hit = np.zeros(len(cells), dtype=bool)
    for value in term.values:
        if isinstance(value, str):
            hit |= (cells.astype(str) == value).to_numpy()
        else:
            hit |= (pd.to_numeric(cells, errors="coerce") == value).to_numpy()
    return ~hit if term.operator in ("!=", "not in") else hit


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        hit = _TOKEN.match(text, at)
        if not hit:
            raise FilterError(f"not understood at character {at + 1}: {text}")
        found.append((hit.lastgroup, hit.group(hit.lastgroup)))
        at = hit.end()
    return found


def _term(tokens: list[tuple[str, str]], text: str) -> Term:
    bracket = tokens[0] == ("mark", "(")
    if bracket:
        tokens.pop(0)
    if len(tokens) < 3 or tokens[0][0] != "word":
        raise FilterError(f"a term is column, operator, value: {text}")
    column = tokens.pop(0)[1]
    kind, operator = tokens.pop(0)
    if (kind, operator) == ("word", "not"):
        kind, operator = tokens.pop(0)
        operator = f"not {operator}"
    if operator in ("==", "!="):
        values = (_literal(tokens, text),)
    elif operator in ("in", "not in"):
        values = _literals(tokens, text)
    else:
        raise FilterError(f"the operator {operator} is not allowed: {text}")
    if bracket and (not tokens or tokens.pop(0) != ("mark", ")")):
        raise FilterError(f"a bracket is not closed: {text}")
    return Term(column, operator, values)


def _literal(tokens: list[tuple[str, str]], text: str) -> str | float:
    if not tokens:
        raise FilterError(f"a value is missing: {text}")
    kind, token = tokens.pop(0)
    if kind == "text":
        return token[1:-1]
    if kind == "number":
        return float(token)
    raise FilterError(f"a value is quoted text or a number: {text}")


def _literals(tokens: list[tuple[str, str]], text: str) -> tuple[str | float, ...]:
    if not tokens or tokens.pop(0) not in (("mark", "["), ("mark", "(")):
        raise FilterError(f"'in' takes a list: {text}")
    values = []
    while tokens and tokens[0] not in (("mark", "]"), ("mark", ")")):
        values.append(_literal(tokens, text))
        if tokens and tokens[0] == ("mark", ","):
            tokens.pop(0)
    if not tokens:
        raise FilterError(f"a list is not closed: {text}")
    tokens.pop(0)
    return tuple(values)
