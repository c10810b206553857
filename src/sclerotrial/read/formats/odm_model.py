"""Definitions and data of an ODM file, as they are read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

Attributes = dict[str, str]
#: elements that hold a value
CELLS = [
    "ItemData", *(f"ItemData{t}" for t in (
        "Any", "String", "Integer", "Float", "Date", "Time", "Datetime", "Boolean", "Double",
        "HexBinary", "Base64Binary", "HexFloat", "Base64Float", "PartialDate", "PartialTime",
        "PartialDatetime", "DurationDatetime", "IntervalDatetime", "IncompleteDatetime",
        "IncompleteDate", "IncompleteTime", "URI",
    )),
]  # fmt: skip
#: transactions that replace what stood before
UPDATES = ("Update", "Upsert")


@dataclass
class Item:
    """A field as the file defines it; `conditional` where a form shows it not always."""

    about: Attributes
    line: int
    question: str = ""
    codelist: str = ""
    units: list[str] = field(default_factory=list)
    ranges: list[tuple[str, str]] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    conditional: bool = False


@dataclass
class Cell:
    """One value with its unit and the line of its element; a missing one may have its reason.

    `update` where the file says that it replaces what stood before.
    """

    item: str
    value: str
    line: int
    unit: str = ""
    null: bool = False
    reason: str = ""
    update: bool = False


@dataclass
class GroupData:
    """Values of one item group of one form of one event of one subject."""

    line: int
    study: str
    subject: Attributes
    event: Attributes
    form: Attributes
    group: Attributes
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Odm:
    """Definitions and data of an ODM file.

    Attributes
    ----------
    defined : Counter
        How often the file defines an element (it may hold several versions), by its OID.
    mandatory : Counter
        How many of these definitions need a part unconditionally, by (OID, OID of the part).
    """

    about: Attributes = field(default_factory=dict)
    study: str = ""
    protocol: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    version: Attributes = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    groups: dict[str, tuple[Attributes, list[str]]] = field(default_factory=dict)
    forms: dict[str, tuple[Attributes, list[str]]] = field(default_factory=dict)
    events: dict[str, tuple[Attributes, list[str]]] = field(default_factory=dict)
    codelists: dict[str, tuple[Attributes, dict[str, str]]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    repeats: list[tuple[str, str]] = field(default_factory=list)
    data: list[GroupData] = field(default_factory=list)
    subjects: list[Attributes] = field(default_factory=list)
    removed: int = 0
    prefixes: set[str] = field(default_factory=set)
    encoding: str = ""
    defined: Counter[str] = field(default_factory=Counter)
    mandatory: Counter[tuple[str, str]] = field(default_factory=Counter)

    def needs(self, whole: str, part: str) -> bool:
        """Whether every definition of an element needs that part of it."""
        return 0 < self.defined[whole] <= self.mandatory[whole, part]


def place_of(
    subject: Attributes, event: Attributes, form: Attributes, group: Attributes | None = None
) -> list[tuple[str, str]]:
    """Keys of an element from the subject down; ('', '') for levels that it does not have."""
    return [
        (subject.get("SubjectKey", ""), ""),
        (event.get("StudyEventOID", ""), event.get("StudyEventRepeatKey", "")),
        (form.get("FormOID", ""), form.get("FormRepeatKey", "")),
        ((group or {}).get("ItemGroupOID", ""), (group or {}).get("ItemGroupRepeatKey", "")),
    ]


def within(part: GroupData, keys: list[tuple[str, str]], study: str) -> bool:
    """Whether a part stands under these keys."""
    own = place_of(part.subject, part.event, part.form, part.group)
    wanted = [k for k in keys if k[0]]
    return part.study == study and own[: len(wanted)] == wanted
