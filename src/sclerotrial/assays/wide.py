"""Wide panels: all features by all samples as one matrix; scores of declared sets of features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.analytes import QUANTITIES, fold
from sclerotrial.assays.formats import COLUMNS
from sclerotrial.assays.formats._matrix import Matrix
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
        The readings, for formats that are read as such.
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
    have = set(table["QUANTITY"])
    wanted = [assay.signal] if getattr(assay, "signal", None) else list(QUANTITIES)
    quantity = next((q for q in wanted if q in have), None)
    file = str(table["FILE"].iloc[0])
    if quantity is None:
        what = f"A wide panel needs {' or '.join(wanted[:3])}, the file has none"
        raise_if_any([Problem(what, file, "Leave out `wide`, or name the quantity with `signal`")])
    mine = table[(table["QUANTITY"] == quantity) & (table["TASK"] == "SAMPLE")]
    row_of, features = pd.factorize(mine["ANALYTE"])
    column_of, samples = pd.factorize(mine["SAMPLE"])
    values = np.full((len(features), len(samples)), np.nan)
    values[row_of, column_of] = pd.to_numeric(mine["VALUE"], errors="coerce")
    lod = table[table["QUANTITY"] == "lod"]
    limit = pd.to_numeric(lod["VALUE"], errors="coerce").groupby(lod["ANALYTE"]).max()
    at = limit.reindex(features).to_numpy(float)
    with np.errstate(invalid="ignore"):
        below = values < at[:, None] if len(limit) else None
    lines = pd.to_numeric(mine["LINE"]).groupby(row_of).min().to_numpy()
    return Panel(list(features), list(samples), [file] * len(samples), values, below, lines,
                 quantity, str(mine["UNIT"].iloc[0]) if len(mine) else "", table)  # fmt: skip


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
    wanted = set(declared(panel.features, assay))
    sets = {fold(m) for s in getattr(assay, "scores", {}).values() for m in members(s)}
    keep = [i for i, f in enumerate(panel.features) if f in wanted or fold(f) in sets]
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
