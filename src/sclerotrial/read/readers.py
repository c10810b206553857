"""The reader of each format: a file opened once, told of, and its keyed forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.detect import WORDS, detect
from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.export import Export, decimal_of
from sclerotrial.read.findings import finding
from sclerotrial.read.formats import redcap_csv
from sclerotrial.read.formats.odm import parse_odm
from sclerotrial.read.formats.redcap_xml import to_grid
from sclerotrial.read.formats.tables import find
from sclerotrial.read.grid import Grid
from sclerotrial.read.identity import reference_dates
from sclerotrial.read.keyed import keyed_dates, read_keyed
from sclerotrial.read.opening import (
    Options,
    events_of,
    labelled_format,
    odm_export,
    open_dictionary,
    open_export,
    redcap_project,
)
from sclerotrial.read.redcap import read_redcap
from sclerotrial.read.table import open_table, read_table
from sclerotrial.read.text import read_bytes, read_delimited
from sclerotrial.study_models import Study

Tables = tuple[dict[str, pd.DataFrame], list[dict[str, str]]]
Dates = Mapping[str, str]


@dataclass(frozen=True)
class Opened:
    """A file of a source that was opened.

    Attributes
    ----------
    told : Export
        What was decided about it.
    tables : function
        Its keyed forms and findings; takes the dates at which age is taken, by subject, where
        other files hold them.
    dates : dict
        Such dates of this file.
    """

    told: Export
    tables: Callable[[Dates], Tables]
    dates: dict[str, str]


def open_file(
    study: Study, name: str, path: Path, raw_folder: Path, *, several: bool = False
) -> Opened:
    """Open one file of a source.

    Parameters
    ----------
    name : str
        Key of ``forms.yaml`` `sources`.
    several : bool
        Whether the source has other files, too.

    Raises
    ------
    InputErrors
        A format that nobody knows; everything wrong with the file.
    """
    about = study.forms.sources[name]
    if about.format not in READERS:
        raise InputErrors(
            [
                Problem(
                    f"The format {about.format!r} is not known."
                    + did_you_mean(about.format, READERS),
                    f"forms.yaml, key sources.{name}.format",
                    f"Use one of: {', '.join(READERS)}",
                )
            ]
        )
    shown = path.relative_to(raw_folder).as_posix()
    return READERS[about.format](study, name, path, shown, Path(raw_folder), several)


def options_of(study: Study, name: str, raw_folder: Path) -> Options:
    """What the configuration says of the files of a source."""
    about = study.forms.sources[name]
    return Options(
        dictionary=raw_folder / about.dictionary if about.dictionary else None,
        events=raw_folder / about.events if about.events else None,
        catalog=raw_folder / about.catalog if about.catalog else None,
        subject=about.subject or "",
        visit=about.visit or "",
        separator=str(about.options.get("separator", "")),
    )


def _redcap(
    study: Study, name: str, path: Path, shown: str, raw_folder: Path, several: bool
) -> Opened:
    about = study.forms.sources[name]
    if not about.dictionary:
        raise InputErrors(
            [
                Problem(
                    "A REDCap source needs its data dictionary",
                    f"forms.yaml, key sources.{name}.dictionary",
                    "Download the dictionary (CSV) from REDCap and name it there",
                )
            ]
        )
    problems: list[Problem] = []
    dictionary: Dictionary | None = None
    grid: Grid | None = None
    try:
        dictionary = open_dictionary(raw_folder / about.dictionary, about.dictionary)
    except InputErrors as error:
        problems += error.problems
    try:
        if dictionary is not None:
            events = events_of(raw_folder / about.events) if about.events else {}
            content = read_bytes(path, shown)
            grid, notes = redcap_csv.read_data(content, shown, dictionary, events)
        else:
            read_delimited(path, shown)
    except InputErrors as error:
        problems += error.problems
    if dictionary is None or grid is None:
        raise InputErrors(problems)
    told = _told(grid, shown, labelled_format(notes), dictionary, notes)
    return _redcap_forms(grid, study, name, dictionary, told, several, notes)


def _redcap_forms(
    grid: Grid,
    study: Study,
    name: str,
    dictionary: Dictionary,
    told: Export,
    several: bool,
    notes: list[str],
) -> Opened:
    def tables(dates: Dates) -> Tables:
        forms, findings = read_redcap(
            grid, study, name, dictionary, told.file, several=several, taken_at=dates
        )
        return forms, [*(_note(n, told.file) for n in notes), *findings]

    return Opened(told, tables, _dates(study, grid, dictionary.record_id))


def _told(
    grid: Grid, shown: str, words: str, dictionary: Dictionary | None, notes: list[str]
) -> Export:
    """What was decided about a table, without its forms."""
    return Export(
        file=shown,
        format=words,
        tables={},
        dictionary=dictionary,
        encoding=grid.encoding,
        separator=grid.separator,
        decimal=decimal_of(grid.cells),
        line_ends=grid.line_ends,
        rows=len(grid.cells),
        fields=len(grid.header),
        cells=int(sum((grid.cells[c] != "").sum() for c in grid.cells)),
        notes=tuple(notes),
    )


def _dates(study: Study, grid: Grid, subject: str) -> dict[str, str]:
    """Dates at which age is taken, by subject, in a table."""
    at = study.forms.age.at if study.forms.age else ""
    if at not in grid.cells or subject not in grid.cells:
        return {}
    return reference_dates(grid.cells[subject], grid.cells[at], study)


def _note(text: str, shown: str) -> dict[str, str]:
    return finding(
        rule=redcap_csv.rule_of(text),
        severity="info",
        action="converted",
        message=text,
        file=shown,
        line=1,
    )


def _auto(
    study: Study, name: str, path: Path, shown: str, raw_folder: Path, several: bool
) -> Opened:
    about = study.forms.sources[name]
    content = read_bytes(path, shown)
    kind = detect(content, shown)
    wanted = KINDS.get(about.format)
    if wanted and kind not in wanted:
        raise InputErrors(
            [
                Problem(
                    f"The file is {WORDS[kind]}, not what `format: {about.format}` says",
                    f"{shown}; forms.yaml, key sources.{name}.format",
                    "Correct the format, or write `format: auto`",
                )
            ]
        )
    options = options_of(study, name, raw_folder)
    if kind == "odm":
        odm = parse_odm(content, shown)
        dictionary = redcap_project(odm, shown, options.dictionary)
        if dictionary:
            grid = to_grid(odm, dictionary, shown)
            told = odm_export(odm, shown, dictionary, grid)
            return _redcap_forms(grid, study, name, dictionary, told, several, [])
    if kind in ("text", "workbook") and about.dictionary:
        del content
        return _redcap(study, name, path, shown, raw_folder, several)
    export = open_export(content, shown, options)
    if not export.tables:
        raise InputErrors(
            [
                Problem(
                    f"The file holds no data: it is {export.format}",
                    shown,
                    "Name an export with data as `file` of the source",
                )
            ]
        )
    return Opened(
        export,
        lambda dates: read_keyed(export, study, name, shown, taken_at=dates),
        keyed_dates(export.tables.values(), study),
    )


def _table(
    study: Study, name: str, path: Path, shown: str, raw_folder: Path, several: bool
) -> Opened:
    grid = open_table(path, shown, study, name)
    what = "Excel workbook" if grid.encoding == "xlsx" else "delimited table"
    told = _told(grid, shown, what, None, [])
    subject = study.forms.sources[name].subject or ""
    return Opened(
        told,
        lambda dates: read_table(grid, study, name, shown, taken_at=dates),
        _dates(study, grid, find(grid.header, subject)),
    )


#: format of a source that is told by content -> what the content must be
KINDS = {
    "redcap_xml": ("odm",),
    "odm": ("odm",),
    "secutrial": ("zip",),
    "sas": ("xpt", "sas7bdat"),
    "spss": ("sav",),
    "stata": ("dta",),
    "r": ("r",),
    "workbook": ("workbook",),
    "delimited": ("text",),
}
#: format of a source -> its reader
READERS: dict[str, Callable[[Study, str, Path, str, Path, bool], Opened]] = {
    "auto": _auto,
    "redcap": _redcap,
    "table": _table,
    **dict.fromkeys(KINDS, _auto),
}
