"""What a swap of raw files changed: files, samples, numbers as printed, claims and conclusions.

`impact` compares the analysis results and the intake of two runs; `impact_page` shows it. Nothing
is computed anew: a number has moved when it prints differently, a conclusion has flipped when an
interval came to exclude (or include) the value of no effect, or when a p, adjusted where its family
adjusts, crossed its level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.tables.source import as_float
from sclerotrial.tabular import num, records

#: rows of an ARD by ID
Rows = Mapping[str, Mapping[str, Any]]
ALPHA = 0.05
#: Columns of the five tables.
FILES = ["CHANGE", "FILE", "FORMAT_OLD", "FORMAT_NEW", "ROWS_OLD", "ROWS_NEW", "MATCHED_OLD",
         "MATCHED_NEW"]  # fmt: skip
SAMPLES = ["CHANGE", "ASSAY", "USUBJID", "AVISIT", "MARKERS", "PARAMS"]
NUMBERS = ["CHANGE", "ID", "LABEL", "UNIT_OLD", "UNIT", "OLD", "NEW", "DIFFERENCE"]
CLAIMS = ["ID", "TEXT", "VERDICT_OLD", "VERDICT", "FOUND_OLD", "FOUND"]
FLIPS = ["ID", "LABEL", "WHAT", "OLD", "NEW"]
#: intervals of a level or a share: no value of them means no effect
_NO_NULL = ("share", "rate", "Kaplan", "Poisson", "Clopper", "level")


@dataclass(frozen=True)
class Impact:
    """Differences between two runs; each table is empty where nothing differs.

    Attributes
    ----------
    files : DataFrame
        `FILES`; CHANGE is in, out or content.
    samples : DataFrame
        `SAMPLES`; CHANGE is gained or lost, MARKERS the number of markers concerned, PARAMS their
        names.
    numbers : DataFrame
        `NUMBERS`; CHANGE is moved, new or gone; OLD and NEW as printed, '' where none was. There is
        no DIFFERENCE between two units.
    flips : DataFrame
        `FLIPS`.
    claims : DataFrame
        `CLAIMS`: statements of the abstract that another verdict or another number stands beside,
        and those that only one run judges ('' in place of the other's verdict and number).
    compared : int
        Numbers that both runs have.
    former : bool
        Whether there was a former run to compare with.
    """

    files: pd.DataFrame
    samples: pd.DataFrame
    numbers: pd.DataFrame
    flips: pd.DataFrame
    claims: pd.DataFrame
    compared: int
    former: bool

    @property
    def nothing(self) -> bool:
        """Nothing differs."""
        tables = (self.files, self.samples, self.numbers, self.flips, self.claims)
        return all(t.empty for t in tables)


def impact(
    old_ard: pd.DataFrame | None,
    new_ard: pd.DataFrame,
    old_intake: pd.DataFrame | None,
    new_intake: pd.DataFrame,
    old_change: pd.DataFrame | None = None,
    new_change: pd.DataFrame | None = None,
    old_claims: pd.DataFrame | None = None,
    new_claims: pd.DataFrame | None = None,
) -> Impact:
    """Compare two runs.

    Parameters
    ----------
    old_ard, new_ard : DataFrame of text
        The analysis results (columns of `ard.COLUMNS`); None for no former run.
    old_intake, new_intake : DataFrame of text
        ``intake.csv``.
    old_change, new_change : DataFrame of text, optional
        ``biomarkers/change.csv``, which tells the samples.
    old_claims, new_claims : DataFrame of text, optional
        ``claims.csv``.
    """
    if old_ard is None:
        empty = (pd.DataFrame(columns=c) for c in (FILES, SAMPLES, NUMBERS, FLIPS, CLAIMS))
        return Impact(*empty, 0, False)
    old, new = (d.fillna("").set_index("ID", drop=False) for d in (old_ard, new_ard))
    both = new.index[new.index.isin(old.index)]
    return Impact(
        _files(old_intake, new_intake), _samples(old_change, new_change), _numbers(old, new),
        _flips(old.loc[both], new.loc[both]), _claims(old_claims, new_claims), len(both), True,
    )  # fmt: skip


def _files(old: pd.DataFrame | None, new: pd.DataFrame) -> pd.DataFrame:
    if old is None:
        return pd.DataFrame(columns=FILES)
    keep = ["path", "sha256", "format", "rows", "matched"]
    a, b = (d.fillna("").set_index("path")[keep[1:]] for d in (old, new))
    rows = []
    for path in sorted({*a.index, *b.index}):
        was, now = (d.loc[path] if path in d.index else dict.fromkeys(keep, "") for d in (a, b))
        kind = "in" if path not in a.index else "out" if path not in b.index else "content"
        if kind != "content" or was["sha256"] != now["sha256"]:
            rows.append((kind, path, was["format"], now["format"], was["rows"], now["rows"],
                         was["matched"], now["matched"]))  # fmt: skip
    return pd.DataFrame(rows, columns=FILES)


def _samples(old: pd.DataFrame | None, new: pd.DataFrame | None) -> pd.DataFrame:
    if old is None or new is None:
        return pd.DataFrame(columns=SAMPLES)
    key = ["ASSAY", "USUBJID", "AVISIT"]
    a, b = (d.fillna("").groupby(key)["PARAMCD"].agg(set).to_dict() for d in (old, new))
    name = {r.PARAMCD: r.PARAM for d in (old, new) if "PARAM" in d for r in d.itertuples()}
    rows = []
    for k in sorted({*a, *b}):
        gained, lost = b.get(k, set()) - a.get(k, set()), a.get(k, set()) - b.get(k, set())
        rows += [
            (what, *k, len(m), ", ".join(sorted(name.get(c, c) for c in m)))
            for what, m in (("gained", gained), ("lost", lost))
            if m
        ]
    return pd.DataFrame(rows, columns=SAMPLES)


def _numbers(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    ids = [*new.index, *old.index[~old.index.isin(new.index)]]
    a, b = old.reindex(ids), new.reindex(ids)
    was, now = a["TEXT"].fillna("").to_numpy(), b["TEXT"].fillna("").to_numpy()
    # a number that was never printed is neither new nor gone
    change = np.where(was == "", "new", np.where(now == "", "gone", "moved"))
    units = [d["UNIT"].fillna("").to_numpy() for d in (a, b)]
    same = (units[0] == units[1]) & (change == "moved")
    value = np.where(same, num(b["VALUE"].fillna("")) - num(a["VALUE"].fillna("")), np.nan)
    out = pd.DataFrame({
        "CHANGE": change, "ID": ids, "LABEL": b["LABEL"].fillna(a["LABEL"]).to_numpy(),
        "UNIT_OLD": np.where(was == "", "", units[0]),
        "UNIT": np.where(now == "", "", units[1]), "OLD": was, "NEW": now,
        "DIFFERENCE": [f"{x:+.3g}" if np.isfinite(x) else "" for x in value],
    })  # fmt: skip
    # the same figure in another unit is another number
    other = (was != now) | ((change == "moved") & (was != "") & (units[0] != units[1]))
    return out[other].reset_index(drop=True)


def _flips(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Intervals that came to exclude or include no effect, and p that crossed their level."""
    was, now = ({str(row["ID"]): row for row in records(d)} for d in (old, new))
    return pd.DataFrame([*_intervals(was, now), *_tests(was, now)], columns=FLIPS)


def _intervals(was: Rows, now: Rows) -> Iterator[tuple[str, ...]]:
    for bound in (i for i, row in now.items() if row["STAT"] == "ci_low"):
        name = bound[: -len(".ci_low")]
        pair = f"{name}.ci_high"
        null = null_of(now[bound]) if pair in now else None
        if null is None:
            continue
        ends = [[as_float(rows[i]["VALUE"]) for i in (bound, pair)] for rows in (was, now)]
        if not np.isfinite(ends).all():
            continue
        before, after = (not low <= null <= high for low, high in ends)
        if before != after:
            word = f"interval {'now excludes' if after else 'no longer excludes'} {null:g}"
            shown = [f"{rows[bound]['TEXT']} to {rows[pair]['TEXT']}" for rows in (was, now)]
            yield name, _label(now[bound]["LABEL"]), word, *shown


def _tests(was: Rows, now: Rows) -> Iterator[tuple[str, ...]]:
    for id_ in (i for i, row in now.items() if row["STAT"] == "p"):
        for column, name in (("P_ADJ", "adjusted p"), ("VALUE", "p")):
            before, after = (as_float(rows[id_][column]) for rows in (was, now))
            if not np.isfinite([before, after]).all():
                continue
            if (before <= ALPHA) != (after <= ALPHA):
                word = f"{name} {'fell to' if after <= ALPHA else 'rose above'} {ALPHA:g}"
                label = _label(now[id_]["LABEL"])
                yield id_.removesuffix(".p"), label, word, f"{before:.3f}", f"{after:.3f}"
            break  # where a family adjusts, the adjusted p concludes


def _claims(old: pd.DataFrame | None, new: pd.DataFrame | None) -> pd.DataFrame:
    """Statements of the abstract that are judged otherwise or by another number, come or gone."""
    if old is None or new is None:
        return pd.DataFrame(columns=CLAIMS)
    was, now = (d.fillna("").set_index("ID") for d in (old, new))
    ids = [*now.index, *was.index[~was.index.isin(now.index)]]
    a, b = was.reindex(ids), now.reindex(ids)
    both = pd.DataFrame({
        "ID": ids, "TEXT": b["TEXT"].fillna(a["TEXT"]).to_numpy(),
        **{f"{c}{age}": d[c].fillna("").to_numpy()
           for c in ("VERDICT", "FOUND") for age, d in (("_OLD", a), ("", b))},
    })  # fmt: skip
    other = (both["VERDICT"] != both["VERDICT_OLD"]) | (both["FOUND"] != both["FOUND_OLD"])
    return both.loc[other, CLAIMS].reset_index(drop=True)


def _label(text: str) -> str:
    return text.rsplit(", ", 1)[0]


def null_of(row: Mapping[str, Any]) -> float | None:
    """The value of no effect of an interval: 1 for ratios, 0 for differences, None for levels."""
    if any(word in row["METHOD"] for word in _NO_NULL) or ".aval." in row["ID"]:
        return None
    return 1.0 if row["UNIT"] == "ratio" else 0.0
