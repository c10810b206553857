"""Reading the analysis results dataset (ARD): the only place where printed numbers come from."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.ard import slug, visit_part
from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.tabular import records

__all__ = [
    "ABSENT", "Numbers", "as_float", "marked", "parts", "slug", "unknown_id", "visit_part",
]  # fmt: skip

#: what stands where the ARD has no number
ABSENT = "–"
#: characters that no text of a result holds
_START, _END, _STOP = "\x02", "\x03", "\x04"
_MARKED = re.compile(f"{_START}([^{_END}]*){_END}([^{_STOP}]*){_STOP}")


class Numbers:
    """The ARD by ID.

    Parameters
    ----------
    ard : DataFrame
        One row a number, with the columns of the contract (`ID`, `TEXT`, `VALUE`, `NOTE`, ...).
        Cells may be text (as read from ``ard.csv``) or numbers.
    """

    def __init__(self, ard: pd.DataFrame) -> None:
        self.frame = ard
        self._rows: dict[str, dict[str, Any]] = {r["ID"]: r for r in records(ard)}

    @property
    def ids(self) -> list[str]:
        """All IDs in the order of the ARD."""
        return list(self._rows)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._rows

    def row(self, id_: str) -> Mapping[str, Any]:
        """The row of an ID.

        Raises
        ------
        InputErrors
            When the ARD holds no such ID, with the nearest known ones.
        """
        if id_ not in self._rows:
            raise InputErrors([unknown_id(id_, self._rows, "the analysis results dataset")])
        return self._rows[id_]

    def text(self, id_: str) -> str:
        """The number as printed; a dash where the ARD refuses it (it then has a NOTE)."""
        return _clean(self.row(id_).get("TEXT")) or ABSENT

    def said(self, id_: str) -> str:
        """The number as printed, for a sentence that knows where each of its numbers is from."""
        return marked(self.text(id_), id_)

    def value(self, id_: str) -> float:
        """The number for the position of a mark in a figure; NaN where there is none."""
        return as_float(self.row(id_).get("VALUE"))

    def cell(self, id_: str, column: str) -> str:
        """Another column of the row as text ('' when missing)."""
        return _clean(self.row(id_).get(column))

    def note(self, id_: str) -> str:
        """Why a number is missing or to be read with care ('' when there is nothing to say)."""
        return self.cell(id_, "NOTE")

    def where(self, **columns: str) -> pd.DataFrame:
        """Rows of the ARD whose columns have these values, in the order of the ARD."""
        keep = pd.Series(True, index=self.frame.index)
        for name, wanted in columns.items():
            keep &= self.frame[name].astype(str) == wanted
        return self.frame[keep]


def marked(text: str, *ids: str) -> str:
    """Text that carries the ARD ids it is made of, until `parts` tells the two apart."""
    return f"{_START}{' '.join(ids)}{_END}{text}{_STOP}"


def parts(text: str) -> list[tuple[str, str]]:
    """A text with marks in pieces: what is read, and the ids behind it ('' where none)."""
    found = []
    at = 0
    for hit in _MARKED.finditer(text):
        found += [(text[at : hit.start()], ""), (hit.group(2), hit.group(1))]
        at = hit.end()
    return [(said, ids) for said, ids in [*found, (text[at:], "")] if said]


def unknown_id(id_: str, known: Any, where: str) -> Problem:
    """The problem of a number that is asked for and not there."""
    return Problem(
        f"There is no number {id_!r}.{did_you_mean(id_, known)}",
        where,
        "Correct the ID; results/ard.csv lists all of them",
    )


def as_float(value: Any) -> float:
    """Number of a cell that may be text; NaN for ''."""
    text = _clean(value)
    return float(text) if text else math.nan


def _clean(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value)
