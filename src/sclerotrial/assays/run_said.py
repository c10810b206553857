"""Quality rows of what the files say of themselves, and of readings that they give no number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from sclerotrial.assays.analytes import QUANTITIES
from sclerotrial.assays.formats._said import RUN, places
from sclerotrial.assays.plate import row

#: signals from which a curve is read, the first that a file has
SIGNALS = ("median_mfi", "net_mfi", "od", "signal")
#: words of flags that no method takes up: what the reading is then
_LOST = {
    "no_value": "the instrument gives a word in place of a number",
    "out_of_range": "out of range, without a side",
    ">": "above what the instrument can measure (overflow, saturated)",
    "<": "below what the instrument can measure",
    "not_exported": "the export lacks the well",
    "": "the cell is empty or NaN",
}
#: flags of readings that have rows of their own elsewhere
_TOLD = {"undetermined", "masked", "outlier", "removed", "invalid", "omit"}
#: flags of readings that keep their number
_DOUBTED = {"flagged": "flagged by the instrument's software, kept"}


def split(readings: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """The readings without what files say of themselves, and that as quality rows.

    Parameters
    ----------
    readings : DataFrame
        `formats.COLUMNS`; LEVEL of the rows is the line of the file.
    """
    run = readings["TASK"] == RUN
    if not run.any():
        return readings, []
    rows = []
    for r in readings[run].itertuples():
        check, verdict = r.FLAGS.split()
        more = {"VALUE": float(r.VALUE)} if r.VALUE else {}
        rows.append(row(check, verdict, r.TEXT, FILE=r.FILE, LEVEL=f"line {r.LINE}", **more))
    return readings[~run].reset_index(drop=True), rows


def lost(assay: Any, readings: pd.DataFrame) -> list[dict]:
    """A row for each file and reason why readings that the method uses have no number.

    Parameters
    ----------
    assay : study_assays.Assay
        `method` and `signal` tell which quantity is used.
    readings : DataFrame
        `formats.COLUMNS`.
    """
    rows = []
    for file, mine in readings.groupby("FILE", sort=True):
        used = _used(assay, set(mine["QUANTITY"]))
        rows += _of_file(str(file), mine[mine["QUANTITY"] == used], used)
    return rows


def _used(assay: Any, have: set[str]) -> str:
    method, signal = assay.method, getattr(assay, "signal", None)
    if method == "delta_ct":
        return "ct"
    if method == "counts":
        return "count"
    of = SIGNALS if method == "curve" else QUANTITIES
    return next((q for q in ([signal] if signal else of) if q in have), "")


def _of_file(file: str, mine: pd.DataFrame, used: str) -> Iterator[dict]:
    words = mine["FLAGS"].astype(str).str.split()
    none = mine["VALUE"].astype(str) == ""
    kinds: dict[str, list[int]] = {}
    for i, (flags, empty) in enumerate(zip(words, none, strict=True)):
        if empty and not _TOLD & set(flags):
            kinds.setdefault(next((f for f in _LOST if f in flags), ""), []).append(i)
        for word in _DOUBTED.keys() & set(flags):
            kinds.setdefault(word, []).append(i)
    if used in QUANTITIES:  # their own < and > have a limit
        kinds = {k: v for k, v in kinds.items() if k not in ("<", ">")}
    for kind, at in sorted(kinds.items()):
        wells = [w for w in mine["WELL"].iloc[at] if w]
        where = f": {places(wells)}" if wells else ""
        check = "flagged" if kind in _DOUBTED else "no_number"
        text = f"{len(at)} of {len(mine)} readings ({used}), {(_LOST | _DOUBTED)[kind]}"
        yield row(check, "note", text + where, FILE=file, VALUE=len(at))
