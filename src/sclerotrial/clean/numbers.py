"""Numbers as people write them: decimal comma, thousands, limits, flags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sclerotrial.tabular import plain

_SIGNS = {"<": "<", ">": ">", "<=": "<", ">=": ">", "≤": "<", "≥": ">", "=<": "<", "=>": ">"}
_BLANKS = "\u00a0\u2007\u2009\u202f"
_NUMBER = re.compile(
    r"(?P<sign><=|>=|=<|=>|[<>≤≥])?\s*"
    r"(?P<number>[+\-\u2212]?(?:\d[\d.,' ]*|[.,]\d+)(?:[eE][+-]?\d+)?)"
    r"\s*(?P<flag>\*{1,3}|[!#]|(?:HH|LL|H|L|N|A|HI|LO|HIGH|LOW)\s*\*?)?$",
    re.IGNORECASE,
)
_FLAGS = {"HI": "H", "HIGH": "H", "LO": "L", "LOW": "L"}


@dataclass(frozen=True)
class Number:
    """A number read from text.

    Attributes
    ----------
    value : float or None
        None when the text holds no number.
    sign : str
        '<' or '>' when the text gives a limit only, else ''.
    flag : str
        Trailing flag, upper case ('H', '*').
    notes : tuple of str
        What had to be understood: decimal comma, thousands, flag, limit, sign.
    """

    value: float | None
    sign: str = ""
    flag: str = ""
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Canonical text: sign and number with up to 12 digits."""
        return "" if self.value is None else self.sign + plain(self.value)


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The decimal mark that numbers of a column show beyond doubt; None when they do not.

    '62,5' shows a comma, '62.5' a point; '1,234' and '1.234' show nothing.
    """
    marks = set()
    for text in texts:
        hit = re.search(r"\d([.,])(\d+)\D*$", text.strip())
        if hit and len(hit[2]) != 3:
            marks.add(hit[1])
    return marks.pop() if len(marks) == 1 else None


def parse_number(text: str, decimal: str | None = None) -> Number:
    """Read a number.

    A lone comma is a decimal comma when `decimal` says so, and else unless exactly three digits
    follow a first group of one to three that is not zero; of comma and point together the last
    one is the decimal mark. ``1,234`` by itself reads as 1234, with the note 'thousands' for
    callers to doubt.

    Examples
    --------
    >>> parse_number("< 0,6")
    Number(value=0.6, sign='<', flag='', notes=('limit', 'decimal comma'))
    >>> parse_number("12.4 H").flag
    'H'
    """
    for blank in _BLANKS:
        text = text.replace(blank, " ")
    text = text.strip()
    hit = _NUMBER.match(text)
    if not hit:
        return Number(None)
    notes = []
    sign = _SIGNS[hit["sign"]] if hit["sign"] else ""
    if sign:
        notes.append("limit")
    digits, how = _plain_digits(hit["number"].strip().replace("\u2212", "-"), decimal)
    if digits is None:
        return Number(None)
    notes += how
    flag = (hit["flag"] or "").replace(" ", "").upper()
    flag = _FLAGS.get(flag, flag)
    if flag:
        notes.append("flag")
    return Number(float(digits), sign, flag, tuple(notes))


def _plain_digits(text: str, decimal: str | None) -> tuple[str | None, list[str]]:
    """Digits with a decimal point, and what had to be understood; None when it makes no sense."""
    mantissa, e, exponent = text.lower().partition("e")
    body = mantissa.lstrip("+-")
    prefix = "-" if mantissa.startswith("-") else ""
    notes: list[str] = []
    body = body.rstrip(" ")
    groups = r"\d{1,3}(?:[ ']\d{3})+"
    if re.search(r"[ ']", body):
        if not re.fullmatch(groups + r"(?:[.,]\d+)?", body):
            return None, []
        body = re.sub(r"[ ']", "", body)
        notes.append("thousands")
    if "," in body and "." in body:
        last, other = (",", ".") if body.rfind(",") > body.rfind(".") else (".", ",")
        whole, _, part = body.rpartition(last)
        if not re.fullmatch(rf"\d{{1,3}}(?:\{other}\d{{3}})+", whole) or not part.isdigit():
            return None, []
        body = whole.replace(other, "") + "." + part
        notes.append("thousands")
        if last == ",":
            notes.append("decimal comma")
    elif body.count(",") == 1:
        if decimal != "," and re.fullmatch(r"[1-9]\d{0,2},\d{3}", body):
            body = body.replace(",", "")
            notes.append("thousands")
        else:
            body = body.replace(",", ".")
            notes.append("decimal comma")
    elif body.count(",") > 1:
        if not re.fullmatch(r"\d{1,3}(?:,\d{3})+", body):
            return None, []
        body = body.replace(",", "")
        notes.append("thousands")
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", body):
        return None, []
    return prefix + body + (e + exponent if e else ""), notes
