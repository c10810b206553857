"""Raw REDCap exports: one file of all events and instruments, split into keyed forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.entries import differing, unfinished, without_values
from sclerotrial.read.findings import finding
from sclerotrial.read.grid import Grid
from sclerotrial.read.identity import (
    derive_age,
    drop_second_entries,
    identifiers,
    no_birth_date,
    subjects,
    suspected,
)
from sclerotrial.read.redcap_names import (
    EVENT,
    GROUP,
    NOT_COMPLETED,
    REPEAT_FORM,
    REPEAT_NO,
    SYSTEM,
)
from sclerotrial.study_models import Study

#: fields an export may lack: withheld as identifying, never exported, or kept on the server
_OPTIONAL = ("descriptive", "file", "sql")


@dataclass(frozen=True)
class Plan:
    """What to take from an export: form -> instrument, in the order of the configuration."""

    source: str
    forms: dict[str, str]


def plan(study: Study, source: str, dictionary: Dictionary) -> Plan:
    """Forms of a source: those configured, and with ``forms: auto`` every other instrument.

    Raises
    ------
    InputErrors
        When a form names an instrument that the dictionary does not have.
    """
    configured = {n: study.forms.forms[n].instrument or n for n in study.forms_of(source)}
    problems = [
        Problem(
            f"The form {name!r} names the instrument {instrument!r}, which the data dictionary"
            f" does not have.{did_you_mean(instrument, dictionary.forms)}",
            f"forms.yaml, key forms.{name}.instrument",
            f"Use an instrument of {dictionary.file}",
        )
        for name, instrument in configured.items()
        if instrument not in dictionary.forms
    ]
    if problems:
        raise InputErrors(problems)
    if study.forms.sources[source].forms == "auto":
        taken = set(configured.values())
        configured |= {f: f for f in dictionary.forms if f not in taken and dictionary.of(f)}
    return Plan(source, configured)


def read_redcap(
    grid: Grid,
    study: Study,
    source: str,
    dictionary: Dictionary,
    shown: str,
    *,
    several: bool = False,
    taken_at: Mapping[str, str] | None = None,
) -> tuple[dict[str, pd.DataFrame], list[dict[str, str]]]:
    """Split a raw export into forms.

    Parameters
    ----------
    grid : Grid
        The export, raw codes (not labels).
    shown : str
        Path of the file relative to the raw folder; becomes SRCFILE.
    several : bool
        Whether the source has other files, too (one a form): instruments without any column here
        are then left to them.
    taken_at : mapping, optional
        Date at which age is taken, by subject, where other files hold it.

    Returns
    -------
    (dict of DataFrame, list of findings)
        Each form: USUBJID, VISIT, INSTANCE, its columns in the order of the dictionary, SRCFILE,
        SRCLINE, all text; identifying fields are gone.

    Raises
    ------
    InputErrors
        Unknown or missing columns, unreadable subjects, a visit entered twice: all of them.
    """
    forms = plan(study, source, dictionary).forms
    cells, lines = grid.cells, grid.lines
    absent = absent_instruments(grid, dictionary)
    configured = {forms[n] for n in study.forms_of(source)}
    left = absent if several else absent - configured
    problems = _column_problems(grid, study, dictionary, shown, left)
    record_id = dictionary.record_id
    if cells.empty:
        problems.append(
            Problem(
                "The export has a header but no records",
                f"{shown}, line {grid.header_line}",
                "Export the records of the project again",
            )
        )
    if record_id not in cells or cells.empty:
        raise InputErrors(problems)
    keep, findings, found = drop_second_entries(
        cells[record_id], lines, shown=shown, column=record_id
    )
    problems += found
    findings += differing(cells, lines, study, dictionary, shown)
    if not keep.all():
        cells, lines = cells[keep], lines[keep]
    ids, spelled, found = subjects(
        cells[record_id],
        lines,
        study,
        shown=shown,
        column=record_id,
        blank=False,
        padded=grid.padded.get(record_id, ()),
    )
    findings += spelled
    problems += found
    keys = _keys(cells, ids, lines, study, shown)
    problems += _repeat_problems(cells, lines, dictionary, shown)
    hidden = identifiers(study, dictionary)
    findings += suspected(study, dictionary, cells.columns, shown)
    findings += no_birth_date(study, dictionary, cells.columns, shown)
    order = study.forms.sources[source].date_order
    taken_at = {**(taken_at or {}), **_age_dates(cells, ids, study)}
    result: dict[str, pd.DataFrame] = {}
    twice: list[tuple[str, ...]] = []
    findings += [] if several else _absent(sorted(left), shown)
    for form, instrument in forms.items():
        if several and instrument in left:
            continue
        table, found = _form(cells, keys, dictionary, instrument)
        problems += found
        twice += _twice(table, form)
        age, doubts, found = derive_age(
            form, table, study, order, shown, taken_at, dictionary.missing
        )
        findings += doubts
        problems += found
        drop = [c for c, f in dictionary.by_column(instrument).items() if f.name in hidden]
        table = table.drop(columns=[*drop, *(hidden & set(table.columns))], errors="ignore")
        if age is not None:
            table.insert(table.columns.get_loc("SRCFILE"), study.forms.age.field, age)
        result[form] = table.reset_index(drop=True)
    findings += unfinished(cells, result, forms, shown, lines)
    findings += [] if several else without_values(cells, ids, lines, result, dictionary, shown)
    problems += _twice_problems(twice, shown) if EVENT in cells or not study.visits else []
    if problems:
        raise InputErrors(problems)
    return result, findings


def stamp_of(instrument: str) -> str:
    """Column with the time at which the survey of an instrument was sent."""
    return f"{instrument}_timestamp"


def absent_instruments(grid: Grid, dictionary: Dictionary) -> set[str]:
    """Instruments of which the export holds no column; none where it holds none at all."""
    absent = {
        form
        for form in dictionary.forms
        if (own := dictionary.by_column(form)) and not any(c in grid.cells for c in own)
    }
    return absent if len(absent) < len(dictionary.forms) else set()


def _absent(forms: Iterable[str], shown: str) -> list[dict[str, str]]:
    return [
        finding(
            rule="instrument_absent",
            form=form,
            message="The export holds no field of this instrument",
            file=shown,
            line=1,
        )
        for form in forms
    ]


def _column_problems(
    grid: Grid, study: Study, dictionary: Dictionary, shown: str, left: set[str]
) -> list[Problem]:
    known: dict[str, str] = {}
    for f in dictionary.fields.values():
        known.update(dict.fromkeys(f.columns, f.name))
    boxes = [f.name for f in dictionary.fields.values() if f.type == "checkbox"]
    known_missing = [*study.forms.missing_codes, *dictionary.missing]
    codes = "|".join(re.escape(re.sub(r"\W", "_", c.lower())) for c in known_missing)
    missing_box = re.compile(rf"(?:{'|'.join(map(re.escape, boxes)) or '(?!)'})___(?:{codes})$")
    extra = {f"{form}_complete" for form in dictionary.forms}
    extra |= {stamp_of(form) for form in dictionary.forms} | SYSTEM
    unknown = [
        name
        for name in grid.header
        if name not in known and name not in extra and not missing_box.match(name)
    ]
    if len(unknown) > 0.5 * len(grid.header):
        return [
            Problem(
                f"{len(unknown)} of {len(grid.header)} columns are not in the data dictionary"
                f" ({dictionary.file}): another project, or an export with labels",
                f"{shown}, line {grid.header_line}",
                "Export as 'CSV / Microsoft Excel (raw data)', with the project's dictionary",
            )
        ]
    found = [
        Problem(
            f"The column {name!r} is not in the data dictionary."
            + did_you_mean(name, [*known, *extra]),
            f"{shown}, line {grid.header_line}, field {name}",
            f"Download data and dictionary ({dictionary.file}) on the same day",
        )
        for name in unknown
    ]
    withheld = identifiers(study, dictionary)
    for f in dictionary.fields.values():
        lacking = [c for c in f.columns if c not in grid.cells]
        if f.form in left and f.name != dictionary.record_id:
            continue
        if lacking and f.type not in _OPTIONAL and f.name not in withheld:
            found.append(
                Problem(
                    f"The field {f.name!r} of the data dictionary is not in the export"
                    + (f" (columns {', '.join(lacking)})" if f.type == "checkbox" else "")
                    + f".{did_you_mean(f.name, set(grid.header) - set(known))}",
                    f"{shown}, line {grid.header_line}, field {f.name}",
                    "Export all fields as raw data (CSV), or download the dictionary again",
                )
            )
    if EVENT not in grid.cells and any(e for v in study.visits for e in v.events):
        found.append(
            Problem(
                f"The export has no column {EVENT!r}, and the study has visits with events",
                f"{shown}, line {grid.header_line}",
                "Export the longitudinal project as raw data (CSV), with its events",
            )
        )
    return found


def _age_dates(cells: pd.DataFrame, ids: pd.Series, study: Study) -> dict[str, str]:
    """First filled date at which age is taken, by subject, whichever form holds it."""
    at = study.forms.age.at if study.forms.age else ""
    if at not in cells:
        return {}
    filled = cells[at] != ""
    return dict(zip(ids[filled][::-1], cells.loc[filled, at][::-1], strict=True))


def _keys(
    cells: pd.DataFrame, ids: pd.Series, lines: pd.Series, study: Study, shown: str
) -> pd.DataFrame:
    """USUBJID, VISIT, INSTANCE, SRCFILE, SRCLINE of every row, and its event and repeat form."""
    blank = pd.Series("", index=cells.index, dtype=str)
    visits = {event: v.avisit for v in study.visits for event in v.events if event}
    event = cells.get(EVENT, blank)
    return pd.DataFrame(
        {
            "USUBJID": ids,
            "VISIT": event.map(lambda e: visits.get(e, e)).astype(str),
            "INSTANCE": cells.get(REPEAT_NO, blank),
            "SRCFILE": shown,
            "SRCLINE": lines.astype(str),
            "REPEATS": cells.get(REPEAT_FORM, blank),
        },
        dtype=str,
    )


def _repeat_problems(
    cells: pd.DataFrame, lines: pd.Series, dictionary: Dictionary, shown: str
) -> list[Problem]:
    if REPEAT_FORM not in cells:
        return []
    found = []
    used = cells[REPEAT_FORM]
    for name in sorted(set(used) - {"", *dictionary.forms}):
        found.append(
            Problem(
                f"The repeating instrument {name!r} is not in the data dictionary."
                + did_you_mean(name, dictionary.forms),
                f"{shown}, line {lines[used == name].iloc[0]}, field {REPEAT_FORM}",
                "Export raw data (not labels), and the dictionary of the same day",
            )
        )
    number = cells.get(REPEAT_NO, pd.Series("", index=cells.index, dtype=str))
    bad = ((used != "") & ~number.str.fullmatch(r"\d+")) | ~number.str.fullmatch(r"\d*")
    found += [
        Problem(
            "A repeated record has no whole number as its instance",
            f"{shown}, line {line}, field {REPEAT_NO}",
            "Export the data again without editing it",
        )
        for line in lines[bad]
    ]
    return found


def _form(
    cells: pd.DataFrame, keys: pd.DataFrame, dictionary: Dictionary, instrument: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Rows of one instrument in which at least one of its fields is filled, or a survey was sent.

    The time stamp of a survey stands behind the fields.
    """
    columns = {c: f for c, f in dictionary.by_column(instrument).items() if c in cells}
    stamp = [c for c in (stamp_of(instrument),) if c in cells and c not in columns]
    filled = pd.Series(False, index=cells.index)
    for column in stamp:
        filled |= ~cells[column].isin(["", NOT_COMPLETED])
    for column, f in columns.items():
        text = cells[column]
        filled |= (text != "") & (text != "0") if f.type == "checkbox" else text != ""
    whole = bool(filled.all())  # a copy of all cells would be needless
    own = keys if whole else keys.loc[filled]
    strange = own[(own["REPEATS"] != instrument) & own["REPEATS"].isin(dictionary.forms)]
    problems = [
        Problem(
            f"A row of the repeating instrument {repeats!r} holds values of {instrument!r}",
            f"{file}, line {line}, field {REPEAT_FORM}",
            "Export the data again without editing it",
        )
        for repeats, file, line in strange[["REPEATS", "SRCFILE", "SRCLINE"]].itertuples(
            index=False
        )
    ]
    table = pd.concat(
        [
            own[["USUBJID", "VISIT", "INSTANCE"]],
            cells.loc[own.index, [c for c in (GROUP,) if c in cells]],
            cells[[*columns, *stamp]] if whole else cells.loc[filled, [*columns, *stamp]],
            own[["SRCFILE", "SRCLINE"]],
        ],
        axis=1,
    )
    return table, problems


