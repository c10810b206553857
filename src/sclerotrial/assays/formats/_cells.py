"""Cells of readings: numbers with their marks, and the words that stand in place of a number."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from sclerotrial.assays.formats._common import decimal_mark, number

#: Words that instruments write in place of a number, and the flag each stands for.
WORDS = {
    "***": "no_value", "---": "outlier", "range?": "out_of_range",
    "masked": "masked", "mask": "masked", "path?": "no_value", "err": "no_value",
    "error": "no_value", "no value": "no_value", "no fit": "no_value", "no sample": "no_value",
    "nofit": "no_value", "not calculated": "no_value", "failed": "no_value", "fail": "no_value",
    "missed": "no_value",
    "overflow": ">", "ovrflw": ">", "ovrflow": ">", "over": ">", "overrange": ">", "saturated": ">",
    "sat": ">", "#sat": ">", "#low": "<", "#high": ">",
    "oor >": ">", "oor>": ">", "oor <": "<", "oor<": "<", "> max": ">",
    ">max": ">", "< min": "<", "<min": "<", "above": ">", "below": "<", "high": ">", "low": "<",
    "above fit curve range": ">", "below fit curve range": "<", "inf": ">", "-inf": "<",
    "infinity": ">", "oor": "out_of_range", "###": "no_value", "removed": "removed",
    "#n/a": "no_value", "#ref!": "no_value", "#name?": "no_value", "#null!": "no_value",
    "#div/0!": "no_value", "#num!": "no_value", "#value!": "no_value",
    "undetermined": "undetermined", "undet": "undetermined", "undet.": "undetermined",
    "no ct": "undetermined", "no cq": "undetermined", "noct": "undetermined", "out": "out_of_range",
}  # fmt: skip
#: how a cell that may hold a number begins
_FIGURE = re.compile(r"[*<>= ]*[-+]?[.,]?\d")
#: numbers that are read as they are written, with a decimal point and without
_POINT = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?")
_WHOLE = re.compile(r"-?[0-9]{1,300}")
HINT = "Export the results again; do not edit the file by hand"


def mark_of(cells: list[set[str]]) -> str:
    """Decimal mark of all cells that begin like a number (see `_common.decimal_mark`)."""
    if not any("," in "".join(some) for some in cells):
        return "."
    return decimal_mark(c for some in cells for c in some if _FIGURE.match(c))


def odd_cells(cells: Iterable[str], mark: str) -> dict[str, tuple[str | None, str]]:
    """Number ('' missing, None no number) and flags of the cells that are no plain number."""
    plain = (_POINT if mark == "." else _WHOLE).fullmatch
    return {
        c: value_of(c, mark) for c in cells
        if not (c.isdigit() and c.isascii() and len(c) < 300) and not plain(c)
    }  # fmt: skip


@functools.lru_cache(maxsize=1 << 12)
def once(flags: str) -> str:
    """Words of flags, each once."""
    return " ".join(dict.fromkeys(x for x in flags.split(" ") if x)) if flags else flags


def value_of(text: str, mark: str) -> tuple[str | None, str]:
    """Number ('' missing, None no number) and flags of a cell."""
    text = text.strip()
    word = WORDS.get(text.lower())
    if word is None and text and not text.strip("?"):
        word = "no_value"
    if word is not None:
        return "", word
    flags = []
    if text[:1] == "*":
        # both ends: the well was masked; the front only: extrapolated
        flags.append("masked" if len(text) > 1 and text[-1] == "*" else "extrapolated")
        text = text.strip("* ")
    if text[:1] in "<>" and text:
        flags.append(text[0])
        text = text[1:].lstrip("= ")
    return number(text, mark), " ".join(flags)
