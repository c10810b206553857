"""Any export by its content: told, opened, and handed on as one structure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.detect import SUFFIXES, WORDS, detect
from sclerotrial.read.dictionary import Dictionary, read_dictionary
from sclerotrial.read.export import Export, FormTable, counts, decimal_of
from sclerotrial.read.formats import redcap_csv
from sclerotrial.read.formats.archive import members
from sclerotrial.read.grid import Grid
from sclerotrial.read.redcap_names import REPEAT_NO
from sclerotrial.read.text import Text, decode, parse, read_bytes, web_page

if TYPE_CHECKING:
    from sclerotrial.read.formats.odm import Odm


@dataclass(frozen=True)
class Options:
    """What the user says of an export; all of it may be left to the content.

    Attributes
    ----------
    dictionary, events : path or None
        REDCap's data dictionary (CSV, or the project's XML) and file of events.
    catalog : path or None
        SAS catalog with the labels of codes.
    subject, visit : str
        Columns.
    separator : str
    """

    dictionary: Path | None = None
    events: Path | None = None
    catalog: Path | None = None
    subject: str = ""
    visit: str = ""
    separator: str = ""


def open_export(content: bytes, shown: str, options: Options = Options()) -> Export:  # noqa: B008
    """Open an export; what identifies people is still in it.

    Parameters
    ----------
    content : bytes
    shown : str
        Path as it is told; becomes SRCFILE.
    options : Options

    Raises
    ------
    InputErrors
        Whatever is wrong with the file: all of it.
    """
    kind = detect(content, shown)
    if kind in ("xpt", "sas7bdat", "sav", "dta"):
        from sclerotrial.read.formats.sas import read_statistics

        found = read_statistics(
            content, shown, catalog=options.catalog, subject=options.subject, visit=options.visit
        )
    elif kind == "r":
        from sclerotrial.read.formats.rdata import read_rdata

        found = read_rdata(content, shown, subject=options.subject, visit=options.visit)
    elif kind == "workbook" and (saved := _saved(content, shown, options)):
        found = saved
    elif kind == "workbook":
        from sclerotrial.read.formats.tables import read_workbook_export

        found = read_workbook_export(content, shown, subject=options.subject, visit=options.visit)
    elif kind == "odm":
        found = _odm(content, shown, options)
    elif kind == "zip":
        found = _zip(content, shown, options)
    else:
        found = _text(content, shown, options)
    return _named(found, kind)


def _named(found: Export, kind: str) -> Export:
    """With a note where the name of the file says something else than its content."""
    suffix = PurePosixPath(found.file).suffix.lower()
    promised = SUFFIXES.get(suffix)
    if promised and kind not in promised:
        note = f"named {suffix}, but it is {WORDS[kind]}"
        return replace(found, notes=(*found.notes, note))
    if suffix == ".xls" and kind == "text":
        return replace(found, notes=(*found.notes, "named .xls, but it is delimited text"))
    return found


def redcap_project(odm: Odm, shown: str, dictionary: Path | None = None) -> Dictionary | None:
    """The dictionary of a REDCap project XML; None for any other ODM.

    A file of records alone takes its definitions from `dictionary`; without one it is read as any
    ODM is.
    """
    from sclerotrial.read.formats import redcap_xml

    if not redcap_xml.is_redcap(odm):
        return None
    if odm.items:
        return redcap_xml.to_dictionary(odm, shown)
    return open_dictionary(dictionary) if dictionary else None


def _odm(content: bytes, shown: str, options: Options) -> Export:
    from sclerotrial.read.formats import odm_fields, odm_tables, redcap_xml
    from sclerotrial.read.formats.odm import parse_odm

    odm = parse_odm(content, shown)
    dictionary = redcap_project(odm, shown, options.dictionary)
    if dictionary is None:
        return (odm_tables.to_export if odm.data else odm_fields.definitions)(odm, shown)
    if not odm.data:
        return replace(odm_fields.definitions(odm, shown), dictionary=dictionary)
    grid = redcap_xml.to_grid(odm, dictionary, shown)
    labels = redcap_xml.form_labels(odm)
    tables = {
        name: replace(t, kind="xml", label=labels.get(name, ""), keys=_redcap_keys(t), places={})
        for name, t in redcap_csv.form_tables(grid, dictionary, shown).items()
    }
    return replace(odm_export(odm, shown, dictionary, grid), tables=tables)


def odm_export(odm: Odm, shown: str, dictionary: Dictionary, grid: Grid) -> Export:
    """What was decided about a REDCap project XML, without its forms."""
    from sclerotrial.read.formats import odm_fields, odm_tables, redcap_xml

    spaces = "line breaks inside values are blanks: XML keeps none in attributes"
    return Export(
        file=shown,
        format="REDCap project XML (CDISC ODM)",
        version=odm_tables.version_of(odm),
        tables={},
        dictionary=dictionary,
        events=redcap_xml.event_labels(odm),
        encoding=odm.encoding,
        decimal=decimal_of(grid.cells),
        rows=len(grid.cells),
        fields=len(odm.items) or len(grid.header),
        cells=sum(bool(c.value.strip()) for part in odm.data for c in part.cells),
        notes=(spaces, *odm_fields.contradicted(odm)),
    )


def _redcap_keys(table: FormTable):
    rows = table.rows
    event = rows["EVENT"].map(lambda e: f"/StudyEventOID=Event.{e}" if e else "")
    repeat = rows["INSTANCE"].map(lambda n: f"[{n}]" if n else "")
    return "SubjectKey=" + rows["SUBJECT"] + event + f"/FormOID=Form.{table.name}" + repeat


def _zip(content: bytes, shown: str, options: Options) -> Export:
    from sclerotrial.read.formats.secutrial import is_secutrial, read_secutrial

    files = members(content, shown)
    secutrial = is_secutrial(list(files), files)
    if secutrial and not any(n.lower().endswith(".xml") for n in files):
        return read_secutrial(files, shown)
    parts, problems, notes = [], [], []
    for name, inner in files.items():
        suffix = PurePosixPath(name).suffix.lower()
        stem = PurePosixPath(name).stem.lower().replace("_", "").replace("-", "")
        prose = suffix == ".txt" and stem.startswith(("readme", "licen", "changelog"))
        if not inner.strip() or prose or (suffix and suffix not in SUFFIXES):
            notes.append(f"{name} is passed over")
            continue
        try:
            parts.append(open_export(inner, f"{shown}/{name}", options))
        except InputErrors as error:
            problems += error.problems
    if problems or not parts:
        raise InputErrors(
            problems
            or [Problem("The archive holds no table that can be read", shown, "Export again")]
        )
    tables: dict[str, FormTable] = {}
    for part in parts:
        for name, table in part.tables.items():
            tables[name if name not in tables else f"{PurePosixPath(part.file).stem}.{name}"] = (
                table
            )
    first = parts[0]
    own = [p.dictionary for p in parts if p.dictionary]
    return replace(
        first,
        file=shown,
        format=f"zip of {len(parts)} files ({first.format})"
        if not secutrial
        else f"secuTrial export ({first.format})",
        tables=tables,
        dictionary=own[0] if len(own) == 1 else None,
        rows=sum(p.rows for p in parts),
        fields=sum(p.fields for p in parts),
        cells=sum(p.cells for p in parts),
        notes=tuple(dict.fromkeys([*notes, *(n for p in parts for n in p.notes)])),
    )


def _text(content: bytes, shown: str, options: Options) -> Export:
    from sclerotrial.read.formats.tables import read_delimited_export

    if saved := _saved(content, shown, options):
        return saved
    decoded = decode(content, shown)
    grid = parse(decoded, shown, separator=options.separator, wanted=_wanted(options))
    kind = redcap_csv.kind_of(grid.header)
    if kind in ("dictionary", "events", "arms", "mapping"):
        return _about(grid, kind, decoded, shown)
    found = read_delimited_export(grid, shown, subject=options.subject, visit=options.visit)
    if kind == "data":
        note = "no data dictionary given: the fields are not told apart by form"
        table = next(iter(found.tables.values()))
        if REPEAT_NO in grid.cells:
            rows = table.rows.assign(INSTANCE=grid.cells[REPEAT_NO].to_numpy())
            table = replace(table, rows=rows)
        return replace(
            found, format="REDCap CSV", tables={table.name: table}, notes=(*found.notes, note)
        )
    return found


def _saved(content: bytes, shown: str, options: Options) -> Export | None:
    """Data of a REDCap project whose dictionary is given, text or saved by Excel; else None."""
    if not options.dictionary:
        return None
    dictionary, events = open_dictionary(options.dictionary), events_of(options.events)
    grid, notes = redcap_csv.read_data(content, shown, dictionary, events)
    if dictionary.record_id not in grid.cells:
        return None
    return _redcap(grid, notes, dictionary, events, shown)


def _wanted(options: Options) -> list[str]:
    return [w for w in (options.subject, options.visit) if w]


def _redcap(
    grid: Grid, notes: list[str], dictionary: Dictionary, events: Mapping[str, str], shown: str
) -> Export:
    tables = redcap_csv.form_tables(grid, dictionary, shown)
    return Export(
        file=shown,
        format=labelled_format(notes),
        tables=tables,
        dictionary=dictionary,
        events=dict(events),
        encoding=grid.encoding,
        separator=grid.separator,
        decimal=decimal_of(grid.cells),
        line_ends=grid.line_ends,
        rows=len(grid.cells),
        fields=len(grid.header),
        cells=int((grid.cells != "").to_numpy().sum()),
        notes=tuple(notes),
    )


def _about(grid: Grid, kind: str, decoded: Text, shown: str) -> Export:
    """A file about a REDCap project: its dictionary, events, arms."""
    from sclerotrial.read.dictionary import from_grid
    from sclerotrial.read.formats.tables import form_table

    table, _ = form_table(grid, kind, shown, subject="-", visit="-", kind="line")
    words = {"dictionary": "REDCap data dictionary", "events": "REDCap events",
             "arms": "REDCap arms", "mapping": "REDCap instruments by event"}  # fmt: skip
    return Export(
        file=shown,
        format=words[kind],
        tables={},
        extra={kind: table},
        dictionary=from_grid(grid, shown) if kind == "dictionary" else None,
        encoding=grid.encoding,
        separator=grid.separator,
        line_ends=decoded.line_ends,
        **counts([table]),
    )


def labelled_format(notes: Iterable[str]) -> str:
    """What a REDCap CSV is, by the notes of its reading."""
    labels = any(redcap_csv.rule_of(note) == "labels" for note in notes)
    return "REDCap export with labels" if labels else "REDCap raw export"


def open_dictionary(path: Path, shown: str = "") -> Dictionary:
    """A data dictionary: the CSV, or the project's XML.

    Raises
    ------
    InputErrors
        What is wrong with it.
    """
    shown = shown or path.name
    head = read_bytes(path, shown)[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not head.startswith(b"<") or web_page(head):
        return read_dictionary(path, shown)
    from sclerotrial.read.formats.odm import parse_odm
    from sclerotrial.read.formats.redcap_xml import to_dictionary

    return to_dictionary(parse_odm(path.read_bytes(), shown), shown)


def events_of(path: Path | None) -> dict[str, str]:
    """Events of a REDCap project by their unique names, from the file of events, if any."""
    return redcap_csv.read_events(path, path.name) if path else {}


def read_export(
    path: str | Path,
    *,
    dictionary: str | Path | None = None,
    events: str | Path | None = None,
    catalog: str | Path | None = None,
    subject: str = "",
    visit: str = "",
    separator: str = "",
    identifiers: Iterable[str] = (),
    shown: str = "",
) -> Export:
    """Read any export of case report forms, told by its content.

    REDCap CSV (raw, labels; with its dictionary split by form) and project XML, CDISC ODM,
    secuTrial zips, SAS transport and sas7bdat, SPSS, Stata, R data frames, workbooks, delimited
    tables, zips of these.

    Parameters
    ----------
    path : path
    dictionary, events : path, optional
        REDCap's data dictionary (CSV or XML) and file of events.
    catalog : path, optional
        SAS catalog.
    subject, visit : str
        Columns of the subject and the visit, where a table does not say.
    separator : str
        Told by content when empty.
    identifiers : iterable of str
        Fields that are left out, besides those that the dictionary flags or that identify by
        their nature.
    shown : str
        The path as it is told in SRCFILE and problems; the file's name when empty.

    Returns
    -------
    Export
        Tables by form, each cell traceable (`FormTable.where`); what was decided.

    Raises
    ------
    InputErrors
        Everything wrong with the file, in words; a file that is not what its name says.
    """
    path = Path(path)
    shown = shown or path.name
    options = Options(
        *(Path(p) if p else None for p in (dictionary, events, catalog)), subject, visit, separator
    )
    found = open_export(read_bytes(path, shown), shown, options)
    return without_identifiers(found, identifiers)


def without_identifiers(found: Export, names: Iterable[str]) -> Export:
    """The export without fields that identify people; the notes say which were left out."""
    names = {n.casefold() for n in names}
    known = found.dictionary.fields.values() if found.dictionary else ()
    record_id = found.dictionary.record_id if found.dictionary else ""
    flagged = {
        (f.form, c) for f in known if (f.identifier or f.suspect) and f.name != record_id
        for c in f.columns
    }  # fmt: skip
    left, tables = [], {}
    for form, table in found.tables.items():
        gone = [
            c for c in table.fields
            if c.casefold() in names or (form, c) in flagged or identifying(c)
        ]  # fmt: skip
        left += gone
        tables[form] = table.without(gone)
    note = f"left out as identifying: {', '.join(dict.fromkeys(left))}"
    return replace(found, tables=tables, notes=(*found.notes, note) if left else found.notes)


def identifying(name: str) -> bool:
    """Whether a field identifies people by its name alone."""
    from sclerotrial.read.dictionary import Field

    return Field(name.lower(), "", "text").suspect
