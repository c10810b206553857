"""CDISC ODM 1.3 files: definitions and clinical data, read element by element.

Vendor extensions are told by the local name of their attributes; entities that a file defines
itself are refused. Source: CDISC Operational Data Model 1.3.1 and 1.3.2.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.encoding import decode_bytes
from sclerotrial.read.formats.odm_model import (
    CELLS,
    UPDATES,
    Attributes,
    Cell,
    GroupData,
    Item,
    Odm,
    place_of,
    within,
)

__all__ = ["Attributes", "Cell", "GroupData", "Item", "Odm", "parse_odm"]

_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9_.:-]+)["']""")
#: encodings that the parser itself knows
_NATIVE = {"utf-8", "utf-16", "iso-8859-1", "us-ascii"}
#: elements whose text belongs to the nearest of these parents
_TEXT_OF = {
    "Question": "question",
    "Description": "description",
    "Decode": "decode",
    "ErrorMessage": "",
    "Symbol": "symbol",
}


def parse_odm(content: bytes, shown: str) -> Odm:
    """Parse an ODM file.

    Raises
    ------
    InputErrors
        No well-formed XML (with the line), no ODM, entities of its own.
    """
    hit = _DECLARED.search(content[:300].replace(b"\x00", b""))
    named = hit[1].decode().lower() if hit else "utf-8"
    text, told, _ = decode_bytes(content)
    odm = Odm(encoding=told)
    if named in _NATIVE and not (named == "utf-8" and text is None):
        given, parser = content, expat.ParserCreate()
    else:
        try:
            given = content.decode(named).encode("utf-8")
        except (LookupError, UnicodeDecodeError):
            given = (text or "").encode("utf-8")
        parser = expat.ParserCreate("utf-8")
    if named in ("utf-8", "us-ascii") and not told.startswith("UTF"):
        given, parser = (text or "").encode("utf-8"), expat.ParserCreate("utf-8")
    reader = _Reader(parser, odm, shown)
    try:
        parser.Parse(given, True)
    except expat.ExpatError as error:
        raise InputErrors(
            [
                Problem(
                    f"The XML is not well-formed ({expat.errors.messages[error.code]}): "
                    "the file is cut off or was edited",
                    f"{shown}, line {error.lineno}",
                    "Export the file again",
                )
            ]
        ) from None
    if not reader.root:
        raise InputErrors([_no_odm("", shown)])
    return odm


def _no_odm(root: str, shown: str) -> Problem:
    if root == "Workbook":
        what, todo = "a spreadsheet in Excel's XML of 2003", "Save it as CSV in Excel"
        return Problem(f"The file is {what}", f"{shown}, line 1", todo)
    return Problem(
        f"The XML file is no CDISC ODM: its root element is {root!r}",
        f"{shown}, line 1",
        "Export the project as CDISC ODM 1.3 XML",
    )


