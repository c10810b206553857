"""Checks of the boxes of one question (checkbox fields)."""

from __future__ import annotations

import re

from sclerotrial.clean.judge import Found, Judge, evaluated, told_rows
from sclerotrial.logic import UNKNOWN, truth
from sclerotrial.read.dictionary import Field


def boxes(judge: Judge, form: str, told: Field) -> Found:
    """Boxes of one question: none ticked where one must be, too many, 'none' beside others."""
    table = judge.clean[form]
    if told.type != "checkbox":
        return []
    columns = {code: c for code, c in zip(told.choices, told.columns, strict=True) if c in table}
    if not columns:
        return []
    ticked = {code: table[c] == "1" for code, c in columns.items()}
    number_of = sum(t.astype(int) for t in ticked.values())
    found: Found = []
    if told.required:
        shows: list[object] = [True] * len(table)
        if told.branching:
            values, _, _ = evaluated(judge, form, told.name, told.branching, "branching logic")
            shows = [truth(v) for v in values] if values else [UNKNOWN] * len(table)
        none = [i for i, s in enumerate(shows) if s is True and number_of.iloc[i] == 0]
        found += told_rows(
            judge, form, told.name, none, rule="required", message="No box of a required question"
        )
    alone = re.search(r"@NONEOFTHEABOVE\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|(\S+))", told.annotation)
    for code in (next(filter(None, alone.groups()), "") if alone else "").split(","):
        if code.strip() in ticked:
            both = ticked[code.strip()] & (number_of > 1)
            found += told_rows(
                judge,
                form,
                columns[code.strip()],
                both.to_numpy().nonzero()[0],
                rule="checkbox_exclusive",
                message="'None of these' is ticked beside another box",
            )
    most = re.search(r"@MAXCHECKED\s*=\s*['\"]?(\d+)", told.annotation)
    if most:
        over = (number_of > int(most[1])).to_numpy().nonzero()[0]
        found += told_rows(
            judge,
            form,
            told.name,
            over,
            rule="checkbox_too_many",
            message=f"More than {most[1]} boxes are ticked",
        )
    blank = {code: table[c] == "" for code, c in columns.items()}
    blanks = sum(b.astype(int) for b in blank.values())
    some = ((blanks > 0) & (blanks < len(columns))).to_numpy().nonzero()[0]
    return found + told_rows(
        judge,
        form,
        told.name,
        some,
        rule="checkbox_blank",
        message="Some boxes of the question are 0 or 1, others blank",
    )
