"""One source of raw data: its files found, read by the reader of their format, put together."""

from __future__ import annotations

import glob
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.read.dictionary import Dictionary, read_dictionary
from sclerotrial.read.findings import frame
from sclerotrial.read.grid import Grid
from sclerotrial.read.redcap import read_redcap
from sclerotrial.read.table import open_table, read_table
from sclerotrial.read.text import read_delimited
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
    """The data dictionary of a source; None when it has none."""
    shown = study.forms.sources[name].dictionary
    return read_dictionary(Path(raw_folder) / shown, shown) if shown else None


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
    for path in raw_files(study, name, raw_folder):
        shown = path.relative_to(raw_folder).as_posix()
        try:
            parts.append(READERS[about.format](study, name, path, shown, Path(raw_folder)))
        except InputErrors as error:
            problems += error.problems
    if problems:
        raise InputErrors(problems)
    tables = {
        form: pd.concat([p[0][form] for p in parts], ignore_index=True) for form in parts[0][0]
    }
    if len(parts) > 1 and about.format == "table":
        for table in tables.values():
            running = table.groupby("USUBJID", sort=False).cumcount() + 1
            table["INSTANCE"] = running.astype(str)
    return tables, frame(f for p in parts for f in p[1])


def _redcap(study: Study, name: str, path: Path, shown: str, raw_folder: Path) -> Tables:
    if not study.forms.sources[name].dictionary:
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
        grid = read_delimited(path, shown)
    except InputErrors as error:
        problems += error.problems
    if dictionary is None or grid is None:
        raise InputErrors(problems)
    return read_redcap(grid, study, name, dictionary, shown)


def _table(study: Study, name: str, path: Path, shown: str, raw_folder: Path) -> Tables:
    return read_table(open_table(path, shown, study, name), study, name, shown)


#: format of a source -> its reader
READERS: dict[str, Callable[[Study, str, Path, str, Path], Tables]] = {
    "redcap": _redcap,
    "table": _table,
}
