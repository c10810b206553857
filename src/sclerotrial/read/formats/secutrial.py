"""secuTrial exports: a zip of delimited tables, told apart by their columns in any language."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import PurePosixPath

import pandas as pd

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.encoding import single_codec
from sclerotrial.read.export import Export, FormTable, counts, decimal_of, keyed_rows
from sclerotrial.read.formats import secutrial_sas
from sclerotrial.read.formats.secutrial_bare import is_bare, rows_of, with_names
from sclerotrial.read.formats.secutrial_items import bare, dictionary_of, units_of, with_units
from sclerotrial.read.grid import Grid
from sclerotrial.read.text import Text, decode, parse

#: columns by which a table about the project is told, and its name here
_ABOUT = {
    "items": {"ffid", "ffcolname", "itemtype"},
    "questions": {"fgid", "formid", "fglabel"},
    "questions_rt": {"fgid", "formid", "sequence"},
    "forms": {"formid", "formtablename", "formname"},
    "visitplan": {"mnpvisid", "visitnumber", "mnpvislabel"},
    "visitplanforms": {"mnpvisid", "formid"},
    "codelists": {"column", "code", "value"},
    "missing_reasons": {"mivstatus", "ffcolname"},
    "queries": {"mnpqueryid"},
    "comments": {"mnpcommentid"},
    "changes": {"changedate", "changereason"},
    "centres": {"mnpctrid", "mnpctrname"},
    "patients": {"mnppid", "mnpcs0"},
}
_DOCUMENT = "mnpdocid"
_SYSTEM = re.compile(r"^(mnp\w*|sigstatus|sigreason|fgid|position|column_\d+)$")
_CODEC = {"ISO-8859-1": "latin-1", "ISO-8859-15": "iso8859-15", "UTF-8": "utf-8",
          "Windows-1252": "cp1252", "MacRoman": "mac_roman"}  # fmt: skip
#: members that are programs or schemes
_PROGRAMS = (".sps", ".do", ".r", ".xsd", ".xsl")
_BLOCK = re.compile(r"^(v(?P<visit>\d+)_(?P<no>\d+)|c|a(?P<ae>\d+)_(?P<fu>\d+))_(?P<rest>.+)$")
_RECTANGULAR = re.compile(r"_mnpdocid$")


def is_secutrial(names: list[str], files: dict[str, bytes]) -> bool:
    """Whether a zip is an export of secuTrial: by its options page, or by its columns."""
    if any(PurePosixPath(n).name.startswith("ExportOptions") for n in names):
        return True
    return any(b"mnppid" in content[:4000].replace(b"\x00", b"") for content in files.values())


def read_secutrial(files: dict[str, bytes], shown: str) -> Export:
    """Tables, visit plan, dictionary and what is about the data.

    Parameters
    ----------
    files : dict
        Members of the zip.
    shown : str
        Path of the zip; SRCFILE is 'zip/member'.

    Raises
    ------
    InputErrors
        Tables that cannot be read, or none with data columns.
    """
    options = _options(files)
    names, notes = _members(files)
    suffix = _suffix([PurePosixPath(n).stem for n in names])
    texts, member, headed = _texts({n: files[n] for n in names}, files, shown, options)
    grids: dict[str, tuple[str, Grid]] = {}
    problems: list[Problem] = []
    texts = {t.removesuffix(suffix): text for t, text in texts.items()}
    member = {t.removesuffix(suffix): name for t, name in member.items()}
    if not headed and texts and all(is_bare(rows_of(t.text[:5000])[0]) for t in texts.values()):
        texts, headed = with_names(texts), True
        notes.append("exported without column names: known ones by their order, others by number")
    for table, decoded in texts.items():
        name = member[table]
        try:
            grid = parse(decoded, f"{shown}/{name}")
            grids[table] = (name, replace(grid, lines=grid.lines - 1) if headed else grid)
        except InputErrors as error:
            kind = _kind(set(rows_of(decoded.text[:20000])[0]))
            if kind:
                notes.append(f"{name} ({kind}) is passed over: its rows do not fit its header")
            else:
                problems += error.problems
    if problems:
        raise InputErrors(problems)
    about, data, extra = _sorted(grids)
    if not data:
        raise InputErrors(
            [
                Problem(
                    "No table of the secuTrial export has data columns (mnppid)",
                    shown,
                    "Export with the patients' data, not the project setup alone",
                )
            ]
        )
    people = _patients(about)
    events = _events(about)
    tables: dict[str, FormTable] = {}
    for name, (member, grid) in data.items():
        if any(_RECTANGULAR.search(c) and _BLOCK.match(c) for c in grid.header):
            tables |= _rectangular(grid, f"{shown}/{member}", people)
        else:
            tables[name] = _form(name, grid, f"{shown}/{member}", people)
    side = {n: _form(n, grid, f"{shown}/{member}", people) for n, (member, grid) in extra.items()}
    labels = _labels(about)
    tables = {n: replace(t, label=labels.get(bare(n), "")) for n, t in tables.items()}
    first = next(iter(data.values()))[1]
    read = [grid for _, grid in data.values()]
    whole = counts([FormTable("", g.cells) for g in read])
    dictionary, more = dictionary_of(about, tables, shown)
    units = units_of(about)
    return Export(
        file=shown,
        format="secuTrial export" + (" (rectangular)" if options.get("rectangular") else ""),
        version=options.get("version", ""),
        tables={n: with_units(t, units.get(bare(n), {})) for n, t in tables.items()},
        extra=side,
        dictionary=dictionary,
        events=events,
        encoding=_encoding([g for _, g in grids.values()]),
        separator=first.separator,
        decimal=options.get("decimal") or next((d for g in read if (d := decimal_of(g.cells))), ""),
        line_ends=first.line_ends,
        notes=(*notes, *more),
        **whole,
    )


def _members(files: dict[str, bytes]) -> tuple[list[str], list[str]]:
    """Members that are tables, and notes of what is passed over."""
    names, notes = [], []
    for name, content in files.items():
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in (".html", ".htm", ".pdf", ".sas"):
            continue
        if suffix in _PROGRAMS:
            notes.append(f"{name} is passed over")
        elif not content.strip():
            notes.append(f"{name} is empty")
        else:
            names.append(name)
    return names, notes


def _texts(
    own: dict[str, bytes], files: dict[str, bytes], shown: str, options: dict[str, str]
) -> tuple[dict[str, Text], dict[str, str], bool]:
    """Tables by the stem of their name, their members, and whether a line was put before each."""
    headed = secutrial_sas.is_sas(files)
    if headed:
        found = secutrial_sas.tables(files, shown)
    else:
        told = options.get("encoding", "") or single_codec(own.values())
        found = {n: _decoded(c, f"{shown}/{n}", told) for n, c in own.items()}
    stems = {n: PurePosixPath(n).stem for n in found}
    return {stems[n]: t for n, t in found.items()}, {s: n for n, s in stems.items()}, headed


def _options(files: dict[str, bytes]) -> dict[str, str]:
    """What the options page tells: encoding, version, decimal sign, rectangular or not."""
    page = next((c for n, c in files.items() if PurePosixPath(n).name.startswith("ExportOpt")), b"")
    text = html.unescape(
        re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", "|", page.decode("latin-1"))
    )
    found = {}
    codec = re.findall(r"(?i)\|\s*(iso-8859-\d+|utf-8|windows-1252)\b", text)
    version = re.search(r"\b(\d+\.\d+\.\d+\.\d+)\b", text)
    decimal = re.search(r'(?:=|:)\s*"([.,])"', text)
    if codec:
        found["encoding"] = codec[0].upper()
    if version:
        found["version"] = version[1]
    if decimal:
        found["decimal"] = decimal[1]
    if any(n.startswith("data") for n in (PurePosixPath(f).stem for f in files)):
        found["rectangular"] = "yes"
    return found


def _encoding(grids: list[Grid]) -> str:
    """The encoding of those tables that hold more than ASCII, else of the first."""
    names = [g.encoding for g in grids]
    return next((n for n in names if n not in ("UTF-8", "")), names[0])


def _suffix(stems: list[str]) -> str:
    """What all names end with, from a bar on: project and date of the export."""
    if len(stems) < 2:
        return ""
    end = stems[0]
    while end and not all(s.endswith(end) for s in stems):
        end = end[1:]
    return end[end.find("_") :] if "_" in end else ""


def _decoded(content: bytes, shown: str, told: str) -> Text:
    codec = _CODEC.get(told)
    decoded = decode(content, shown)
    if codec and codec != "utf-8" and not decoded.encoding.startswith("UTF-16"):
        return Text(content.decode(codec), told)
    return decoded


def _kind(columns: set[str]) -> str:
    """Which table about the project has these columns ('' for a table of data)."""
    if "mnppid" in columns and _DOCUMENT in columns and not columns & {"ffcolname", "mnpatdocid"}:
        return ""
    if "mnpatdocid" in columns:
        return "changes"
    if "mnppid" in columns and any(_RECTANGULAR.search(c) and _BLOCK.match(c) for c in columns):
        return ""
    return next((k for k, need in _ABOUT.items() if need <= columns), "")


def _sorted(
    grids: dict[str, tuple[str, Grid]],
) -> tuple[dict[str, Grid], dict[str, tuple[str, Grid]], dict[str, tuple[str, Grid]]]:
    about: dict[str, Grid] = {}
    data, extra = {}, {}
    for name, (member, grid) in grids.items():
        kind = _kind(set(grid.header))
        if not kind and "mnppid" in grid.header:
            data[name] = (member, grid)
        elif kind in ("queries", "comments", "changes", "missing_reasons"):
            extra[name] = (member, grid)
        else:
            about.setdefault(kind or name, grid)
            if kind == "patients":
                extra["patients"] = (member, grid)
    return about, data, extra


def _patients(about: dict[str, Grid]) -> dict[str, str]:
    """Internal number of a patient -> the id that people use."""
    grid = about.get("patients")
    named = next((c for c in ("mnpaid", "mnplabid") if grid is not None and c in grid.cells), "")
    if grid is None or not named:
        return {}
    return {p: a for p, a in zip(grid.cells["mnppid"], grid.cells[named], strict=True) if a}


def _events(about: dict[str, Grid]) -> dict[str, str]:
    grid = about.get("visitplan")
    if grid is None:
        return {}
    return {
        i: label.strip("| \t")
        for i, label in zip(grid.cells["mnpvisid"], grid.cells["mnpvislabel"], strict=True)
    }


def _labels(about: dict[str, Grid]) -> dict[str, str]:
    grid = about.get("forms")
    if grid is None:
        return {}
    pairs = zip(grid.cells["formtablename"], grid.cells["formname"], strict=True)
    return {bare(table): label for table, label in pairs}


def _form(name: str, grid: Grid, shown: str, people: dict[str, str]) -> FormTable:
    cells = grid.cells
    blank = pd.Series("", index=cells.index, dtype=str)
    number = cells.get("mnppid", blank)
    subject = cells.get("mnpaid", number.map(lambda n: people.get(n, n)).astype(str))
    subject = subject.where(subject != "", number)
    event = cells.get("mnpvisid", blank)
    if "mnpvisid" not in cells and "mnpvislabel" in cells:
        event = cells["mnpvislabel"].str.strip("| \t")
    rows = keyed_rows(cells, subject=subject, event=event, file=shown, lines=grid.lines)
    return FormTable(name, rows, system=frozenset(c for c in cells if _SYSTEM.match(c)))


def _rectangular(grid: Grid, shown: str, people: dict[str, str]) -> dict[str, FormTable]:
    """One row a patient, taken apart: blocks of columns named by visit, adverse event and form."""
    blocks: dict[tuple[str, str], dict[str, str]] = {}
    heads = [c for c in grid.header if _BLOCK.match(c) and c.endswith("_mnpdocid")]
    stems = sorted((c.removesuffix("mnpdocid") for c in heads), key=len, reverse=True)
    for column in grid.header:
        stem = next((s for s in stems if column.startswith(s)), None)
        if stem:
            hit = _BLOCK.match(stem + "x")
            form = hit["rest"].removesuffix("_x") if hit else stem
            blocks.setdefault((form, stem), {})[column] = column.removeprefix(stem)
    taken = {c for names in blocks.values() for c in names}
    people_cells = grid.cells[[c for c in grid.header if c not in taken]]
    number = grid.cells["mnppid"]
    subject = grid.cells.get("mnpaid", number.map(lambda n: people.get(n, n)).astype(str))
    parts: dict[str, list[pd.DataFrame]] = {}
    for (form, stem), names in blocks.items():
        part = grid.cells[list(names)].rename(columns=names)
        hit = _BLOCK.match(stem + "x")
        part = part.assign(
            SUBJECT=subject,
            EVENT=(hit["visit"] or "") if hit else "",
            INSTANCE=_number(hit),
            SRCFILE=shown,
            SRCLINE=grid.lines.astype(str),
            STEM=stem,
        )
        parts.setdefault(form, []).append(part[part["mnpdocid"] != ""])
    tables = {}
    for form, found in parts.items():
        rows = pd.concat(found, ignore_index=True).fillna("").astype(str)
        keys = rows.pop("STEM")
        fields = [
            c for c in rows if c not in ("SUBJECT", "EVENT", "INSTANCE", "SRCFILE", "SRCLINE")
        ]
        rows = rows[["SUBJECT", "EVENT", "INSTANCE", *fields, "SRCFILE", "SRCLINE"]]
        system = frozenset(c for c in fields if _SYSTEM.match(c))
        tables[form] = FormTable(form, rows, keys=keys, system=system)
    whole = keyed_rows(people_cells, subject=subject, file=shown, lines=grid.lines)
    system = frozenset(c for c in people_cells if _SYSTEM.match(c))
    return tables | {"patients": FormTable("patients", whole, system=system)}


def _number(hit: re.Match | None) -> str:
    if hit is None or (hit["no"] in (None, "1") and not hit["ae"]):
        return ""
    return hit["no"] or (f"{hit['ae']}.{hit['fu']}" if hit["fu"] not in ("1", None) else hit["ae"])
