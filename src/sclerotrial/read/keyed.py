"""Tables of any export as the keyed forms of the study: subjects, visits, fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.asked import asked
from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.export import Export, FormTable, apart, original
from sclerotrial.read.findings import MASK, finding
from sclerotrial.read.grid import squeeze
from sclerotrial.read.identity import derive_age, identifiers, reference_dates, subjects
from sclerotrial.read.opening import identifying
from sclerotrial.study_models import Source, Study

#: columns of every form beside its fields
FORM_KEYS = ("USUBJID", "VISIT", "INSTANCE", "SRCFILE", "SRCLINE")
Tables = tuple[dict[str, pd.DataFrame], list[dict[str, str]]]


def form_name(table: str) -> str:
    """A table's name as that of a form and its file: letters, digits, bars, points."""
    return re.sub(r"[^\w.-]+", "_", table).strip("_") or "form"


def form_of_table(study: Study, source: str, tables: dict[str, FormTable]) -> dict[str, str]:
    """Form -> name of its table: by `instrument` (or the form's own name), with or without case.

    A source of one form takes the one table that a file holds, whatever its name. With
    ``forms: auto`` every other table is a form of its own.
    """
    names = study.forms_of(source)
    found = {}
    for name in names:
        wanted = study.forms.forms[name].instrument or name
        table = find_table(wanted, tables)
        if table is None and len(names) == 1 == len(tables):
            table = next(iter(tables))
        if table is not None:
            found[name] = table
    if study.forms.sources[source].forms == "auto":
        taken = set(found.values())
        found |= {form_name(t): t for t in tables if t not in taken}
    return found


def find_table(wanted: str, tables: dict[str, FormTable]) -> str | None:
    """The table of that name, of that name in another case, or of that label."""
    if wanted in tables:
        return wanted
    for told in (lambda t: t, form_name, lambda t: tables[t].label):
        hits = [t for t in tables if squeeze(told(t)) == squeeze(wanted)]
        if len(hits) == 1:
            return hits[0]
    return None


def by_visit(export: Export, about: Source) -> Export:
    """The export with visits taken from sheets or the file where the configuration says so."""
    if about.visit_from == "sheet":
        parts = [t.rows.assign(EVENT=t.name) for t in export.tables.values()]
        if not parts:
            return export
        rows = pd.concat(parts, ignore_index=True).fillna("").astype(str)
        ends = ["SRCFILE", "SRCLINE"]
        rows = rows[[*(c for c in rows if c not in ends), *ends]]
        return replace(export, tables={"all": FormTable("all", rows, kind="sheet")})
    if about.visit_from == "file":
        stem = PurePosixPath(export.file).stem
        tables = {n: replace(t, rows=t.rows.assign(EVENT=stem)) for n, t in export.tables.items()}
        return replace(export, tables=tables)
    return export


def keyed_dates(tables: Iterable[FormTable], study: Study) -> dict[str, str]:
    """Dates at which age is taken, by subject, whichever form holds them."""
    at = study.forms.age.at if study.forms.age else ""
    rules = (f.fields[at] for f in study.forms.forms.values() if at in f.fields)
    names = {squeeze(n) for n in (at, *(r.source or at for r in rules)) if n}
    found: dict[str, str] = {}
    for table in tables:
        for name in (c for c in table.fields if squeeze(original(c)) in names):
            found = reference_dates(table.rows["SUBJECT"], table.rows[name], study) | found
    return found


def read_keyed(
    export: Export,
    study: Study,
    source: str,
    shown: str,
    *,
    taken_at: Mapping[str, str] | None = None,
) -> Tables:
    """Forms of a source that an export holds.

    Parameters
    ----------
    export : Export
        With what identifies people still in it.
    study : Study
    source : str
        Key of ``forms.yaml`` `sources`.
    shown : str
        Path of the file.
    taken_at : mapping, optional
        Date at which age is taken, by subject, where other files hold it.

    Returns
    -------
    (dict of DataFrame, list of findings)
        USUBJID, VISIT, INSTANCE, fields, SRCFILE, SRCLINE; identifying fields are gone. Columns of
        the system stay only where a form's `fields` name them.

    Raises
    ------
    InputErrors
        Rows without a readable subject, fields that the export lacks.
    """
    about = study.forms.sources[source]
    export = by_visit(export, about)
    chosen = form_of_table(study, source, export.tables)
    visits = visit_names(study, export)
    dates = {**(taken_at or {}), **keyed_dates(export.tables.values(), study)}
    result, findings, problems = {}, [], []
    read = {}
    for form, name in chosen.items():
        table = export.tables[name]
        frame, found, wrong = _form(table, export, study, source, form, visits, shown, dates)
        result[form] = frame
        read[form] = table, frame
        findings += found
        problems += wrong
    if problems:
        raise InputErrors(problems)
    return result, findings + asked(export, read)


def visit_names(study: Study, export: Export) -> dict[str, str]:
    """EVENT -> VISIT: the study's visit that names the event or its label, else the label."""
    known = {squeeze(e): v.avisit for v in study.visits for e in v.events if e}
    labels = [label for label in export.events.values() if label]
    found = {}
    for event, label in export.events.items():
        alone = labels.count(label) == 1
        told = known.get(squeeze(event)) or (known.get(squeeze(label)) if alone else None)
        found[event] = told or event
    for text in known:
        found.setdefault(text, known[text])
    return found


