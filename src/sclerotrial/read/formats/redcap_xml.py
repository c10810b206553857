"""REDCap project XML: its dictionary, events and data as those of the CSV exports."""

from __future__ import annotations

import pandas as pd

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.dictionary import FIXED_CHOICES, Dictionary, Field, parse_choices
from sclerotrial.read.formats.odm import GroupData, Odm
from sclerotrial.read.grid import Grid, tidy
from sclerotrial.read.redcap_names import EVENT, GROUP, REPEAT_FORM, REPEAT_NO, SYSTEM

#: names of the extension -> names of the dictionary
_TYPES = {"textarea": "notes", "select": "dropdown"}
_VALIDATIONS = {"int": "integer", "float": "number"}


def is_redcap(odm: Odm) -> bool:
    """Whether the file was written by REDCap."""
    return "redcap" in odm.prefixes or odm.about.get("SourceSystem") == "REDCap"


def missing_codes(odm: Odm) -> dict[str, str]:
    """Codes of missing data that the project's settings declare, with their labels."""
    return parse_choices(odm.settings.get("MissingDataCodes", "").replace("\n", "|"))


def to_dictionary(odm: Odm, shown: str) -> Dictionary:
    """The data dictionary that the XML carries.

    Raises
    ------
    InputErrors
        When the file defines no field.
    """
    fields: dict[str, Field] = {}
    for form, oid in _items(odm):
        item = odm.items[oid]
        name = item.about.get("Variable") or oid
        kind = _TYPES.get(item.about.get("FieldType", ""), item.about.get("FieldType") or "text")
        if name in fields or name in SYSTEM or name in (f"{form}_complete", f"{form}_timestamp"):
            continue
        limits = dict(item.ranges)
        about, codes = odm.codelists.get(item.codelist, ({}, {}))
        choices = FIXED_CHOICES.get(kind, {})
        if kind == "checkbox":
            choices = parse_choices(about.get("CheckboxChoices", ""))
        elif kind in ("radio", "dropdown"):
            choices = codes
        validation = item.about.get("TextValidationType", "")
        annotation = item.about.get("FieldAnnotation", "")
        fields[name] = Field(
            name=name,
            form=form,
            type=kind,
            label=item.question,
            choices=dict(choices),
            validation=_VALIDATIONS.get(validation, validation) if kind == "text" else "",
            minimum=limits.get("GE", ""),
            maximum=limits.get("LE", ""),
            identifier=item.about.get("Identifier", "") == "y",
            required=item.about.get("RequiredField", "") == "y",
            branching=item.about.get("BranchingLogic", ""),
            line=item.line,
            calculation=item.about.get("Calculation", ""),
            annotation=annotation,
        )
    if not fields:
        raise InputErrors([Problem("The project XML defines no field", shown, "Export it again")])
    record_id = odm.version.get("RecordIdField") or next(iter(fields))
    ordered = {record_id: fields.pop(record_id)} | fields if record_id in fields else fields
    return Dictionary(ordered, shown, missing=missing_codes(odm))


def _items(odm: Odm) -> list[tuple[str, str]]:
    """(form, item) in the order of the project."""
    found = []
    for oid, (about, groups) in odm.forms.items():
        form = about.get("FormName") or oid.removeprefix("Form.")
        for group in groups:
            found += [(form, i) for i in odm.groups.get(group, ({}, []))[1] if i in odm.items]
    return found


def form_labels(odm: Odm) -> dict[str, str]:
    """Name of each form -> its label."""
    return {
        about.get("FormName") or oid.removeprefix("Form."): about.get("Name", "")
        for oid, (about, _) in odm.forms.items()
    }


def event_labels(odm: Odm) -> dict[str, str]:
    """Unique name of each event -> its label."""
    return {
        about.get("UniqueEventName") or oid.removeprefix("Event."): about.get("Name", "")
        for oid, (about, _) in odm.events.items()
    }


def to_grid(odm: Odm, dictionary: Dictionary, shown: str) -> Grid:
    """The data as a raw CSV export would hold them, one row a form.

    SRCLINE of a row is the line at which the form's element begins.

    Raises
    ------
    InputErrors
        When the file holds definitions only.
    """
    if not odm.data:
        raise InputErrors(
            [
                Problem(
                    "The project XML holds no data, only definitions",
                    shown,
                    "Export 'metadata and data' as CDISC ODM (XML); "
                    "for definitions alone name it as the `dictionary`",
                )
            ]
        )
    forms: dict[tuple[str, ...], list[GroupData]] = {}
    for part in odm.data:
        forms.setdefault(
            (part.subject.get("SubjectKey", ""), part.form.get("line", "")), []
        ).append(part)
    rows, lines = [], []
    repeats = _repeats(odm)
    for parts in forms.values():
        rows.append(_row(odm, parts, dictionary, repeats))
        lines.append(int(parts[0].form.get("line", parts[0].line)))
    header = [dictionary.record_id]
    header += [EVENT] if any(EVENT in row for row in rows) else []
    header += [REPEAT_FORM, REPEAT_NO] if repeats else []
    header += [GROUP] if any(GROUP in row for row in rows) else []
    for form in dictionary.forms:
        header += [c for c in dictionary.by_column(form) if c != dictionary.record_id]
        header.append(f"{form}_complete")
    known = dict.fromkeys(header)
    header += [c for c in dict.fromkeys(c for row in rows for c in row) if c not in known]
    cells = pd.DataFrame(
        {name: pd.Series([row.get(name, "") for row in rows], dtype=str) for name in header}
    )
    return Grid(header, 1, cells, pd.Series(lines, dtype="int64"), encoding=odm.encoding)


def _repeats(odm: Odm) -> list[tuple[str, str]]:
    """(event, form) that repeat; told by the keys where the file has data and no definitions."""
    if odm.repeats or odm.forms:
        return odm.repeats
    keys = [(p.form.get("FormOID", ""), p.form.get("FormRepeatKey", "1")) for p in odm.data]
    return [("", f.removeprefix("Form.")) for f in dict.fromkeys(f for f, n in keys if n != "1")]


def _row(
    odm: Odm, parts: list[GroupData], dictionary: Dictionary, repeating: list[tuple[str, str]]
) -> dict[str, str]:
    first = parts[0]
    event = first.event.get("UniqueEventName") or first.event.get("StudyEventOID", "")
    event = event.removeprefix("Event.")
    form = odm.forms.get(first.form.get("FormOID", ""), ({}, []))[0].get("FormName")
    form = form or first.form.get("FormOID", "").removeprefix("Form.")
    row = {dictionary.record_id: first.subject.get("SubjectKey", "")}
    if odm.events or event:
        row[EVENT] = event
    repeats = {f for e, f in repeating if not event or not e or e == event}
    if form in repeats:
        row |= {REPEAT_FORM: form, REPEAT_NO: first.form.get("FormRepeatKey", "1")}
    elif "" in repeats:
        row[REPEAT_NO] = first.event.get("StudyEventRepeatKey", "1")
    levels = (first.form, first.event, first.subject)
    group = next((a["DataAccessGroup"] for a in levels if a.get("DataAccessGroup")), "")
    if group:
        row[GROUP] = group
    for part in parts:
        row |= {cell.item: tidy(cell.value) for cell in part.cells}
    return row
