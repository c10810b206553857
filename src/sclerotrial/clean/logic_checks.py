"""What the data dictionary says in logic: branching, required fields, limits, calculations."""

from __future__ import annotations

import math

from sclerotrial.clean.boxes import boxes
from sclerotrial.clean.judge import Found, Judge, evaluated, told_rows
from sclerotrial.clean.specs import Spec, form_of
from sclerotrial.logic import UNKNOWN, Expression, truth
from sclerotrial.logic.values import number
from sclerotrial.logic.values import text as as_text
from sclerotrial.read.dictionary import Field

#: relative difference up to which a calculation and its stored result are the same
SAME = 1e-6


def from_dictionary(judge: Judge) -> Found:
    """Hidden values, blank required fields, calculations, boxes and limits of the dictionary."""
    found: Found = []
    for form in judge.clean:
        for column, spec in judge.told[form].items():
            found += _shown(judge, form, column, spec)
            found += _limits(judge, form, column, spec)
        dictionary = judge.dictionaries.get(form_of(judge.study, form).source)
        if dictionary:
            instrument = form_of(judge.study, form).instrument or form
            for told in dictionary.of(instrument):
                found += _calculation(judge, form, told)
                found += boxes(judge, form, told)
    return found


def _shown(judge: Judge, form: str, column: str, spec: Spec) -> Found:
    """Values in fields that the form hides, and blanks in required ones that it shows."""
    if not spec.branching and not spec.required:
        return []
    table, raw = judge.clean[form], judge.raw[form]
    shows: list[object] = [True] * len(table)
    found: Found = []
    if spec.branching:
        values, _, found = evaluated(judge, form, column, spec.branching, "branching logic")
        if values is None:
            return found
        shows = [truth(v) for v in values]
    empty = "0" if spec.kind == "checkbox" else ""
    filled = ~table[column].isin(["", empty])
    hidden = [i for i, s in enumerate(shows) if s is False and filled.iloc[i]]
    found += told_rows(
        judge,
        form,
        column,
        hidden,
        rule="hidden_value",
        message="The field holds a value, and its branching logic hides it",
    )
    if spec.required:
        blank = (table[column] == "") & (raw[column] == "")
        lacking = [i for i, s in enumerate(shows) if s is True and blank.iloc[i]]
        found += told_rows(
            judge,
            form,
            column,
            judge.held(form, lacking),  # a record that was opened and left blank is not asked about
            rule="required",
            message="A required field is blank",
        )
    return found


def _limits(judge: Judge, form: str, column: str, spec: Spec) -> Found:
    """Limits that are dates, the day of the export, or other fields."""
    found: Found = []
    for sign, limit, words in (
        (">=", spec.earliest, "before the earliest"),
        ("<=", spec.latest, "after the latest"),
    ):
        if not limit or spec.kind not in ("date", "datetime", "number", "integer"):
            continue
        if limit in ("today", "now"):
            if not judge.today:
                continue
            limit = f"'{judge.today}'"
        elif not limit.startswith("["):
            limit = f"'{limit}'"
        values, _, notes = evaluated(judge, form, column, f"[{column}] {sign} {limit}", "limit")
        found += notes
        # a blank limit or value says nothing
        other = Expression(limit, judge.today)
        known = judge.records.values(other, form) if values else []
        wrong = [
            i
            for i, v in enumerate(values or [])
            if v is False and judge.clean[form][column].iloc[i] and known[i] not in ("", UNKNOWN)
        ]
        found += told_rows(
            judge,
            form,
            column,
            wrong,
            rule="range",
            message=f"The value lies {words} that the dictionary allows ({limit})",
        )
    return found


def _calculation(judge: Judge, form: str, told: Field) -> Found:
    """A calculated field against its calculation; one none of whose fields is filled is passed."""
    table = judge.clean[form]
    if not told.calculation or told.name not in table:
        return []
    values, expression, found = evaluated(
        judge, form, told.name, told.calculation, "calculation", told.line
    )
    if values is None or expression is None:
        return found
    columns = [judge.records.column(r, form) for r in expression.refs if not r.smart]
    for at, value in enumerate(values):
        if told.type == "calc" and value is not UNKNOWN and number(value) is None:
            value = ""  # such a field holds numbers alone: "NaN" or another word leaves it blank
        stored = table[told.name].iloc[at]
        filled = any(c[at] not in ("", "0", UNKNOWN) for c in columns)
        if value is UNKNOWN or _same(stored, value) or not (stored or filled):
            continue
        shown = as_text(value)
        found += told_rows(
            judge,
            form,
            told.name,
            [at],
            rule="calculation",
            message=f"The calculation gives {shown or 'no value'}"
            if judge.told[form][told.name].kind == "calc"
            else "The calculation gives another text",
        )
    return found


def _same(stored: str, value: object) -> bool:
    a, b = number(stored), number(value)
    if a is not None and b is not None:
        return math.isclose(a, b, rel_tol=SAME, abs_tol=1e-9)
    return stored == as_text(value)
