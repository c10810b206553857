"""Olink NPX as long rows, csv, parquet or a sheet: read some thousand rows at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import COLUMNS, load_text, number, refuse, table_delimiter
from sclerotrial.assays.formats._matrix import Titled
from sclerotrial.assays.formats._olink_wide import CONTROL, WARNED, analytes_of
from sclerotrial.assays.formats._panel import Cells, Filling, Keep, codes, numbers
from sclerotrial.assays.formats._said import Finding, code, with_findings

#: rows that are held as text at once
_ROWS = 1 << 12
_KINDS = {"SAMPLE": "SAMPLE", "SAMPLE_CONTROL": "CONTROL", "NEGATIVE_CONTROL": "BLANK",
          "PLATE_CONTROL": "CONTROL"}  # fmt: skip
_NAMES = ["SampleID", "SampleType", "OlinkID", "Assay"]
_CHECKS = ("PlateQC", "Plate_QC", "BlockQC")
_USED = {*_NAMES, *_CHECKS, "WellID", "Index", "PlateID", "NPX", "Quantified_value", "Unit", "LOD",
         "SampleQC", "QC_Warning", "AssayQC", "Assay_Warning"}  # fmt: skip


class Long:
    """A file of long rows: its titles, and its columns as text some rows at a time.

    Parameters
    ----------
    path, name
        As for a format's `read`.
    rows : rows of text, optional
        Of a sheet of a workbook.
    """

    def __init__(self, path: Path, name: str, rows: Sequence[Sequence[str]] | None = None) -> None:
        self.path, self.name, self.rows = path, name, rows
        self.parquet = _files.head_of(path).kind == "parquet"
        if self.parquet:
            import pyarrow.parquet as pq

            self.titles = pq.read_schema(path).names
        elif rows is not None:
            self.titles = list(rows[0])
        else:
            self.text = None if _files.utf8_lines(path) is not None else load_text(path, name)
            self.sep = table_delimiter(_files.decode(_files.head_of(path).raw)[0])
            with self._source() as source:
                top = pd.read_csv(source, sep=self.sep, nrows=0, encoding="utf-8")
            self.titles = top.columns.tolist()
        self.quantity = "NPX" if "NPX" in self.titles else "Quantified_value"
        if not {"SampleID", "OlinkID", "Assay", self.quantity} <= set(self.titles):
            what = "The table lacks SampleID, OlinkID, Assay or NPX"
            raise refuse(what, name, "Export NPX again")

    def parts(self, wanted: Iterable[str] = _USED) -> Iterator[pd.DataFrame]:
        """Those of these columns that are there; the index counts the rows below the titles.

        Raises
        ------
        InputErrors
            A row with more cells than titles, a quote that is not closed.
        """
        have = [t for t in self.titles if t in wanted]
        if self.parquet:
            return self._of_parquet(have)
        return self._of_csv(have) if self.rows is None else self._of_sheet(have)

    def _source(self) -> Any:
        if self.text is None:
            return _files.unpacked(self.path)
        return io.BytesIO(self.text.encode())

    def _of_sheet(self, have: list[str]) -> Iterator[pd.DataFrame]:
        rows = [r[: len(self.titles)] for r in self.rows[1:]]
        frame = pd.DataFrame(rows, columns=self.titles, dtype=str)
        yield frame.loc[(frame != "").any(axis=1), have]

    def _of_csv(self, have: list[str]) -> Iterator[pd.DataFrame]:
        over = len(self.titles)  # one title more than there are: what stands below it is too much
        ours = self.sep.join(map(str, range(over + 1))) + "\n"
        columns = [str(self.titles.index(t)) for t in have]
        try:
            with self._source() as source, pd.read_csv(
                io.BufferedReader(Titled(ours.encode(), source), 1 << 18), sep=self.sep,
                skiprows=[1], dtype=str, index_col=False, usecols=[*columns, str(over)],
                chunksize=_ROWS, encoding="utf-8",
            ) as table:  # fmt: skip
                for part in table:
                    if (more := part[str(over)].notna()).any():
                        what = "A row has more cells than there are titles"
                        where = f"{self.name}, line {int(more.idxmax()) + 2}"
                        raise refuse(what, where, "Export NPX again")
                    yield part[columns].set_axis(have, axis=1).fillna("")
        except pd.errors.ParserError:
            what = "The table cannot be read: a quote is opened and not closed"
            raise refuse(what, self.name, "Export NPX again") from None

    def _of_parquet(self, have: list[str]) -> Iterator[pd.DataFrame]:
        import pyarrow.parquet as pq

        begin = 0
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_ROWS, columns=have, use_threads=False):
                index = pd.RangeIndex(begin, begin + len(batch))
                kept = (self.quantity, "LOD")
                told = {t: _cells(batch.column(t), index, t in kept) for t in have}
                yield pd.DataFrame(told)
                begin += len(batch)


def _cells(cells: pa.Array, index: pd.Index, numeric: bool) -> pd.Series:
    """Cells of a parquet as text; decimal numbers as they are where they may be."""
    if numeric and pa.types.is_floating(cells.type):
        return pd.Series(cells.to_numpy(zero_copy_only=False), index)
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    # a whole number would turn into 1.0 beside an empty cell
    whole = pa.types.is_integer(cells.type)
    text = (cells.cast(pa.large_string()) if whole else cells).to_pandas().astype(str)
    return text.set_axis(index).replace({"nan": "", "None": "", "<NA>": ""}).fillna("")


def _text(df: pd.DataFrame) -> pd.DataFrame:
    """Numbers turned into text, '' where there is none."""
    told = {t: df[t].astype(str).replace({"nan": ""}).fillna("")
            for t in df if df[t].dtype.kind == "f"}  # fmt: skip
    return df.assign(**told) if told else df


def read_table(long: Long) -> pd.DataFrame:
    """Read long rows as the tidy long table; raises as `read_long`."""
    df = pd.concat(long.parts())
    _refuse_bad(df, numbers(df[long.quantity])[1], long.name)
    table = _tidy(df, analytes_of(df["Assay"], df["OlinkID"]), long)
    return with_findings(table, _plates(df), long.name)


def _refuse_bad(df: pd.DataFrame, bad: np.ndarray, name: str) -> None:
    if bad.any():
        line = int(df.index[np.argmax(bad)]) + 2
        raise refuse("A cell is no number", f"{name}, line {line}", "Export again")


def _tasks(df: pd.DataFrame) -> pd.Series:
    """TASK of each row: by the type that the file gives the sample, else by its name."""
    code_of, names = pd.factorize(df["SampleID"])
    by_name = np.array(["CONTROL" if CONTROL.search(n) else "SAMPLE" for n in names], object)
    given = df.get("SampleType", pd.Series("", df.index)).str.upper().map(_KINDS)
    return given.fillna(pd.Series(by_name[code_of], df.index, dtype=given.dtype))


def _flags(df: pd.DataFrame) -> pd.Series:
    empty = pd.Series("", index=df.index)
    warn = df.get("SampleQC", df.get("QC_Warning", empty)).str.upper()
    assay = df.get("AssayQC", df.get("Assay_Warning", empty)).str.upper()
    flags = warn.isin(WARNED).map({True: "qc_warning", False: ""})
    return (flags + assay.isin(WARNED).map({True: " assay_warning", False: ""})).str.strip()


def _tidy(df: pd.DataFrame, label: pd.Series, long: Long) -> pd.DataFrame:
    """Rows as the tidy table, then the limits of detection, each once a plate."""
    df = _text(df)
    quantity, is_npx = long.quantity, long.quantity == "NPX"
    empty = pd.Series("", index=df.index)
    values = {t: number(t) for t in pd.unique(df[quantity])}
    out = pd.DataFrame({
        "WELL": df.get("PlateID", empty) + ":" + df.get("WellID", df.get("Index", empty)),
        "SAMPLE": df["SampleID"], "TASK": _tasks(df), "ANALYTE": label,
        "QUANTITY": "npx" if is_npx else "result", "VALUE": df[quantity].map(values),
        "TEXT": df[quantity], "UNIT": "NPX" if is_npx else df.get("Unit", empty),
        "FLAGS": _flags(df), "DILUTION": "", "FILE": long.name,
        "LINE": [str(i + 2) for i in df.index],
    })  # fmt: skip
    if "LOD" in df:
        lod = out.assign(TEXT=df["LOD"], PANEL=df.get("PlateID", empty), QUANTITY="lod", SAMPLE="",
                         FLAGS="", TASK="LOD", WELL=df.get("PlateID", empty))  # fmt: skip
        lod = lod.drop_duplicates(["ANALYTE", "PANEL", "TEXT"])
        lod["VALUE"] = lod["TEXT"].map(number).fillna("")
        out = pd.concat([out, lod[lod["VALUE"] != ""]], ignore_index=True)
    return out[COLUMNS].astype(str)


def _plates(df: pd.DataFrame) -> list[Finding]:
    """Plates and blocks that did not pass, one row each."""
    out = []
    for title in _CHECKS:
        if title in df:
            bad = df[df[title].str.upper().isin(WARNED)]
            which = bad.get("PlateID", bad[title])
            for plate, word, at in zip(which, bad[title], bad.index, strict=True):
                text = f"{title} of plate {code(plate)}: {code(word)}"
                if text not in {f.text for f in out}:
                    out.append(Finding("plate_check", "fail", text, int(at) + 2))
    return out


class _Survey:
    """What the features and samples of a file are, told before its numbers are read.

    Attributes
    ----------
    features : list of str
        Those measured in samples, in their order.
    lines : (features,) array of int
    samples : list of str
        In their order; then the controls that are bridge samples.
    control : (samples,) array of bool
    """

    def __init__(self, some: Iterator[pd.DataFrame], runs: re.Pattern | None) -> None:
        pairs: dict[tuple[str, str], None] = {}
        first: dict[tuple[str, str], int] = {}
        mine: dict[str, None] = {}
        pools: dict[str, None] = {}
        for part in some:
            both = list(zip(part["Assay"].tolist(), part["OlinkID"].tolist(), strict=True))
            pairs.update(dict.fromkeys(both))
            task = _tasks(part)
            sample, rows = task == "SAMPLE", part.index.tolist()
            for i in np.flatnonzero(sample):
                first.setdefault(both[i], rows[i])
            mine.update(dict.fromkeys(part.loc[sample, "SampleID"].unique()))
            if runs:
                names = part.loc[task == "CONTROL", "SampleID"].unique()
                pools.update(dict.fromkeys(n for n in names if runs.fullmatch(n)))
        told = pd.DataFrame(list(pairs), columns=["a", "c"], dtype=str)
        self.twice = set(told.loc[told["a"].duplicated(keep=False), "a"])
        lines: dict[str, int] = {}
        for (assay, olink), i in first.items():
            lines.setdefault(f"{assay} {olink}" if assay in self.twice else assay, i + 2)
        self.features, self.lines = list(lines), np.array(list(lines.values()), int)
        self.samples = [*mine, *(p for p in pools if p not in mine)]
        self.control = np.arange(len(self.samples)) >= len(mine)
        self._pools = set(pools)

    def label(self, part: pd.DataFrame) -> pd.Series:
        """What each reading is called (see `analytes_of`)."""
        assay = part["Assay"]
        if not self.twice:
            return assay
        return assay.where(~assay.isin(self.twice), assay + " " + part["OlinkID"])

    def counts(self, part: pd.DataFrame) -> np.ndarray:
        """Rows that are of a column: of samples, and of controls that are bridge samples."""
        task = _tasks(part)
        pool = (task == "CONTROL") & part["SampleID"].isin(self._pools)
        return ((task == "SAMPLE") | pool).to_numpy()


def read_long(long: Long, keep: Keep, runs: re.Pattern | None = None) -> Cells:
    """Read long rows as cells; those of the features that `keep` names as tidy rows too.

    Parameters
    ----------
    long : Long
    keep : callable
    runs : regular expression, optional
        Bridge samples by their whole names: their controls are held as columns, the plates and
        warnings of all cells with them.

    Raises
    ------
    InputErrors
        Columns that are absent, a cell that is no number.
    """
    survey = _Survey(long.parts(_NAMES), runs)
    features, samples = pd.Index(survey.features), pd.Index(survey.samples)
    kept = {f for f in survey.features if keep(f)}
    fill = Filling(len(features), len(samples), runs is not None)
    some, found = [], {}
    for part in long.parts():
        value, bad = numbers(part[long.quantity])
        _refuse_bad(part, bad, long.name)
        label = survey.label(part)
        at = codes(features, label)
        plate = fill.on(part.get("PlateID", pd.Series("", part.index)))
        known = at >= 0
        fill.there[at[known], plate[known]] = True
        sample = codes(samples, part["SampleID"])
        mine = known & (sample >= 0) & survey.counts(part)
        warned = (_flags(part) != "").to_numpy() if runs else np.zeros(len(part), bool)
        fill.put(at[mine], sample[mine], value[mine], plate[mine], warned[mine])
        if "LOD" in part:
            fill.limits(at[known], plate[known], numbers(part["LOD"])[0][known])
        # copied, or the whole part stays in memory behind its few rows
        some.append(part[label.isin(kept)].copy())
        for f in _plates(part):
            found.setdefault(f.text, f)
    rows = pd.concat(some)
    table = with_findings(_tidy(rows, survey.label(rows), long), found.values(), long.name)
    quantity = "npx" if long.quantity == "NPX" else "result"
    unit = next(iter(table["UNIT"]), "")
    return fill.cells(survey.features, survey.lines, survey.samples, survey.control, quantity,
                      unit, table)  # fmt: skip
