"""What stands beside a plate or a matrix: a layout of wells, or a sheet of samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import decode, number, records, refuse, table_delimiter
from sclerotrial.assays.formats._plate import dilution, grids
from sclerotrial.assays.formats._tidy import Rows, cell, find_header, fold, is_well, task, well

#: Columns of a layout.
COLUMNS = ["WELL", "SAMPLE", "TASK", "EXPECTED", "DILUTION", "LINE"]
_TITLES = {
    "well": ("well", "wellposition", "position", "welllocation", "location"),
    "sample": ("sample", "sampleid", "samplename", "name", "barcode", "content", "id"),
    "task": ("task", "type", "sampletype", "role"),
    "expected": ("expected", "concentration", "conc", "expectedconcentration", "nominal"),
    "dilution": ("dilution", "dilutionfactor", "factor"),
}  # fmt: skip
_WORDS = {"standard": "STANDARD", "std": "STANDARD", "blank": "BLANK", "control": "CONTROL",
          "qc": "CONTROL", "sample": "SAMPLE", "unknown": "SAMPLE", "ntc": "NTC"}  # fmt: skip


def tables(path: Path) -> list[Rows]:
    """Tables of a file: its sheets, or its text (any delimiter and encoding, packed or not)."""
    text, encoding = decode(_files.whole(path))
    if encoding == "binary":
        book = _files.workbook(path)
        return [book.rows(n) for n in book.names] if book else []
    return [records(text, table_delimiter(text))]


def read_layout(path: Path, name: str) -> pd.DataFrame:
    """Read a layout of wells: a list with the columns well and sample, or grids of a plate.

    In grids the first holds names; one titled concentration or dilution holds those. A name such
    as ``1/50`` is a dilution of the standard, ``1:2`` after a name its dilution.

    Returns
    -------
    DataFrame
        `COLUMNS`, text, a row a well that has a name.

    Raises
    ------
    InputErrors
        Neither a list nor a grid.
    """
    for rows in tables(path):
        if found := find_header(rows[:30], _TITLES, ("well", "sample")):
            return _list(rows, *found)
        if plates := grids(rows):
            return _grid(plates)
    raise refuse("The layout is neither a list with Well and Sample nor a grid of a plate", name,
                 "Give a row a well, or rows A to H by columns 1 to 12")  # fmt: skip


def _list(rows: Rows, start: int, at: dict[str, int]) -> pd.DataFrame:
    out = []
    for line, cells in rows[start + 1 :]:
        place, sample = cell(cells, at["well"]), cell(cells, at["sample"])
        if not is_well(place) or not sample:
            continue
        what = _WORDS.get(fold(cell(cells, at.get("task"))), task(sample))
        factor = cell(cells, at.get("dilution"))
        out.append((well(place), sample, what, number(cell(cells, at.get("expected"))) or "",
                    dilution(factor) or number(factor) or "", str(line)))  # fmt: skip
    return pd.DataFrame(out, columns=COLUMNS, dtype=str)


def _grid(plates: list) -> pd.DataFrame:
    names, amounts, factors = plates[0].layers[0], {}, {}
    for g in plates[1:]:
        told = fold(g.label + " ".join(g.above[-1:]))
        if "conc" in told or "expected" in told:
            amounts = g.layers[0]
        elif "dil" in told:
            factors = g.layers[0]
    out = []
    for place, (sample, line) in names.items():
        step = dilution(sample)
        what = "STANDARD" if step else task(sample)
        factor = factors.get(place, ("", 0))[0]
        out.append((place, sample, what, number(amounts.get(place, ("", 0))[0]) or "",
                    dilution(factor) or number(factor) or "", str(line)))  # fmt: skip
    return pd.DataFrame(out, columns=COLUMNS, dtype=str)


def read_sheet(path: Path, name: str, samples: Sequence[str]) -> dict[str, str]:
    """Read a sheet of samples: how each sample of a matrix is called in the manifest.

    The column that names most of `samples` is the key; the barcode is the column so titled
    (barcode, sample id, sample name), else the first other column.

    Returns
    -------
    dict
        Sample as the matrix names it -> barcode.

    Raises
    ------
    InputErrors
        No column names the samples; one sample stands twice with two barcodes.
    """
    wanted = set(samples)
    best: tuple[int, Rows, int] = (0, [], 0)
    for rows in tables(path):
        for at in range(max((len(c) for _, c in rows), default=0)):
            hits = len({cell(c, at) for _, c in rows} & wanted)
            best = max(best, (hits, rows, at), key=lambda b: b[0])
    hits, rows, at = best
    if not hits:
        raise refuse("No column of the sheet names the samples of the assay", name,
                     "Add a column with the names as the assay's file has them")  # fmt: skip
    first = next(i for i, (_, c) in enumerate(rows) if cell(c, at) in wanted)
    header = next((c for _, c in reversed(rows[:first]) if any(c)), [])
    folded = [fold(c) for c in header]
    titles = ("barcode", "sampleid", "sample", "samplename", "title")
    key = next((folded.index(t) for t in titles if t in folded and folded.index(t) != at), None)
    out = {}
    for line, cells in rows[first:]:
        if (sample := cell(cells, at)) in wanted:
            new = cell(cells, key) if key is not None else sample
            if out.setdefault(sample, new) != new:
                raise refuse("A sample stands twice in the sheet, with two names",
                             f"{name}, line {line}", "Give every sample one line")  # fmt: skip
    return out


def place(readings: pd.DataFrame, layout: pd.DataFrame) -> pd.DataFrame:
    """Give the wells of a plate their samples by a layout.

    The layout is the word of the laboratory: it overrules names in the instrument's file. Wells
    that it does not name keep what they have. Expected concentrations become rows of their own.

    Parameters
    ----------
    readings : DataFrame
        `formats.COLUMNS` of one file.
    layout : DataFrame
        From `read_layout`.
    """
    by_well = layout.set_index("WELL")
    spot = readings["WELL"].str.replace(r"^.*:", "", regex=True)
    known = spot.isin(by_well.index)
    out = readings.copy()
    for column in ("SAMPLE", "TASK", "DILUTION"):
        new = spot.map(by_well[column])
        out[column] = new.where(known & new.ne("") & new.notna(), readings[column])
    level = layout[(layout["EXPECTED"] != "") & layout["TASK"].isin(["STANDARD", "CONTROL"])]
    level = level.drop_duplicates("SAMPLE")
    told = set(out.loc[out["QUANTITY"] == "expected", "SAMPLE"])
    rows = [
        {**dict.fromkeys(readings.columns, ""), "SAMPLE": e.SAMPLE, "TASK": e.TASK,
         "ANALYTE": analyte, "QUANTITY": "expected", "VALUE": e.EXPECTED, "TEXT": e.EXPECTED,
         "FILE": readings["FILE"].iloc[0], "LINE": e.LINE}
        for e in level.itertuples() if e.SAMPLE not in told
        for analyte in dict.fromkeys(readings["ANALYTE"])
    ]  # fmt: skip
    return pd.concat([out, pd.DataFrame(rows, columns=readings.columns)], ignore_index=True)


def named(readings: pd.DataFrame, pattern: str) -> pd.DataFrame:
    """Tell sample, analyte and region from the name that a file gives its sample.

    Parameters
    ----------
    readings : DataFrame
        `formats.COLUMNS`.
    pattern : str
        Regular expression with the groups `sample` and, where told, `analyte` and `region`.

    Raises
    ------
    InputErrors
        Names that the pattern does not fit.
    """
    rx, out = re.compile(pattern), readings.copy()
    found = {s: rx.search(s) for s in dict.fromkeys(out["SAMPLE"])}
    lost = [s for s, m in found.items() if m is None and s]
    if lost:
        where = f"{out['FILE'].iloc[0]} ({len(lost)} names)"
        raise refuse("The pattern of assays.yaml does not fit the name of a sample", where,
                     "Correct the key `pattern`")  # fmt: skip
    for column, group in (("ANALYTE", "analyte"), ("WELL", "region"), ("SAMPLE", "sample")):
        if group in rx.groupindex:
            out[column] = [m.group(group) if (m := found[s]) else "" for s in readings["SAMPLE"]]
    return out
