"""What a secuTrial export says of its fields: types, labels, codes, units; or what they show."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import pandas as pd

from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.export import FormTable
from sclerotrial.read.grid import Grid

_YEAR = r"(?:yyyy|aaaa|jjjj|rrrr)"
#: words of item types in the languages of the system (de, en, es, fr, it, pl) -> validation
_TYPES = (
    (rf"\.{_YEAR} \w\w:mm", "datetime_ymd"),
    (r"\(\w\w:mm(:ss)?\)", "time"),
    (rf"\w\w\.mm\.{_YEAR}", "date_ymd"),
    (rf"\({_YEAR}\)", "integer"),
    (r"^(number|nummer|zahl|nombre|n[uú]m[eé]ro|liczba)\b", "number"),
    (r"^(years|months|days|minutes|seconds|jahre|ann[eé]es?|anni|años|lata)\b", "number"),
    (r"^(score|punkt)\b", "number"),
)
#: where a unit is the label of the box itself
_BOX = re.compile(r"checkbox", re.IGNORECASE)
#: item of a group that repeats within a form of a rectangular export
_REPEATED = re.compile(r"_\d+_\d+$")


def bare(table: str) -> str:
    """A table's name without the project: 'emnpctu05surgeries' and 'esurgeries' are one."""
    return re.sub(r"^(e?)mnp[a-z]+\d+", r"\1", table)


def dictionary_of(
    about: Mapping[str, Grid], tables: Mapping[str, FormTable], shown: str
) -> tuple[Dictionary | None, list[str]]:
    """The fields of the forms, with labels and codes, as the export tells them; and notes.

    Without a table of items (rectangular exports) there are no labels, and dates alone are told,
    by what the columns hold: the system writes them as 20190401 whatever the language.
    """
    codes = _codes(about)
    if about.get("items") is None:
        fields = {f"{n}.{f.name}": f for n, t in tables.items() for f in _shown(n, t, codes)}
        note = "no table of items in the export: dates are told by their content"
        return (Dictionary(fields, shown, key="mnppid"), [note]) if fields else (None, [])
    names = {bare(n): n for n in tables}
    items, fields = _items(about), {}
    own: dict[str, set[str]] = {}
    for form, row, _ in items:
        own.setdefault(bare(form), set()).add(row["ffcolname"])
    for form, row, line in items:
        if bare(form) not in names or not row["ffcolname"]:
            continue
        table = tables[names[bare(form)]]
        known = codes.get((bare(form), row["ffcolname"]), {})
        kind = row["itemtype"].lower()
        validation = next((v for words, v in _TYPES if re.search(words, kind)), "")
        for name in _columns(table, row["ffcolname"], own[bare(form)]) or [row["ffcolname"]]:
            fields[f"{table.name}.{name}"] = Field(
                name=name,
                form=table.name,
                type="radio" if known else "text",
                label=re.sub(r"<[^>]+>", "", row.get("fflabel", "")).strip(),
                choices=known,
                validation="" if known else validation,
                line=line,
            )
    return Dictionary(fields, shown, key="mnppid"), []


def units_of(about: Mapping[str, Grid]) -> dict[str, dict[str, str]]:
    """Table (bare) -> item -> its unit, '' for none; of boxes the same column is the label."""
    found: dict[str, dict[str, str]] = {}
    for form, row, _ in _items(about):
        unit = "" if _BOX.search(row["itemtype"]) else row.get("unit", "")
        found.setdefault(bare(form), {})[row["ffcolname"]] = unit
    return found


def with_units(table: FormTable, units: Mapping[str, str]) -> FormTable:
    """The table with a column `<field>_unit` behind each field that has a unit."""
    rows, places = table.rows.copy(), dict(table.places)
    for item, unit in units.items():
        for name in _columns(table, item, units) if unit else ():
            if f"{name}_unit" not in rows:
                cells = pd.Series("", index=rows.index, dtype=str).mask(rows[name] != "", unit)
                rows.insert(rows.columns.get_loc(name) + 1, f"{name}_unit", cells)
                places[f"{name}_unit"] = name
    return replace(table, rows=rows, places=places)


def _columns(table: FormTable, item: str, items: Collection[str]) -> list[str]:
    """Columns that hold an item: itself, or one a repetition, unless that is an item itself."""
    return [
        c for c in table.fields if c == item or (c not in items and _REPEATED.sub("", c) == item)
    ]


def _items(about: Mapping[str, Grid]) -> list[tuple[str, dict[str, str], int]]:
    """(table of its form, row, line) of each item."""
    items, questions = about.get("items"), about.get("questions")
    of_group: dict[str, str] = {}
    if questions is not None and "formtablename" in questions.cells:
        group, form = questions.cells["fgid"], questions.cells["formtablename"]
        of_group = dict(zip(group, form, strict=True))
    if items is None:
        return []
    return [
        (row.get("formtablename") or of_group.get(row["fgid"], ""), row, int(line))
        for row, line in zip(items.cells.to_dict("records"), items.lines, strict=True)
    ]


def _codes(about: Mapping[str, Grid]) -> dict[tuple[str, str], dict[str, str]]:
    """(table, item) -> code -> label."""
    codes: dict[tuple[str, str], dict[str, str]] = {}
    lists = about.get("codelists")
    if lists is not None:
        for column, code, label in lists.cells[["column", "code", "value"]].itertuples(index=False):
            table, _, name = column.rpartition(".")
            codes.setdefault((bare(table), name), {})[code] = label
    return codes


def _shown(
    form: str, table: FormTable, codes: Mapping[tuple[str, str], dict[str, str]]
) -> list[Field]:
    """Fields of a table by what their columns hold."""
    found = []
    for name in table.fields:
        if name in table.system:
            continue
        whole, item = (bare(form), name), (bare(form), _REPEATED.sub("", name))
        known = codes.get(whole) or codes.get(item, {})
        told = "" if known else _content(list(pd.unique(table.rows[name])))
        kind = "radio" if known else "text"
        found.append(Field(name, form, kind, choices=known, validation=told))
    return found


def _content(values: list[str]) -> str:
    """The validation that all values of a column pass; '' for text, and where there is none."""
    values = [v for v in values if v]
    if not values:
        return ""
    for length, form, validation in (
        (8, "%Y%m%d", "date_ymd"), (12, "%Y%m%d%H%M", "datetime_ymd")
    ):  # fmt: skip
        if all(len(v) == length and v.isdigit() and _day(v, form) for v in values):
            return validation
    return ""


def _day(text: str, form: str) -> bool:
    try:
        return 1900 <= datetime.strptime(text, form).year < 2100
    except ValueError:
        return False