class _Reader:
    """Handlers of the parser, and where in the file it stands."""

    def __init__(self, parser: expat.XMLParserType, odm: Odm, shown: str) -> None:
        self.parser, self.odm, self.shown = parser, odm, shown
        self.root = ""
        self.path: list[str] = []
        self.text: list[str] = []
        self.open: Attributes = {}
        self.subject: Attributes = {}
        self.event: Attributes = {}
        self.form: Attributes = {}
        self.study = ""
        self.target: list[str] = []
        self.defining = ""
        self.item: Item | None = None
        self.codes: dict[str, str] = {}
        self.code = self.unit = self.comparator = ""
        self.group: GroupData | None = None
        self.open_groups: list[GroupData] = []
        self.nested = False
        self.cell: Cell | None = None
        self.values: list[str] = []
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append
        parser.EntityDeclHandler = self.entity

    def entity(self, name: str, *rest: object) -> None:
        """Refuse entities of the file's own."""
        where = f"{self.shown}, line {self.parser.CurrentLineNumber}"
        raise InputErrors(
            [Problem("The XML file defines entities of its own", where, "Export the file again")]
        )

    def start(self, tag: str, given: Attributes) -> None:
        """Handle the beginning of an element."""
        prefix, _, name = tag.rpartition(":")
        about = {k.rpartition(":")[2]: v for k, v in given.items()}
        self.path.append(name)
        self.text.clear()
        if not self.root:
            self.root = name
            if name != "ODM":
                raise InputErrors([_no_odm(name, self.shown)])
            self.odm.about = about
            self.odm.prefixes = {k[6:] for k in given if k.startswith("xmlns:")}
            self.odm.prefixes |= {v for k, v in given.items() if k.startswith("xmlns")}
        handle = _STARTS.get(name)
        if handle:
            handle(self, name, about)

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        name = self.path.pop()
        handle = _ENDS.get(name)
        if handle:
            handle(self, name, "".join(self.text))
        elif len(self.path) == 3 and self.path[-1] == "GlobalVariables":
            self.odm.settings[name] = "".join(self.text).strip()
        self.text.clear()

    # --- definitions ------------------------------------------------------------------------------

    def define(self, name: str, about: Attributes) -> None:
        """An event, form or item group; what it refers to is gathered."""
        self.target, self.defining = [], about.get("OID", "")
        self.odm.defined[self.defining] += 1
        found = {
            "StudyEventDef": self.odm.events,
            "FormDef": self.odm.forms,
            "ItemGroupDef": self.odm.groups,
        }
        found[name][self.defining] = (about, self.target)

    def refer(self, name: str, about: Attributes) -> None:
        """A reference of the definition that is open."""
        oid = about.get(f"{name.removesuffix('Ref')}OID")
        if oid and len(self.path) > 1 and self.path[-2].endswith("Def"):
            self.target.append(oid)
            if about.get("Mandatory") == "Yes" and "CollectionExceptionConditionOID" not in about:
                self.odm.mandatory[self.defining, oid] += 1

    def define_item(self, name: str, about: Attributes) -> None:
        """An item."""
        self.item = Item(about, self.parser.CurrentLineNumber)
        self.odm.items[about.get("OID", "")] = self.item

    def close_item(self, name: str, text: str) -> None:
        """The item is whole."""
        self.item = None

    def condition(self, name: str, about: Attributes) -> None:
        """OpenClinica: the item that is open is hidden, or shown on a condition."""
        if self.item and (name == "SimpleConditionalDisplay" or about.get("ShowItem") == "No"):
            self.item.conditional = True

    def define_codes(self, name: str, about: Attributes) -> None:
        """A code list, or OpenClinica's list of a field of several choices."""
        self.codes = {}
        self.odm.codelists[about.get("OID") or about.get("ID", "")] = (about, self.codes)

    def define_code(self, name: str, about: Attributes) -> None:
        """One code."""
        self.code = about.get("CodedValue") or about.get("CodedOptionValue", "")
        self.codes[self.code] = ""

    def refer_codes(self, name: str, about: Attributes) -> None:
        """The code list of the item that is open."""
        if self.item:
            self.item.codelist = about.get("CodeListOID") or about.get("MultiSelectListID", "")

    def define_unit(self, name: str, about: Attributes) -> None:
        """A unit."""
        self.unit = about.get("OID", "")
        self.odm.units[self.unit] = about.get("Name", self.unit)

    def refer_unit(self, name: str, about: Attributes) -> None:
        """The unit of a value, or the units of an item."""
        oid = about.get("MeasurementUnitOID", "")
        if self.cell is not None:
            self.cell.unit = oid
        elif self.item:
            self.item.units.append(oid)

    def compare(self, name: str, about: Attributes) -> None:
        """A range check begins."""
        self.comparator = about.get("Comparator", "")

    def check_value(self, name: str, text: str) -> None:
        """The limit of a range check."""
        if self.item:
            self.item.ranges.append((self.comparator, text.strip()))

    def translated(self, name: str, text: str) -> None:
        """A text, which belongs to what it stands in; the first language is taken."""
        parent = self.path[-1] if self.path else ""
        text = text.strip()
        if parent == "Question" and self.item and not self.item.question:
            self.item.question = text
        elif parent == "Decode" and not self.codes.get(self.code):
            self.codes[self.code] = text

    def study_name(self, name: str, text: str) -> None:
        """Names of the study."""
        if name == "StudyName":
            self.odm.study = self.odm.study or text.strip()
        else:
            self.odm.protocol = self.odm.protocol or text.strip()

    def alias(self, name: str, about: Attributes) -> None:
        """Another name of the item."""
        if self.item:
            self.item.aliases.append(about.get("Name", ""))

    def repeating(self, name: str, about: Attributes) -> None:
        """REDCap: an instrument, or a whole event, that repeats."""
        self.odm.repeats.append(
            (about.get("UniqueEventName", ""), about.get("RepeatInstrument", ""))
        )

    def version(self, name: str, about: Attributes) -> None:
        """The version of the definitions."""
        self.odm.version = self.odm.version or about

    # --- data -------------------------------------------------------------------------------------

    def clinical(self, name: str, about: Attributes) -> None:
        """Data of a study or a site."""
        self.study = about.get("StudyOID", "")

    def begin_subject(self, name: str, about: Attributes) -> None:
        """A subject."""
        self.subject, self.event, self.form = about, {}, {}
        self.odm.subjects.append(about | {"StudyOID": self.study})
        self.removed(about)

    def begin_event(self, name: str, about: Attributes) -> None:
        """An event."""
        self.event, self.form = about, {}
        self.removed(about)

    def removed(self, about: Attributes, group: Attributes | None = None) -> bool:
        """Whether an element takes back what stood before under its keys; that is dropped."""
        if about.get("TransactionType") != "Remove":
            return False
        keys = place_of(self.subject, self.event, self.form, group)
        kept = [p for p in self.odm.data if not within(p, keys, self.study)]
        self.odm.removed += max(1, len(self.odm.data) - len(kept))
        self.odm.data = kept
        return True

    def end_event(self, name: str, text: str) -> None:
        """REDCap puts forms beside events where a project has none."""
        self.event = {}

    def begin_form(self, name: str, about: Attributes) -> None:
        """A form."""
        self.form = about | {"line": str(self.parser.CurrentLineNumber)}
        self.removed(about)

    def end_form(self, name: str, text: str) -> None:
        """The form is whole."""
        self.form = {}

    def begin_group(self, name: str, about: Attributes) -> None:
        """An item group; in ODM 2 the outermost is the form, and others stand within it."""
        line = self.parser.CurrentLineNumber
        if self.odm.about.get("ODMVersion", "").startswith("2") and not self.open_groups:
            self.form = {
                "FormOID": about.get("ItemGroupOID", ""),
                "FormRepeatKey": about.get("ItemGroupRepeatKey", ""),
                "line": str(line),
            }
        self.group = GroupData(line, self.study, self.subject, self.event, self.form, about)
        self.open_groups.append(self.group)

    def end_group(self, name: str, text: str) -> None:
        """The item group is whole."""
        part = self.open_groups.pop()
        self.group = self.open_groups[-1] if self.open_groups else None
        levels = (self.subject, self.event, self.form)
        if self.removed(part.group, part.group):
            return
        if any(level.get("TransactionType") == "Remove" for level in levels):
            self.odm.removed += 1
        elif part.cells or not self.nested:
            self.odm.data.append(part)
        self.nested = bool(self.open_groups)

    def begin_cell(self, name: str, about: Attributes) -> None:
        """A value; typed elements hold it as their text."""
        null = about.get("IsNull", "").lower() == "yes"
        self.cell = Cell(
            about.get("ItemOID", ""),
            about.get("Value", ""),
            self.parser.CurrentLineNumber,
            null=null,
            reason=about.get("ReasonForNull", "").strip() if null else "",
            update=about.get("TransactionType") in UPDATES,
        )
        self.open = about
        self.values = []

    def end_value(self, name: str, text: str) -> None:
        """A value that is an element of its own."""
        if self.cell is not None and text.strip():
            self.values.append(text.strip())

    def end_cell(self, name: str, text: str) -> None:
        """The value is whole."""
        if self.cell is None or self.group is None:
            return
        if name == "ItemDataBase64Binary":
            told = self.open.get("DocName") or "[document]"
            self.cell.value = told if text.strip() else ""
        elif name != "ItemData":
            self.cell.value = text.strip()
        elif self.values:  # ODM 2 holds values as elements, several for a field of many choices
            self.cell.value = "; ".join(self.values)
        if self.open.get("TransactionType") == "Remove":
            self.odm.removed += 1
            keys = place_of(self.subject, self.event, self.form, self.group.group)
            for part in self.odm.data:
                if within(part, keys, self.study):
                    part.cells = [c for c in part.cells if c.item != self.cell.item]
        else:
            self.group.cells.append(self.cell)
        self.cell = None


