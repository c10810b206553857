"""Assays: from instrument files to levels with their limits, and what is doubtful about them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays import formats, layout, prepare, wide
from sclerotrial.assays.formats._said import RUN
from sclerotrial.errors import InputErrors, Problem, raise_if_any

__all__ = ["read_files", "read_panel"]


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
    plate's does. A sheet of samples gives the columns of a matrix their barcodes. Of a wide panel
    the table holds what is declared (see `wide.readings`).
    """
    if getattr(assay, "wide", False) and prepare.asked(assay) and files:
        return prepare.readings(_panels(assay, files, raw), assay, prepare.genes_of(assay, raw))
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
            if getattr(assay, "wide", False):
                tables.append(wide.readings(_panel(assay, file, shown, layouts, raw), assay))
            else:
                table = formats.read(file, shown, assay.format)
                tables.append(_placed(table, Path(file), layouts, raw, assay))
        except InputErrors as error:
            problems += error.problems
    raise_if_any(problems + copies(tables))
    return pd.concat(tables, ignore_index=True)


def copies(tables: Sequence[pd.DataFrame]) -> list[Problem]:
    """Files that hold the same readings: a copy would count every sample twice."""
    seen: dict[str, str] = {}
    problems = []
    for table in tables:
        mine = table[(table["TASK"] == "SAMPLE") & (table["ANALYTE"] != "")]
        if not mine["VALUE"].notna().any():
            continue  # two plates without a number are alike without being copies
        told = mine[["WELL", "SAMPLE", "ANALYTE", "QUANTITY", "VALUE"]].to_csv(index=False)
        key, file = hashlib.sha256(told.encode()).hexdigest(), str(mine["FILE"].iloc[0])
        first = seen.setdefault(key, file)
        if first != file:
            what = f"The file holds the same readings as {first}"
            problems.append(Problem(what, file, "Take one of them away, or narrow `files`"))
    return problems


def read_panel(assay: Any, files: Sequence[str], raw: str | Path) -> wide.Panel:
    """Read all files of a wide panel as one matrix of features by samples, normalised if asked.

    Parameters
    ----------
    assay, files, raw
        As for `read_files`.

    Raises
    ------
    InputErrors
        All files that cannot be read.
    """
    panels = _panels(assay, files, raw)
    if prepare.asked(assay):
        return prepare.prepare(panels, assay, prepare.genes_of(assay, raw))[1]
    return wide.together(panels)


def _panels(assay: Any, files: Sequence[str], raw: str | Path) -> list[wide.Panel]:
    """The panel of each file, all that is wrong with them at once."""
    panels, problems = [], []
    layouts = layout_files(assay, raw)
    for file in files:
        try:
            shown = Path(file).relative_to(raw).as_posix()
            panels.append(_panel(assay, file, shown, layouts, raw))
        except InputErrors as error:
            problems += error.problems
    raise_if_any(problems)
    return panels


def _panel(assay: Any, file: str, shown: str, layouts: list[Path], raw: str | Path) -> wide.Panel:
    matrix = formats.read_matrix(file, shown, assay.format)
    if matrix is None:
        # names from beside the file stand well by well
        if not (getattr(assay, "pattern", None) or getattr(assay, "layout", None)):
            cells = formats.read_cells(file, shown, assay.format, wide.wanted_of(assay))
            if cells is not None:
                return wide.of_cells(cells, shown, assay)
        table = formats.read(file, shown, assay.format)
        return wide.of_table(_placed(table, Path(file), layouts, raw, assay), assay)
    columns = pd.DataFrame("", index=range(len(matrix.samples)), columns=formats.COLUMNS)
    columns = columns.assign(SAMPLE=matrix.samples, WELL=matrix.places, FILE=shown)
    named = _placed(columns, Path(file), layouts, raw, assay)["SAMPLE"].tolist()
    return wide.of_matrix(matrix, named, shown, assay)


def _placed(
    table: pd.DataFrame, file: Path, layouts: list[Path], raw: str | Path, assay: Any
) -> pd.DataFrame:
    """The readings with their samples: by the pattern, by the layout or sheet beside the file."""
    run = table["TASK"] == RUN
    said, table = table[run], table[~run] if run.any() else table
    if getattr(assay, "pattern", None):
        table = layout.named(table, assay.pattern)
    table = _beside(table, file, layouts, raw, assay)
    return pd.concat([table, said], ignore_index=True) if len(said) else table


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
