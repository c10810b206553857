"""Any ODM file as form tables: item groups that repeat are tables of their own."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.export import SUBJECTS, Export, FormTable, counts, guess, keyed_rows
from sclerotrial.read.formats.odm import Cell, GroupData, Odm
from sclerotrial.read.formats.odm_fields import (
    contradicted,
    fields_of,
    name_of,
    reasons,
    value_of,
)
from sclerotrial.read.formats.odm_model import UPDATES

#: what OpenClinica tells of a subject beside the keys; birth date and other ids go no further
_SUBJECT_FACTS = ("Sex", "Status", "YearOfBirth")
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
    table, else by OID. A unit is told in a column `<field>_unit`: that of the value, or the one of
    the definition where it has no other.
    """
    tables, fields = {}, {}
    names = {oid: name_of(about, oid) for oid, (about, _) in [*odm.groups.items()]}
    names |= {oid: name_of(about, oid) for oid, (about, _) in odm.forms.items()}
    clash = {n for n, many in Counter(names[f] for f in _forms(odm) & set(names)).items()
             if many > 1}  # fmt: skip
    parts, again = _rows(odm)
    twice = joined = 0
    for (form, split), rows in parts.items():
        name = names.get(form, form)
        name = form if name in clash else name
        if split:
            about = odm.groups.get(split, ({}, []))[0]
            name = f"{name}.{name_of(about, split)}"
        table, changed, several = _table(odm, name, rows, shown, form, split)
        twice, joined = twice + changed, joined + several
        tables[name] = table
        fields |= fields_of(odm, table, form, rows)
    notes = [f"{odm.removed} removed values passed over"] if odm.removed else []
    notes += [f"{twice} values are updated, the last is taken"] if twice else []
    notes += contradicted(odm)
    if joined:
        notes.append(f"{joined} items stand again in their group: their values are joined by '; '")
    if again:
        notes.append(f"{again} item groups stand again under the same keys: rows of their own")
    writer = writer_of(odm)
    notes += ["no definitions in the file: fields are named by their OIDs"] if not odm.items else []
    units = [f"{f}_unit" for t in tables.values() for f in t.places]
    whole = counts(t.without(units) for t in tables.values())
    return Export(
        file=shown,
        format=f"CDISC ODM{f' ({writer})' if writer else ''}",
        version=version_of(odm),
        tables=tables,
        extra=_subjects(odm, shown),
        dictionary=Dictionary(fields, shown, key="SUBJECT", missing=reasons(odm))
        if fields
        else None,
        events={oid: about.get("Name", "") for oid, (about, _) in odm.events.items()},
        encoding=odm.encoding,
        notes=tuple(notes),
        **whole,
    )  # fmt: skip


def _forms(odm: Odm) -> set[str]:
    return {part.form.get("FormOID", "") for part in odm.data}


def _rows(odm: Odm) -> tuple[dict[tuple[str, str], list[list[GroupData]]], int]:
    """Parts by (form, repeating group) and row; and how many stand again under the same keys.

    A part that holds an item again is an update where it says so, else a row of its own.
    """
    apart = _repeating(odm)
    parts: dict[tuple[str, str], list[list[GroupData]]] = {}
    at: dict[tuple, list[GroupData]] = {}
    held: dict[tuple, set[tuple[str, str]]] = {}
    again = 0
    for part in odm.data:
        form, group = part.form.get("FormOID", ""), part.group.get("ItemGroupOID", "")
        split = group if (form, group) in apart else ""
        key: tuple = (*_row_key(part), split and _repeat(part), split)
        own = {(group, c.item) for c in part.cells}
        if own & held.get(key, set()) and not _updates(part):
            again += 1
            while own & held.get(key, set()):
                key = (*key, "again")
        if key not in at:
            at[key], held[key] = [], set()
            parts.setdefault((form, split), []).append(at[key])
        at[key].append(part)
        held[key] |= own
    return parts, again


def _updates(part: GroupData) -> bool:
    levels = (part.subject, part.event, part.form, part.group)
    return any(a.get("TransactionType") in UPDATES for a in levels)


def _repeat(part: GroupData) -> str:
    """Repeat key of a group; a Dataset-XML numbers its records."""
    about = part.group
    return about.get("ItemGroupRepeatKey") or about.get("ItemGroupDataSeq", "")


