"""How far a number is from the published one, in words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

#: what is printed of these columns of the ARD follows the rule of p values
P_COLUMNS = ("P_ATTAINABLE", "P_DESIGN", "P_ADJ")
#: columns that hold numbers as they are printed
PRINTED = ("TEXT", "FOUND", "EXPECTED")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_PLAIN = re.compile(r"-?\d+(?:\.(\d+))?")
_LONGEST = 60


def number(text: str) -> Decimal | None:
    """The number that a cell holds, None where it holds none that is finite."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def change(column: str, then: dict[str, str], now: dict[str, str]) -> str:
    """What became of one column of a row: published, now, how far apart.

    Parameters
    ----------
    column : str
    then, now : dict of str
        The row as published and as it is.

    Returns
    -------
    str
        As in ``VALUE published 29.375, now 29.475, apart 0.1, 1 unit of the last printed digit
        (0.1)``; ``within printed precision`` where both print the same.
    """
    was, is_ = then[column], now[column]
    if column == "TEXT" and then.get("VALUE") != now.get("VALUE"):
        return f"TEXT published {_quoted(was)}, now {_quoted(is_)}"  # VALUE says how far
    if column in PRINTED:
        return f"{column} {_text(was, is_)}"
    a, b = number(was), number(is_)
    if a is None or b is None:
        return "{} published {}, now {}".format(column, *_apart(was, is_))
    words = f"{column} published {was}, now {is_}, apart {_size(abs(b - a))}"
    p_like = column in P_COLUMNS or (column == "VALUE" and then.get("STAT") == "p")
    digits = 3 if p_like else _digits(then, now) if column == "VALUE" else None
    if digits is None:
        return words
    if _shown(a, digits, p_like) == _shown(b, digits, p_like):
        return f"{words}, within printed precision"
    return f"{words}, {_units(a, b, digits)}"


def _text(was: str, is_: str) -> str:
    """Printed text: the numbers that changed in it, or both texts where the words did too."""
    old, new = _NUMBER.findall(was), _NUMBER.findall(is_)
    if not old or _NUMBER.sub("#", was) != _NUMBER.sub("#", is_):
        return "published {}, now {}".format(*_apart(was, is_))
    said = []
    for k, (a, b) in enumerate(zip(old, new, strict=True), start=1):
        if a == b:
            continue
        place = f" (number {k} of {len(old)})" if len(old) > 1 else ""
        x, y = Decimal(a), Decimal(b)
        units = _units(x, y, _decimals(a))
        said.append(f"published {a}, now {b}{place}, apart {_size(abs(y - x))}, {units}")
    return ", ".join(said)


def _units(a: Decimal, b: Decimal, digits: int) -> str:
    """The distance in units of the last printed digit."""
    unit = Decimal(1).scaleb(-digits)
    count = _size(abs(b - a) / unit, 3)
    return f"{count} unit{'' if count == '1' else 's'} of the last printed digit ({unit:f})"


def _size(distance: Decimal, significant: int = 6) -> str:
    """A distance with so many significant digits; whole digits are never given up."""
    if distance >= 10**significant:
        return f"{distance:.0f}"
    return f"{float(distance):.{significant}g}"


def _digits(then: dict[str, str], now: dict[str, str]) -> int | None:
    """Decimals with which a number is printed: as published, else as now."""
    for row in (then, now):
        if _PLAIN.fullmatch(row.get("TEXT", "")):
            return _decimals(row["TEXT"])
    return None


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _shown(x: Decimal, digits: int, p_like: bool) -> str:
    from sclerotrial.tabular import half_up, p_text  # pandas, only where numbers differ

    return p_text(float(x)) if p_like else half_up(float(x), digits)


def _quoted(text: str) -> str:
    return f"'{text}'" if text else "nothing"


def _apart(was: str, is_: str) -> tuple[str, str]:
    """Both texts on one line; of long ones the part from shortly before they part."""
    same = next((k for k, (a, b) in enumerate(zip(was, is_, strict=False)) if a != b), 0)
    same = same or min(len(was), len(is_))
    start = max(0, same - 20) if max(len(was), len(is_)) > _LONGEST else 0
    return _cut(was, start), _cut(is_, start)


def _cut(text: str, start: int) -> str:
    if not text:
        return "nothing"
    end = start + _LONGEST
    shown = ("..." if start else "") + text[start:end] + ("..." if len(text) > end else "")
    return _quoted(" ".join(shown.split()))
