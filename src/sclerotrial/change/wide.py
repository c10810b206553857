"""Change of whole matrices: 20,000 features at once, and the scores of declared sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.wide import Panel, declared, on_log2, scores
from sclerotrial.change.score import rcv


@dataclass(frozen=True)
class Paired:
    """Changes of features from baseline.

    Attributes
    ----------
    subjects : list of str
    log2fc : (features, subjects) array
        NaN where one of the two samples has no value.
    """

    subjects: list[str]
    log2fc: np.ndarray


def paired_change(
    values: np.ndarray, subject: Sequence[str], visit: Sequence[str], baseline: str, later: str
) -> Paired:
    """log2 fold change of every feature from the baseline visit to a later one.

    Parameters
    ----------
    values : (features, samples) array
        On the log2 scale.
    subject, visit : sequence of str
        Of each sample; a subject has one sample a visit at most.
    baseline, later : str

    Raises
    ------
    ValueError
        Two samples of one subject and visit.
    """
    at: dict[tuple[str, str], int] = {}
    for j, key in enumerate(zip(subject, visit, strict=True)):
        if key in at:
            raise ValueError(f"two samples of one subject at {key[1]}")
        at[key] = j
    both = [s for s in dict.fromkeys(subject) if (s, baseline) in at and (s, later) in at]
    before = [at[s, baseline] for s in both]
    after = [at[s, later] for s in both]
    out = values[:, after]
    out -= values[:, before]
    return Paired(both, out)


@dataclass(frozen=True)
class Block:
    """Rows of one measure at one visit: features by subjects.

    Attributes
    ----------
    features : DataFrame
        FEATURE, PARAM, PARAMCD, N, N_CENS, RCV_LOW, RCV_HIGH, N_RCV.
    subjects : list of str
    values : (features, subjects) array
        NaN where missing.
    """

    features: pd.DataFrame
    subjects: list[str]
    values: np.ndarray


def blocks(
    panel: Panel,
    assay: Any,
    chosen: pd.DataFrame,
    visits: Sequence[str],
    baseline: str,
    reference: Sequence[int] | None = None,
) -> Iterator[tuple[tuple[str, str, str], Block]]:
    """Values and changes of all features, and of the declared scores.

    Parameters
    ----------
    panel : assays.wide.Panel
    assay : study_assays.Assay
        Scale, analytes (what is reported, its variation), scores.
    chosen : DataFrame
        The sample of each subject and visit that is analysed: COLUMN (of the panel), USUBJID,
        AVISIT.
    visits : sequence of str
        Visits in their order.
    baseline : str
    reference : sequence of int, optional
        Columns that give the scores their mean and SD, such as all samples of the baseline visit.

    Yields
    ------
    (kind, measure, visit), block
        Kind feature or score; measure AVAL at every visit with samples, LOG2FC at later ones: the
        log2 fold change, of a score the difference.
    """
    subjects = sorted(set(chosen["USUBJID"]))
    column, who = chosen["COLUMN"].to_numpy(int), chosen["USUBJID"].tolist()
    at = chosen["AVISIT"].tolist()
    values = on_log2(panel.values, assay)
    sets, _ = scores(panel.features, values, assay, reference)
    known = declared(panel.features, assay)
    features = _named(panel.features, [known.get(f, "") for f in panel.features], assay)
    parts: list[tuple[str, pd.DataFrame, np.ndarray, np.ndarray | None]] = [
        ("feature", features, _columns(values, column), _columns(panel.below, column))
    ]
    if sets:
        rows = np.array(list(sets.values()))[:, column]
        parts.append(("score", _named(list(sets), list(sets), assay), rows, None))
    for kind, names, mine, below in parts:
        for visit in (v for v in visits if v in set(at)):
            here = [i for i, v in enumerate(at) if v == visit]
            marks = below[:, here] if below is not None else None
            yield (kind, "AVAL", visit), _block(names, subjects, [who[i] for i in here],
                                                mine[:, here], marks)  # fmt: skip
        for visit in (v for v in visits if v in set(at) and v != baseline):
            paired = paired_change(mine, who, at, baseline, visit)
            marks = None
            if below is not None:
                marks = _either(below, who, at, baseline, visit, paired.subjects)
            block = _block(names, subjects, paired.subjects, paired.log2fc, marks,
                           change=kind == "feature")  # fmt: skip
            del paired, marks
            yield (kind, "LOG2FC", visit), block
            del block


def _columns(of: np.ndarray | None, columns: np.ndarray) -> np.ndarray | None:
    """The columns in this order; the matrix itself where those are all of them."""
    if of is None or np.array_equal(columns, np.arange(of.shape[1])):
        return of
    return of[:, columns]


def _either(below: np.ndarray, who: list, at: list, baseline: str, visit: str, subjects: list):
    """Whether one of the two values of a change lies below its limit."""
    place = {key: j for j, key in enumerate(zip(who, at, strict=True))}
    return (
        below[:, [place[s, baseline] for s in subjects]]
        | (below[:, [place[s, visit] for s in subjects]])
    )


def _named(features: list[str], codes: list[str], assay: Any) -> pd.DataFrame:
    """What is told of the features; the bounds of the reference change value where it is known."""
    labels, low, high = [], [], []
    for feature, code in zip(features, codes, strict=True):
        entry = assay.analytes.get(code) or getattr(assay, "scores", {}).get(code)
        labels.append(getattr(entry, "param", "") or feature)
        within = getattr(entry, "within_person_cv", None)
        own = getattr(entry, "analytical_cv", None)
        bound = rcv(own.value if own else 0.0, within.value) if within else (np.nan, np.nan)
        low.append(np.log2(1 + bound[0] / 100))
        high.append(np.log2(1 + bound[1] / 100))
    return pd.DataFrame({"FEATURE": features, "PARAM": labels, "PARAMCD": codes, "RCV_LOW": low,
                         "RCV_HIGH": high})  # fmt: skip


def _block(names: pd.DataFrame, subjects: list[str], have: list[str], values: np.ndarray,
           below: np.ndarray | None, change: bool = False) -> Block:  # fmt: skip
    out = np.full((len(names), len(subjects)), np.nan)
    place = {s: j for j, s in enumerate(subjects)}
    out[:, [place[s] for s in have]] = values
    # a written number has nine decimals: the last bits of a logarithm differ between processors
    np.round(out, 9, out=out)
    out += 0.0
    there = np.isfinite(values)
    told = names.assign(N=there.sum(axis=1).astype("int32"), N_CENS=np.int32(0))
    if below is not None:
        told["N_CENS"] = (below & there).sum(axis=1).astype("int32")
    past = np.full(len(names), np.nan)
    known = np.flatnonzero(names["RCV_LOW"].notna()) if change else []
    for i in known:
        limits = names.at[i, "RCV_LOW"], names.at[i, "RCV_HIGH"]
        past[i] = np.sum((values[i] < limits[0]) | (values[i] > limits[1]))
    return Block(told.assign(N_RCV=past), subjects, out)
