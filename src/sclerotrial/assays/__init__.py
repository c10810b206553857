"""Assays: from instrument files to levels with their limits, and what is doubtful about them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays import bridge_wide, formats, layout, prepare, wide
from sclerotrial.assays.formats._panel import Cells
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
    if getattr(assay, "wide", False) and getattr(assay, "bridge", None) and files:
        tables = [wide.readings(p, assay) for p in _bridged(assay, files, raw, None)]
        raise_if_any(copies(tables))
        return pd.concat(tables, ignore_index=True)
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


def read_panel(
    assay: Any, files: Sequence[str], raw: str | Path, manifest: pd.DataFrame | None = None
) -> wide.Panel:
    """Read all files of a wide panel as one matrix of features by samples, normalised if asked.

    Parameters
    ----------
    assay, files, raw
        As for `read_files`.
    manifest : DataFrame, optional
        Column barcode: a bridge sample that it does not list is a control, and has no column.

    Raises
    ------
    InputErrors
        All files that cannot be read.
    """
    if getattr(assay, "bridge", None):
        return wide.together(_bridged(assay, files, raw, manifest))
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


def _bridged(
    assay: Any, files: Sequence[str], raw: str | Path, manifest: pd.DataFrame | None
) -> list[wide.Panel]:
    """The panels of all files on the level of one run, by their bridge samples."""
    cells, problems = [], []
    shown = [Path(f).relative_to(raw).as_posix() for f in files]
    layouts, pools = layout_files(assay, raw), re.compile(assay.bridge.samples)
    for file, name in zip(files, shown, strict=True):
        try:
            if formats.detect(file, name, assay.format)[0] != "olink":
                what = (
                    "Bridge samples are paired plate by plate, with the warnings of each; of a wide"
                    " panel only files of Olink tell both"
                )
                todo = "Leave out bridge, and give the file as the vendor's bridge normalisation"
                raise_if_any([Problem(what, name, f"{todo} left it, or leave out wide")])
            cells.append(_cells(assay, file, name, layouts, raw, pools))
        except InputErrors as error:
            problems += error.problems
    raise_if_any(problems)
    cells = bridge_wide.align(cells, shown, assay.bridge)
    if manifest is not None:
        known = set(manifest["barcode"].astype(str))
        cells = [bridge_wide.without_pools(c, assay.bridge, known) for c in cells]
    return [wide.of_cells(c, name, assay) for c, name in zip(cells, shown, strict=True)]


def _cells(
    assay: Any, file: str, shown: str, layouts: list[Path], raw: str | Path,
    pools: re.Pattern | None = None,
) -> Cells:  # fmt: skip
    """The cells of a file of readings, part by part where its format can."""
    # names from beside the file stand well by well
    if not (getattr(assay, "pattern", None) or getattr(assay, "layout", None)):
        cells = formats.read_cells(file, shown, assay.format, wide.wanted_of(assay), pools)
        if cells is not None:
            return cells
    table = _placed(formats.read(file, shown, assay.format), Path(file), layouts, raw, assay)
    return wide.cells_of(table, assay, pools)


def _panel(assay: Any, file: str, shown: str, layouts: list[Path], raw: str | Path) -> wide.Panel:
    matrix = formats.read_matrix(file, shown, assay.format)
    if matrix is None:
        return wide.of_cells(_cells(assay, file, shown, layouts, raw), shown, assay)
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
