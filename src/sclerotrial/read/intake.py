"""What a raw file is: the row of ``intake.csv`` for one file, and everything wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.files import sha256
from sclerotrial.read.export import Export, decimal_of
from sclerotrial.read.grid import Grid
from sclerotrial.read.opening import Options, events_of, open_dictionary, open_export
from sclerotrial.read.readers import open_file
from sclerotrial.read.source import lacking_forms, raw_files, read_source
from sclerotrial.read.text import read_bytes, read_delimited
from sclerotrial.study_models import Study

SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "": ""}
DECIMAL_NAMES = {".": "point", ",": "comma", "mixed": "mixed", "": ""}
#: a larger file that nobody asked for is not opened
_LARGEST_UNUSED = 20_000_000
#: what is told of a file
TOLD = (
    "path", "sha256", "kind", "source", "format", "version", "encoding", "separator", "decimal",
    "rows", "fields", "cells", "subjects", "matched", "unmatched", "verdict", "notes", "problems",
)  # fmt: skip


def role_of(study: Study, path: Path, raw_folder: str | Path) -> tuple[str, str]:
    """What the configuration says a file is.

    Returns
    -------
    (kind, name)
        kind is 'redcap' or 'table' (or another source format), 'dictionary', 'events', 'catalog',
        'assay' or 'unknown'; name is that of the source or the assay.
    """
    raw_folder = Path(raw_folder)
    for name, about in study.forms.sources.items():
        if about.dictionary and path == raw_folder / about.dictionary:
            return "dictionary", name
        if about.events and path == raw_folder / about.events:
            return "events", name
        if about.catalog and path == raw_folder / about.catalog:
            return "catalog", name
        try:
            if path in raw_files(study, name, raw_folder):
                return about.format, name
        except InputErrors:
            continue
    for name, assay in study.assays.items():
        if path in set(raw_folder.glob(assay.files)):
            return "assay", name
    return "unknown", ""


def describe_file(study: Study, path: str | Path, raw_folder: str | Path) -> dict[str, Any]:
    """Describe one raw file for the intake list; nothing is raised.

    Parameters
    ----------
    path : path
        The file, inside `raw_folder`.

    Returns
    -------
    dict
        `TOLD`: path (relative), sha256, kind, source, format and its version, encoding with line
        ends, separator, decimal mark, rows, fields, filled cells, subjects, matched, unmatched,
        verdict ('ok', 'problems', 'not in the configuration', or None for assays: their readers
        judge), notes, problems (list of Problem). Counts are None where they do not apply.
    """
    path, raw_folder = Path(path), Path(raw_folder)
    shown = path.relative_to(raw_folder).as_posix()
    kind, name = role_of(study, path, raw_folder)
    row: dict[str, Any] = dict.fromkeys(TOLD)
    row |= {"path": shown, "kind": kind, "source": name, "problems": []}
    if path.is_file():
        row["sha256"] = sha256(path)
    if kind == "assay":
        return row
    if kind == "unknown":
        row |= _unused(path, shown)
        row["verdict"] = "not in the configuration"
        row["problems"] = [
            Problem(
                "The configuration names no use for this file",
                shown,
                "Add it as a source in forms.yaml or to the files of an assay, or move it away",
            )
        ]
        return row
    try:
        if kind in ("dictionary", "events", "catalog"):
            row |= _about(kind, path, shown)
        else:
            row |= _data(study, name, path, raw_folder)
    except InputErrors as error:
        row["problems"] = error.problems
    row["verdict"] = "problems" if row["problems"] else "ok"
    return row


def _shape(grid: Grid) -> dict[str, Any]:
    return {
        "encoding": " ".join(p for p in (grid.encoding, grid.line_ends) if p),
        "separator": SEPARATOR_NAMES.get(grid.separator, grid.separator),
        "decimal": DECIMAL_NAMES[decimal_of(grid.cells)],
        "rows": len(grid.cells),
        "fields": len(grid.header),
        "cells": int((grid.cells != "").to_numpy().sum()),
    }


def told_of(export: Export) -> dict[str, Any]:
    """What was decided about an export, as the columns of the intake list."""
    return {
        "format": export.format,
        "version": export.version,
        "encoding": " ".join(p for p in (export.encoding, export.line_ends) if p),
        "separator": SEPARATOR_NAMES.get(export.separator, export.separator),
        "decimal": DECIMAL_NAMES.get(export.decimal, export.decimal),
        "rows": export.rows,
        "fields": export.fields,
        "cells": export.cells,
        "notes": "; ".join(export.notes),
    }


def _about(kind: str, path: Path, shown: str) -> dict[str, Any]:
    content = read_bytes(path, shown)
    if kind == "catalog":
        return {"format": "SAS catalog"}
    if kind == "events":
        events_of(path)
        return told_of(open_export(content, shown))
    dictionary = open_dictionary(path, shown)
    if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
        return told_of(open_export(content, shown)) | {"fields": len(dictionary.fields)}
    return {"format": "REDCap data dictionary"} | _shape(read_delimited(path, shown))


def _data(study: Study, name: str, path: Path, raw_folder: Path) -> dict[str, Any]:
    """What a file of data is, and its subjects; it is opened once.

    What is wrong across the files of a source is told with the first of them.
    """
    files = raw_files(study, name, raw_folder)
    if len(files) > 1 and path == files[0]:
        read_source(study, name, raw_folder)
    opened = open_file(study, name, path, raw_folder, several=len(files) > 1)
    forms, _ = opened.tables({})
    lacking = [f for f in study.forms_of(name) if f not in forms]
    if lacking and len(files) == 1:
        raise InputErrors(lacking_forms(lacking, forms, study, name))
    subjects = {s for table in forms.values() for s in table["USUBJID"].unique()}
    return told_of(opened.told) | {"subjects": len(subjects - {""})}


def _unused(path: Path, shown: str) -> dict[str, Any]:
    """What a file seems to be that the configuration does not use; nothing where nobody knows."""
    if path.stat().st_size > _LARGEST_UNUSED:
        return {}
    try:
        return told_of(open_export(read_bytes(path, shown), shown, Options()))
    except InputErrors as error:
        return {"notes": error.problems[0].what}
