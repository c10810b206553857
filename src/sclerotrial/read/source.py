"""One source of raw data: its files found, read by the reader of their format, put together."""

from __future__ import annotations

import glob
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.detect import WORDS, detect
from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.findings import finding, frame
from sclerotrial.read.formats import redcap_csv
from sclerotrial.read.formats.odm import parse_odm
from sclerotrial.read.formats.redcap_xml import to_grid
from sclerotrial.read.grid import Grid
from sclerotrial.read.keyed import form_dictionary, form_name, read_keyed
from sclerotrial.read.opening import (
    Options,
    events_of,
    open_dictionary,
    open_export,
    redcap_project,
)
from sclerotrial.read.redcap import read_redcap
from sclerotrial.read.table import open_table, read_table
from sclerotrial.read.text import decode, read_bytes, read_delimited
from sclerotrial.study_models import Study

Tables = tuple[dict[str, pd.DataFrame], list[dict[str, str]]]


def raw_files(study: Study, name: str, raw_folder: str | Path) -> list[Path]:
    """Data files of a source, sorted by name; `file` may be a pattern with * or ?.

    Raises
    ------
    InputErrors
        When a pattern matches nothing. A plain name is returned whether or not it exists.
    """
    about = study.forms.sources[name]
    path = Path(raw_folder) / about.file
    if not glob.has_magic(about.file):
        return [path]
    files = sorted(p for p in Path(raw_folder).glob(about.file) if p.is_file())
    if not files:
        raise InputErrors(
            [
                Problem(
                    "No raw file matches the pattern of the source",
                    f"{about.file}, forms.yaml key sources.{name}.file",
                    "Put the export there, or correct the pattern",
                )
            ]
        )
    return files


def dictionary_of(study: Study, name: str, raw_folder: str | Path) -> Dictionary | None:
    """The data dictionary of a source: its file, or what the export itself carries; else None."""
    about = study.forms.sources[name]
    if about.dictionary:
        return open_dictionary(Path(raw_folder) / about.dictionary, about.dictionary)
    if about.format in ("redcap", "table"):
        return None
    found: dict[str, Field] = {}
    missing: dict[str, str] = {}
    for path in raw_files(study, name, raw_folder):
        shown = path.relative_to(raw_folder).as_posix()
        content = read_bytes(path, shown)
        if detect(content, shown) == "odm":
            own = redcap_project(parse_odm(content, shown), shown)
            if own:
                return own
        export = open_export(content, shown, options_of(study, name, Path(raw_folder)))
        told = form_dictionary(export, study, name)
        if told:
            found |= told.fields
            missing |= told.missing
    return Dictionary(found, about.file, key="SUBJECT", missing=missing) if found else None


def instruments(study: Study, name: str, raw_folder: str | Path) -> dict[str, str]:
    """Forms that a source with ``forms: auto`` has beside those configured: name -> instrument.

    Raises
    ------
    InputErrors
        When neither the dictionary nor the export can be read.
    """
    about = study.forms.sources[name]
    if about.dictionary:
        path = Path(raw_folder) / about.dictionary
        dictionary = open_dictionary(path, about.dictionary)
        return {f: f for f in dictionary.forms}
    found: dict[str, str] = {}
    for path in raw_files(study, name, raw_folder):
        shown = path.relative_to(raw_folder).as_posix()
        content = read_bytes(path, shown)
        export = open_export(content, shown, options_of(study, name, Path(raw_folder)))
        found |= {form_name(t): t for t in export.tables}
    return found


