"""Values of the logic language: what is a number, what is blank, how two are compared.

A value is a text, a number (float) or true/false. A blank is the empty text. `UNKNOWN` stands for
what an export cannot say (a withheld field, the day of the question); it spreads through
arithmetic, and through and/or as in three-valued logic.
"""

from __future__ import annotations

import math
import re
from typing import Any

from sclerotrial.tabular import plain

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?)?")


class Unknown:
    """The value of what cannot be known."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()
Value = Any


class MissingCode(str):
    """The text of a code for a missing value: equal to itself as text, a number to nobody."""


def number(value: Value) -> float | None:
    """The value as a number; None for blanks and for texts that are none.

    true is 1 and false is 0. Codes for missing values are no numbers: decided, so that -99 is not
    less than 5 (REDCap takes the code as it stands).
    """
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, MissingCode):
        return None
    text = value.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def text(value: Value) -> str:
    """The value as text: whole numbers without a point, true and false as 1 and 0."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return plain(value)
    return str(value)


def truth(value: Value) -> bool | Unknown:
    """Whether a value counts as true: not blank, not 0."""
    if value is UNKNOWN or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    got = number(value)
    return got != 0 if got is not None else value != ""


def calculated(value: float) -> Value:
    """A result of arithmetic: blank when it is no number."""
    return value if math.isfinite(value) else ""


def compare(sign: str, left: Value, right: Value) -> bool | Unknown:
    """Compare two values.

    Two numbers compare as numbers, also when they are written in quotes ([age] = '18.0'); else =
    and <> compare texts, with case. A blank equals only a blank: it is not 0 (RC-BL-02).

    Decided: <, <=, > and >= with a blank are false, as an arithmetic result that is no number
    would make them. Dates compare as far as both are known: '2008-05' is neither before nor
    after '2008-05-12', and <= and >= hold between them.
    """
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return _ordered(sign, a, b)
    a, b = text(left), text(right)
    if sign in ("=", "<>"):
        a, b = a.replace("T", " ") if _DATE.fullmatch(a) else a, b
        b = b.replace("T", " ") if _DATE.fullmatch(b) else b
        return (a == b) == (sign == "=")
    if a == "" or b == "":
        return False
    if isinstance(left, MissingCode) or isinstance(right, MissingCode):
        return False
    if _DATE.fullmatch(a) and _DATE.fullmatch(b):
        n = min(len(a), len(b))
        return _ordered(sign, a[:n].replace("T", " "), b[:n].replace("T", " "))
    return _ordered(sign, a, b)


def _ordered(sign: str, a: Any, b: Any) -> bool:
    if sign == "=":
        return a == b
    if sign == "<>":
        return a != b
    if sign == "<":
        return a < b
    if sign == "<=":
        return a <= b
    return a > b if sign == ">" else a >= b


def arithmetic(sign: str, left: Value, right: Value) -> Value:
    """Two values joined by + - * / % or ^; blank when one of them is blank or no number.

    So an incomplete calculation stays visible (RC-CALC-01 on + against sum). Division by zero is
    blank.
    """
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    a, b = number(left), number(right)
    if a is None or b is None:
        return ""
    try:
        if sign == "+":
            return calculated(a + b)
        if sign == "-":
            return calculated(a - b)
        if sign == "*":
            return calculated(a * b)
        if sign == "/":
            return calculated(a / b)
        if sign == "%":
            return calculated(math.fmod(a, b))
        power = a**b
        return calculated(power) if isinstance(power, float) else ""
    except (ZeroDivisionError, OverflowError, ValueError):
        return ""


def both(left: bool | Unknown, right: bool | Unknown) -> bool | Unknown:
    """and: false decides, whatever is unknown."""
    if left is False or right is False:
        return False
    return UNKNOWN if left is UNKNOWN or right is UNKNOWN else True


def either(left: bool | Unknown, right: bool | Unknown) -> bool | Unknown:
    """or: true decides, whatever is unknown."""
    if left is True or right is True:
        return True
    return UNKNOWN if left is UNKNOWN or right is UNKNOWN else False
