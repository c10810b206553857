"""Wide panels: all features by all samples as one matrix; scores of declared sets of features."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.analytes import QUANTITIES, fold
from sclerotrial.assays.bridge import plates_of
from sclerotrial.assays.formats import COLUMNS
from sclerotrial.assays.formats._matrix import Matrix
from sclerotrial.assays.formats._panel import Cells, Filling, Keep, codes
from sclerotrial.assays.formats._said import RUN
from sclerotrial.assays.normalise import log2
from sclerotrial.assays.plate import row
from sclerotrial.errors import Problem, did_you_mean, raise_if_any

#: quantity of the row that counts the features of a sample
FEATURES = "features"


@dataclass(frozen=True)
class Panel:
    """Features by samples, on the scale of the files.

    Attributes
    ----------
    features : list of str
        Unlike one another; a second row of one name is ``name (2)``.
    samples, files : list of str
        The barcode and the file of each column.
    values : (features, samples) array
        NaN where there is none.
    below : (features, samples) array of bool, or None
        Values below their limit of detection.
    lines : (features,) array of int
        Line of each feature in the first file that has it.
    quantity, unit : str
    table : DataFrame or None
        For formats that are read as readings: those of what is declared, and what the file says
        of itself.
    """

    features: list[str]
    samples: list[str]
    files: list[str]
    values: np.ndarray
    below: np.ndarray | None
    lines: np.ndarray
    quantity: str
    unit: str = ""
    table: pd.DataFrame | None = None


def of_matrix(m: Matrix, samples: Sequence[str], file: str, assay: Any) -> Panel:
    """A panel of a matrix whose columns have these names."""
    quantity = getattr(assay, "signal", None) or "expression"
    return Panel(_unlike(m.features), list(samples), [file] * len(samples), m.values, None, m.lines,
                 quantity)  # fmt: skip


def of_table(table: pd.DataFrame, assay: Any) -> Panel:
    """A panel of tidy readings: samples by their columns, limits of detection told apart.

    Raises
    ------
    InputErrors
        No quantity that may stand for a level.
    """
    return of_cells(cells_of(table, assay), str(table["FILE"].iloc[0]), assay)


def cells_of(table: pd.DataFrame, assay: Any, pools: re.Pattern | None = None) -> Cells:
    """Tidy readings as cells; controls have columns where `pools` names them, with the plates.

    Raises
    ------
    InputErrors
        No quantity that may stand for a level.
    """
    quantity = _quantity(set(table["QUANTITY"]), str(table["FILE"].iloc[0]), assay)
    level = table[table["QUANTITY"] == quantity]
    of_pool = level["SAMPLE"].astype(str).map(lambda s: bool(pools and pools.fullmatch(s)))
    tasks = level["TASK"].astype(str)
    mine = level[tasks == "SAMPLE"]
    features = pd.Index(mine["ANALYTE"].unique())
    own = list(mine["SAMPLE"].unique())
    more = level.loc[(tasks == "CONTROL") & of_pool, "SAMPLE"].unique()
    samples = pd.Index([*own, *(p for p in more if p not in own)])
    fill = Filling(len(features), len(samples), pools is not None)
    lod = table[table["QUANTITY"] == "lod"]
    at, plate = codes(features, level["ANALYTE"]), fill.on(plates_of(level))
    known = at >= 0
    fill.there[at[known], plate[known]] = True
    sample = codes(samples, level["SAMPLE"])
    told = known & (sample >= 0) & ((tasks == "SAMPLE") | (tasks == "CONTROL") & of_pool).to_numpy()
    value = pd.to_numeric(level["VALUE"], errors="coerce").to_numpy(float)
    warned = (level["FLAGS"].astype(str) != "").to_numpy()
    fill.put(at[told], sample[told], value[told], plate[told], warned[told])
    at, plate = codes(features, lod["ANALYTE"]), fill.on(plates_of(lod))
    limit = pd.to_numeric(lod["VALUE"], errors="coerce").to_numpy(float)
    fill.limits(at[at >= 0], plate[at >= 0], limit[at >= 0])
    lines = pd.to_numeric(mine["LINE"]).groupby(codes(features, mine["ANALYTE"])).min().to_numpy()
    unit = str(mine["UNIT"].iloc[0]) if len(mine) else ""
    control = np.arange(len(samples)) >= len(own)
    return fill.cells(list(features), lines, list(samples), control, quantity, unit, table)


def of_cells(cells: Cells, file: str, assay: Any) -> Panel:
    """A panel of the cells of a file; of a sample measured more than once the mean, as in levels.

    Raises
    ------
    InputErrors
        The quantity of the cells may not stand for a level.
    """
    quantity = _quantity({cells.quantity}, file, assay)
    samples, values = _once(cells, assay)
    limit = np.fmax.reduce(cells.lod, axis=1, initial=np.nan) if cells.lod.size else None
    below = None
    if limit is not None and not np.isnan(limit).all():
        with np.errstate(invalid="ignore"):
            below = values < limit[:, None]
    return Panel(cells.features, samples, [file] * len(samples), values, below, cells.lines,
                 quantity, cells.unit, cells.table)  # fmt: skip


def _once(cells: Cells, assay: Any) -> tuple[list[str], np.ndarray]:
    """A column a sample, without controls; repeats by their mean (a geometric one of amounts)."""
    columns: dict[str, list[int]] = {}
    for j in np.flatnonzero(~cells.control):
        columns.setdefault(cells.samples[j], []).append(int(j))
    first = [c[0] for c in columns.values()]
    values = cells.values if len(first) == len(cells.samples) else cells.values[:, first]
    for k, c in enumerate(columns.values()):
        if len(c) > 1:
            some = cells.values[:, c]
            with np.errstate(invalid="ignore", divide="ignore"):
                logs = np.log(np.where(some > 0, some, np.nan)) if assay.scale == "linear" else some
                there = np.isfinite(logs).sum(axis=1)
                mean = np.nansum(logs, axis=1) / np.where(there, there, np.nan)
                mean = np.exp(mean) if assay.scale == "linear" else mean
                # one value is kept to the bit
                values[:, k] = np.where(there > 1, mean, np.nansum(some, axis=1))
            values[there == 0, k] = some[there == 0, 0]
    return list(columns), values


def _quantity(have: set[str], file: str, assay: Any) -> str:
    wanted = [assay.signal] if getattr(assay, "signal", None) else list(QUANTITIES)
    quantity = next((q for q in wanted if q in have), None)
    if quantity is None:
        what = f"A wide panel needs {' or '.join(wanted[:3])}, the file has none"
        raise_if_any([Problem(what, file, "Leave out `wide`, or name the quantity with `signal`")])
    return quantity


def wanted_of(assay: Any) -> Keep:
    """Tells of a feature whether it is reported, or a member of a score."""
    names = {fold(n) for c, a in assay.analytes.items() for n in [c, *getattr(a, "names", [])]}
    names |= {fold(m) for s in getattr(assay, "scores", {}).values() for m in members(s)}
    return lambda feature: fold(feature) in names


def _unlike(names: Sequence[str]) -> list[str]:
    if len(set(names)) == len(names):
        return list(names)
    seen: Counter = Counter()
    out = []
    for name in names:
        seen[name] += 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def together(panels: Sequence[Panel]) -> Panel:
    """Panels side by side, feature by feature; a feature that one lacks has no value there."""
    if len(panels) == 1:
        return panels[0]
    features = list(dict.fromkeys(f for p in panels for f in p.features))
    place = {f: i for i, f in enumerate(features)}
    values = np.full((len(features), sum(len(p.samples) for p in panels)), np.nan)
    below = np.zeros(values.shape, bool) if any(p.below is not None for p in panels) else None
    lines = np.zeros(len(features), int)
    begin = 0
    for p in panels:
        rows = np.array([place[f] for f in p.features], int)
        columns = slice(begin, begin + len(p.samples))
        values[rows, columns] = p.values
        if p.below is not None:
            below[rows, columns] = p.below
        lines[rows] = np.where(lines[rows] == 0, p.lines, lines[rows])
        begin += len(p.samples)
    return Panel(features, [s for p in panels for s in p.samples],
                 [f for p in panels for f in p.files], values, below, lines, panels[0].quantity,
                 panels[0].unit)  # fmt: skip


def members(score: Any) -> list[str]:
    """Features that a score needs, as it names them."""
    return list(score.weights) or list(score.features)


def declared(features: Sequence[str], assay: Any) -> dict[str, str]:
    """Feature -> PARAMCD of those that are reported, by the names of the configuration."""
    names = {fold(n): c for c, a in assay.analytes.items() for n in [c, *getattr(a, "names", [])]}
    return {f: names[fold(f)] for f in features if fold(f) in names}


def readings(panel: Panel, assay: Any) -> pd.DataFrame:
    """What is declared of a panel as the tidy table: reported analytes, members of scores.

    A row more a sample, quantity ``features``, counts what was measured in it.
    """
    wanted = wanted_of(assay)
    keep = [i for i, f in enumerate(panel.features) if wanted(f)]
    counted = np.isfinite(panel.values).sum(axis=0)
    count = pd.DataFrame("", index=range(len(panel.samples)), columns=COLUMNS).assign(
        SAMPLE=panel.samples, FILE=panel.files, TASK="SAMPLE", QUANTITY=FEATURES,
        VALUE=[str(n) for n in counted], TEXT=[str(n) for n in counted], LINE="1",
    )  # fmt: skip
    if panel.table is not None:
        names = {panel.features[i] for i in keep}
        kept = panel.table["ANALYTE"].isin(names) | (panel.table["TASK"] == RUN)
        return pd.concat([panel.table[kept], count])
    flat = panel.values[keep].T.ravel()
    text = [repr(x) if x == x else "" for x in flat.tolist()]
    k, n = len(panel.samples), len(keep)
    told = pd.DataFrame({
        "WELL": "", "SAMPLE": np.repeat(panel.samples, n), "TASK": "SAMPLE",
        "ANALYTE": [panel.features[i] for i in keep] * k, "QUANTITY": panel.quantity, "VALUE": text,
        "TEXT": text, "UNIT": panel.unit, "FLAGS": "", "DILUTION": "",
        "FILE": np.repeat(panel.files, n), "LINE": [str(panel.lines[i]) for i in keep] * k,
    }, columns=COLUMNS)  # fmt: skip
    return pd.concat([told, count], ignore_index=True).astype(str)


def on_log2(values: np.ndarray, assay: Any) -> np.ndarray:
    """Values of a panel on the log2 scale; zero and less has none."""
    return log2(values) if assay.scale == "linear" else values


def scores(
    features: Sequence[str], values: np.ndarray, assay: Any, reference: Sequence[int] | None
) -> tuple[dict[str, np.ndarray], list[dict]]:
    """Declared scores of all samples.

    Parameters
    ----------
    features : sequence of str
    values : (features, samples) array
        On the scale of the files; only members are put on the log2 scale.
    assay : study_assays.Assay
        Its `scores` and scale.
    reference : sequence of int, optional
        Samples that give mean and SD of z: the baseline ones; all where there are fewer than two.

    Returns
    -------
    scores : dict of PARAMCD -> (samples,) array
        NaN where a sample lacks a member of a weighted sum.
    rows : list of dict
        Quality rows score_member_absent.

    Raises
    ------
    InputErrors
        Scores without members, or none of whose members was measured; a weighted sum that lacks
        one.
    """
    place = {fold(f): i for i, f in reversed(list(enumerate(features)))}
    out, rows, problems = {}, [], []
    for code, score in getattr(assay, "scores", {}).items():
        names = members(score)
        lost = [m for m in names if fold(m) not in place]
        where = f"assays.yaml, key scores, {code}"
        if not names or len(lost) == len(names) or (lost and score.weights):
            what = f"The score {code} has no features" if not names else (
                f"The score {code} needs {lost[0]}, which was not measured."
                f"{did_you_mean(lost[0], list(features)[:20000])}")  # fmt: skip
            problems.append(Problem(what, where, "Name features that the files hold"))
            continue
        rows += [row("score_member_absent", "note", f"{m} of the score was not measured",
                     PARAMCD=code) for m in lost]  # fmt: skip
        at = [place[fold(m)] for m in names if m not in lost]
        mine = on_log2(values[at], assay)
        if score.weights:
            out[code] = weighted(names, mine, score.weights, score.intercept)
        else:
            few = reference is None or len(reference) < 2
            out[code] = mean_z(mine, None if few else reference) + score.intercept
    raise_if_any(problems)
    return out, rows


def mean_z(values: np.ndarray, reference: Sequence[int] | None = None) -> np.ndarray:
    """Score of a set: mean over its features of z, by mean and SD of the reference samples.

    Parameters
    ----------
    values : (features of the set, samples) array
    reference : sequence of int, optional
        Samples that give mean and SD (the baseline ones); all by default.

    Returns
    -------
    (samples,) array
        Features without spread in the reference count for nothing; NaN where nothing counts.
    """
    ref = values if reference is None else values[:, list(reference)]
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.isfinite(ref).sum(axis=1, keepdims=True)
        mean = np.nansum(ref, axis=1, keepdims=True) / count
        sd = np.sqrt(np.nansum((ref - mean) ** 2, axis=1, keepdims=True) / (count - 1))
        z = np.where(sd > 0, (values - mean) / sd, np.nan)
        return np.nansum(z, axis=0) / np.isfinite(z).sum(axis=0)


def weighted(
    features: Sequence[str],
    values: np.ndarray,
    weights: Mapping[str, float],
    intercept: float = 0.0,
) -> np.ndarray:
    """Score of a set with declared coefficients, such as the four-gene skin score.

    Raises
    ------
    KeyError
        A feature of the score is absent.
    """
    place = {f: i for i, f in enumerate(features)}
    rows = [place[f] for f in weights]
    # summed feature by feature, in their order: the same bits whatever library multiplies
    out = np.full(values.shape[1], float(intercept))
    for weight, i in zip(weights.values(), rows, strict=True):
        out = out + weight * values[i]
    return out
