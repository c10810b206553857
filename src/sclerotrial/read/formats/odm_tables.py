"""Any ODM file as form tables: item groups that repeat are tables of their own."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.export import Export, FormTable, counts, keyed_rows
from sclerotrial.read.formats.odm import GroupData, Odm
from sclerotrial.read.grid import tidy

#: what OpenClinica tells of a subject beside the keys; birth date and other ids go no further
_SUBJECT_FACTS = ("Sex", "Status", "YearOfBirth")
#: data types of ODM -> (type, validation) of our dictionary
_TYPES = {
    "integer": "integer",
    "float": "number",
    "double": "number",
    "date": "date_ymd",
    "datetime": "datetime_seconds_ymd",
    "time": "time",
}
#: writers of ODM by the namespace or the system that a file names
_WRITERS = {
    "openclinica": "OpenClinica",
    "libreclinica": "LibreClinica",
    "mdsol": "Medidata Rave",
    "castor": "Castor",
    "viedoc": "Viedoc",
    "xclinical": "Marvin",
    "redcap": "REDCap",
    "secutrial": "secuTrial",
    "oracle": "Oracle Clinical",
}


def writer_of(odm: Odm) -> str:
    """The system that wrote the file; '' when it tells of none."""
    told = " ".join(
        [odm.about.get("SourceSystem", ""), odm.about.get("Originator", ""), *odm.prefixes]
    )
    return next((name for key, name in _WRITERS.items() if key in told.lower()), "")


def version_of(odm: Odm) -> str:
    """The version of ODM and that of the system."""
    told = [odm.about.get("ODMVersion", ""), odm.about.get("SourceSystemVersion", "")]
    return " ".join(t for t in told if t)


def to_export(odm: Odm, shown: str) -> Export:
    """Form tables of an ODM file.

    A form's groups that do not repeat are one row; each repeating group is a table of its own,
    named 'form.group'. Fields are named by their items' names where these are unique within the
    table, else by OID. A value with a unit of its own has it in a column `<field>_unit`.
    """
    tables, fields = {}, {}
    names = {oid: _name(about, oid) for oid, (about, _) in odm.forms.items()}
    clash = {n for n, many in Counter(names.values()).items() if many > 1}
    apart = _repeating(odm)
    parts: dict[tuple[str, str], list[list[GroupData]]] = {}
    at: dict[tuple, list[GroupData]] = {}
    twice = 0
    for part in odm.data:
        form, group = part.form.get("FormOID", ""), part.group.get("ItemGroupOID", "")
        split = group if (form, group) in apart else ""
        key = (*_row_key(part), split and part.group.get("ItemGroupRepeatKey", ""), split)
        if key not in at:
            at[key] = []
            parts.setdefault((form, split), []).append(at[key])
        at[key].append(part)
    for (form, split), rows in parts.items():
        name = names.get(form, form)
        name = form if name in clash else name
        if split:
            about = odm.groups.get(split, ({}, []))[0]
            name = f"{name}.{_name(about, split)}"
        table, again = _table(odm, name, rows, shown, form, split)
        twice += again
        tables[name] = table
        fields |= _fields(odm, table)
    notes = [f"{odm.removed} removed values passed over"] if odm.removed else []
    notes += [f"{twice} values stand twice, the last is taken"] if twice else []
    writer = writer_of(odm)
    notes += ["no definitions in the file: fields are named by their OIDs"] if not odm.items else []
    return Export(
        file=shown,
        format=f"CDISC ODM{f' ({writer})' if writer else ''}",
        version=version_of(odm),
        tables=tables,
        extra=_subjects(odm, shown),
        dictionary=Dictionary(fields, shown, key="SUBJECT") if fields else None,
        events={oid: about.get("Name", "") for oid, (about, _) in odm.events.items()},
        encoding=odm.encoding,
        notes=tuple(notes),
        **counts(tables.values()),
    )  # fmt: skip


def definitions(odm: Odm, shown: str) -> Export:
    """A file of definitions alone (Define-XML, an empty project): its dictionary."""
    fields = {}
    for oid, (about, items) in odm.groups.items():
        form = about.get("Name") or oid
        for item in items:
            if item in odm.items:
                name = odm.items[item].about.get("Name") or item
                fields[f"{form}.{name}"] = _field(odm, item, name, form)
    kind = "Define-XML" if any("/def/" in p for p in odm.prefixes) else "CDISC ODM definitions"
    return Export(
        file=shown,
        format=kind,
        version=odm.about.get("ODMVersion", "") or odm.version.get("DefineVersion", ""),
        tables={},
        dictionary=Dictionary(fields, shown, key="SUBJECT"),
        encoding=odm.encoding,
        notes=(f"definitions of {len(odm.groups)} tables and {len(fields)} fields, no data",),
    )


def subject_of(about: dict[str, str]) -> str:
    """The subject's id as people know it: OpenClinica's study subject ID, else the key."""
    return about.get("StudySubjectID") or about.get("SubjectName") or about.get("SubjectKey", "")


def _name(about: dict[str, str], oid: str) -> str:
    return (about.get("Name") or oid).strip()


def _row_key(part: GroupData) -> tuple[str, ...]:
    return (
        part.study,
        part.subject.get("SubjectKey", ""),
        part.event.get("StudyEventOID", ""),
        part.event.get("StudyEventRepeatKey", ""),
        part.form.get("FormOID", ""),
        part.form.get("FormRepeatKey", ""),
    )


def _repeating(odm: Odm) -> set[tuple[str, str]]:
    """(form, group) that repeat, by definition or in the data."""
    seen: Counter = Counter()
    found = set()
    for part in odm.data:
        form, group = part.form.get("FormOID", ""), part.group.get("ItemGroupOID", "")
        about = odm.groups.get(group, ({}, []))[0]
        if about.get("Repeating", "No").lower() in ("yes", "simple", "dynamic", "static"):
            found.add((form, group))
        repeat = part.group.get("ItemGroupRepeatKey", "")
        if repeat not in ("", "1"):
            seen[form, group] += 1
    found |= set(seen)
    alone: dict[str, set[str]] = {}
    for part in odm.data:
        alone.setdefault(part.form.get("FormOID", ""), set()).add(
            part.group.get("ItemGroupOID", "")
        )
    return {(f, g) for f, g in found if len(alone[f]) > 1 or (f, g) in seen}


def _table(
    odm: Odm, name: str, rows: list[list[GroupData]], shown: str, form: str, split: str
) -> tuple[FormTable, int]:
    """The table of a form or a repeating group, and how many of its values stand twice."""
    order = odm.forms.get(form, ({}, []))[1]
    defined = [i for g in order if not split or g == split for i in odm.groups.get(g, ({}, []))[1]]
    used = dict.fromkeys(c.item for parts in rows for p in parts for c in p.cells)
    items = [i for i in dict.fromkeys(defined) if i in used]
    items += [i for i in used if i not in set(items)]
    title = {i: _name(odm.items[i].about, i) if i in odm.items else i for i in items}
    many = {n for n, k in Counter(title.values()).items() if k > 1}
    title = {i: i if n in many else n for i, n in title.items()}
    values: list[dict[str, str]] = []
    lines, keys, subjects, events, instances = [], [], [], [], []
    group_of: dict[str, str] = {}
    twice = 0
    for parts in rows:
        row: dict[str, str] = {}
        for part in parts:
            for cell in part.cells:
                field = title[cell.item]
                twice += field in row
                row[field] = "" if cell.null else tidy(cell.value)
                if cell.unit:
                    row[f"{field}_unit"] = odm.units.get(cell.unit, cell.unit)
                group_of.setdefault(field, part.group.get("ItemGroupOID", ""))
        first = parts[0]
        values.append(row)
        lines.append(min(p.line for p in parts))
        subjects.append(subject_of(first.subject))
        events.append(first.event.get("StudyEventOID", ""))
        instances.append(_instance(first, split))
        keys.append(_xml_key(first, split))
    columns = [
        c for i in items for c in (title[i], f"{title[i]}_unit")
        if c == title[i] or any(c in row for row in values)
    ]  # fmt: skip
    cells = pd.DataFrame(
        {c: pd.Series([row.get(c, "") for row in values], dtype=str) for c in columns},
        index=range(len(values)),
    )
    oid = {n: i for i, n in title.items()}
    places = {
        n: oid[n] if split else f"ItemGroupOID={group_of.get(n, '')}/ItemOID={oid[n]}" for n in oid
    }
    table = keyed_rows(
        cells,
        subject=pd.Series(subjects, dtype=str),
        event=pd.Series(events, dtype=str),
        instance=pd.Series(instances, dtype=str),
        file=shown,
        lines=pd.Series(lines, dtype="int64"),
    )
    label = f"{form}.{split}" if split else form
    told = FormTable(name, table, label, "xml", places, pd.Series(keys, dtype=str))
    return told, twice


def _instance(part: GroupData, split: str) -> str:
    """Repeat keys that are more than one of its kind: event, form, group, joined by dots."""
    event = part.event.get("StudyEventRepeatKey", "")
    form = part.form.get("FormRepeatKey", "")
    keys = [event if event not in ("", "1") else "", form if form not in ("", "1") else ""]
    if split:
        keys.append(part.group.get("ItemGroupRepeatKey", ""))
        while keys and not keys[0] and len(keys) > 1:
            keys.pop(0)
        return ".".join(k or "1" for k in keys)
    return ".".join(k for k in keys if k)


def _xml_key(part: GroupData, split: str) -> str:
    def one(oid: str, name: str, repeat: str = "") -> str:
        return f"{name}={oid}" + (f"[{repeat}]" if repeat else "")

    steps = [one(part.subject.get("SubjectKey", ""), "SubjectKey")]
    event, form, group = part.event, part.form, part.group
    if event:
        steps.append(
            one(
                event.get("StudyEventOID", ""),
                "StudyEventOID",
                event.get("StudyEventRepeatKey", ""),
            )
        )
    steps.append(one(form.get("FormOID", ""), "FormOID", form.get("FormRepeatKey", "")))
    if split:
        steps.append(one(split, "ItemGroupOID", group.get("ItemGroupRepeatKey", "")))
    return "/".join(steps)


def _field(odm: Odm, oid: str, name: str, form: str) -> Field:
    item = odm.items[oid]
    about, codes = odm.codelists.get(item.codelist, ({}, {}))
    many = "DataType" not in about and bool(codes) and "ID" in about
    kind = item.about.get("DataType", "text").lower()
    limits = {k: v for k, v in item.ranges if k in ("GE", "LE", "GT", "LT")}
    return Field(
        name=name,
        form=form,
        type="radio" if codes and not many else "text",
        label=item.question or item.about.get("Comment", "") or item.about.get("Label", ""),
        choices=dict(codes),
        validation="" if codes else _TYPES.get(kind, ""),
        minimum=limits.get("GE", ""),
        maximum=limits.get("LE", ""),
        line=item.line,
    )


def _fields(odm: Odm, table: FormTable) -> dict[str, Field]:
    found = {}
    for name in table.fields:
        oid = table.places.get(name, "").rpartition("ItemOID=")[2]
        if oid in odm.items:
            found[f"{table.name}.{name}"] = _field(odm, oid, name, table.name)
        else:
            found[f"{table.name}.{name}"] = Field(name, table.name, "text")
    return found


def _subjects(odm: Odm, shown: str) -> dict[str, FormTable]:
    """What the file tells of its subjects; what identifies them is left where it is."""
    facts = [f for f in _SUBJECT_FACTS if any(f in s for s in odm.subjects)]
    unique = {(s.get("StudyOID", ""), s.get("SubjectKey", "")): s for s in odm.subjects}
    known = list(unique.values())
    if not known:
        return {}
    cells = pd.DataFrame(
        {f: pd.Series([s.get(f, "") for s in known], dtype=str) for f in ["StudyOID", *facts]}
    )
    rows = keyed_rows(
        cells,
        subject=pd.Series([subject_of(s) for s in known], dtype=str),
        file=shown,
        lines=pd.Series([0] * len(known)),
    )
    return {"subjects": FormTable("subjects", rows, kind="xml")}
