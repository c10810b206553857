"""Bridge samples: NPX of several plates, batches or products of a panel put on one level."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.analytes import QUANTITIES
from sclerotrial.assays.plate import row
from sclerotrial.errors import Problem, did_you_mean, raise_if_any
from sclerotrial.tabular import half_up


def adjustments(levels: pd.DataFrame, reference: str) -> pd.DataFrame:
    """What is added to each run and parameter: the median paired difference of bridge samples.

    Parameters
    ----------
    levels : DataFrame
        RUN, PARAMCD, SAMPLE and LEVEL (float, log2 scale) of the bridge samples; a sample measured
        more than once in a run counts with its mean.
    reference : str
        The run that keeps its level.

    Returns
    -------
    DataFrame
        Index (RUN, PARAMCD) of the other runs: SHIFT, the median over samples of reference less
        run (NaN without a pair), and N, the samples measured in both.

    Notes
    -----
    The bridge normalisation that Olink publishes with OlinkAnalyze (`olink_normalization`), its
    `Adj_factor`.
    """
    key = ["RUN", "PARAMCD", "SAMPLE"]
    mean = levels.dropna(subset="LEVEL").groupby(key, sort=True)["LEVEL"].mean().reset_index()
    first = mean[mean["RUN"] == reference].drop(columns="RUN")
    pairs = mean[mean["RUN"] != reference].merge(
        first, on=["PARAMCD", "SAMPLE"], how="left", suffixes=("", "_FIRST")
    )
    difference = pairs["LEVEL_FIRST"] - pairs["LEVEL"]
    of = difference.groupby([pairs["RUN"], pairs["PARAMCD"]])
    return pd.DataFrame({"SHIFT": of.median(), "N": of.count()})


def as_controls(
    readings: pd.DataFrame, bridge: Any, manifest: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[dict]]:
    """Bridge samples that the manifest does not list (a pool) become controls.

    Parameters
    ----------
    readings : DataFrame
        SAMPLE, TASK, FILE.
    bridge : study_assays.Bridge
    manifest : DataFrame or None
        Column barcode; None makes no control of any sample.

    Returns
    -------
    readings : DataFrame
    rows : list of dict
        Quality rows bridge_sample.
    """
    mine = _are_bridges(readings, bridge) & (readings["TASK"] == "SAMPLE")
    if manifest is not None:
        mine &= ~readings["SAMPLE"].isin(set(manifest["barcode"].astype(str)))
    if manifest is None or not mine.any():
        return readings, []
    text = "A bridge sample that is not in the manifest is taken as a control"
    rows = [row("bridge_sample", "note", text, FILE=r.FILE, SAMPLE=r.SAMPLE)
            for r in readings[mine].drop_duplicates(["FILE", "SAMPLE"]).itertuples()]  # fmt: skip
    return readings.assign(TASK=readings["TASK"].mask(mine, "CONTROL")), rows


def align(
    readings: pd.DataFrame, bridge: Any, signal: str | None
) -> tuple[pd.DataFrame, list[dict]]:
    """Readings of all runs on the level of the reference.

    A run is a file where the reference is one, else a plate. The limit of detection of a run
    moves with its values; one that the file gives without its plate moves with the plate that
    moves furthest up, since the highest limit of a file counts. Bridge samples with a warning of
    the instrument give no pair.

    Parameters
    ----------
    readings : DataFrame
        `formats.COLUMNS` and PARAMCD; values on the log2 scale.
    bridge : study_assays.Bridge
        samples (regular expression of whole names), reference, minimum.
    signal : str, optional
        The quantity to align; by default the first of `analytes.QUANTITIES` that is there.

    Returns
    -------
    readings : DataFrame
        VALUE aligned, TEXT as written; without the parameters of a run that have too few bridge
        samples, for their level is not that of the others. What one run alone has, stays.
    rows : list of dict
        Quality rows bridge: VALUE what was added, the message with the number of samples.

    Raises
    ------
    InputErrors
        A reference that is neither a file nor a plate.
    """
    have = set(readings["QUANTITY"])
    quantity = signal or next((q for q in QUANTITIES if q in have), None)
    level = readings["QUANTITY"] == quantity
    run, reference = runs_of(readings, bridge.reference)
    value = pd.to_numeric(readings["VALUE"], errors="coerce")
    paired = level & _are_bridges(readings, bridge) & (readings["FLAGS"].astype(str) == "")
    table = pd.DataFrame({"RUN": run, "PARAMCD": readings["PARAMCD"], "SAMPLE": readings["SAMPLE"],
                          "LEVEL": value, "FILE": readings["FILE"]})  # fmt: skip
    found = adjustments(table[paired], reference)
    there = table[level & (table["PARAMCD"] != "")].drop_duplicates(["RUN", "PARAMCD"])
    many = there.groupby("PARAMCD")["RUN"].transform("size")
    rows, shift, refused = [], {}, set()
    for t, runs in zip(there.itertuples(), many, strict=True):
        run_here = t.RUN
        key = (run_here, t.PARAMCD)
        if run_here == reference:
            shift[key] = 0.0
            continue
        n = int(found["N"].get(key, 0))
        told = {"FILE": t.FILE, "PARAMCD": t.PARAMCD, "LEVEL": run_here,
                "LIMIT": f"at least {bridge.minimum} bridge samples"}  # fmt: skip
        if runs == 1:
            text = "Measured in one run alone: nothing to align, kept as written"
            rows.append(row("bridge", "note", text, **told))
        elif n < bridge.minimum:
            refused.add(key)
            text = f"{n} bridge samples shared with {reference}: not aligned, left out"
            rows.append(row("bridge", "fail", text, **told))
        else:
            shift[key] = float(found["SHIFT"][key])
            text = (f"{half_up(shift[key], 2)} added: the median difference to {reference} of "
                    f"{n} bridge samples")  # fmt: skip
            rows.append(row("bridge", "pass", text, VALUE=shift[key], **told))
    return _moved(readings, table, value, level, shift, refused), rows


def _are_bridges(readings: pd.DataFrame, bridge: Any) -> pd.Series:
    pattern = re.compile(bridge.samples)
    names = {s for s in readings["SAMPLE"].unique() if pattern.fullmatch(str(s))}
    return readings["SAMPLE"].isin(names) & readings["TASK"].isin(["SAMPLE", "CONTROL"])


def runs_of(readings: pd.DataFrame, reference: str) -> tuple[pd.Series, str]:
    """The run of each reading ('' where untold), and the name of the reference among them.

    Raises
    ------
    InputErrors
        A reference that is neither a file nor a plate.
    """
    files = list(dict.fromkeys(readings["FILE"]))
    named = [f for f in files if reference in (f, f.rsplit("/", 1)[-1])]
    if len(named) == 1:
        return readings["FILE"].astype(str), named[0]
    plate = plates_of(readings)
    pairs = pd.DataFrame({"F": readings["FILE"], "P": plate}).drop_duplicates()
    twice = set(pairs.loc[pairs["P"].duplicated() & (pairs["P"] != ""), "P"])
    # two files may each have a plate of this name
    run = plate.where(~plate.isin(twice), readings["FILE"].astype(str) + ":" + plate)
    known = [r for r in dict.fromkeys(run) if r]
    if reference not in known:
        what = f"The bridge reference {reference!r} is no file and no plate of the assay."
        hint = did_you_mean(reference, [*files, *known])
        todo = f"Name a file or a plate, such as {files[0]}"
        raise_if_any([Problem(what + hint, "assays.yaml, key bridge.reference", todo)])
    return run, reference


def plates_of(readings: pd.DataFrame) -> pd.Series:
    """The plate of each reading, '' where the file tells none."""
    well = readings["WELL"].astype(str)
    return well.where(readings["QUANTITY"] == "lod", well.str.rsplit(":", n=1).str[0])


def _moved(readings, table, value, level, shift, refused):
    """The readings with their shifts, without what was refused."""
    pairs = list(zip(table["RUN"], table["PARAMCD"], strict=True))
    lod = readings["QUANTITY"] == "lod"
    most: dict = {}
    files = table[level].drop_duplicates(["FILE", "RUN", "PARAMCD"])
    for t in files.itertuples():
        key = (t.FILE, t.PARAMCD)
        most[key] = max(most.get(key, -np.inf), shift.get((t.RUN, t.PARAMCD), -np.inf))
    added = np.array([
        shift.get(p, 0.0) if p[0] or not limit else most.get((f, p[1]), 0.0)
        for p, f, limit in zip(pairs, table["FILE"], lod, strict=True)
    ])  # fmt: skip
    moves = (level | lod) & value.notna() & np.isfinite(added) & (added != 0)
    parts = zip(value.tolist(), added.tolist(), moves, readings["VALUE"], strict=True)
    text = [repr(v + a) if m else old for v, a, m, old in parts]
    keep = ~(level & np.array([p in refused for p in pairs], bool))
    return readings.assign(VALUE=text)[keep]
