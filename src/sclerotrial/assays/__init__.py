"""Assays: from instrument files to levels with their limits, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays import formats, layout
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

    Notes
    -----
    A layout gives the wells of a plate their samples: of several the one whose name begins as the
    plate's does. A sheet of samples gives the columns of a matrix their barcodes.
    """
    tables, problems = [], []
    layouts = layout_files(assay, raw)
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
            table = formats.read(file, shown, assay.format)
            if getattr(assay, "pattern", None):
                table = layout.named(table, assay.pattern)
            tables.append(_beside(table, Path(file), layouts, raw, assay))
        except InputErrors as error:
            problems += error.problems
    raise_if_any(problems)
    return pd.concat(tables, ignore_index=True)


def layout_files(assay: Any, raw: str | Path) -> list[Path]:
    """The layouts or sheets of samples that an assay names, in order of name."""
    pattern = getattr(assay, "layout", None)
    return sorted(f for f in Path(raw).glob(pattern) if f.is_file()) if pattern else []


def _beside(
    table: pd.DataFrame, file: Path, layouts: list[Path], raw: str | Path, assay: Any
) -> pd.DataFrame:
    """The readings with samples from the layout (or sheet) that belongs to the file."""
    if not getattr(assay, "layout", None):
        return table
    mine = [f for f in layouts if f.stem.startswith(file.stem)] or layouts
    if len(mine) != 1:
        what = "No layout is there" if not mine else f"{len(mine)} layouts could be of this plate"
        raise_if_any(
            [Problem(what, file.name, "Name the layout as the plate, with an ending of its own")]
        )
    shown = mine[0].relative_to(raw).as_posix()
    if (table["WELL"].astype(str).str.fullmatch(r"(.*:)?[A-Z]{1,2}\d{1,2}")).all():
        return layout.place(table, layout.read_layout(mine[0], shown))
    names = layout.read_sheet(mine[0], shown, list(dict.fromkeys(table["SAMPLE"])))
    return table.assign(SAMPLE=[names.get(s, s) for s in table["SAMPLE"]])
