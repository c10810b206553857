"""Study days and partial dates.

Imputation follows pharmaverse/admiral (vignette on imputation): the start is the first possible
day, moved to the start of treatment where that is possible too; the end is the last possible day,
not after a cap that is itself possible; parts that are known never change, and the flag says the
highest part that was imputed (D day, M month, Y year).
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from sclerotrial.tabular import cells

_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2}|-))?(?:-(\d{2}))?$")
Parts = tuple[int, int | None, int | None]


def study_day(date: str, reference: str) -> int | None:
    """Day relative to a reference date: 1 is the reference, -1 the day before, there is no 0.

    Parameters
    ----------
    date, reference : str
        ISO dates; '' gives None.
    """
    if not date or not reference:
        return None
    days = _ordinal(date[:10]) - _ordinal(reference[:10])
    return days + 1 if days >= 0 else days


@lru_cache(maxsize=65536)
def _ordinal(date: str) -> int:
    return dt.date.fromisoformat(date).toordinal()


def study_days(dates: pd.Series, references: pd.Series) -> pd.Series:
    """`study_day` of each row as floats; NaN where a date is missing."""
    days = [study_day(d, r) for d, r in zip(cells(dates), cells(references), strict=True)]
    return pd.Series(days, index=dates.index, dtype=float)


def add_days(date: str, days: int) -> str:
    """An ISO date so many days later; '' stays ''."""
    return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat() if date else ""


def days_between(start: str, end: str) -> int | None:
    """Days from start to end, both included; None when one is missing."""
    if not start or not end:
        return None
    return _ordinal(end) - _ordinal(start) + 1


@lru_cache(maxsize=65536)
def parts(text: str) -> Parts | None:
    """Year, month and day of a whole or partial ISO date.

    Parameters
    ----------
    text : str
        ``2008-05-17``, ``2008-05``, ``2008``, ``2008---17`` (month unknown), ``2008-05--`` (day
        unknown), with or without a time; surrounding blanks do not count.

    Returns
    -------
    tuple or None
        Unknown parts are None; None when the text is no such date.
    """
    text = text.strip()
    # parts that are unknown at the end may stand there as dashes
    found = _PARTIAL.match(re.split(r"[T ]", text, maxsplit=1)[0].rstrip("-"))
    if not found:
        return None
    year = int(found[1])
    month = int(found[2]) if found[2] and found[2] != "-" else None
    day = int(found[3]) if found[3] else None
    try:
        # a leap year and a long month, so that only impossible parts fail
        dt.date(year if month and day else 2000, month or 1, day or 1)
    except ValueError:
        return None
    return year, month, day


def usable(text: str) -> str:
    """The text itself when it is a whole or partial ISO date, else ''."""
    return text.strip() if parts(text) else ""


def _flag(known: Parts) -> str:
    return "M" if known[1] is None else "D" if known[2] is None else ""


def _edge(known: Parts, at: str) -> dt.date:
    year, month, day = known
    if at == "mid":
        if month is None:
            return dt.date(year, 6, 30 if day is None else day)
        return dt.date(year, month, 15 if day is None else day)
    first = at == "first"
    month = month if month is not None else 1 if first else 12
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, day if day is not None else 1 if first else last)


def _possible(date: str, known: Parts) -> bool:
    when = dt.date.fromisoformat(date)
    return all(
        k is None or k == v for k, v in zip(known, (when.year, when.month, when.day), strict=True)
    )


def impute(text: str, at: str, caps: Iterable[str] = ()) -> tuple[str, str]:
    """Complete a partial date.

    Parameters
    ----------
    text : str
        See `parts`; '' stays ''.
    at : {'first', 'mid', 'last'}
        Which possible day: mid is the 15th, 30 June when the month is missing too.
    caps : iterable of str
        ISO dates ('' is none). Of those that are possible themselves, 'first' moves to the
        latest, 'last' to the earliest; the others count for nothing.

    Returns
    -------
    (str, str)
        ISO date and flag ('', 'D', 'M').

    Raises
    ------
    ValueError
        When the text is no date (`usable` tells).
    """
    if not text.strip():
        return "", ""
    known = parts(text)
    if known is None:
        raise ValueError("not a whole or partial ISO date")
    date = _edge(known, at).isoformat()
    flag = _flag(known)
    inside = [c for c in caps if c and _possible(c, known)] if flag else []
    if inside and at == "first":
        date = max(date, *inside)
    elif inside and at == "last":
        date = min(date, *inside)
    return date, flag


def impute_start(text: str, not_before: Iterable[str] = (), fill: str = "") -> tuple[str, str]:
    """First possible day, moved to the start of treatment where that is possible.

    Parameters
    ----------
    text : str
        Partial date.
    not_before : iterable of str
        Starts of treatment.
    fill : str
        Date taken, with flag Y, when nothing at all is known; '' leaves it missing.
    """
    if not text.strip() and fill:
        return fill, "Y"
    return impute(text, "first", not_before)


def impute_end(text: str, not_after: Iterable[str] = (), ongoing: bool = False) -> tuple[str, str]:
    """Last possible day, not after caps (death, end of study) that are possible themselves.

    Parameters
    ----------
    text : str
        Partial date.
    not_after : iterable of str
        Caps.
    ongoing : bool
        True leaves the end missing, whatever the text says.
    """
    return ("", "") if ongoing else impute(text, "last", not_after)


def not_after(start: str, flag: str, end: str, recorded: str = "") -> str:
    """An imputed start that falls after the end becomes the end; a recorded one stays.

    Parameters
    ----------
    start, flag, end : str
        As from `impute_start` and `impute_end`.
    recorded : str
        The partial date that was written. Where the end is none of its days, the start is its
        first possible day: the parts that are known never change.
    """
    if not (flag and start and end and start > end):
        return start
    known = parts(recorded)
    return end if known is None or _possible(end, known) else _edge(known, "first").isoformat()