def _twice(table: pd.DataFrame, form: str) -> list[tuple[str, ...]]:
    """(subject, visit, first line, line, form) of every record that a form holds again."""
    keys = ["USUBJID", "VISIT", "INSTANCE"]
    again = table[table.duplicated(keys) & (table["USUBJID"] != "")]
    if again.empty:
        return []
    first = table.drop_duplicates(keys).set_index(keys)["SRCLINE"]
    return [
        (subject, visit, first[subject, visit, instance], line, form)
        for subject, visit, instance, line in again[[*keys, "SRCLINE"]].itertuples(index=False)
    ]


def _twice_problems(twice: list[tuple[str, ...]], shown: str) -> list[Problem]:
    """One problem for each pair of rows that hold the same forms."""
    forms: dict[tuple[str, ...], list[str]] = {}
    for *rows, form in twice:
        forms.setdefault(tuple(rows), []).append(form)
    return [
        Problem(
            f"Subject {subject} has the same visit twice"
            + (f" ({visit})" if visit else "")
            + f": lines {first} and {line} both hold {', '.join(names)}",
            f"{shown}, line {line}, field {EVENT if visit else 'record id'}",
            "Keep the right record in REDCap, or make the event or form repeating",
        )
        for (subject, visit, first, line), names in forms.items()
    ]
