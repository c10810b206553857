"""Dates as people and programs write them, read to ISO text.

A slash date alone does not say whether day or month comes first: `evidence` counts what a column
shows, `settle` decides. Nothing here knows of studies or findings.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: months by their names in English, French and German, without accents, down to their roots
_MONTHS = {
    1: "january jan janvier janv januar jaenner janner",
    2: "february feb fevrier fevr fev februar",
    3: "march mar mars maerz marz mrz maer",
    4: "april apr avril avr",
    5: "may mai",
    6: "june jun juin juni",
    7: "july jul juillet juil juli",
    8: "august aug aout",
    9: "september sep sept septembre septembre",
    10: "october oct octobre oktober okt",
    11: "november nov novembre",
    12: "december dec decembre dezember dez",
}
MONTH_NUMBER = {name: n for n, names in _MONTHS.items() for name in names.split()}
#: days of the week may stand before a date; 'mar' (mardi) is left to March
_WEEKDAYS = (
    "monday mon lundi lun montag mo tuesday tue tues mardi dienstag di wednesday wed mercredi mer"
    " mittwoch mi thursday thu thur thurs jeudi jeu donnerstag do friday fri vendredi ven freitag"
    " fr saturday sat samedi sam samstag sonnabend sa sunday sun dimanche dim sonntag so"
)
_UNKNOWN = {"un", "unk", "unknown", "nk", "na", "nd", "xx", "x", "??", "?", "--", "00"}
_OUTWEIGHED = 20
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_TIME = r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?: ?[aApP]\.?[mM]\.?)?)"
_ZONE = r"(?:Z| ?[+-]\d{2}:?\d{2})?"  # the clock at the place stays as it is written
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?:[T ]+" + _TIME + _ZONE + r")?$")
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ]+" + _TIME + ")?$"
)
_COMPACT = re.compile(
    r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?P<clock>(?:[01]\d|2[0-3])[0-5]\d)?$"
)
_THREE = re.compile(
    r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?:[T ]+" + _TIME + ")?$"
)
_SERIAL = re.compile(r"(?P<n>[1-6]\d{4})(?P<part>\.\d+)?$")
_YEAR_MONTH = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})$")
_MONTH_YEAR = re.compile(r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})$")
_YEAR = re.compile(r"(?P<y>(?:19|20)\d{2})$")
_WORDS = re.compile(r"[A-Za-z]+|\d+|\?+|--")


@dataclass(frozen=True)
class Parsed:
    """A date read from text.

    Attributes
    ----------
    iso : str
        YYYY-MM-DD, YYYY-MM or YYYY (with ``THH:MM`` where a time was read); '' when unreadable.
    shape : str
        How it was written: iso, iso datetime, year first, slash dmy, slash mdy, two-digit year,
        Excel serial, month name, partial; 'none' when it is no date, 'impossible' when it looks
        like one that the calendar does not have, 'ambiguous' when its order is open.
    """

    iso: str
    shape: str

    @property
    def precision(self) -> str:
        """day, month, year or '' (unreadable)."""
        return {0: "", 4: "year", 7: "month"}.get(len(self.iso.split("T")[0]), "day")


def plain_letters(text: str) -> str:
    """Lower case without accents."""
    return "".join(
        c
        for c in unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
        if not unicodedata.combining(c)
    )


def evidence(texts: Iterable[str]) -> dict[str, int]:
    """Count day-first and month-first dates that can be read in one way only, and open ones."""
    counts = {"dmy": 0, "mdy": 0, "open": 0}
    for text in texts:
        hit = _THREE.match(text.strip())
        if not hit:
            continue
        a, b = int(hit["a"]), int(hit["b"])
        if 12 < a <= 31 and 1 <= b <= 12:
            counts["dmy"] += 1
        elif 12 < b <= 31 and 1 <= a <= 12:
            counts["mdy"] += 1
        elif hit["s"] != "." and a != b and 1 <= a <= 12 and 1 <= b <= 12:
            counts["open"] += 1
    return counts


def settle(counts: dict[str, int], default: str | None) -> str | None:
    """The order of day and month: the file's own evidence, else the configured order.

    A single date in the other order does not outweigh `_OUTWEIGHED` times as many.

    Returns 'dmy', 'mdy' or None (left open: no evidence or evidence for both, and no default).
    """
    dmy, mdy = counts["dmy"], counts["mdy"]
    if dmy and dmy >= _OUTWEIGHED * mdy:
        return "dmy"
    if mdy and mdy >= _OUTWEIGHED * dmy:
        return "mdy"
    return default if default in ("dmy", "mdy") else None


def parse_date(text: str, order: str | None = None, latest_year: int = 2049) -> Parsed:
    """Read one date.

    Parameters
    ----------
    text : str
        A cell, not blank.
    order : {'dmy', 'mdy', None}
        Order of day and month in dates such as 03/05/2008; dotted dates are day first.
    latest_year : int
        Two-digit years become the latest year not after this one.
    """
    text = " ".join(text.replace("\u00a0", " ").split())
    for read in (_iso, _numeric, _three, _partial, _named):
        parsed = read(text, order, latest_year)
        if parsed is not None:
            return parsed
    return Parsed("", "none")


def _date(y: int, m: int, d: int, shape: str, time: str | None = None) -> Parsed:
    try:
        iso = dt.date(y, m, d).isoformat()
        if time:
            iso += "T" + _clock(time)
    except ValueError:
        return Parsed("", "impossible")
    return Parsed(iso, shape)


def _clock(time: str) -> str:
    """A time of day as HH:MM or HH:MM:SS; raises ValueError when it is none."""
    half = re.search(r"[aApP]", time)
    parts = [int(p) for p in re.sub(r"[^\d:.]", "", time).rstrip(".").split(".")[0].split(":")]
    if half:
        if not 1 <= parts[0] <= 12:
            raise ValueError(time)
        parts[0] = parts[0] % 12 + (12 if half[0] in "pP" else 0)
    return dt.time(*parts).isoformat("seconds" if len(parts) > 2 else "minutes")


def _iso(text: str, order: str | None, latest: int) -> Parsed | None:
    hit = _ISO.match(text)
    if not hit or "00" in (hit["m"], hit["d"]):
        return None
    shape = "iso datetime" if hit["time"] else "iso"
    return _date(int(hit["y"]), int(hit["m"]), int(hit["d"]), shape, hit["time"])


def _numeric(text: str, order: str | None, latest: int) -> Parsed | None:
    hit = _YEAR_FIRST.match(text) or _COMPACT.match(text)
    if hit and "00" not in (hit["m"], hit["d"]):
        parts = hit.groupdict()
        clock = parts.get("clock")
        time = f"{clock[:2]}:{clock[2:]}" if clock else parts.get("time")
        return _date(int(hit["y"]), int(hit["m"]), int(hit["d"]), "year first", time)
    hit = _SERIAL.match(text)
    if hit:
        minutes = round(float(hit["part"] or 0) * 1440)
        moment = dt.datetime.combine(_EXCEL_EPOCH, dt.time()) + dt.timedelta(
            days=int(hit["n"]), minutes=minutes
        )
        iso = moment.isoformat(timespec="minutes") if minutes else moment.date().isoformat()
        return Parsed(iso, "Excel serial")
    return None


def _three(text: str, order: str | None, latest: int) -> Parsed | None:
    hit = _THREE.match(text)
    if not hit or "0" in (hit["a"].strip("0") or "0", hit["b"].strip("0") or "0"):
        return None
    a, b, year = int(hit["a"]), int(hit["b"]), int(hit["y"])
    if len(hit["y"]) == 2:
        year += (latest // 100) * 100
        year -= 100 if year > latest else 0
    if a > 12 >= b:
        order = "dmy"
    elif b > 12 >= a:
        order = "mdy"
    elif hit["s"] == "." or a == b:
        order = "dmy"
    if order not in ("dmy", "mdy"):
        both = max(a, b) <= 12 and min(a, b) >= 1
        return Parsed("", "ambiguous" if both else "impossible")
    day, month = (a, b) if order == "dmy" else (b, a)
    shape = "two-digit year" if len(hit["y"]) == 2 else f"slash {order}"
    return _date(year, month, day, shape, hit["time"])


def _partial(text: str, order: str | None, latest: int) -> Parsed | None:
    hit = _YEAR_MONTH.match(text) or _MONTH_YEAR.match(text)
    if hit:
        if 1 <= int(hit["m"]) <= 12:
            return Parsed(f"{hit['y']}-{int(hit['m']):02d}", "partial")
        return Parsed("", "impossible")
    hit = _YEAR.match(text)
    return Parsed(hit["y"], "partial") if hit else None


def _named(text: str, order: str | None, latest: int) -> Parsed | None:
    """Dates with a month's name, or with words for an unknown day or month."""
    words = _WORDS.findall(plain_letters(text).replace("1er", "1"))
    words = [w for w in words if w not in ("de", "of", "st", "nd", "rd", "th", "den", "le")]
    words = words[1:] if words and words[0] in _WEEKDAYS.split() else words
    month: int | None = None
    unknown = 0
    numbers: list[str] = []
    for word in words:
        if word in MONTH_NUMBER and month is None:
            month = MONTH_NUMBER[word]
        elif word in _UNKNOWN:
            unknown += 1
        elif word.isdigit():
            numbers.append(word)
        else:
            return None
    years = [n for n in numbers if len(n) == 4]
    if len(years) != 1 and not (month and len(numbers) == 2 and not years and not unknown):
        return None  # 'May 08' may be a day or a year
    if (month is None and not unknown) or len(numbers) + unknown > 3:
        return None
    year_text = years[0] if years else numbers[-1]
    year = int(year_text)
    if len(year_text) == 2:
        year += (latest // 100) * 100
        year -= 100 if year > latest else 0
    rest = [int(n) for n in numbers if n is not year_text]
    if month is None:
        # UN/05/2008 and 2008-05-UN leave the month; 12-UNK-2008 has a day without a month
        if not rest or (words[0] not in _UNKNOWN and words[0] != year_text):
            return Parsed(f"{year:04d}", "partial")
        month, rest = rest[0], []
        if not 1 <= month <= 12 or (words[0] == year_text and words[1] in _UNKNOWN):
            return Parsed("", "impossible")
    if not rest:
        return Parsed(f"{year:04d}-{month:02d}", "partial")
    return _date(year, month, rest[0], "month name")
