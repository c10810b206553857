"""SomaLogic ADAT: SomaScan, a row a sample, a column a reagent."""

from __future__ import annotations

import re
from array import array
from pathlib import Path

import numpy as np
import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._adat_rows import cell_of, first, numbers
from sclerotrial.assays.formats._adat_trust import NOTES, checks_of
from sclerotrial.assays.formats._common import COLUMNS, load_text, number, refuse
from sclerotrial.assays.formats._panel import Cells, Keep
from sclerotrial.assays.formats._said import with_findings
from sclerotrial.errors import Problem, raise_if_any

NAME = "adat"
#: its first lines belong to no other format
SURE = True

_VERSION = re.compile(r"^!AssayVersion\t(.*)$", re.M)
_TASKS = {"sample": "SAMPLE", "calibrator": "STANDARD", "buffer": "BLANK", "qc": "CONTROL"}


def sniff(head: str, path: Path) -> str | None:
    """Version of the assay, None when the file is another's."""
    if not re.match(r"\s*(!Checksum.*\n)?\^HEADER", head):
        return None
    version = _VERSION.search(head)
    return version.group(1).strip() if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the table as the tidy long table (quantity ``rfu``, ANALYTE the SeqId).

    FLAGS tells samples and reagents that failed the instrument's own checks (row_check,
    col_check). WELL is the place on the plate.

    Raises
    ------
    InputErrors
        No table, no SeqId, rows that are cut, cells that are no number.
    """
    return read_cells(path, name, lambda seq: True).table


def read_cells(path: Path, name: str, keep: Keep, runs: re.Pattern | None = None) -> Cells:
    """Read the table as the cells of a panel, sample by sample; raises as `read`."""
    lines = enumerate(_files.lines(path, lambda: load_text(path, name)), 1)
    begun, before = False, []
    for _, text in lines:
        if begun := text.startswith("^TABLE_BEGIN"):
            break
        before.append(text)
    if not begun:
        raise refuse("The file has no table", name, "Export the ADAT again")
    above: dict[str, list[str]] = {}
    at: dict[str, int] = {}
    for _, text in lines:
        cells = text.split("\t")
        if cells[0].strip():
            at = {t.strip(): i for i, t in enumerate(cells)}
            break
        if text.strip():
            above[cells[first(cells)]] = cells
    if "SeqId" not in above or not at:
        raise refuse("The table has no row SeqId", name, "Export the ADAT again")
    start = first(above["SeqId"]) + 1
    seq = [s.strip() for s in above["SeqId"][start:]]
    kept = [i for i, s in enumerate(seq) if keep(s)]
    units = (above.get("Units") or [])[start:] or ["RFU"] * len(seq)
    checks = (above.get("ColCheck") or [])[start:] or ["PASS"] * len(seq)
    flags = ["" if checks[i] in ("PASS", "") else "col_check" for i in kept]
    samples, values, frames, problems = [], array("d"), [], []
    noted: dict[str, list[int]] = {}
    first_line = 0
    for line, text in lines:
        if not text.strip():
            continue
        cells = text.split("\t")
        for title in NOTES:
            if cell_of(cells, at, title):
                noted.setdefault(title, []).append(line)
        texts = cells[start : start + len(seq)]
        given = None if len(texts) < len(seq) else numbers(texts)
        if given is None:
            what = "The row is cut" if len(texts) < len(seq) else "A cell is no number"
            problems.append(Problem(what, f"{name}, line {line}", "Export the ADAT again"))
            continue
        kind = cells[at["SampleType"]].strip().lower() if "SampleType" in at else "sample"
        task, sample = _TASKS.get(kind, "CONTROL"), cell_of(cells, at, "SampleId")
        if task == "SAMPLE":
            first_line = first_line or line
            samples.append(sample)
            values.frombytes(given.tobytes())
        told = cells[at["RowCheck"]] if "RowCheck" in at and at["RowCheck"] < start else "PASS"
        mine = [texts[i].strip() for i in kept]
        frames.append(
            pd.DataFrame({
                "WELL": cell_of(cells, at, "PlatePosition"), "SAMPLE": sample, "TASK": task,
                "ANALYTE": [seq[i] for i in kept], "QUANTITY": "rfu",
                "VALUE": [number(t) for t in mine], "TEXT": mine,
                "UNIT": [units[i] for i in kept], "FLAGS": flags
                if told in ("PASS", "") else [f"row_check {f}".strip() for f in flags],
                "DILUTION": "", "FILE": name, "LINE": str(line),
            }, dtype=str)
        )  # fmt: skip
    raise_if_any(problems)
    if not frames:
        raise refuse("The table has no samples", name, "Export the ADAT again")
    table = pd.concat(frames, ignore_index=True)[COLUMNS]
    table = with_findings(table, checks_of(before, noted), name)
    return _cells(seq, samples, values, first_line, units[0] if units else "", table)


def _cells(
    seq: list[str], samples: list[str], values: array, line: int, unit: str,
    table: pd.DataFrame,
) -> Cells:  # fmt: skip
    """The rows of the samples side by side; of a SeqId that is there twice the last counts."""
    place = {s: i for i, s in enumerate(seq)} if samples else {}
    matrix = np.frombuffer(values).reshape(len(samples), len(seq)).T
    if len(place) < len(seq):
        matrix = matrix[list(place.values())]
    none = np.full((len(place), 0), np.nan)
    return Cells(list(place), np.full(len(place), line), samples, matrix, "rfu", unit, table, [],
                 none, none > 0, np.zeros(len(samples), bool))  # fmt: skip
