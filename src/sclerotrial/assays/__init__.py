"""Assays: from instrument files to levels with their limits, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays import formats
from sclerotrial.errors import InputErrors, Problem, raise_if_any

__all__ = ["read_files"]


def read_files(name: str, assay: Any, files: Sequence[str], raw: str | Path) -> pd.DataFrame:
    """Read all files of an assay as one tidy long table.

    Parameters
    ----------
    name : str
        Key of the assay in ``assays.yaml``.
    assay : study_assays.Assay
        Its configuration.
    files : sequence of str
        Its files, in order.
    raw : path
        The raw folder; column FILE is relative to it.

    Returns
    -------
    DataFrame
        `formats.COLUMNS`, text.

    Raises
    ------
    InputErrors
        All files that cannot be read, or that there is none.
    """
    tables, problems = [], []
    if not files:
        problems.append(
            Problem(
                f"No file of the assay {name!r} is there",
                f"{Path(raw).as_posix()}/{assay.files}",
                "Put the instrument's file there, or correct `files` in assays.yaml",
            )
        )
    for file in files:
        shown = Path(file).relative_to(raw).as_posix()
        try:
            tables.append(formats.read(file, shown, assay.format))
        except InputErrors as error:
            problems += error.problems
    raise_if_any(problems)
    return pd.concat(tables, ignore_index=True)
