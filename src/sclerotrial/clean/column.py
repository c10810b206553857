"""The way in which one column is cleaned: each distinct text judged once, then told by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from sclerotrial.errors import Problem
from sclerotrial.read.findings import MASK, finding, place

#: a mere difference of format seen in this share of a column (and this often) is told once
UNIFORM_SHARE, UNIFORM_ROWS = 0.5, 3
_SHOWN = 60
_MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Verdict:
    """What becomes of a text.

    Attributes
    ----------
    value : str
        The clean text.
    rule : str
        '' when there is nothing to tell.
    format : str
        Name of a mere format (a date's order, a decimal comma): told once when the whole column
        is written so.
    problem, todo : str
        Set when the input must be corrected before anything can go on.
    """

    value: str
    rule: str = ""
    severity: str = "info"
    action: str = "kept"
    message: str = ""
    format: str = ""
    problem: str = ""
    todo: str = ""


def judge_column(
    frame: pd.DataFrame,
    column: str,
    judge: Callable[[str], Verdict],
    form: str,
    *,
    key: Iterable[str] = (),
    hidden: bool = False,
    source: str = "",
) -> tuple[pd.Series, list[dict[str, str]], list[Problem]]:
    """Clean a column of a form.

    Parameters
    ----------
    judge : callable
        Text -> `Verdict`; called once for each distinct text.
    key : iterable of str
        Columns that make the record's own key, for stable ids.
    hidden : bool
        Whether the column's text is kept out of findings and problems.
    source : str
        Name of the column in the raw file where it is another one; told in problems.

    Returns
    -------
    (Series of str, findings, problems)
    """
    codes, texts = pd.factorize(frame[column])
    verdicts = {text: judge(text) for text in texts}
    values = frame[column].astype(str)
    if any(v.value != t for t, v in verdicts.items()):
        each = pd.array([v.value for v in verdicts.values()], dtype=values.dtype)
        values = pd.Series(each.take(codes), index=frame.index)
    told = {t for t, v in verdicts.items() if v.rule or v.problem}
    if not told:
        return values, [], []
    rows = frame[frame[column].isin(told)]
    once = _uniform(frame, column, verdicts)
    findings, problems = [], []
    for row in rows.to_dict("records"):
        text = row[column]
        verdict = verdicts[text]
        raw = MASK if hidden and text else text
        if verdict.problem:
            problems.append(_problem(verdict, row, source or column, raw))
        elif (row["SRCFILE"], verdict.format) not in once:
            findings.append(
                finding(
                    rule=verdict.rule,
                    severity=verdict.severity,
                    action=verdict.action,
                    message=verdict.message,
                    field=column,
                    raw=raw,
                    value=MASK if hidden and verdict.value else verdict.value,
                    **place(row, form, key),
                )
            )
    findings += _told_once(frame, column, verdicts, once, form, hidden)
    return values, findings, _shortened(problems)


def _uniform(
    frame: pd.DataFrame, column: str, verdicts: dict[str, Verdict]
) -> dict[tuple[str, str], int]:
    """(file, format) -> rows, for formats in which most of a file's column is written."""
    formats = frame[column].map({t: v.format for t, v in verdicts.items()})
    filled = frame[column] != ""
    counts: dict[tuple[str, str], int] = {}
    for file, part in formats[filled].groupby(frame.loc[filled, "SRCFILE"], sort=True):
        for name, n in part[part != ""].value_counts().items():
            if n >= UNIFORM_ROWS and n > UNIFORM_SHARE * len(part):
                counts[file, name] = int(n)
    return counts


def _told_once(
    frame: pd.DataFrame,
    column: str,
    verdicts: dict[str, Verdict],
    once: dict[tuple[str, str], int],
    form: str,
    hidden: bool,
) -> list[dict[str, str]]:
    formats = frame[column].map({t: v.format for t, v in verdicts.items()})
    found = []
    for (file, name), n in once.items():
        row = frame[(formats == name) & (frame["SRCFILE"] == file)].iloc[0]
        verdict = verdicts[row[column]]
        found.append(
            finding(
                rule=verdict.rule,
                severity=verdict.severity,
                action=verdict.action,
                form=form,
                field=column,
                raw=MASK if hidden else row[column],
                value=MASK if hidden else verdict.value,
                message=f"{verdict.message}; so in {n} rows of the file, the first is shown",
                file=file,
                line=row["SRCLINE"],
                key=f"{file}|{name}",
            )
        )
    return found


def _problem(verdict: Verdict, row: dict[str, str], column: str, raw: str) -> Problem:
    shown = raw if len(raw) <= _SHOWN else raw[:_SHOWN] + "..."
    return Problem(
        f"{verdict.problem}: {shown!r}",
        f"{row['SRCFILE']}, line {row['SRCLINE']}, field {column}",
        verdict.todo,
    )


def _shortened(problems: list[Problem]) -> list[Problem]:
    """The first problems of a column, and a line that counts the rest."""
    if len(problems) <= _MOST_PROBLEMS:
        return problems
    rest = len(problems) - _MOST_PROBLEMS
    last = problems[_MOST_PROBLEMS]
    more = Problem(
        f"{rest} more cells of this column have the same kind of problem", last.where, last.todo
    )
    return [*problems[:_MOST_PROBLEMS], more]
