"""Dates in logic: differences in the units of REDCap, ages, parts of a date.

Texts are dates when they are ISO (an export's own form, whatever the screen shows) or, as
literals, day.month.year or month/day/year in the format that a call names. A partial date, and
any other text, is no date: the result is blank.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from sclerotrial.logic.values import Value, number, text, truth

#: seconds in each unit: a year is 365.2425 days, a month 30.44 days (RC-CALC-01)
UNITS = {"y": 365.2425 * 86400, "M": 30.44 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
FORMATS = ("ymd", "mdy", "dmy")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_OTHER = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def moment(value: Value, order: str = "ymd") -> dt.datetime | None:
    """The value as a point in time; None when it is no whole date.

    Parameters
    ----------
    value : value
    order : {'ymd', 'mdy', 'dmy'}
        Of texts that are not ISO.
    """
    said = text(value).strip()
    hit = _ISO.fullmatch(said)
    if hit:
        y, m, d = hit[1], hit[2], hit[3]
    elif order in ("mdy", "dmy") and (hit := _OTHER.fullmatch(said)):
        y, m, d = (hit[3], hit[1], hit[2]) if order == "mdy" else (hit[3], hit[2], hit[1])
    else:
        return None
    try:
        return dt.datetime(int(y), int(m), int(d), *(int(t or 0) for t in hit.groups()[3:]))
    except ValueError:
        return None


def datediff(first: Value, second: Value, units: Value = "d", *more: Value) -> Value:
    """Time from the first date to the second.

    Parameters
    ----------
    first, second : value
        Dates; blank or partial ones give a blank.
    units : {'y', 'M', 'd', 'h', 'm', 's'}
        365.2425 days a year, 30.44 days a month; not rounded.
    more : value
        The format (ymd, mdy, dmy) and whether the sign is kept, in this order; either may be
        left out. Without the sign the size alone is given (ccts-bsc.netlify.app, RC-CALC-01).

    Notes
    -----
    Decided: whole days are counted between a date and a datetime, since the date has no time.
    """
    order, signed = "ymd", False
    for word in more:
        if isinstance(word, str) and word.strip().lower() in FORMATS:
            order = word.strip().lower()
        elif isinstance(word, str) and word.strip().lower() in ("true", "false"):
            signed = word.strip().lower() == "true"
        elif word != "":
            signed = bool(truth(word))
    a, b, size = moment(first, order), moment(second, order), UNITS.get(text(units).strip())
    if a is None or b is None or size is None:
        return ""
    if (len(text(first).strip()) > 10) != (len(text(second).strip()) > 10):
        a, b = (x.replace(hour=0, minute=0, second=0) for x in (a, b))
    result = (b - a).total_seconds() / size
    return result if signed else abs(result)


def age_at_date(birth: Value, at: Value, decimal: Value = False) -> Value:
    """Completed years of age, by the calendar; with `decimal` the fraction of the year too."""
    a, b = moment(birth), moment(at)
    if a is None or b is None or b < a:
        return ""
    years = b.year - a.year - ((b.month, b.day) < (a.month, a.day))
    if not truth(decimal):
        return float(years)
    return (b.date() - a.date()).days / 365.2425


def dayoftheweek(value: Value) -> Value:
    """1 Monday to 7 Sunday."""
    when = moment(value)
    return "" if when is None else float(when.isoweekday())


def calcdate(value: Value, n: Value, units: Value) -> Value:
    """The date that lies so many units after the first, as text; years and months by calendar."""
    when, count, unit = moment(value), number(n), text(units).strip()
    if when is None or count is None or unit not in UNITS:
        return ""
    try:
        if unit in ("y", "M") and count == int(count):
            months = when.year * 12 + when.month - 1 + int(count) * (12 if unit == "y" else 1)
            first = when.replace(year=months // 12, month=months % 12 + 1, day=1)
            later = first + dt.timedelta(days=when.day - 1)
        else:
            later = when + dt.timedelta(seconds=count * UNITS[unit])
    except (ValueError, OverflowError):
        return ""
    timed = len(text(value).strip()) > 10 or unit in ("h", "m", "s")
    return later.isoformat(" ", "minutes") if timed else later.date().isoformat()


def part(name: str) -> Callable[[Value], Value]:
    """The function that takes year, month, day or a part of the time from a date."""

    def take(value: Value) -> Value:
        when = moment(value)
        return "" if when is None else float(getattr(when, name))

    return take
