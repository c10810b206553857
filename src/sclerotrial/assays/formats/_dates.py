"""Dates as an instrument's PC writes them: the order of day and month is told, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

_FIGURES = re.compile(r"(?<!\d)(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})(?!\d)")
_NAMED = re.compile(r"(?<!\d)(\d{1,2})[ .-]+([A-Za-z]{3})[a-z]*\.?[ .,-]+(\d{4})(?!\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
#: language of a Windows locale (low ten bits of its number)
_ENGLISH, _INVARIANT = 0x09, 0x7F
#: locales that write the month first: English of the US and the Philippines, Spanish of the US
_MONTH_FIRST = {0x0409, 0x3409, 0x540A}
#: locales whose own habit is mixed: English of Canada and South Africa
_UNSURE = {0x1009, 0x1C09}


def order_of(texts: Iterable[str], locale: str = "") -> str:
    """Order of day and month in a file: ``dmy``, ``mdy``, '' where nothing tells.

    Parameters
    ----------
    texts : iterable of str
        All cells that may hold dates; a figure above 12 tells the day.
    locale : str
        Number of the Windows locale in hexadecimal (``409``, ``809``), as xPONENT writes it under
        Country Code. What the dates themselves tell goes before it.
    """
    told = set()
    for text in texts:
        for first, _, second, _ in _FIGURES.findall(text):
            if len(first) < 3:
                told |= {"dmy"} if int(first) > 12 else {"mdy"} if int(second) > 12 else set()
    if told:
        return told.pop() if len(told) == 1 else ""
    try:
        number = int(locale, 16)
    except ValueError:
        return ""
    if number in _MONTH_FIRST or number == _INVARIANT:
        return "mdy"
    return "" if number in _UNSURE or not number else "dmy"


def readings_of(text: str, order: str = "") -> set[date]:
    """Days that a text may mean: none when it holds no date, two when its order is not told.

    Parameters
    ----------
    text : str
        A date with or without a time, in figures or with an English name of its month.
    order : str
        From `order_of`.
    """
    if named := _NAMED.search(text):
        day, month, year = named.groups()
        known = month.lower() in _MONTHS
        return _days(int(year), _MONTHS.index(month.lower()) + 1, int(day)) if known else set()
    found = _FIGURES.search(text)
    if not found:
        return set()
    first, _, second, third = found.groups()
    if len(first) == 4:
        return _days(int(first), int(second), int(third))
    if len(third) == 3 or len(first) == 3:
        return set()
    year = int(third) + (2000 if len(third) == 2 else 0)
    dmy, mdy = _days(year, int(second), int(first)), _days(year, int(first), int(second))
    if not (dmy and mdy):
        return dmy | mdy
    return {"dmy": dmy, "mdy": mdy}.get(order, dmy | mdy)


def _days(year: int, month: int, day: int) -> set[date]:
    try:
        return {date(year, month, day)}
    except ValueError:
        return set()