def _form(
    table: FormTable,
    export: Export,
    study: Study,
    source: str,
    form: str,
    visits: dict[str, str],
    shown: str,
    dates: Mapping[str, str],
) -> tuple[pd.DataFrame, list[dict[str, str]], list[Problem]]:
    about = study.forms.sources[source]
    rules = study.forms.forms[form].fields if form in study.forms.forms else {}
    names = {squeeze(rule.source or field): field for field, rule in rules.items()}
    renamed = {c: names[squeeze(c)] for c in table.fields if squeeze(c) in names}
    renamed |= {c: names[squeeze(original(c))] for c in table.fields
                if squeeze(original(c)) in names and c not in renamed}  # fmt: skip
    again = _again(table, renamed)
    problems = [
        Problem(
            f"The column {rule.source or field!r} is missing."
            + did_you_mean(rule.source or field, table.fields),
            f"{table.rows['SRCFILE'].iloc[0] if len(table.rows) else shown}, table {table.name}",
            f"Add it to the export, or correct `fields` of the form {form!r} in forms.yaml",
        )
        for field, rule in rules.items()
        if field not in renamed.values()
    ]
    lines = table.rows["SRCLINE"].astype("int64")
    ids, findings, wrong = subjects(
        table.rows["SUBJECT"],
        lines,
        study,
        shown=table.rows["SRCFILE"].iloc[0] if len(table.rows) else shown,
        column=about.subject or "subject",
        blank=about.restricted,
    )
    if len(table.rows) and (table.rows["SUBJECT"] == "").all() and not about.restricted:
        wrong = [
            Problem(
                "No column was taken for the subject",
                f"{shown}, table {table.name}",
                f"Name the column in forms.yaml, key sources.{source}.subject",
            )
        ]
    event = table.rows["EVENT"]
    visit = event.map(lambda e: visits.get(e) or visits.get(squeeze(e)) or e).astype(str)
    keep = [c for c in table.fields if (c in renamed or c not in table.system) and c not in again]
    renamed |= apart([c for c in keep if c not in renamed], FORM_KEYS)
    frame = pd.concat(
        [
            pd.DataFrame({"USUBJID": ids, "VISIT": visit, "INSTANCE": table.rows["INSTANCE"]}),
            table.rows[keep].rename(columns=renamed),
            table.rows[["SRCFILE", "SRCLINE"]],
        ],
        axis=1,
    ).astype(str)
    age, doubts, faults = derive_age(
        form, frame, study, about.date_order, shown, dates,
        export.dictionary.missing if export.dictionary else (),
    )  # fmt: skip
    findings += doubts
    hidden = _hidden(export.dictionary, study, table, renamed)
    gone = [c for c in frame.columns if c in hidden]
    findings += _told(gone, study, export, form, frame, shown)
    frame = frame.drop(columns=gone)
    if age is not None:
        frame.insert(frame.columns.get_loc("SRCFILE"), study.forms.age.field, age)
    return frame, findings, [*problems, *wrong, *faults]


def _again(table: FormTable, renamed: dict[str, str]) -> set[str]:
    """Columns that say again what the keys of the row say, under the names of keys."""
    return {
        name
        for name, key in (("USUBJID", "SUBJECT"), ("VISIT", "EVENT"))
        if name in table.fields
        and name not in renamed
        and (table.rows[name] == table.rows[key]).all()
    }


def _hidden(
    dictionary: Dictionary | None, study: Study, table: FormTable, renamed: dict[str, str]
) -> set[str]:
    """Columns of the form that identify people, under the names that they have now."""
    listed = {i.casefold() for i in identifiers(study, None)}
    flagged = {
        f.name for f in (dictionary.fields.values() if dictionary else ())
        if f.form == table.name and (f.identifier or f.suspect)
    }  # fmt: skip
    return {
        renamed.get(c, c)
        for c in table.fields
        if c.casefold() in listed or renamed.get(c, c).casefold() in listed
        or c in flagged or identifying(c)
    }  # fmt: skip


def _told(
    gone: list[str], study: Study, export: Export, form: str, frame: pd.DataFrame, shown: str
) -> list[dict[str, str]]:
    """A finding for each field that was dropped though the configuration does not list it."""
    listed = {i.casefold() for i in identifiers(study, None)}
    flagged = {f.name for f in export.dictionary.fields.values() if f.identifier} \
        if export.dictionary else set()  # fmt: skip
    file = frame["SRCFILE"].iloc[0] if len(frame) else shown
    return [
        finding(
            rule="undeclared_identifier",
            action="excluded",
            form=form,
            field=name,
            raw=MASK,
            message="The field seems to identify a person and was dropped;"
            " list it under identifiers",
            file=file,
            line=1,
        )
        for name in gone
        if name.casefold() not in listed and name not in flagged
    ]


def form_dictionary(export: Export, study: Study, source: str) -> Dictionary | None:
    """The export's dictionary with the names of forms and fields that the study uses.

    Returns
    -------
    Dictionary or None
        Fields by 'form.field'; their form is the `instrument` of the configuration, or the name.
    """
    if export.dictionary is None:
        return None
    export = by_visit(export, study.forms.sources[source])
    fields: dict[str, Field] = {}
    for form, table in form_of_table(study, source, export.tables).items():
        rule = study.forms.forms.get(form)
        names = {squeeze(r.source or n): n for n, r in rule.fields.items()} if rule else {}
        told = (rule.instrument or form) if rule else form
        for f in export.dictionary.fields.values():
            if f.form == table:
                name = names.get(squeeze(f.name), f.name)
                fields[f"{told}.{name}"] = replace(f, name=name, form=told)
    return Dictionary(fields, export.file, key="SUBJECT", missing=export.dictionary.missing)
