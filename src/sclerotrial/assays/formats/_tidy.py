"""Titles, wells and tasks of any table, and the tidy long table that is built of readings."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

Rows = list[tuple[int, list[str]]]

_WELL = re.compile(r"([A-Za-z]{1,2})0*([1-9]\d?)")
_MARKS = re.compile(r"[^a-z0-9%]")
#: Names that say what is in a well, whatever the instrument.
_TASKS = (
    ("NTC", re.compile(r"(ntc|no[ _-]?template.*|neg(ative)?[ _-]?(ctrl|control)|nac)[ _-]?\d*",
                       re.I)),
    ("BLANK", re.compile(r"(b|bl|blk|blank|background|bkg|bg|buffer)[ _-]?\d*", re.I)),
    ("STANDARD", re.compile(r"(s|st|std|stds|standards?|cal|calibrators?)[ _-]*0*\d*", re.I)),
    ("CONTROL", re.compile(r"(c|co|ctl|ctrl|controls?|qc|pc|nc|hc|lc|ctl|pos|neg|"
                           r"(positive|negative|high|low|mid)?[ _-]?(control|ctrl|qc))s?[ _-]*\d*",
                           re.I)),
)  # fmt: skip


@functools.lru_cache(maxsize=1 << 14)
def fold(title: str) -> str:
    """Lower case letters and digits only; Cyrillic te of some exports is t."""
    return _MARKS.sub("", title.replace("т", "t").replace("Т", "t").lower())


@functools.lru_cache(maxsize=1 << 14)
def well(place: str) -> str:
    """``a01`` is A1; what is no well stays as it is."""
    found = _WELL.fullmatch(place.strip())
    return f"{found.group(1).upper()}{int(found.group(2))}" if found else place.strip()


@functools.lru_cache(maxsize=1 << 14)
def is_well(place: str) -> bool:
    """Whether a cell names a well (A1 to AF48)."""
    found = _WELL.fullmatch(place.strip())
    return bool(found) and int(found.group(2)) <= 48


@functools.lru_cache(maxsize=1 << 14)
def task(sample: str, default: str = "SAMPLE") -> str:
    """What the name of a well says it holds: SAMPLE, STANDARD, CONTROL, BLANK or NTC."""
    return next((t for t, rx in _TASKS if rx.fullmatch(sample.strip())), default)


def find_header(
    rows: Rows, titles: dict[str, Sequence[str]], needs: Iterable[str], first: int = 0
) -> tuple[int, dict[str, int]] | None:
    """The first row that holds a title of each of `needs`.

    Parameters
    ----------
    rows : list of (line, cells)
    titles : dict
        Key -> folded titles it goes by, the preferred first.
    needs : iterable of str
        Keys that must be there.
    first : int
        Index at which to begin.

    Returns
    -------
    index, columns : int, dict of key -> position; None when there is no such row
    """
    must = [titles[k] for k in needs]
    for i in range(first, len(rows)):
        cells = rows[i][1]
        if len(cells) - cells.count("") < len(must):
            continue
        folded = [fold(c) for c in cells]
        if any(not any(t in folded for t in wanted) for wanted in must):
            continue
        at = {k: next((folded.index(t) for t in v if t in folded), None) for k, v in titles.items()}
        return i, {k: p for k, p in at.items() if p is not None}
    return None


def cell(cells: list[str], at: int | None) -> str:
    """A cell of a row, '' where the row is too short or has no such column."""
    return cells[at] if at is not None and at < len(cells) else ""
