"""The special functions: arithmetic, sets of numbers, texts, missing codes.

A function gets values that are all known; `UNKNOWN` among its arguments makes its result unknown
before it is called. Source of each: the list of special functions (RC-CALC-01).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

from sclerotrial.logic import dates
from sclerotrial.logic.values import MissingCode, Value, calculated, number, text, truth

#: name -> fewest and most arguments (None: any number)
ARITY: dict[str, tuple[int, int | None]] = {}
FUNCTIONS: dict[str, Callable[..., Value]] = {}


def _add(name: str, least: int, most: int | None) -> Callable:
    def keep(function: Callable[..., Value]) -> Callable[..., Value]:
        ARITY[name], FUNCTIONS[name] = (least, most), function
        return function

    return keep


def _rounded(value: Value, digits: Value, how: str) -> Value:
    x, n = number(value), number(digits)
    if x is None or n is None:
        return ""
    try:
        # from the shortest decimal of the float, so that 14.385 is rounded as it is written
        return float(Decimal(repr(x)).quantize(Decimal(1).scaleb(-int(n)), rounding=how))
    except InvalidOperation:
        return x


@_add("round", 1, 2)
def _round(value: Value, digits: Value = 0.0) -> Value:
    """To the nearest, a half away from zero."""
    return _rounded(value, digits, ROUND_HALF_UP)


@_add("roundup", 1, 2)
def _roundup(value: Value, digits: Value = 0.0) -> Value:
    """Up, decided: towards plus infinity."""
    return _rounded(value, digits, ROUND_CEILING)


@_add("rounddown", 1, 2)
def _rounddown(value: Value, digits: Value = 0.0) -> Value:
    """Down, decided: towards minus infinity."""
    return _rounded(value, digits, ROUND_FLOOR)


def _one(function: Callable[[float], float]) -> Callable[[Value], Value]:
    def apply(value: Value) -> Value:
        x = number(value)
        try:
            return "" if x is None else calculated(function(x))
        except (ValueError, OverflowError):
            return ""

    return apply


for _name, _function in (
    ("abs", abs), ("sqrt", math.sqrt), ("exponential", math.exp), ("exponent", math.exp),
    ("exp", math.exp),
):  # fmt: skip
    _add(_name, 1, 1)(_one(_function))


@_add("log", 1, 2)
def _log(value: Value, base: Value = math.e) -> Value:
    """Natural logarithm, or to a base."""
    x, b = number(value), number(base)
    try:
        if x is None or b is None:
            return ""
        return calculated(math.log(x) if b == math.e else math.log(x, b))
    except (ValueError, ZeroDivisionError):
        return ""


@_add("mod", 2, 2)
def _mod(dividend: Value, divisor: Value) -> Value:
    """Remainder of a division, with the sign of the dividend."""
    a, b = number(dividend), number(divisor)
    return "" if a is None or not b else math.fmod(a, b)


def _set(function: Callable[[list[float]], float], least: int) -> Callable[..., Value]:
    """A function of a set of numbers; blanks and texts are left out."""

    def apply(*values: Value) -> Value:
        numbers = [x for v in values if (x := number(v)) is not None]
        return calculated(float(function(numbers))) if len(numbers) >= least else ""

    return apply


for _name, _function, _least in (
    ("min", min, 1), ("max", max, 1), ("mean", statistics.fmean, 1),
    ("median", statistics.median, 1), ("stdev", statistics.stdev, 2),
):  # fmt: skip
    _add(_name, 1, None)(_set(_function, _least))


@_add("sum", 1, None)
def _sum(*values: Value) -> Value:
    """Sum of the numbers among the values; of none it is 0 (RC-CALC-01: 'some (or all)')."""
    return math.fsum(x for v in values if (x := number(v)) is not None)


@_add("isnumber", 1, 1)
def _isnumber(value: Value) -> Value:
    return number(value) is not None


@_add("isinteger", 1, 1)
def _isinteger(value: Value) -> Value:
    x = number(value)
    return x is not None and x == int(x) and "." not in text(value)


@_add("isblankormissingcode", 1, 1)
def _blank_or_code(value: Value) -> Value:
    return text(value) == "" or isinstance(value, MissingCode)


@_add("isblanknotmissingcode", 1, 1)
def _blank_no_code(value: Value) -> Value:
    return text(value) == ""


@_add("ismissingcode", 1, 1)
def _code(value: Value) -> Value:
    return isinstance(value, MissingCode)


@_add("hasmissingcode", 2, None)
def _has_code(value: Value, *codes: Value) -> Value:
    listed = {c.strip() for t in codes for c in text(t).split(",")}
    return isinstance(value, MissingCode) and value in listed


# --- texts ----------------------------------------------------------------------------------------


@_add("contains", 2, 2)
def _contains(hay: Value, needle: Value) -> Value:
    """Whatever the case."""
    return text(needle).casefold() in text(hay).casefold()


@_add("not_contain", 2, 2)
def _not_contain(hay: Value, needle: Value) -> Value:
    return not _contains(hay, needle)


@_add("starts_with", 2, 2)
def _starts(hay: Value, needle: Value) -> Value:
    return text(hay).casefold().startswith(text(needle).casefold())


@_add("ends_with", 2, 2)
def _ends(hay: Value, needle: Value) -> Value:
    return text(hay).casefold().endswith(text(needle).casefold())


@_add("find", 2, 2)
def _find(needle: Value, hay: Value) -> Value:
    """Position from 1, whatever the case; 0 where it is not."""
    return float(text(hay).casefold().find(text(needle).casefold()) + 1)


def _count(value: Value) -> int | None:
    n = number(value)
    return None if n is None else max(0, int(n))


@_add("left", 2, 2)
def _left(value: Value, n: Value) -> Value:
    count = _count(n)
    return "" if count is None else text(value)[:count]


@_add("right", 2, 2)
def _right(value: Value, n: Value) -> Value:
    count = _count(n)
    return text(value)[-count:] if count else ""


@_add("mid", 3, 3)
def _mid(value: Value, start: Value, n: Value) -> Value:
    """n characters from the position `start`, which counts from 1."""
    first, count = _count(start), _count(n)
    if first is None or count is None:
        return ""
    first = max(first, 1)
    return text(value)[first - 1 : first - 1 + count]


@_add("length", 1, 1)
def _length(value: Value) -> Value:
    return float(len(text(value)))


for _name, _change in (("trim", str.strip), ("upper", str.upper), ("lower", str.lower)):
    _add(_name, 1, 1)(lambda value, change=_change: change(text(value)))


@_add("replace_text", 3, 3)
def _replace(hay: Value, old: Value, new: Value) -> Value:
    return text(hay).replace(text(old), text(new)) if text(old) else text(hay)


@_add("concat", 1, None)
def _concat(*values: Value) -> Value:
    return "".join(map(text, values))


@_add("concat_ws", 2, None)
def _concat_ws(between: Value, *values: Value) -> Value:
    """Joined by the first; blanks are left out."""
    return text(between).join(t for v in values if (t := text(v)) != "")


# --- choice and dates -----------------------------------------------------------------------------


@_add("if", 3, 3)
def _if(condition: Value, yes: Value, no: Value) -> Value:
    return yes if truth(condition) else no


_add("datediff", 2, 5)(dates.datediff)
_add("age_at_date", 2, 3)(dates.age_at_date)
_add("dayoftheweek", 1, 1)(dates.dayoftheweek)
_add("calcdate", 3, 3)(dates.calcdate)
for _part in ("year", "month", "day", "hour", "minute", "second"):
    _add(_part, 1, 1)(dates.part(_part))
