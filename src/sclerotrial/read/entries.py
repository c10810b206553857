"""What a REDCap export says of its own entries: entered twice and differing, forms not finished."""

from __future__ import annotations

import re

import pandas as pd

from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.findings import MASK, finding
from sclerotrial.read.identity import entered_twice, identifiers, normal_subject, shown_id
from sclerotrial.read.redcap_names import EVENT, KEYS, REPEAT_NO
from sclerotrial.study_models import Study

_ENTRY = re.compile(r"^(?P<id>.+)--(?P<n>[12])$")
Found = list[dict[str, str]]
#: so many records, and that share of a form, marked incomplete: the mark is not used there
UNUSED_ROWS, UNUSED_SHARE = 3, 0.9


def differing(
    cells: pd.DataFrame, lines: pd.Series, study: Study, dictionary: Dictionary, shown: str
) -> Found:
    """Fields in which the two entries of a record (`x--1`, `x--2`) differ.

    The merged record is used. A merged value that is neither of the two is a warning.
    """
    record = dictionary.record_id
    if not entered_twice(cells[record]):
        return []
    parts = cells[record].str.extract(_ENTRY)
    system = [c for c in KEYS if c in cells]
    where = pd.DataFrame({"id": parts["id"].fillna(cells[record]), "n": parts["n"].fillna("0")})
    for c in system:
        where[c] = cells[c]
    columns = {
        c: f
        for f in dictionary.fields.values()
        for c in f.columns
        if c in cells and f.name != record
    }
    withheld = identifiers(study, dictionary)
    rows: dict[tuple, dict[str, int]] = {}
    for at, key in zip(where.index, where[["id", *system]].itertuples(index=False), strict=True):
        rows.setdefault(tuple(key), {}).setdefault(where.at[at, "n"], at)
    visits = {e: v.avisit for v in study.visits for e in v.events if e}
    rule = study.forms.subject
    found: Found = []
    for key, entries in rows.items():
        if not {"1", "2"} <= set(entries):
            continue
        first, second = cells.loc[entries["1"]], cells.loc[entries["2"]]
        merged = cells.loc[entries["0"]] if "0" in entries else None
        event = first[system[0]] if system and system[0] == EVENT else ""
        for column, field in columns.items():
            if first[column] == second[column]:
                continue
            hidden = field.name in withheld or field.free
            used = "" if merged is None else merged[column]
            neither = merged is not None and used not in (first[column], second[column])
            said = f"{first[column]!r} and {second[column]!r}"
            found.append(
                finding(
                    rule="entry_differs",
                    severity="warning" if neither else "info",
                    subject=normal_subject(key[0], rule.pattern, rule.digits) or shown_id(key[0]),
                    visit=visits.get(event, event),
                    form=field.form,
                    instance=first.get(REPEAT_NO, ""),
                    field=column,
                    raw=MASK if hidden else used,
                    value=MASK if hidden else used,
                    message="The two entries differ"
                    + ("" if hidden else f": {said}")
                    + ("; the merged record has neither" if neither else ""),
                    file=shown,
                    line=lines[entries.get("0", entries["1"])],
                )
            )
    return found


def unfinished(
    cells: pd.DataFrame,
    forms: dict[str, pd.DataFrame],
    instruments: dict[str, str],
    shown: str,
    lines: pd.Series,
) -> Found:
    """Forms that hold values and are marked as incomplete (0).

    A form of which hardly any record is marked otherwise does not use the mark: told once.

    Parameters
    ----------
    cells : DataFrame
        The export.
    forms : mapping
        Form -> its filled rows.
    instruments : mapping
        Form -> its instrument.
    shown : str
        The file.
    lines : Series
        Line of each row of `cells`.
    """
    found: Found = []
    for form, table in forms.items():
        mark = f"{instruments[form]}_complete"
        if mark not in cells:
            continue
        zero = set(lines[cells[mark] == "0"].astype(str))
        open_ = table[table["SRCLINE"].isin(zero)]
        unused = len(open_) >= UNUSED_ROWS and len(open_) >= UNUSED_SHARE * len(table)
        said = f"; so in {len(open_)} of {len(table)} records, the first is shown" if unused else ""
        for row in (open_.head(1) if unused else open_).to_dict("records"):
            found.append(
                finding(
                    rule="form_incomplete",
                    severity="info",
                    subject=row["USUBJID"],
                    visit=row["VISIT"],
                    instance=row["INSTANCE"],
                    form=form,
                    field=mark,
                    raw="0",
                    value="0",
                    message=f"The form holds values and is marked as incomplete{said}",
                    file=shown,
                    line=row["SRCLINE"],
                )
            )
    return found


def without_values(
    cells: pd.DataFrame,
    ids: pd.Series,
    lines: pd.Series,
    forms: dict[str, pd.DataFrame],
    dictionary: Dictionary,
    shown: str,
) -> Found:
    """Records of the export that hold no value in any form, and so are in no table.

    Parameters
    ----------
    cells : DataFrame
        The export; `ids` and `lines` are the subject and line of each row.
    forms : mapping
        Form -> its filled rows.
    dictionary : Dictionary
    shown : str
        The file.
    """
    seen = {s for table in forms.values() for s in table["USUBJID"].unique()}
    rest = ids[~ids.isin(seen) & (ids != "")]
    filled = pd.Series(False, index=rest.index)
    for field in dictionary.fields.values():
        for column in (c for c in field.columns if c in cells and c != dictionary.record_id):
            none = ("", "0") if field.type == "checkbox" else ("",)
            filled |= ~cells.loc[rest.index, column].isin(none)
    told = filled.groupby(rest, sort=False).any()
    first = lines[rest.index].groupby(rest, sort=False).min()
    return [
        finding(
            rule="record_empty",
            severity="info",
            subject=subject,
            field=dictionary.record_id,
            message="The record holds no value in any form",
            file=shown,
            line=first[subject],
        )
        for subject in told.index[~told]
    ]