_STARTS = {
    **dict.fromkeys(("StudyEventDef", "FormDef", "ItemGroupDef"), _Reader.define),
    **dict.fromkeys(("FormRef", "ItemGroupRef", "ItemRef"), _Reader.refer),
    **dict.fromkeys(("CodeList", "MultiSelectList"), _Reader.define_codes),
    **dict.fromkeys(("CodeListItem", "EnumeratedItem", "MultiSelectListItem"), _Reader.define_code),
    **dict.fromkeys(("CodeListRef", "MultiSelectListRef"), _Reader.refer_codes),
    **dict.fromkeys(("RepeatingInstrument", "RepeatingEvent"), _Reader.repeating),
    **dict.fromkeys(CELLS, _Reader.begin_cell),
    **dict.fromkeys(("ItemPresentInForm", "SimpleConditionalDisplay"), _Reader.condition),
    "ItemDef": _Reader.define_item,
    "MeasurementUnit": _Reader.define_unit,
    "MeasurementUnitRef": _Reader.refer_unit,
    "RangeCheck": _Reader.compare,
    "Alias": _Reader.alias,
    "MetaDataVersion": _Reader.version,
    "ClinicalData": _Reader.clinical,
    "SubjectData": _Reader.begin_subject,
    "StudyEventData": _Reader.begin_event,
    "FormData": _Reader.begin_form,
    "ItemGroupData": _Reader.begin_group,
}
_ENDS = {
    **dict.fromkeys(("StudyName", "ProtocolName"), _Reader.study_name),
    **dict.fromkeys(CELLS, _Reader.end_cell),
    "ItemDef": _Reader.close_item,
    "TranslatedText": _Reader.translated,
    "CheckValue": _Reader.check_value,
    "StudyEventData": _Reader.end_event,
    "FormData": _Reader.end_form,
    "Value": _Reader.end_value,
    "ItemGroupData": _Reader.end_group,
}
