"""The query list: findings with stable ids and a status against the former list."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter

from sclerotrial.files import whole
from sclerotrial.read.findings import COLUMNS, KEY, frame

#: columns of the query list, in the order of the contract; INSTANCE follows
QUERY_COLUMNS = [
    "QUERYID",
    "USUBJID",
    "VISIT",
    "FORM",
    "FIELD",
    "RULE",
    "SEVERITY",
    "RAW",
    "ACTION",
    "VALUE",
    "MESSAGE",
    "SRCFILE",
    "SRCLINE",
    "STATUS",
    "INSTANCE",
]
#: actions of a person: the query is settled, and stays in the list
DECIDED = ("confirmed", "corrected")
#: empty columns of the workbook, for the answer of a person
ANSWERS = ("DECISION", "CORRECT VALUE", "REASON", "BY", "DATE")
#: with these a text could be taken for a formula
_RUNS = ("=", "+", "-", "@", "\t", "\r")
_CREATED = dt.datetime(2000, 1, 1)
_WIDTHS = {"MESSAGE": 60, "SRCFILE": 28, "QUERYID": 14, "FIELD": 18, "FORM": 16, "RULE": 18}


def _text(findings: pd.DataFrame) -> pd.DataFrame:
    """All columns of the schema as text; the record's key where a frame has none is ''."""
    return findings.reindex(columns=[*COLUMNS, KEY], fill_value="").fillna("").astype(str)


def with_ids(findings: pd.DataFrame) -> pd.DataFrame:
    """Add QUERYID, and leave out findings that stand twice.

    The id is 'Q-' and ten hexadecimal digits of the SHA-256 of subject, visit, form, instance,
    field, rule and the running number among equals. Line and raw value are no part of it: a
    corrected neighbour or a new row above does not rename a query. Records with a key of their
    own (a laboratory result: date and test) use it in place of the instance, which counts rows.
    """
    found = _text(findings).drop_duplicates(ignore_index=True)
    order = pd.to_numeric(found["SRCLINE"], errors="coerce").fillna(0)
    found = found.assign(_line=order).sort_values(["SRCFILE", "RAW", "_line"], kind="stable")
    found["_at"] = found[KEY].where(found[KEY] != "", found["INSTANCE"])
    parts = ["USUBJID", "VISIT", "FORM", "_at", "FIELD", "RULE"]
    number = found.groupby(parts, sort=False).cumcount().astype(str)
    text = found[parts].agg("|".join, axis=1) + "|" + number if len(found) else number
    found["QUERYID"] = [f"Q-{hashlib.sha256(t.encode()).hexdigest()[:10]}" for t in text]
    return found.drop(columns=["_line", "_at", KEY]).sort_index()


def with_status(queries: pd.DataFrame, former: pd.DataFrame | None) -> pd.DataFrame:
    """Add STATUS against the former list, and the former queries that are solved.

    new: not in the former list (all are, without one); open: in both; solved: in the former list
    only, told with its former words, or decided by a person.
    """
    decided = queries["ACTION"].isin(DECIDED)
    if former is None or former.empty:
        return queries.assign(STATUS=decided.map({True: "solved", False: "new"}).astype(str))
    known = set(former["QUERYID"])
    status = queries["QUERYID"].map(lambda q: "open" if q in known else "new").astype(str)
    status = status.mask(decided, "solved")
    gone = former[~former["QUERYID"].isin(set(queries["QUERYID"]))]
    gone = gone.reindex(columns=queries.columns, fill_value="").fillna("").astype(str)
    return pd.concat([queries.assign(STATUS=status), gone.assign(STATUS="solved")])


