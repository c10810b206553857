"""The instrument's own results as levels: concentrations, NPX, scores and counts of slides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.analytes import QUANTITIES
from sclerotrial.assays.normalise import looks_log2
from sclerotrial.assays.plate import row
from sclerotrial.assays.replicates import combine
from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.tabular import half_up

_KEY = ["FILE", "PARAMCD"]
_LEFT_OUT = {"masked", "outlier", "removed", "invalid", "omit"}


def as_given(assay: Any, readings: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Levels as the files give them, with their own `<` and `>`.

    A reading beyond the curve that the instrument gives without a number (``OOR <``, ``< Min``)
    takes the extreme standard times its dilution as its limit. An extrapolated number is none: it
    is censored at the standard it lies beyond, and kept only where the standards enclose it. NPX
    below the limit of detection keep their number and are flagged. A limit that the instrument
    prints is taken as it stands; it may not be times dilution. Regions of one slide are pooled by
    their counts of cells.

    Returns
    -------
    levels : DataFrame
        As `replicates.combine`, with BELOW_LOD (bool).
    rows : list of dict
        Quality rows left_out, extrapolated, limit_unknown, qc_warning, below_lod, scale and those
        of `replicates.combine`.

    Raises
    ------
    InputErrors
        No quantity that may stand for a level.
    """
    have = set(readings["QUANTITY"])
    wanted = [assay.signal] if getattr(assay, "signal", None) else list(QUANTITIES)
    quantity = next((q for q in wanted if q in have), None)
    if quantity is None:
        what = f"The method as_given needs {' or '.join(wanted[:3])}, the files have none"
        todo = "Export the results of the instrument, or use the method curve"
        raise_if_any([Problem(what, "assays.yaml, key method", todo)])
    wells = readings[(readings["QUANTITY"] == quantity) & (readings["TASK"] == "SAMPLE")].copy()
    words = wells["FLAGS"].astype(str).str.split()
    out = words.map(lambda f: bool(_LEFT_OUT & set(f)))
    rows = [_told("left_out", "note", f"Left out in the instrument's software ({w.FLAGS})", w)
            for w in wells[out].itertuples()]  # fmt: skip
    rows += [_told("qc_warning", "note", "The instrument warns of this reading", w)
             for w in wells[words.map(lambda f: any("_warning" in x or "_check" in x for x in f))]
             .drop_duplicates(["SAMPLE", "FILE", "FLAGS"]).itertuples()]  # fmt: skip
    wells, words = wells[~out], words[~out]
    wells["CENS"] = words.map(lambda f: next((x for x in f if x in "<>"), ""))
    if quantity == "percent_positive":
        wells = _pooled(readings, wells)
    wells["AMOUNT"] = pd.to_numeric(wells["VALUE"], errors="coerce")
    if quantity == "expression" and len(wells):
        rows += _scale(assay, wells)
    wells["DILUTION"] = pd.to_numeric(wells["DILUTION"], errors="coerce").fillna(1.0)
    wells, told = _limits(readings, wells)
    rows += told
    log = assay.scale == "linear"
    low = log & (wells["AMOUNT"] <= 0) & (wells["CENS"] == "")
    rows += [_told("not_positive", "fail", "A level of zero or less has no ratio: left out", w)
             for w in wells[low].itertuples()]  # fmt: skip
    wells = wells[~low & wells["AMOUNT"].notna()]
    wells["U"] = np.log(wells["AMOUNT"]) if log else wells["AMOUNT"]
    key = [wells[c] for c in _KEY]
    # each censored level has a limit of its own; the others have the tightest of their plate
    for mark, column, how in (("<", "LLOQ", "max"), (">", "ULOQ", "min")):
        own = wells["AMOUNT"].where(wells["CENS"] == mark)
        wells[column] = own.fillna(own.groupby(key).transform(how))
    wells = wells.assign(VAR_CURVE=np.nan, VAR_WELL=np.nan, DF=1.0, LOW=False, DILUTION=1.0)
    levels, told = combine(wells, assay.replicates.cv_max, log=log)
    return _below_lod(readings, levels, rows + told)


def _scale(assay: Any, wells: pd.DataFrame) -> list[dict]:
    """A row for each file whose numbers do not look like the scale of the assay."""
    rows = []
    for file, amount in wells.groupby("FILE", sort=True)["AMOUNT"]:
        log = looks_log2(amount.to_numpy(float))
        top = half_up(float(amount.max()), 1)
        if not log and assay.scale == "log2":
            text = f"Values up to {top} are hardly on the log2 scale that the assay is said to have"
            rows.append(row("scale", "fail", text, FILE=file, VALUE=float(amount.max())))
        elif log and assay.scale == "linear":
            text = f"No value is above {top}: they may be on the log2 scale already"
            rows.append(row("scale", "note", text, FILE=file, VALUE=float(amount.max())))
    return rows


