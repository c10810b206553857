"""Olink NPX: wide workbook or text (Target), long csv or parquet (Explore, Explore HT, Reveal)."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import (
    COLUMNS,
    Rows,
    decode,
    number,
    records,
    refuse,
    table_delimiter,
)
from sclerotrial.assays.formats._olink_wide import CONTROL, analytes_of, wide, wide_header
from sclerotrial.assays.formats._said import Finding, code, with_findings

NAME = "olink"

_KINDS = {"SAMPLE": "SAMPLE", "SAMPLE_CONTROL": "CONTROL", "NEGATIVE_CONTROL": "BLANK",
          "PLATE_CONTROL": "CONTROL"}  # fmt: skip
_WARNED = {"WARN", "WARNING", "FAIL", "FAILED", "MANUAL_WARN", "EXCLUDED"}


def sniff(head: str, path: Path) -> str | None:
    """Layout (and version where told), None when the file is another's."""
    kind = _files.head_of(path).kind
    if kind == "parquet":
        import pyarrow.parquet as pq

        return (
            "parquet" if {"OlinkID", "NPX", "SampleID"} <= set(pq.read_schema(path).names) else None
        )
    rows = _top(head, path)
    if any({"OlinkID", "SampleID"} <= set(c) and {"NPX", "Quantified_value"} & set(c)
           for _, c in rows[:2]):  # fmt: skip
        return "long"
    if wide_header(rows):
        told = [c for _, row in rows[:2] for c in row[:4] if re.search(r"\d+\.\d+", c)]
        return told[0] if told else "wide"
    return None


def _top(head: str, path: Path) -> Rows:
    if head:
        if "olinkid" not in _files.lowered(head):
            return []
        first = "\n".join(head.split("\n")[:12])
        return records(first, table_delimiter(first))
    book = _files.workbook(path)
    return book.rows(book.names[0])[:12] if book and book.names else []


def read(path: Path, name: str) -> pd.DataFrame:
    """Read NPX as the tidy long table (quantities ``npx`` or ``concentration``, and ``lod``).

    FLAGS: ``qc_warning`` (sample), ``assay_warning``. ANALYTE is the assay, with its OlinkID where
    several panels carry it. TASK is CONTROL for the control samples.

    Raises
    ------
    InputErrors
        No table of NPX, cells that are no number.
    """
    if _files.head_of(path).kind == "parquet":
        return _long(pd.read_parquet(path).astype(str).replace({"nan": "", "None": ""}), name)
    text, encoding = decode(_files.whole(path, name))
    if encoding == "binary":
        book = _files.workbook(path)
        rows = book.rows(book.names[0]) if book else []
        return wide(rows, name)
    delimiter = table_delimiter(text)
    if "OlinkID" in text.split("\n", 1)[0]:
        return _long(pd.read_csv(io.StringIO(text), sep=delimiter, dtype=str).fillna(""), name)
    return wide(records(text, delimiter), name)


def _long(df: pd.DataFrame, name: str) -> pd.DataFrame:
    quantity = "NPX" if "NPX" in df else "Quantified_value"
    if not {"SampleID", "OlinkID", "Assay", quantity} <= set(df):
        raise refuse("The table lacks SampleID, OlinkID, Assay or NPX", name, "Export NPX again")
    empty = pd.Series("", index=df.index)
    warn = df.get("SampleQC", df.get("QC_Warning", empty)).str.upper()
    assay = df.get("AssayQC", df.get("Assay_Warning", empty)).str.upper()
    flags = warn.isin(_WARNED).map({True: "qc_warning", False: ""})
    flags = flags + assay.isin(_WARNED).map({True: " assay_warning", False: ""})
    given = df.get("SampleType", empty).str.upper().map(_KINDS)
    control = df["SampleID"].str.contains(CONTROL).map({True: "CONTROL", False: "SAMPLE"})
    values = {t: number(t) for t in pd.unique(df[quantity])}
    bad = df[quantity].map(values).isna()
    if bad.any():
        raise refuse("A cell is no number", f"{name}, line {int(bad.idxmax()) + 2}", "Export again")
    out = pd.DataFrame({
        "WELL": df.get("PlateID", empty) + ":" + df.get("WellID", df.get("Index", empty)),
        "SAMPLE": df["SampleID"], "TASK": given.fillna(control),
        "ANALYTE": analytes_of(df["Assay"], df["OlinkID"]),
        "QUANTITY": "npx" if quantity == "NPX" else "result", "VALUE": df[quantity].map(values),
        "TEXT": df[quantity], "UNIT": "NPX" if quantity == "NPX" else df.get("Unit", empty),
        "FLAGS": flags.str.strip(), "DILUTION": "", "FILE": name,
        "LINE": [str(i) for i in range(2, len(df) + 2)],
    })  # fmt: skip
    if "LOD" in df:
        lod = out.assign(TEXT=df["LOD"], PANEL=df.get("PlateID", empty), QUANTITY="lod", SAMPLE="",
                         FLAGS="", TASK="LOD", WELL=df.get("PlateID", empty))  # fmt: skip
        lod = lod.drop_duplicates(["ANALYTE", "PANEL", "TEXT"])
        lod["VALUE"] = lod["TEXT"].map(number).fillna("")
        out = pd.concat([out, lod[lod["VALUE"] != ""]], ignore_index=True)
    return with_findings(out[COLUMNS].astype(str), _plates(df), name)


def _plates(df: pd.DataFrame) -> list[Finding]:
    """Plates and blocks that did not pass, one row each."""
    out = []
    for title in ("PlateQC", "Plate_QC", "BlockQC"):
        if title in df:
            bad = df[df[title].str.upper().isin(_WARNED)]
            which = bad.get("PlateID", bad[title])
            for plate, word, at in zip(which, bad[title], bad.index, strict=True):
                text = f"{title} of plate {code(plate)}: {code(word)}"
                if text not in {f.text for f in out}:
                    out.append(Finding("plate_check", "fail", text, int(at) + 2))
    return out
