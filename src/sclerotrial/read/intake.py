"""What a raw file is: the row of ``intake.csv`` for one file, and everything wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.files import sha256
from sclerotrial.read.dictionary import read_dictionary
from sclerotrial.read.grid import Grid
from sclerotrial.read.source import raw_files, read_source
from sclerotrial.read.table import open_table
from sclerotrial.read.text import read_delimited
from sclerotrial.study_models import Study

SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "": ""}


def role_of(study: Study, path: Path, raw_folder: str | Path) -> tuple[str, str]:
    """What the configuration says a file is.

    Returns
    -------
    (kind, name)
        kind is 'redcap' or 'table' (or another source format), 'dictionary', 'assay' or
        'unknown'; name is that of the source or the assay.
    """
    raw_folder = Path(raw_folder)
    for name, about in study.forms.sources.items():
        if about.dictionary and path == raw_folder / about.dictionary:
            return "dictionary", name
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
        path (relative), sha256, kind, source, format, version, encoding, separator, rows,
        subjects, matched, unmatched, verdict ('ok', 'problems', 'not in the configuration', or
        None for assays: their readers judge), problems (list of Problem). Counts are None where
        they do not apply.
    """
    path, raw_folder = Path(path), Path(raw_folder)
    shown = path.relative_to(raw_folder).as_posix()
    kind, name = role_of(study, path, raw_folder)
    row: dict[str, Any] = dict.fromkeys(
        [
            "path",
            "sha256",
            "kind",
            "source",
            "format",
            "version",
            "encoding",
            "separator",
            "rows",
            "subjects",
            "matched",
            "unmatched",
            "verdict",
            "problems",
        ]
    )
    row |= {"path": shown, "kind": kind, "source": name, "problems": []}
    if path.is_file():
        row["sha256"] = sha256(path)
    if kind == "assay":
        return row
    if kind == "unknown":
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
        row |= _dictionary(path, shown) if kind == "dictionary" else _data(study, name, path, shown)
        if kind != "dictionary":
            row |= _subjects(study, name, shown, raw_folder)
    except InputErrors as error:
        row["problems"] = error.problems
    row["verdict"] = "problems" if row["problems"] else "ok"
    return row


def _shape(grid: Grid) -> dict[str, Any]:
    return {
        "encoding": " ".join(p for p in (grid.encoding, grid.line_ends) if p),
        "separator": SEPARATOR_NAMES.get(grid.separator, grid.separator),
        "rows": len(grid.cells),
    }


def _dictionary(path: Path, shown: str) -> dict[str, Any]:
    row = {"format": "REDCap data dictionary"} | _shape(read_delimited(path, shown))
    read_dictionary(path, shown)
    return row


def _data(study: Study, name: str, path: Path, shown: str) -> dict[str, Any]:
    if study.forms.sources[name].format == "redcap":
        return {"format": "REDCap raw export"} | _shape(read_delimited(path, shown))
    grid = open_table(path, shown, study, name)
    what = "Excel workbook" if grid.encoding == "xlsx" else "delimited table"
    return {"format": what} | _shape(grid)


def _subjects(study: Study, name: str, shown: str, raw_folder: Path) -> dict[str, Any]:
    forms, _ = read_source(study, name, raw_folder)
    own = {
        s
        for table in forms.values()
        for s in table.loc[table["SRCFILE"] == shown, "USUBJID"].unique()
    }
    return {"subjects": len(own - {""})}
