"""Change of whole matrices: 20,000 features at once, and the scores of declared sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.wide import Panel, declared, on_log2, scores
from sclerotrial.change.score import rcv

#: values that are scored at once
_CELLS = 1 << 17


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
    sets, _ = scores(panel.features, panel.values, assay, reference)
    known = declared(panel.features, assay)
    features = _named(panel.features, [known.get(f, "") for f in panel.features], assay)
    parts = [("feature", features, panel.values, panel.below, assay)]
    if sets:
        rows = _named(list(sets), list(sets), assay)
        parts.append(("score", rows, np.array(list(sets.values())), None, None))
    seen = [v for v in visits if v in set(at)]
    for kind, names, values, below, scale in parts:

        def lot(wanted: tuple[str, ...], source: tuple = (values, below, scale)) -> _Lot:
            mine = [i for i, v in enumerate(at) if v in wanted]
            return _Lot(
                *source, column[mine], [who[i] for i in mine], [at[i] for i in mine], wanted
            )

        for visit in seen:
            yield (kind, "AVAL", visit), _block(names, subjects, lot((visit,)))
        for visit in (v for v in seen if v != baseline):
            found = _block(names, subjects, lot((baseline, visit)), change=kind == "feature")
            yield (kind, "LOG2FC", visit), found
            del found


@dataclass(frozen=True)
class _Lot:
    """Samples of one block, taken from the whole matrix some features at a time.

    `wanted` is the visit, or the baseline and the visit of a change.
    """

    values: np.ndarray
    below: np.ndarray | None
    assay: Any
    columns: np.ndarray
    subjects: list[str]
    visits: list[str]
    wanted: tuple[str, ...]

    def take(self, rows: slice) -> tuple[list[str], np.ndarray, np.ndarray | None]:
        """Subjects, values or changes of these features, and whether one lies below its limit."""
        values = self.values[rows][:, self.columns]
        values = on_log2(values, self.assay) if self.assay is not None else values
        below = None if self.below is None else self.below[rows][:, self.columns]
        if len(self.wanted) == 1:
            return self.subjects, values, below
        paired = paired_change(values, self.subjects, self.visits, *self.wanted)
        if below is not None:
            below = _either(below, self.subjects, self.visits, *self.wanted, paired.subjects)
        return paired.subjects, paired.log2fc, below


def _either(below: np.ndarray, who: list, at: list, baseline: str, visit: str, subjects: list):
    """Whether one of the two values of a change lies below its limit."""
    place = {key: j for j, key in enumerate(zip(who, at, strict=True))}
    return (
        below[:, [place[s, baseline] for s in subjects]]
        | (below[:, [place[s, visit] for s in subjects]])
    )


def _named(features: list[str], codes: list[str], assay: Any) -> pd.DataFrame:
    """What is told of the features; the bounds of the reference change value where it is known."""
    labels = list(features)
    low, high = np.full(len(features), np.nan), np.full(len(features), np.nan)
    # few of a panel's features are declared
    for i in [i for i, code in enumerate(codes) if code]:
        entry = assay.analytes.get(codes[i]) or getattr(assay, "scores", {}).get(codes[i])
        labels[i] = getattr(entry, "param", "") or features[i]
        if within := getattr(entry, "within_person_cv", None):
            own = getattr(entry, "analytical_cv", None)
            bound = rcv(own.value if own else 0.0, within.value)
            low[i], high[i] = np.log2(1 + bound[0] / 100), np.log2(1 + bound[1] / 100)
    return pd.DataFrame({"FEATURE": features, "PARAM": labels, "PARAMCD": codes, "RCV_LOW": low,
                         "RCV_HIGH": high})  # fmt: skip


def _block(names: pd.DataFrame, subjects: list[str], lot: _Lot, change: bool = False) -> Block:
    many = len(names)
    # a subject lies in one piece, as the columns of the file are written
    out = np.full((len(subjects), many), np.nan).T
    place = {s: j for j, s in enumerate(subjects)}
    count, at_limit = np.zeros(many, "int32"), np.zeros(many, "int32")
    low, high = (names[c].to_numpy(float) for c in ("RCV_LOW", "RCV_HIGH"))
    past = np.full(many, np.nan)
    for begin in range(0, many, max(1, _CELLS // max(1, len(lot.columns)))):
        rows = slice(begin, begin + max(1, _CELLS // max(1, len(lot.columns))))
        have, values, below = lot.take(rows)
        there = np.isfinite(values)
        count[rows] = there.sum(axis=1)
        if below is not None:
            at_limit[rows] = (below & there).sum(axis=1)
        if change and not np.isnan(low[rows]).all():
            beyond = (values < low[rows, None]) | (values > high[rows, None])
            past[rows] = np.where(np.isnan(low[rows]), np.nan, beyond.sum(axis=1))
        # a written number has nine decimals: the last bits of a logarithm differ between processors
        np.round(values, 9, out=values)
        values += 0.0
        for s, column in zip(have, values.T, strict=True):
            out[rows, place[s]] = column
    told = names.assign(N=count, N_CENS=at_limit, N_RCV=past)
    return Block(told, subjects, out)
