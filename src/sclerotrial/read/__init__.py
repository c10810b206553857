"""Raw exports to keyed rows of text, each with the file and line that it came from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors
from sclerotrial.read import findings as found
from sclerotrial.read.dictionary import Dictionary, read_dictionary
from sclerotrial.read.export import Export, FormTable
from sclerotrial.read.intake import describe_file
from sclerotrial.read.opening import read_export
from sclerotrial.read.source import dictionary_of, instruments, raw_files, read_source

__all__ = [
    "Dictionary",
    "Export",
    "FormTable",
    "describe_file",
    "dictionaries",
    "dictionary_of",
    "instruments",
    "raw_files",
    "read_all",
    "read_dictionary",
    "read_export",
    "read_source",
]


def read_all(study, raw_folder: str | Path) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Read every source of the study; the problems of all of them are raised together."""
    forms: dict[str, pd.DataFrame] = {}
    notes, problems = [found.frame([])], []
    for name in study.forms.sources:
        try:
            tables, doubts = read_source(study, name, raw_folder)
        except InputErrors as error:
            problems += error.problems
            continue
        forms |= tables
        notes.append(doubts)
    if problems:
        raise InputErrors(problems)
    return forms, pd.concat(notes, ignore_index=True)


def dictionaries(study, raw_folder: str | Path) -> dict[str, Dictionary]:
    """Data dictionary of each source that has one, by the source's name."""
    return {
        name: read
        for name in study.forms.sources
        if (read := dictionary_of(study, name, raw_folder)) is not None
    }