def read_source(
    study: Study, name: str, raw_folder: str | Path
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Read one source of the configuration.

    Parameters
    ----------
    name : str
        Key of ``forms.yaml`` `sources`.
    raw_folder : path
        Folder of the raw exports; SRCFILE is relative to it.

    Returns
    -------
    (dict, DataFrame)
        Form -> frame of text: USUBJID, VISIT, INSTANCE, fields, SRCFILE, SRCLINE; and findings.

    Raises
    ------
    InputErrors
        Everything wrong with the files of the source.
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
    parts: list[Tables] = []
    problems: list[Problem] = []
    paths = raw_files(study, name, raw_folder)
    for path in paths:
        shown = path.relative_to(raw_folder).as_posix()
        try:
            parts.append(READERS[about.format](study, name, path, shown, Path(raw_folder)))
        except InputErrors as error:
            problems += error.problems
    if problems:
        raise InputErrors(problems)
    tables = _joined([p[0] for p in parts], study, name)
    lacking = [f for f in study.forms_of(name) if f not in tables]
    if lacking:
        raise InputErrors(_lacking(lacking, parts, study, name))
    if len(parts) > 1 and about.format == "table":
        for table in tables.values():
            running = table.groupby("USUBJID", sort=False).cumcount() + 1
            table["INSTANCE"] = running.astype(str)
    return tables, frame(f for p in parts for f in p[1])


def _joined(
    parts: list[dict[str, pd.DataFrame]], study: Study, name: str
) -> dict[str, pd.DataFrame]:
    """The forms of all files of a source; a record that two files hold is a problem."""
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for form in dict.fromkeys(f for part in parts for f in part):
        own = [part[form] for part in parts if form in part]
        held = [t for t in own if len(t)] or own[:1]
        if len(held) == 1:
            tables[form] = held[0].reset_index(drop=True)
            continue
        table = pd.concat(held, ignore_index=True).fillna("")
        ends = ["SRCFILE", "SRCLINE"]
        table = table[[*(c for c in table if c not in ends), *ends]]
        keys = ["USUBJID", "VISIT", "INSTANCE"]
        if study.forms.sources[name].format != "table":
            again = table[table.duplicated(keys)]
            if len(again) and study.forms.sources[name].format == "redcap":
                problems += [_again(row, form) for row in again.to_dict("records")]
            elif len(again):
                running = table.groupby(keys[:2], sort=False).cumcount() + 1
                table["INSTANCE"] = running.astype(str)
        tables[form] = table
    if problems:
        raise InputErrors(problems)
    return tables


def _again(row: dict[str, str], form: str) -> Problem:
    return Problem(
        f"Subject {row['USUBJID']} has the same record of {form} in another file, too",
        f"{row['SRCFILE']}, line {row['SRCLINE']}",
        "Keep one export of each form in the folder",
    )


def _lacking(lacking: list[str], parts: list[Tables], study: Study, name: str) -> list[Problem]:
    known = dict.fromkeys(f for p in parts for f in p[0])
    return [
        Problem(
            f"The form {form!r} is in no file of the source."
            + did_you_mean(study.forms.forms[form].instrument or form, known),
            f"forms.yaml, key forms.{form}.instrument",
            "Use the name of a form or table of the export; `snakemake intake` lists the files,"
            " `sclerotrial look FILE` the tables in one",
        )
        for form in lacking
    ]


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


def _redcap(study: Study, name: str, path: Path, shown: str, raw_folder: Path) -> Tables:
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
        dictionary = dictionary_of(study, name, raw_folder)
    except InputErrors as error:
        problems += error.problems
    try:
        content = read_bytes(path, shown)
        if dictionary is not None:
            events = events_of(raw_folder / about.events) if about.events else {}
            grid, notes = redcap_csv.read_data(decode(content, shown), shown, dictionary, events)
        else:
            read_delimited(path, shown)
    except InputErrors as error:
        problems += error.problems
    if dictionary is None or grid is None:
        raise InputErrors(problems)
    tables, findings = read_redcap(
        grid, study, name, dictionary, shown, several=len(raw_files(study, name, raw_folder)) > 1
    )
    return tables, [*(_note(n, shown) for n in notes), *findings]


def _note(text: str, shown: str) -> dict[str, str]:
    return finding(
        rule="labels" if "label" in text else "row_numbers",
        severity="info",
        action="converted",
        message=text,
        file=shown,
        line=1,
    )


def _auto(study: Study, name: str, path: Path, shown: str, raw_folder: Path) -> Tables:
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
    if kind == "odm":
        odm = parse_odm(content, shown)
        dictionary = redcap_project(odm, shown, options_of(study, name, raw_folder).dictionary)
        if dictionary:
            return read_redcap(to_grid(odm, dictionary, shown), study, name, dictionary, shown)
    if kind == "text" and about.dictionary:
        return _redcap(study, name, path, shown, raw_folder)
    export = open_export(content, shown, options_of(study, name, raw_folder))
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
    return read_keyed(export, study, name, shown)


def _table(study: Study, name: str, path: Path, shown: str, raw_folder: Path) -> Tables:
    return read_table(open_table(path, shown, study, name), study, name, shown)


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
READERS: dict[str, Callable[[Study, str, Path, str, Path], Tables]] = {
    "auto": _auto,
    "redcap": _redcap,
    "table": _table,
    **dict.fromkeys(KINDS, _auto),
}
