"""Checks of single cells that follow from the data dictionary: type, range, choices, format."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pandas as pd

from sclerotrial.clean.column import Verdict, judge_column
from sclerotrial.clean.numbers import decimal_mark, parse_number
from sclerotrial.clean.specs import Spec
from sclerotrial.errors import Problem
from sclerotrial.tabular import plain

_YES = {"yes", "y", "true", "t", "1", "checked", "oui", "ja", "x"}
_NO = {"no", "n", "false", "f", "0", "unchecked", "non", "nein"}


def missing_code(spec: Spec, codes: set[str]) -> Callable[[str], Verdict | None]:
    """A judge of missing codes (in lower case); a listed choice is never one."""

    def verdict(text: str) -> Verdict | None:
        if text.casefold() not in codes or text in spec.choices or spec.free:
            return None
        return Verdict(
            "",
            rule="missing_code",
            action="set missing",
            message="A code for a missing value",
            format=f"missing {text}",
        )

    return verdict


def judge(spec: Spec, decimal: str | None = None) -> Callable[[str], Verdict]:
    """The judge of a column that is no date: numbers, choices, checkboxes; text passes.

    `decimal` is the decimal mark that the column or its validation shows.
    """
    judges = {
        "integer": partial(_number, decimal),
        "number": partial(_number, decimal),
        "calc": partial(_number, decimal),
        "choice": _choice,
        "checkbox": _checkbox,
    }
    by_kind = judges.get(spec.kind, _text)
    return lambda text: by_kind(spec, text) if text else Verdict("")


#: text validations of REDCap -> what a text must look like, and the words for it
FORMATS = {
    "time": (r"([01]?\d|2[0-3]):[0-5]\d", "a time of day, HH:MM"),
    "time_hh_mm_ss": (r"([01]?\d|2[0-3]):[0-5]\d:[0-5]\d", "a time of day, HH:MM:SS"),
    "time_mm_ss": (r"\d{1,2}:[0-5]\d", "minutes and seconds, MM:SS"),
    "alpha_only": (r"[^\W\d_]+", "letters only"),
}


def _text(spec: Spec, text: str) -> Verdict:
    """Text: another word for a known one is replaced, a validated text held to its validation."""
    known = spec.synonyms.get(" ".join(text.split()).casefold())
    if known is not None and known != text:
        return Verdict(
            known,
            rule="synonym",
            action="converted",
            message="Another name of the same thing",
        )
    pattern, words = FORMATS.get(spec.validation, ("", ""))
    if pattern and not re.fullmatch(pattern, text):
        return Verdict(text, rule="format", severity="warning", message=f"The field takes {words}")
    return Verdict(text)


def _number(decimal: str | None, spec: Spec, text: str) -> Verdict:
    number = parse_number(text, decimal)
    if number.value is None or number.sign:
        if spec.kind == "calc":
            return Verdict(text)
        return Verdict(
            "",
            rule="not_a_number",
            severity="warning",
            action="set missing",
            message="A limit stands where a number should" if number.sign else "No number",
        )
    doubt = _doubt(spec, number.value)
    if doubt:
        return doubt
    notes = [n for n in number.notes if n != "limit"]
    places = re.fullmatch(r"number_(\d)dp(?:_comma_decimal)?", spec.validation)
    if places and len(number.text.partition(".")[2]) > int(places[1]):
        return Verdict(
            number.text,
            rule="decimals",
            message=f"The field takes {places[1]} decimals",
        )
    if not notes:
        return Verdict(number.text)
    if notes == ["thousands"] and "," in text:
        return Verdict(
            number.text,
            rule="number_format",
            severity="warning",
            action="converted",
            message="A comma before three digits was read as a thousands mark",
        )
    return Verdict(
        number.text,
        rule="number_format",
        action="converted",
        message=f"Number written with {' and '.join(notes)}",
        format=", ".join(notes),
    )


def _doubt(spec: Spec, value: float) -> Verdict | None:
    """A verdict when a number lies outside the range, or is none of an integer scale."""
    low, high = spec.low, spec.high
    outside = (low is not None and value < low) or (high is not None and value > high)
    bounds = f"{plain(low) or '...'} to {plain(high) or '...'}"
    if outside:
        return Verdict(
            "" if spec.hard else plain(value),
            rule="range",
            severity="error" if spec.hard else "warning",
            action="set missing" if spec.hard else "kept",
            message=f"Value outside {bounds}",
        )
    if spec.plausible and not spec.plausible[0] <= value <= spec.plausible[1]:
        low, high = spec.plausible
        return Verdict(
            plain(value),
            rule="implausible",
            severity="warning",
            message=f"Value outside the plausible {plain(low)} to {plain(high)}",
        )
    if spec.kind == "integer" and value != int(value):
        return Verdict(
            "" if spec.hard else plain(value),
            rule="integer",
            severity="warning",
            action="set missing" if spec.hard else "kept",
            message="The field takes whole numbers only",
        )
    return None


def _choice(spec: Spec, text: str) -> Verdict:
    if text in spec.choices or spec.unit_field:
        return Verdict(text)
    code, how = match_choice(spec.choices, text)
    if code is not None:
        if how == "number":
            return Verdict(code)
        return Verdict(
            code,
            rule="choice_label",
            action="converted",
            message="Another spelling or the label of a choice in place of its code",
            format="label",
        )
    listed = ", ".join(list(spec.choices)[:12])
    return Verdict(
        "",
        rule="choice",
        severity="error",
        action="set missing",
        message=f"Not one of the choices ({listed})",
    )


def match_choice(choices: dict[str, str], text: str) -> tuple[str | None, str]:
    """The code that a text means: equal as a number, in another case, by label, as yes or no.

    Returns
    -------
    (code or None, how)
        how is 'number' where only the writing of the number differs (1.0 for 1), else 'label'.
    """
    folded = " ".join(text.split()).casefold()
    value = parse_number(text)
    if value.value is not None and not value.sign and not value.flag:
        equal = [c for c in choices if (n := parse_number(c)).value == value.value and not n.sign]
        return (equal[0], "number") if len(equal) == 1 else (None, "")
    for texts in (choices, {c: label for c, label in choices.items()}.values()):
        same = [c for c, t in zip(choices, texts, strict=True) if t.casefold() == folded]
        if len(same) == 1:
            return same[0], "label"
    if set(choices) <= {"0", "1"} and folded in _YES | _NO:
        code = "1" if folded in _YES else "0"
        return (code, "label") if code in choices else (None, "")
    return None, ""


def _checkbox(spec: Spec, text: str) -> Verdict:
    if text in ("0", "1"):
        return Verdict(text)
    folded = text.casefold()
    if folded in _YES | _NO:
        return Verdict(
            "1" if folded in _YES else "0",
            rule="choice_label",
            action="converted",
            message="A label in place of the checkbox's 0 or 1",
            format="label",
        )
    return Verdict(
        "",
        rule="choice",
        severity="error",
        action="set missing",
        message="A checkbox is 0 or 1",
    )


def clean_columns(
    frame: pd.DataFrame,
    specs: dict[str, Spec],
    codes: set[str],
    form: str,
    key: list[str],
    date_judges: dict[str, Callable[[str], Verdict]],
) -> tuple[pd.DataFrame, list[dict[str, str]], list[Problem]]:
    """Every column of a form by its spec: missing codes, then type, range and choices.

    Parameters
    ----------
    frame : DataFrame
        The form as read, text.
    specs : dict
        Column -> its spec.
    codes : set of str
        Texts that stand for a missing value.
    form, key
        Name of the form, and the columns that make a record one, for the findings.
    date_judges : dict
        Column -> how its dates are read.

    Returns
    -------
    frame : DataFrame
    findings : list of dict
    problems : list of Problem
    """
    result = frame.copy()
    findings: list[dict[str, str]] = []
    problems: list[Problem] = []
    for column, spec in specs.items():
        missing = missing_code(spec, codes)
        decimal = spec.decimal or decimal_mark(pd.unique(frame[column]))
        by_type = date_judges.get(column) or judge(spec, decimal)
        values, notes, wrong = judge_column(
            frame,
            column,
            lambda text, missing=missing, by_type=by_type: missing(text) or by_type(text),
            form,
            key=key,
            hidden=spec.free,
            source=spec.source,
        )
        result[column] = values
        findings += notes
        problems += wrong
    return result, findings, problems
