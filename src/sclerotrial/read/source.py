"""One source of raw data: its files found, read by the reader of their format, put together."""

from __future__ import annotations

import contextlib
import glob
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.detect import detect
from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.findings import frame
from sclerotrial.read.formats.odm import parse_odm
from sclerotrial.read.keyed import form_dictionary, form_name
from sclerotrial.read.opening import open_dictionary, open_export, redcap_project
from sclerotrial.read.readers import Opened, Tables, open_file, options_of
from sclerotrial.read.text import read_bytes
from sclerotrial.study_models import Study


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
    parts: list[Tables] = []
    problems: list[Problem] = []
    paths = raw_files(study, name, raw_folder)
    several = len(paths) > 1
    dates: dict[str, str] = {}
    kept: dict[Path, Opened] = {}
    if several and study.forms.age:  # the date at which age is taken may stand in another file
        for path in paths:
            with contextlib.suppress(InputErrors):  # told below
                kept[path] = open_file(study, name, path, Path(raw_folder), several=several)
                dates = kept[path].dates | dates
    for path in paths:
        try:
            opened = kept.pop(path, None)
            opened = opened or open_file(study, name, path, Path(raw_folder), several=several)
            parts.append(opened.tables(dates))
        except InputErrors as error:
            problems += error.problems
        opened = None
    if problems:
        raise InputErrors(problems)
    tables = _joined([p[0] for p in parts], study, name)
    lacking = [f for f in study.forms_of(name) if f not in tables]
    if lacking:
        known = dict.fromkeys(f for p in parts for f in p[0])
        raise InputErrors(lacking_forms(lacking, known, study, name))
    if several and study.forms.sources[name].format == "table":
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


def lacking_forms(
    lacking: list[str], known: Iterable[str], study: Study, name: str
) -> list[Problem]:
    """Forms of the configuration that are in no file of their source."""
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