def _told(check: str, verdict: str, text: str, w: Any, **more: object) -> dict:
    return row(check, verdict, text, FILE=w.FILE, PARAMCD=w.PARAMCD, SAMPLE=w.SAMPLE, LEVEL=w.WELL,
               **more)  # fmt: skip


def _limits(readings: pd.DataFrame, wells: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Limits from the standards for readings without a number, and for extrapolated ones."""
    standard = readings[(readings["QUANTITY"] == "expected") & (readings["TASK"] == "STANDARD")]
    nominal = pd.to_numeric(standard["VALUE"], errors="coerce")
    nominal = nominal[nominal > 0].groupby([standard[c] for c in _KEY])
    keys = pd.MultiIndex.from_frame(wells[_KEY])
    low, high = (
        x.reindex(keys).to_numpy(float) * wells["DILUTION"].to_numpy(float)
        for x in (nominal.min(), nominal.max())
    )
    amount = wells["AMOUNT"].to_numpy(float).copy()
    cens = wells["CENS"].to_numpy(object).copy()
    beyond = wells["FLAGS"].astype(str).str.contains("extrapolated").to_numpy()
    with np.errstate(invalid="ignore"):
        cens[beyond & (amount < low)] = "<"
        cens[beyond & (amount > high)] = ">"
    bare = (cens != "") & (np.isnan(amount) | beyond)
    amount[bare] = np.where(cens[bare] == "<", low[bare], high[bare])
    rows = [_told("extrapolated", "note", f"An extrapolated result is reported {c} the standard", w)
            for w, b, c in zip(wells.itertuples(), beyond, cens, strict=True)
            if b and c]  # fmt: skip
    rows += [
        _told("limit_unknown", "fail", "Beyond the curve, no standards in the file: no level", w)
        for w, b in zip(wells.itertuples(), bare & np.isnan(amount), strict=True) if b
    ]  # fmt: skip
    return wells.assign(AMOUNT=amount, CENS=cens), rows


def _pooled(readings: pd.DataFrame, wells: pd.DataFrame) -> pd.DataFrame:
    """Percent positive of a slide from the cells of all its regions (where they are counted)."""
    key = ["FILE", "SAMPLE", "PARAMCD"]
    count = readings[readings["QUANTITY"].isin(["num_positive", "num_negative"])]
    total = pd.to_numeric(count["VALUE"], errors="coerce").groupby(
        [*(count[c] for c in key), count["QUANTITY"]]
    )
    cells = total.sum(min_count=1).unstack()
    if {"num_positive", "num_negative"} - set(cells):
        return wells
    share = 100 * cells["num_positive"] / (cells["num_positive"] + cells["num_negative"])
    first = wells.drop_duplicates(key).copy()
    pooled = share.reindex(pd.MultiIndex.from_frame(first[key])).to_numpy()
    first["VALUE"] = np.where(np.isnan(pooled), first["VALUE"], [repr(float(x)) for x in pooled])
    return first


def _below_lod(
    readings: pd.DataFrame, levels: pd.DataFrame, rows: list[dict]
) -> tuple[pd.DataFrame, list[dict]]:
    """Flag levels below the limit of detection of their file and parameter; values stay."""
    lod = readings[readings["QUANTITY"] == "lod"]
    if lod.empty:
        return levels.assign(BELOW_LOD=False), rows
    limit = pd.to_numeric(lod["VALUE"], errors="coerce").groupby([lod[c] for c in _KEY]).max()
    mine = limit.reindex(pd.MultiIndex.from_frame(levels[_KEY])).to_numpy(float)
    below = levels["VALUE"].to_numpy(float) < mine
    share = pd.Series(below).groupby([levels[c].to_numpy() for c in _KEY]).agg(["sum", "size"])
    rows += [
        row("below_lod", "note", f"{int(s)} of {int(n)} levels below the limit of detection",
            FILE=file, PARAMCD=code, VALUE=100 * s / n, LIMIT="kept and flagged")
        for (file, code), s, n in share[share["sum"] > 0].itertuples()
    ]  # fmt: skip
    return levels.assign(BELOW_LOD=below, LLOQ=levels["LLOQ"].fillna(pd.Series(mine))), rows
