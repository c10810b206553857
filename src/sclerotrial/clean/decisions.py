"""Decisions of a person on single cells: a value confirmed, or corrected with its reason.

They stand in `decisions.csv` beside the raw data, in the columns of the query list: QUERYID, or
USUBJID, VISIT, FORM, FIELD and INSTANCE; RAW as it was when decided; DECISION (confirmed,
corrected); VALUE (of a correction); REASON, BY, DATE. A decision holds for the text it was made
on: when the cell says something else by now it is not applied, and the query list says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sclerotrial.clean.numbers import parse_number
from sclerotrial.clean.queries import with_ids
from sclerotrial.clean.specs import Spec
from sclerotrial.errors import Problem, did_you_mean
from sclerotrial.read.findings import MASK, finding, place
from sclerotrial.read.text import read_delimited

Found = list[dict[str, str]]
Frames = dict[str, pd.DataFrame]
FILE = "decisions.csv"
WORDS = ("confirmed", "corrected")
_PLACE = ("USUBJID", "VISIT", "FORM", "FIELD", "INSTANCE")
_COLUMNS = ("QUERYID", *_PLACE, "RAW", "DECISION", "VALUE", "REASON", "BY", "DATE")


@dataclass
class Decided:
    """What became of the decisions.

    Attributes
    ----------
    crf : mapping of form to DataFrame
        The forms as read, corrections applied.
    confirmed : mapping
        (form, file, line, field) -> words of the decision.
    findings : list of dict
    problems : list of Problem
    """

    crf: Frames
    confirmed: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    findings: Found = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(paths: Iterable[str]) -> pd.DataFrame | None:
    """The decisions file as text, whatever separator and encoding a spreadsheet gave it.

    Raises
    ------
    InputErrors
        When it is no table.
    """
    tables = [read_delimited(Path(p), Path(p).name).cells for p in paths]
    return pd.concat(tables, ignore_index=True) if tables else None


def needs_queries(decisions: pd.DataFrame | None) -> bool:
    """Whether a decision names its query by its id: that is known after a first cleaning."""
    return (
        decisions is not None
        and "QUERYID" in decisions
        and bool((decisions["QUERYID"] != "").any())
    )


def apply(crf: Frames, decisions: pd.DataFrame | None, queries: pd.DataFrame | None) -> Decided:
    """Correct the cells that a person corrected, and note those confirmed.

    Parameters
    ----------
    crf : mapping of form to DataFrame
        As read; not changed.
    decisions : DataFrame or None
        All text.
    queries : DataFrame or None
        Findings of a cleaning without decisions, for those that name a query.
    """
    done = Decided({name: table.copy() for name, table in crf.items()})
    if decisions is None or decisions.empty:
        return done
    known = {}
    if queries is not None and not queries.empty:
        known = {q["QUERYID"]: q for q in with_ids(queries).to_dict("records")}
    if "CORRECT VALUE" in decisions:  # saved from the workbook: VALUE is what was used
        decisions = decisions.assign(VALUE=decisions["CORRECT VALUE"])
    if "DECISION" in decisions:  # lines of the workbook that nobody answered
        decisions = decisions[decisions["DECISION"].fillna("") != ""]
    rows = decisions.reindex(columns=list(_COLUMNS), fill_value="").fillna("").astype(str)
    for line, row in enumerate(rows.to_dict("records"), start=2):
        _one(done, crf, {k: v.strip() for k, v in row.items()}, known, f"{FILE}, line {line}")
    return done


def _one(
    done: Decided, crf: Frames, row: dict[str, str], known: Mapping[str, dict], where: str
) -> None:
    wrong = _unusable(row, crf, where)
    if wrong:
        done.problems += wrong
        return
    if row["QUERYID"] and row["QUERYID"] not in known:
        _idle(done, row, where, "No query has this id any more")
        return
    query = known.get(row["QUERYID"])
    form = query["FORM"] if query else row["FORM"]
    name = query["FIELD"] if query else row["FIELD"]
    if form not in crf or name not in crf[form]:
        _idle(done, row, where, "The decision is about no cell of a form")
        return
    table = crf[form]
    if query:
        at = table.index[
            (table["SRCFILE"] == query["SRCFILE"]) & (table["SRCLINE"] == query["SRCLINE"])
        ]
    else:
        here = table["USUBJID"] == row["USUBJID"]
        for column in ("VISIT", "INSTANCE"):
            if row[column]:
                here &= table[column] == row[column]
        if row["RAW"] != MASK and int(here.sum()) > 1:
            here &= table[name] == row["RAW"]
        at = table.index[here]
    if len(at) != 1:
        _idle(done, row, where, f"{len(at)} records fit the decision")
        return
    record = table.loc[at[0]].to_dict()
    if row["RAW"] != MASK and record[name] != row["RAW"]:
        _idle(
            done, row, where, "The cell says something else than when it was decided", form, record
        )
        return
    words = _words(row)
    if row["DECISION"] == "confirmed":
        done.confirmed[form, record["SRCFILE"], record["SRCLINE"], name] = words
        return
    done.crf[form].loc[at[0], name] = row["VALUE"]
    masked = row["RAW"] == MASK
    done.findings.append(
        finding(
            rule="decision",
            severity="info",
            action="corrected",
            field=name,
            raw=MASK if masked else record[name],
            value=MASK if masked else row["VALUE"],
            message=f"Corrected by decision: {words}",
            **place(record, form),
        )
    )


def _at(table: pd.DataFrame, file: str, line: str) -> pd.Index:
    """The rows of a form that stand at a line of a file."""
    return table.index[(table["SRCFILE"] == file) & (table["SRCLINE"] == line)]


def _words(row: Mapping[str, str]) -> str:
    signed = ", ".join(w for w in (row["BY"], row["DATE"]) if w)
    return row["REASON"] + (f" ({signed})" if signed else "")


def _unusable(row: Mapping[str, str], crf: Frames, where: str) -> list[Problem]:
    found = []
    if row["DECISION"] not in WORDS:
        found.append(
            Problem(
                f"The decision {row['DECISION']!r} is not known."
                + did_you_mean(row["DECISION"], WORDS),
                f"{where}, field DECISION",
                f"Write one of: {', '.join(WORDS)}",
            )
        )
    if not row["REASON"]:
        found.append(
            Problem("A decision has no reason", f"{where}, field REASON", "Say why, in a few words")
        )
    if not row["QUERYID"]:
        lacking = [c for c in ("USUBJID", "FORM", "FIELD") if not row[c]]
        if lacking:
            found.append(
                Problem(
                    f"The decision does not say which cell: {', '.join(lacking)} is blank",
                    where,
                    "Copy QUERYID from the query list, or USUBJID, VISIT, FORM, FIELD and RAW",
                )
            )
        elif row["FORM"] not in crf:
            found.append(
                Problem(
                    f"No form is called {row['FORM']!r}.{did_you_mean(row['FORM'], crf)}",
                    f"{where}, field FORM",
                    "Copy the form's name from the query list",
                )
            )
    return found


def _idle(
    done: Decided,
    row: Mapping[str, str],
    where: str,
    why: str,
    form: str = "",
    record: Mapping[str, str] | None = None,
) -> None:
    """A decision that was not applied.

    Parameters
    ----------
    done : Decided
    row : mapping
        The decision.
    where : str
        Its line.
    why, form : str
    record : mapping, optional
        The record that it is about.
    """
    at = place(record, form) if record else {"subject": row["USUBJID"], "form": row["FORM"]}
    done.findings.append(
        finding(
            rule="decision_not_applied",
            field=row["FIELD"],
            message=f"{why}: not applied ({where})",
            **(at | {"key": f"{row['QUERYID']}|{row['DECISION']}|{where}"}),
        )
    )


def restore(
    done: Decided,
    form: str,
    work: pd.DataFrame,
    raw: pd.DataFrame,
    spec: Mapping[str, Spec],
) -> pd.DataFrame:
    """Confirmed numbers that cleaning set missing, as they were written.

    Raises nothing: what cannot be held (a word where a number should be, a code that is no
    choice) becomes a problem of `done`.
    """
    mine = {k: w for k, w in done.confirmed.items() if k[0] == form}
    if not mine:
        return work
    result = work.copy()
    for _, file, line, name in mine:
        for at in _at(result, file, line):
            text = raw.at[at, name]
            if result.at[at, name] or not text:
                continue
            parsed = parse_number(text)
            if spec[name].kind not in ("number", "integer") or parsed.value is None or parsed.sign:
                done.problems.append(
                    Problem(
                        "A confirmed value cannot be held by its field",
                        f"{FILE}: {file}, line {line}, field {name}",
                        "Correct the value in the decision instead of confirming it",
                    )
                )
                continue
            result.loc[at, name] = parsed.text
    return result


def shown(done: Decided, findings: Found, clean: Frames) -> Found:
    """The findings, those on confirmed cells marked so; confirmed cells without any are told.

    A confirmed conversion is a conversion that is right.
    """
    out, met = [], set()
    cells = {
        (form, r["SRCFILE"], r["SRCLINE"]): r
        for form in {k[0] for k in done.confirmed}
        for r in clean[form].to_dict("records")
    }
    for f in findings:
        at = (f["FORM"], f["SRCFILE"], f["SRCLINE"], f["FIELD"])
        if at not in done.confirmed:
            out.append(f)
            continue
        met.add(at)
        value = f["VALUE"]
        if f["ACTION"] == "set missing":
            value = cells.get(at[:3], {}).get(f["FIELD"], "")
        words = f"{f['MESSAGE']}; confirmed by decision: {done.confirmed[at]}"
        out.append(
            f | {"ACTION": "confirmed", "SEVERITY": "info", "VALUE": value, "MESSAGE": words}
        )
    for at in sorted(set(done.confirmed) - met):
        row = cells.get(at[:3])
        if row is not None:
            out.append(
                finding(
                    rule="decision",
                    severity="info",
                    action="confirmed",
                    field=at[3],
                    value=row.get(at[3], ""),
                    message=f"Confirmed by decision, no query is open: {done.confirmed[at]}",
                    **place(row, at[0]),
                )
            )
    return out
