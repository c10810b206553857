"""The data dictionary of a REDCap project: what its fields are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.grid import Grid, squeeze
from sclerotrial.read.text import read_delimited

#: the 18 columns as the web page and as the API name them; both are read
COLUMNS = {
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "section": ("Section Header", "section_header"),
    "type": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": (
        "Choices, Calculations, OR Slider Labels",
        "select_choices_or_calculations",
        "Choices OR Calculations",
    ),
    "note": ("Field Note", "field_note"),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "minimum": ("Text Validation Min", "text_validation_min"),
    "maximum": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
    "branching": ("Branching Logic (Show field only if...)", "branching_logic"),
    "required": ("Required Field?", "required_field"),
    "alignment": ("Custom Alignment", "custom_alignment"),
    "question": ("Question Number (surveys only)", "question_number"),
    "matrix": ("Matrix Group Name", "matrix_group_name"),
    "ranking": ("Matrix Ranking?", "matrix_ranking"),
    "annotation": ("Field Annotation", "field_annotation"),
}
_NEEDED = ("name", "form", "type")
TYPES = [
    "text",
    "notes",
    "calc",
    "dropdown",
    "radio",
    "checkbox",
    "yesno",
    "truefalse",
    "file",
    "slider",
    "descriptive",
    "sql",
]
#: names that REDCap itself uses for types of the dictionary
_ALIASES = {"select": "dropdown", "textarea": "notes"}
FIXED_CHOICES = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
#: validations whose content identifies a person whatever the identifier column says
_IDENTIFYING_VALIDATION = re.compile(r"^(phone|email|mrn|ssn|zipcode|postalcode|vmrn)")
#: names of fields that identify a person even when nobody ticked the box
_IDENTIFYING_NAME = re.compile(
    r"(?:^|_)(?:(?:first|last|sur|fore|full|middle|maiden|patient|participant|subject|contact)_?name"
    r"|name_?(?:first|last|full|middle|maiden)|initials|dob|date_?of_?birth|birth_?dat(?:e|um)"
    r"|birthday|e_?mail|(?:tele)?phone|mobile|fax|address|street|ssn|mrn|nhs_?(?:no|number)"
    r"|zip_?code|post(?:al)?_?code)(?:_?\d+)?$"
)


@dataclass(frozen=True)
class Field:
    """One field of the dictionary; `choices` maps codes to labels in their order."""

    name: str
    form: str
    type: str
    label: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    validation: str = ""
    minimum: str = ""
    maximum: str = ""
    identifier: bool = False
    required: bool = False
    branching: str = ""
    line: int = 0
    calculation: str = ""
    annotation: str = ""

    @property
    def columns(self) -> list[str]:
        """Columns of the raw export that hold the field."""
        if self.type == "checkbox":
            return [f"{self.name}___{checkbox_suffix(code)}" for code in self.choices]
        return [] if self.type == "descriptive" else [self.name]

    @property
    def suspect(self) -> bool:
        """Whether the field seems to identify a person though it is not flagged so."""
        return not self.identifier and bool(
            _IDENTIFYING_VALIDATION.match(self.validation) or _IDENTIFYING_NAME.search(self.name)
        )

    @property
    def free(self) -> bool:
        """Whether the field may hold any text: notes, uploads, text without validation."""
        return self.type in ("notes", "file") or (self.type == "text" and not self.validation)


@dataclass(frozen=True)
class Dictionary:
    """All fields of a project, in its order; the first is the record id, unless `key` names it.

    Names may recur between forms in other systems than REDCap: the keys of `fields` are then
    'form.field'. `missing` maps codes of missing data to their labels, where the system has such.
    """

    fields: dict[str, Field]
    file: str = ""
    key: str = ""
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def record_id(self) -> str:
        """Name of the record id field."""
        return self.key or next(iter(self.fields), "")

    @property
    def forms(self) -> list[str]:
        """Instruments in the order of the dictionary."""
        return list(dict.fromkeys(f.form for f in self.fields.values()))

    def of(self, form: str) -> list[Field]:
        """Fields of an instrument, without the record id."""
        return [f for f in self.fields.values() if f.form == form and f.name != self.record_id]

    def by_column(self, form: str) -> dict[str, Field]:
        """Export columns of an instrument with the field that each belongs to."""
        return {c: f for f in self.of(form) for c in f.columns}


def checkbox_suffix(code: str) -> str:
    """A checkbox code as it stands in a column name: lower case, a minus becomes a bar."""
    return re.sub(r"[^a-z0-9_]", "_", code.lower())


def parse_choices(text: str) -> dict[str, str]:
    """'1, Male | 2, Female' as {'1': 'Male', '2': 'Female'}; labels may hold commas."""
    choices = {}
    for part in text.split("|"):
        code, _, label = part.strip().partition(",")
        if code.strip():
            choices[code.strip()] = label.strip()
    return choices


def read_dictionary(path: Path, shown: str) -> Dictionary:
    """Read a data dictionary (the CSV of the web page, or of the API).

    Raises
    ------
    InputErrors
        Missing columns, unknown field types, fields named twice or outside any form: all of them.
    """
    wanted = [n for names in COLUMNS.values() for n in names]
    return from_grid(read_delimited(path, shown, wanted=wanted), shown)


def from_grid(grid: Grid, shown: str) -> Dictionary:
    """The data dictionary that a table holds; see `read_dictionary`."""
    by_name = {squeeze(h): h for h in grid.header}
    columns = {
        key: next((by_name[squeeze(n)] for n in names if squeeze(n) in by_name), None)
        for key, names in COLUMNS.items()
    }
    problems = [
        Problem(
            f"The data dictionary has no column {COLUMNS[key][0]!r}"
            + did_you_mean(COLUMNS[key][0], grid.header),
            f"{shown}, line {grid.header_line}",
            "Download the data dictionary from REDCap again, with its 18 columns",
        )
        for key in _NEEDED
        if columns[key] is None
    ]
    if problems:
        raise InputErrors(problems)
    fields: dict[str, Field] = {}
    rows = grid.cells.to_dict("records")
    for row, line in zip(rows, grid.lines, strict=True):
        cell = {key: (row[column] if column else "") for key, column in columns.items()}
        cell["type"] = _ALIASES.get(cell["type"], cell["type"])
        name = cell["name"]
        problems += _faults(cell, fields, f"{shown}, line {line}, field {name}")
        fields.setdefault(name, _field(cell, int(line)))
    if not fields:
        problems.append(
            Problem("The data dictionary lists no field", shown, "Download it from REDCap again")
        )
    if problems:
        raise InputErrors(problems)
    return Dictionary(fields, shown)


def _faults(cell: dict[str, str], known: Iterable[str], where: str) -> list[Problem]:
    found = []
    todo = "Download the data dictionary from REDCap again, without editing it"
    if not cell["name"] or not cell["form"]:
        found.append(Problem("A field has no name or no form", where, todo))
    if cell["name"] in known:
        found.append(Problem("The field stands twice in the data dictionary", where, todo))
    if cell["type"] not in TYPES:
        found.append(
            Problem(
                f"The field type {cell['type']!r} is not known.{did_you_mean(cell['type'], TYPES)}",
                where,
                todo,
            )
        )
    # a draft may still have no choices; those of a checkbox are columns, and must be known
    if cell["type"] == "checkbox" and not parse_choices(cell["choices"]):
        found.append(Problem("A field of choices lists no choice", where, todo))
    return found


def _logic(text: str) -> str:
    """A condition; programs that write dictionaries put NA where there is none."""
    return "" if text.strip() in ("NA", "N/A") else text


def _calculated(annotation: str) -> str:
    """The calculation inside an action tag ``@CALCTEXT(...)`` or ``@CALCDATE(...)``."""
    hit = re.search(r"@(CALCTEXT|CALCDATE)\s*\(", annotation)
    if not hit:
        return ""
    depth, quote = 1, ""
    for at in range(hit.end(), len(annotation)):
        sign = annotation[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign == "(") - (sign == ")")
        if depth == 0:
            inner = annotation[hit.end() : at]
            return inner if hit[1] == "CALCTEXT" else f"calcdate({inner})"
    return ""


def _field(cell: dict[str, str], line: int) -> Field:
    kind = cell["type"]
    choices = FIXED_CHOICES.get(kind, {})
    if kind in ("radio", "dropdown", "checkbox"):
        choices = parse_choices(cell["choices"])
    return Field(
        name=cell["name"],
        form=cell["form"],
        type=kind,
        label=cell["label"],
        choices=dict(choices),
        validation=cell["validation"] if kind == "text" else "",
        minimum=cell["minimum"],
        maximum=cell["maximum"],
        identifier=cell["identifier"].lower() in ("y", "yes", "1", "true"),
        required=cell["required"].lower() in ("y", "yes", "1", "true"),
        branching=_logic(cell["branching"]),
        line=line,
        calculation=cell["choices"] if kind == "calc" else _calculated(cell["annotation"]),
        annotation=cell["annotation"],
    )
