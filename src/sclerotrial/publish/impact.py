"""What a swap of raw files changed: files, samples, numbers as printed, and conclusions.

`impact` compares the analysis results and the intake of two runs; `page` shows it. Nothing is
computed anew: a number has moved when it prints differently, a conclusion has flipped when an
interval came to exclude (or include) the value of no effect, or when a p, adjusted where its family
adjusts, crossed its level.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.tables.display import SIMULATED
from sclerotrial.tables.source import as_float
from sclerotrial.tabular import num, records

#: rows of an ARD by ID
Rows = Mapping[str, Mapping[str, Any]]
ALPHA = 0.05
#: Columns of the four tables.
FILES = ["CHANGE", "FILE", "FORMAT_OLD", "FORMAT_NEW", "ROWS_OLD", "ROWS_NEW", "MATCHED_OLD",
         "MATCHED_NEW"]  # fmt: skip
SAMPLES = ["CHANGE", "ASSAY", "USUBJID", "AVISIT", "MARKERS"]
NUMBERS = ["CHANGE", "ID", "LABEL", "UNIT", "OLD", "NEW", "DIFFERENCE"]
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
        `SAMPLES`; CHANGE is gained or lost, MARKERS the number of markers concerned.
    numbers : DataFrame
        `NUMBERS`; CHANGE is moved, new or gone; OLD and NEW as printed.
    flips : DataFrame
        `FLIPS`.
    compared : int
        Numbers that both runs have.
    former : bool
        Whether there was a former run to compare with.
    """

    files: pd.DataFrame
    samples: pd.DataFrame
    numbers: pd.DataFrame
    flips: pd.DataFrame
    compared: int
    former: bool

    @property
    def nothing(self) -> bool:
        """Nothing differs."""
        return all(t.empty for t in (self.files, self.samples, self.numbers, self.flips))


def impact(
    old_ard: pd.DataFrame | None,
    new_ard: pd.DataFrame,
    old_intake: pd.DataFrame | None,
    new_intake: pd.DataFrame,
    old_change: pd.DataFrame | None = None,
    new_change: pd.DataFrame | None = None,
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
    """
    if old_ard is None:
        empty = (pd.DataFrame(columns=c) for c in (FILES, SAMPLES, NUMBERS, FLIPS))
        return Impact(*empty, 0, False)
    old, new = (d.fillna("").set_index("ID", drop=False) for d in (old_ard, new_ard))
    both = new.index[new.index.isin(old.index)]
    return Impact(
        _files(old_intake, new_intake), _samples(old_change, new_change), _numbers(old, new),
        _flips(old.loc[both], new.loc[both]), len(both), True,
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
    rows = []
    for k in sorted({*a, *b}):
        gained, lost = b.get(k, set()) - a.get(k, set()), a.get(k, set()) - b.get(k, set())
        rows += [(what, *k, len(m)) for what, m in (("gained", gained), ("lost", lost)) if m]
    return pd.DataFrame(rows, columns=SAMPLES)


def _numbers(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    ids = [*new.index, *old.index[~old.index.isin(new.index)]]
    was, now = old["TEXT"].reindex(ids), new["TEXT"].reindex(ids)
    change = np.where(was.isna(), "new", np.where(now.isna(), "gone", "moved"))
    moved = was.isna() | now.isna() | (was != now)
    # a number that was never printed is neither new nor gone
    moved &= (was.fillna("") != "") | (now.fillna("") != "")
    one = new.combine_first(old).reindex(ids)
    value = num(new["VALUE"]).reindex(ids) - num(old["VALUE"]).reindex(ids)
    out = pd.DataFrame({
        "CHANGE": change, "ID": ids, "LABEL": one["LABEL"].to_numpy(),
        "UNIT": one["UNIT"].to_numpy(),
        "OLD": was.fillna("").to_numpy(), "NEW": now.fillna("").to_numpy(),
        "DIFFERENCE": [f"{x:+.3g}" if np.isfinite(x) else "" for x in value],
    })  # fmt: skip
    return out[moved.to_numpy()].reset_index(drop=True)


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


def _label(text: str) -> str:
    return text.rsplit(", ", 1)[0]


def null_of(row: Mapping[str, Any]) -> float | None:
    """The value of no effect of an interval: 1 for ratios, 0 for differences, None for levels."""
    if any(word in row["METHOD"] for word in _NO_NULL) or ".aval." in row["ID"]:
        return None
    return 1.0 if row["UNIT"] == "ratio" else 0.0


def page(found: Impact, simulated: bool, against: str = "the former results") -> str:
    """The comparison as one self-contained page.

    Parameters
    ----------
    found : Impact
    simulated : bool
        Every page that shows simulated data says so.
    against : str
        What the results are compared with, in words.
    """
    say = html.escape
    if not found.former:
        body = f"<p>There are no former results to compare with ({say(against)}).</p>"
    elif found.nothing:
        body = f"<p>Nothing differs from {say(against)}: {found.compared} numbers print alike.</p>"
    else:
        moved = int((found.numbers["CHANGE"] == "moved").sum())
        body = (
            f"<p>Compared with {say(against)}. Of {found.compared} numbers that both have, {moved} "
            f"print differently; {len(found.flips)} conclusions flipped.</p>"
            + _section("Conclusions that flipped", found.flips)
            + _section("Files in and out", found.files)
            + _section("Samples gained and lost", found.samples)
            + _section("Numbers that moved beyond their printed precision", found.numbers)
        )
    notice = f"<p><strong>{SIMULATED}</strong></p>\n" if simulated else ""
    style = (
        "body{font:15px/1.5 'DejaVu Sans',Verdana,sans-serif;margin:2rem;color:#1a1a1a}"
        "table{border-collapse:collapse;font-size:12px}th,td{padding:.25rem .5rem;text-align:left;"
        "border-bottom:1px solid #d9d9d9;vertical-align:top}"
    )
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>Impact of the swap"
        f"</title><style>{style}</style></head>\n"
        f"<body><h1>What changed</h1>\n{notice}{body}\n</body></html>\n"
    )


_HEADINGS = {
    "CHANGE": "Change", "FILE": "File", "FORMAT_OLD": "Format before", "FORMAT_NEW": "Format now",
    "ROWS_OLD": "Rows before", "ROWS_NEW": "Rows now", "MATCHED_OLD": "Samples matched before",
    "MATCHED_NEW": "Samples matched now", "ASSAY": "Assay", "USUBJID": "Patient", "AVISIT": "Visit",
    "MARKERS": "Markers", "ID": "Number", "LABEL": "What it is", "UNIT": "Unit", "OLD": "Before",
    "NEW": "Now", "DIFFERENCE": "Difference", "WHAT": "What flipped",
}  # fmt: skip


def _section(title: str, table: pd.DataFrame) -> str:
    if table.empty:
        return f"<h2>{html.escape(title)}</h2><p>None.</p>\n"
    return f"<h2>{html.escape(title)} ({len(table)})</h2>\n{_table(table, list(table.columns))}\n"


def _table(table: pd.DataFrame, columns: Sequence[str]) -> str:
    head = "".join(f"<th>{html.escape(_HEADINGS[c])}</th>" for c in columns)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(str(x))}</td>" for x in row) + "</tr>"
        for row in table[list(columns)].itertuples(index=False)
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
