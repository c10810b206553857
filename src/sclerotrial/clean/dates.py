"""Date columns to ISO text, with a finding for each conversion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import pandas as pd

from sclerotrial.clean.column import Verdict
from sclerotrial.clean.specs import Spec
from sclerotrial.read.datetext import Parsed, evidence, parse_date, settle
from sclerotrial.read.redcap import NOT_COMPLETED

_EMPTY_EXCEL = {"1900-01-01", "1900-01-00", "1899-12-30", "1899-12-31"}
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2})?$")
DATE_KINDS = ("date", "datetime", "partial_date")


def column_order(
    texts: Iterable[str], file_texts: Iterable[str], suggested: str, default: str | None
) -> str | None:
    """Order of day and month in a column.

    The column's own evidence comes first, then the file's other date columns, then the
    validation of the data dictionary, then `date_order` of the source.
    """
    own = evidence(texts)
    order = settle(own, None)
    if order is None and not own["dmy"] and not own["mdy"]:
        order = settle(evidence(file_texts), None)
    return order or suggested or (default if default in ("dmy", "mdy") else None)


def judge(
    spec: Spec, order: str | None, latest_year: int, few: bool = False
) -> Callable[[str], Verdict]:
    """The judge of one date column, for `judge_column`.

    `few`: so few dates of the column are ambiguous that each is asked about; else they are
    problems, since what orders the column must be settled first.
    """

    def verdict(text: str) -> Verdict:
        if text == "" or spec.kind == "time":
            return Verdict(text)
        if text in _EMPTY_EXCEL:
            return Verdict(
                "",
                rule="empty_excel_date",
                severity="warning",
                action="set missing",
                message="The first day of Excel's calendar stands for an empty cell",
            )
        if text == NOT_COMPLETED:
            return Verdict(
                "",
                rule="survey_open",
                severity="info",
                action="set missing",
                message="The survey was begun and not completed: no time stamp",
            )
        parsed = parse_date(text, order, latest_year)
        if few and parsed.shape == "ambiguous":
            return Verdict(
                "",
                rule="date_ambiguous",
                severity="error",
                action="set missing",
                message="The date can be read day first or month first",
            )
        told = _verdict(spec, parsed, text)
        if (
            order
            and parsed.shape in ("slash dmy", "slash mdy")
            and not parsed.shape.endswith(order)
        ):
            doubt = "the file writes its dates in another order"
            return replace(told, severity="warning", message=f"{told.message}; {doubt}", format="")
        return told

    return verdict


def _verdict(spec: Spec, parsed: Parsed, text: str) -> Verdict:
    todo = "Correct the date at its source: YYYY-MM-DD"
    if parsed.shape == "ambiguous":
        return Verdict(
            "",
            problem="The date can be read day first or month first; the file does not say which",
            todo="Write the date as YYYY-MM-DD, or set date_order of the source in forms.yaml",
        )
    if parsed.shape == "impossible":
        return Verdict("", problem="The calendar has no such date", todo=todo)
    if parsed.shape == "none":
        return Verdict("", problem="The text is no date", todo=todo)
    if parsed.precision != "day":
        return _partial(spec, parsed, text)
    iso = parsed.iso
    if spec.kind != "datetime":
        iso = iso[:10]
    if parsed.shape == "iso" or (parsed.shape == "iso datetime" and spec.kind == "datetime"):
        return Verdict(iso)
    if parsed.shape == "iso datetime" and parsed.iso[10:] in ("T00:00", "T00:00:00"):
        return Verdict(iso)
    return Verdict(
        iso,
        rule="date_format",
        action="converted",
        message=f"Date written as {_NAMES.get(parsed.shape, parsed.shape)} brought to ISO",
        format=parsed.shape,
    )


_NAMES = {
    "slash dmy": "day/month/year",
    "slash mdy": "month/day/year",
    "two-digit year": "a date with a two-digit year",
    "Excel serial": "an Excel serial number",
    "month name": "a date with the month's name",
    "year first": "year, month, day in another form",
    "iso datetime": "date and time",
}


def _partial(spec: Spec, parsed: Parsed, text: str) -> Verdict:
    if spec.kind != "partial_date":
        return Verdict(
            "",
            problem="The date lacks its day or month",
            todo="Complete the date, or list the field under partial_dates of its form",
        )
    if parsed.iso == text:
        return Verdict(text)
    return Verdict(
        parsed.iso,
        rule="date_format",
        action="converted",
        message="Partial date brought to ISO; its day or month stays unknown",
        format="partial",
    )


def span(frame: pd.DataFrame, start: str, end: str) -> pd.Series:
    """True where `end` lies before `start`, compared as far as both are known.

    Texts are ISO; '' compares with nothing. '2008-05' and '2008-05-12' do not contradict.
    """
    n = pd.concat([frame[start].str.len(), frame[end].str.len()], axis=1).min(axis=1)
    before = [
        bool(k) and b[:k] < a[:k]
        for a, b, k in zip(frame[start], frame[end], n.astype(int), strict=True)
    ]
    return pd.Series(before, index=frame.index, dtype=bool)


def few_ambiguous(texts: Iterable[str], order: str | None, share: float) -> bool:
    """Whether at most this share of the filled cells is ambiguous."""
    counts = pd.Series(texts, dtype=str).value_counts().drop("", errors="ignore")
    open_ones = sum(n for t, n in counts.items() if parse_date(t, order).shape == "ambiguous")
    return bool(open_ones <= share * counts.sum())