def merge(*findings: pd.DataFrame, former: pd.DataFrame | None = None) -> pd.DataFrame:
    """The query list of all rooms.

    Parameters
    ----------
    findings : DataFrame
        Frames with the columns of `COLUMNS`.
    former : DataFrame, optional
        A former query list, to give each query its status.

    Returns
    -------
    DataFrame
        Columns of `QUERY_COLUMNS`, sorted by subject, form, visit, instance, field, rule and
        line; all text.
    """
    found = with_ids(pd.concat([frame([]), *map(_text, findings)], ignore_index=True))
    queries = with_status(found, former)
    sort = pd.DataFrame(
        {
            "number": pd.to_numeric(queries["INSTANCE"], errors="coerce").fillna(-1),
            "line": pd.to_numeric(queries["SRCLINE"], errors="coerce").fillna(-1),
        }
    )
    queries = queries.assign(_number=sort["number"], _line=sort["line"]).sort_values(
        ["USUBJID", "FORM", "VISIT", "_number", "FIELD", "RULE", "SRCFILE", "_line", "QUERYID"],
        kind="stable",
        ignore_index=True,
    )
    return queries[QUERY_COLUMNS].astype(str)


def site_of(subjects: Iterable[str], pattern: str | None) -> dict[str, str]:
    """Site of each subject by the one group of a pattern; subjects that do not fit have none."""
    if not pattern:
        return {}
    hits = {s: re.search(pattern, s) for s in subjects if s}
    return {s: hit[1] for s, hit in hits.items() if hit and hit.groups() and hit[1]}


def to_xlsx(
    queries: pd.DataFrame, path: str | Path, sites: Mapping[str, str] | None = None
) -> None:
    """Write the query list as a workbook, the same bytes for the same queries.

    Every cell is written as text, with the mark that keeps it text when it is edited: nothing
    in it can run as a formula or become a link. Behind the list stand empty columns for a
    decision; filled in and saved as `decisions.csv` beside the raw data they are applied.

    Parameters
    ----------
    queries : DataFrame
        Columns of `QUERY_COLUMNS`.
    path : path
    sites : mapping of USUBJID to site, optional
        With two sites or more each has a sheet of its own; findings of no subject stand on the
        sheet 'Study'.
    """
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    columns = [*queries.columns, *ANSWERS]
    with whole(path) as part, xlsxwriter.Workbook(str(part), options) as book:
        book.set_properties({"created": _CREATED, "title": "Queries"})
        head = book.add_format({"bold": True, "bg_color": "#E6E6E6", "bottom": 1})
        answer = book.add_format({"bold": True, "bg_color": "#FFF2CC", "bottom": 1})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        safe = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        for name, rows in _sheets(queries, sites):
            sheet = book.add_worksheet(name)
            for c, column in enumerate(columns):
                sheet.write_string(0, c, column, answer if column in ANSWERS else head)
                sheet.set_column(c, c, _WIDTHS.get(column, 12))
                for r, text in enumerate(rows.get(column, ()), start=1):
                    sheet.write_string(r, c, text, safe if text[:1] in _RUNS else wrap)
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
            sheet.data_validation(
                1,
                columns.index("DECISION"),
                max(len(rows), 1),
                columns.index("DECISION"),
                {"validate": "list", "source": ["confirmed", "corrected"]},
            )


def _sheets(
    queries: pd.DataFrame, sites: Mapping[str, str] | None
) -> list[tuple[str, pd.DataFrame]]:
    if not sites or len(set(sites.values())) < 2:
        return [("Queries", queries)]
    site = queries["USUBJID"].map(lambda s: sites.get(s, "Study"))
    names: dict[str, str] = {}
    for name in sorted(set(site)):
        names[name] = _own_name(name, set(names.values()))
    return [(names[name], queries[site == name]) for name in names]


def _own_name(name: str, taken: set[str]) -> str:
    """A sheet's name that no other sheet has, whatever the case."""
    base = _sheet_name(name)
    known = {t.casefold() for t in taken}
    n, mine = 1, base
    while mine.casefold() in known:
        n += 1
        mine = f"{base[:27]} ({n})"
    return mine


def _sheet_name(name: str) -> str:
    """Excel allows 31 characters, without []:*?/ and backslash."""
    return "".join("_" if c in "[]:*?/\\'" else c for c in str(name))[:31] or "Study"