def subject_of(about: dict[str, str]) -> str:
    """The subject's id as people know it: OpenClinica's study subject ID, else the key."""
    own = about.get("StudySubjectID") or about.get("StudySubjectId") or about.get("SubjectName")
    return own or about.get("SubjectKey", "")


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
        repeat = _repeat(part)
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
) -> tuple[FormTable, int, int]:
    """The table of a form or a repeating group; how many values are updated, how many joined."""
    order = odm.forms.get(form, ({}, []))[1]
    defined = [i for g in order if not split or g == split for i in odm.groups.get(g, ({}, []))[1]]
    used = dict.fromkeys(c.item for parts in rows for p in parts for c in p.cells)
    items = [i for i in dict.fromkeys(defined) if i in used]
    items += [i for i in used if i not in set(items)]
    title = {i: name_of(odm.items[i].about, i) if i in odm.items else i for i in items}
    many = {n for n, k in Counter(title.values()).items() if k > 1}
    title = {i: i if n in many else n for i, n in title.items()}
    values: list[dict[str, str]] = []
    lines, keys, subjects, events = [], [], [], []
    group_of: dict[str, str] = {}
    twice = joined = 0
    for parts in rows:
        row: dict[str, str] = {}
        for part in parts:
            here: set[str] = set()
            for cell in part.cells:
                field = title[cell.item]
                value = value_of(cell)
                if cell.item in here and not cell.update and not _updates(part):
                    joined += 1  # no update: a field of several choices, or a contradiction
                    value = "; ".join(dict.fromkeys(t for t in (row[field], value) if t))
                else:
                    twice += field in row
                here.add(cell.item)
                row[field] = value
                if unit := _unit(odm, cell):
                    row[f"{field}_unit"] = odm.units.get(unit, unit)
                group_of.setdefault(field, part.group.get("ItemGroupOID", ""))
        first = parts[0]
        values.append(row)
        lines.append(min(p.line for p in parts))
        subjects.append(subject_of(first.subject))
        events.append(first.event.get("StudyEventOID", ""))
        keys.append(_xml_key(first, split))
    columns = [
        c for i in items for c in (title[i], f"{title[i]}_unit")
        if c == title[i] or any(c in row for row in values)
    ]  # fmt: skip
    cells = pd.DataFrame(
        {c: pd.Series([row.get(c, "") for row in values], dtype=str) for c in columns},
        index=range(len(values)),
    )
    if not any(subjects):  # records without a subject above them: a data set as XML
        key = guess([c.rpartition(".")[2] for c in columns], SUBJECTS)
        subjects = list(cells[next(c for c in columns if c.endswith(key))]) if key else subjects
    instances = _instances([parts[0] for parts in rows], split)
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
    return told, twice, joined


def _unit(odm: Odm, cell: Cell) -> str:
    """The unit of a value: its own, else the one that its definition gives, where it is one."""
    item = odm.items.get(cell.item)
    if cell.unit or not cell.value.strip() or item is None:
        return cell.unit
    return item.units[0] if len(set(item.units)) == 1 else ""


def _instances(firsts: list[GroupData], split: str) -> list[str]:
    """Repeat keys of rows: those levels that repeat in the table (event, form, group), by dots.

    Rows that still have the same keys are numbered.
    """
    levels = [
        [p.event.get("StudyEventRepeatKey", "") for p in firsts],
        [p.form.get("FormRepeatKey", "") for p in firsts],
    ]
    used = [keys for keys in levels if set(keys) - {"", "1"}]
    used += [[_repeat(p) for p in firsts]] if split else []
    found = [".".join(k or "1" for k in keys) for keys in zip(*used, strict=True)]
    found = found or [""] * len(firsts)
    if not split:
        found = ["" if set(n.split(".")) == {"1"} else n for n in found]
    at = [(*_row_key(p)[:3], n) for p, n in zip(firsts, found, strict=True)]
    many = {key for key, n in Counter(at).items() if n > 1}
    running: Counter = Counter()
    for i, key in enumerate(at):
        if key in many:
            running[key] += 1
            found[i] = f"{found[i]}.{running[key]}" if found[i] else str(running[key])
    return found


def _xml_key(part: GroupData, split: str) -> str:
    def one(oid: str, name: str, repeat: str = "") -> str:
        return f"{name}={oid}" + (f"[{repeat}]" if repeat else "")

    steps = [one(part.subject.get("SubjectKey", ""), "SubjectKey")]
    event, form = part.event, part.form
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
        steps.append(one(split, "ItemGroupOID", _repeat(part)))
    return "/".join(steps)


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
