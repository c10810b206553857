"""Bridge samples of a wide panel: all its features put on the level of one run at once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.bridge import runs_of
from sclerotrial.assays.formats._panel import Cells
from sclerotrial.assays.formats._said import Finding, code, with_findings
from sclerotrial.tabular import half_up


def without_pools(cells: Cells, bridge: Any, barcodes: set[str]) -> Cells:
    """Bridge samples that the manifest does not list (a pool) become controls.

    Parameters
    ----------
    cells : Cells
    bridge : study_assays.Bridge
    barcodes : set of str
        Of the manifest.
    """
    pattern = re.compile(bridge.samples)
    pools = {s for s in cells.samples if pattern.fullmatch(s) and s not in barcodes}
    table = cells.table
    mine = table["SAMPLE"].isin(pools) & (table["TASK"] == "SAMPLE")
    return replace(
        cells,
        control=cells.control | np.array([s in pools for s in cells.samples], bool),
        table=table.assign(TASK=table["TASK"].mask(mine, "CONTROL")),
    )


def align(panels: Sequence[Cells], files: Sequence[str], bridge: Any) -> list[Cells]:
    """Cells of all runs on the level of the reference, feature by feature as `bridge.align`.

    Parameters
    ----------
    panels : sequence of Cells
        Of each file, with plates and warnings; values on the log2 scale. They are changed in
        place, so that the matrix is not held twice.
    files : sequence of str
        Their names.
    bridge : study_assays.Bridge

    Returns
    -------
    list of Cells
        Values and limits of detection aligned; NaN for a feature in a run that shares too few
        bridge samples. Their tables (of readings as written) tell what was done, a row a run.

    Raises
    ------
    InputErrors
        A reference that is neither a file nor a plate.
    """
    plates = [(f, p) for c, f in zip(panels, files, strict=True) for p in c.plates]
    told = pd.DataFrame(plates, columns=["FILE", "WELL"]).assign(QUANTITY="lod")
    names, reference = runs_of(told, bridge.reference)
    runs = list(dict.fromkeys(names))
    ends = np.cumsum([len(c.plates) for c in panels])[:-1]
    run_of = np.split(np.array([runs.index(n) for n in names], int), ends)
    features = pd.Index(dict.fromkeys(f for c in panels for f in c.features))
    rows = [features.get_indexer(c.features) for c in panels]
    there = np.zeros((len(features), len(runs)), bool)
    for c, at, of in zip(panels, rows, run_of, strict=True):
        for p, r in enumerate(of):
            there[at, r] |= c.there[:, p]
    shift, pairs = _shifts(panels, rows, run_of, len(features), runs, reference, bridge)
    first = runs.index(reference)
    alone = there.sum(axis=1) == 1
    few = there & (pairs < bridge.minimum) & ~alone[:, None]
    few[:, first] = False
    shift = np.where(few, np.nan, np.where(alone[:, None] | np.isnan(shift), 0.0, shift))
    out = []
    for c, at, of, file in zip(panels, rows, run_of, files, strict=True):
        findings = [
            _told(runs[r], reference, bridge.minimum, there[at, r], few[at, r], alone[at],
                  shift[at, r])
            for r in dict.fromkeys(of) if r != first
        ]  # fmt: skip
        lod = _moved(c, shift[at], of, [runs[r] == "" for r in of])
        out.append(replace(c, lod=lod, table=with_findings(c.table, findings, file)))
    return out


def _shifts(
    panels: Sequence[Cells], rows: list[np.ndarray], run_of: list[np.ndarray], many: int,
    runs: list[str], reference: str, bridge: Any,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Median of reference less run over the bridge samples of each, and the number of pairs."""
    pattern = re.compile(bridge.samples)
    sums: dict[str, np.ndarray] = {}
    for c, at, of in zip(panels, rows, run_of, strict=True):
        for j, sample in enumerate(c.samples):
            if not pattern.fullmatch(sample):
                continue
            mine = sums.setdefault(sample, np.zeros((2, many, len(runs))))
            good = np.flatnonzero((c.plate[:, j] >= 0) & ~c.warned[:, j])
            place = (at[good], of[c.plate[good, j]])
            np.add.at(mine[0], place, c.values[good, j])
            np.add.at(mine[1], place, 1)
    first = runs.index(reference)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # no pair has no median
        levels = [total / n for total, n in sums.values()]
        apart = np.array([x[:, [first]] - x for x in levels]).reshape(-1, many, len(runs))
        return np.nanmedian(apart, axis=0), np.isfinite(apart).sum(axis=0)


def _moved(c: Cells, shift: np.ndarray, of: np.ndarray, untold: list[bool]) -> np.ndarray:
    """Limits of detection moved as their runs; the values are moved where they stand."""
    for j in range(c.values.shape[1]):
        here = np.flatnonzero(c.plate[:, j] >= 0)
        c.values[here, j] += shift[here, of[c.plate[here, j]]]
    lod = c.lod.copy()
    mine = np.where(c.there, shift[:, of], -np.inf)
    most = np.fmax.reduce(mine, axis=1, initial=-np.inf)
    for p in range(len(of)):
        # a limit without its plate moves with the plate that moves furthest up
        by = most if untold[p] else shift[:, of[p]]
        lod[:, p] += np.where(np.isfinite(by), by, 0.0)
    return lod


def _told(
    run: str, reference: str, minimum: int, there: np.ndarray, few: np.ndarray, alone: np.ndarray,
    shift: np.ndarray,
) -> Finding:  # fmt: skip
    """What was done to the features of a run."""
    moved = there & ~few & ~alone
    text = f"{int(moved.sum())} of {int(there.sum())} features of {code(run)} aligned to "
    text += f"{code(reference)} by at least {minimum} bridge samples"
    if moved.any():
        text += f" (added: median {half_up(float(np.median(shift[moved])), 2)})"
    if few.any():
        text += f"; {int(few.sum())} with fewer left out"
    if (there & alone).any():
        text += f"; {int((there & alone).sum())} measured there alone, kept as written"
    n = int(few.sum() or moved.sum())
    return Finding("bridge", "fail" if few.any() else "note", text, 1, n)
