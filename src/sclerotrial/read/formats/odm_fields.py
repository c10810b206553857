"""The data dictionary that an ODM file carries: its items as fields of tables."""

from __future__ import annotations

from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.export import Export, FormTable
from sclerotrial.read.formats.odm_model import Cell, GroupData, Odm
from sclerotrial.read.grid import tidy

#: data types of ODM -> (type, validation) of our dictionary
_TYPES = {
    "integer": "integer",
    "float": "number",
    "double": "number",
    "date": "date_ymd",
    "datetime": "datetime_seconds_ymd",
    "time": "time",
}
#: reasons of OpenClinica for a value that is null; an erased one is merely blank
_NULL = {
    "NI": "no information", "NA": "not applicable", "UNK": "unknown", "NASK": "not asked",
    "ASKU": "asked but unknown", "NAV": "temporarily unavailable", "OTH": "other",
    "PINF": "positive infinity", "NINF": "negative infinity", "MSK": "masked",
    "NP": "not present", "NPE": "not performed",
}  # fmt: skip
_ERASED = ("", "Erased", "null")


def name_of(about: dict[str, str], oid: str) -> str:
    """Name of an element, else its OID."""
    return (about.get("Name") or oid).strip()


def value_of(cell: Cell) -> str:
    """A value; of one that is null what the file says in its place."""
    told = tidy(cell.value)
    return told or ("" if cell.reason in _ERASED else cell.reason)


def contradicted(odm: Odm) -> list[str]:
    """A note of values that stand beside IsNull, if any do: the value is used.

    ODM 1.1 and 1.2 say so of such an item, 1.3 and 2.0 that a file must not hold it; OpenClinica
    writes it for a value that has the code of a missing one among others.
    """
    many = sum(c.null and bool(c.value.strip()) for part in odm.data for c in part.cells)
    return (
        [f"{many} values stand beside IsNull, against the standard: they are used"] if many else []
    )


def reasons(odm: Odm) -> dict[str, str]:
    """Reasons of null values that the file gives: they are codes for a missing value.

    A reason that is a choice of some item as well is none, for that choice would be blanked.
    """
    told = {c.reason for part in odm.data for c in part.cells} - set(_ERASED)
    told -= {code for _, codes in odm.codelists.values() for code in codes}
    return {reason: _NULL.get(reason, reason) for reason in sorted(told)}


def _field(odm: Odm, oid: str, name: str, form: str, required: bool) -> Field:
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
        required=required,
        line=item.line,
    )


def fields_of(
    odm: Odm, table: FormTable, form: str, rows: list[list[GroupData]]
) -> dict[str, Field]:
    """Fields of a table by 'form.field'; `rows` are the parts of which its rows are made."""
    groups = _always(odm, form, {p.group.get("ItemGroupOID", "") for row in rows for p in row})
    found = {}
    for name in table.fields:
        oid = table.places.get(name, "").rpartition("ItemOID=")[2]
        if oid in odm.items:
            need = _needed(odm, oid, groups)
            found[f"{table.name}.{name}"] = _field(odm, oid, name, table.name, need)
        else:
            found[f"{table.name}.{name}"] = Field(name, table.name, "text")
    return found


def _always(odm: Odm, form: str, used: set[str]) -> set[str]:
    """Groups that every row of a table holds: the only one that it has, or mandatory ones."""
    return used if len(used) == 1 else {g for g in used if odm.needs(form, g)}


def _needed(odm: Odm, item: str, groups: set[str]) -> bool:
    """Whether an item is mandatory wherever one of these groups holds it, and always shown."""
    own = [g for g in groups if item in odm.groups.get(g, ({}, []))[1]]
    return bool(own) and not odm.items[item].conditional and all(odm.needs(g, item) for g in own)


def definitions(odm: Odm, shown: str) -> Export:
    """A file of definitions alone (Define-XML, an empty project): its dictionary."""
    fields = {}
    for oid, (about, items) in odm.groups.items():
        form = about.get("Name") or oid
        for item in items:
            if item in odm.items:
                name = odm.items[item].about.get("Name") or item
                need = _needed(odm, item, {oid})
                fields[f"{form}.{name}"] = _field(odm, item, name, form, need)
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
