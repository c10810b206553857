"""Wide panels: the moderated t of every feature; counts and the foremost features into the ARD.

At these sizes no exact test of thousands of features can pass a false discovery rate, so that the
moderated t is the primary method. What the exact test could have reached at best stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis.blocks import INTERVAL, Rows, count
from sclerotrial.analysis.common import Desk, Frames
from sclerotrial.ard import Scope, slug
from sclerotrial.files import whole
from sclerotrial.inference import draws, exact, moderated, resampled_max
from sclerotrial.inference import wide as engine
from sclerotrial.inference.result import NAN, Result
from sclerotrial.study_analyses import Comparison

if TYPE_CHECKING:
    from sclerotrial.change.wide import Block

#: changes, and levels, by visit
Panel = tuple[Mapping[str, "Block"], Mapping[str, "Block"]]
KEYS = ["ASSAY", "GROUP", "AVISIT", "FEATURE", "PARAM", "PARAMCD", "N_CENS"]
BITS = 40  # of a written number: 12 digits


@dataclass(frozen=True)
class Task:
    """One group or comparison of one panel at one visit."""

    assay: str
    name: str
    visit: str
    block: Block
    level: np.ndarray | None
    members: tuple[np.ndarray, ...]
    label: str
    design: float

    @property
    def n(self) -> int:
        """Patients."""
        return sum(len(m) for m in self.members)

    @property
    def words(self) -> str:
        """Sizes of the groups, in words."""
        return " v ".join(str(len(m)) for m in self.members)


def wide(
    study: Any, frames: Frames, panels: Mapping[str, Panel]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All panels, groups and visits.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``assays``, ``run``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl``.
    panels : mapping of assay to (changes by visit, levels by visit)
        As `change.wide_file.read_changes` gives them.

    Returns
    -------
    ard, tests : DataFrame
        Rows of the ARD, and every feature with its tests: columns `KEYS` and those of
        `inference.wide`.
    """
    desk = Desk.of(study, frames)
    rows: Rows = []
    tests: list[pd.DataFrame] = []
    for assay, (changes, levels) in panels.items():
        for visit, block in changes.items():
            level = _level(levels, visit) if desk.plan.wide.trend else None
            for name in (*desk.plan.wide.groups, *desk.plan.wide.comparisons):
                task = _task(desk, assay, name, visit, block, level)
                more, table = _one(desk, task)
                rows += more
                tests += [table] if len(table) else []
    empty = pd.DataFrame(columns=[*KEYS, *engine.COLUMNS])
    return ard.frame(rows), pd.concat(tests, ignore_index=True) if tests else empty


def write_tests(tests: pd.DataFrame, path: str | Path) -> None:
    """Write the tests of all features as parquet, numbers with 12 digits (40 bits).

    Parameters
    ----------
    tests : DataFrame
        As `wide` gives them.
    path : path
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {}
    for c in tests.columns:
        if tests[c].dtype.kind == "f":
            part, power = np.frexp(tests[c].to_numpy(float))
            kept = np.ldexp(np.rint(np.ldexp(part, BITS)), power - BITS) + 0.0
            columns[c] = pa.array(kept, from_pandas=True)
        elif isinstance(tests[c].dtype, pd.StringDtype):
            columns[c] = pa.array(tests[c], from_pandas=True).cast(pa.string())
        else:
            columns[c] = pa.array(tests[c].tolist())
    with whole(path) as part:
        pq.write_table(pa.table(columns), part, compression="zstd", use_dictionary=True)


def _level(levels: Mapping[str, Block], visit: str) -> np.ndarray | None:
    """Mean level of each feature over the samples up to this visit, for the trend."""
    parts = [b.values for v, b in levels.items() if v == visit or v == next(iter(levels))]
    if not parts:
        return None
    both = np.concatenate(parts, axis=1)
    there = ~np.isnan(both)
    many = there.sum(axis=1)
    total = np.where(there, both, 0.0).sum(axis=1)
    return np.divide(total, many, out=np.full(len(both), np.nan), where=many > 0)


def _task(
    desk: Desk, assay: str, name: str, visit: str, block: Block, level: np.ndarray | None
) -> Task:
    pair = desk.plan.comparisons.get(name)
    groups = (pair.first, pair.second) if pair else (name,)
    seen = ~np.isnan(block.values).all(axis=0)
    members = []
    for group in groups:
        ids = set(desk.select("adsl", desk.group(group).where)["USUBJID"])
        members.append(np.flatnonzero([s in ids for s in block.subjects] & seen))
    sizes = [len(m) for m in members]
    design = exact.design_permutation(*sizes) if pair else exact.design_sign(sizes[0])
    label = pair.label if pair else desk.group(name).label
    return Task(assay, name, visit, block, level, tuple(members), label, design)


def _scope(desk: Desk, task: Task) -> Scope:
    base = task.name
    pair: Comparison | None = desk.plan.comparisons.get(task.name)
    if pair:
        base = pair.first
    return desk.scope(
        "wide", base, param=slug(task.assay),
        dataset=f"wide/{task.assay}.parquet", avisit=task.visit, unit="log2", digits=2,
    ).but(
        n=task.n, group=task.name, label=f"{task.assay}, {task.label}, {task.visit}",
        estimand=pair.estimand if pair else desk.group(base).estimand,
        where=f'MEASURE=="LOG2FC" & KIND=="feature" & AVISIT=="{task.visit}"',
    )  # fmt: skip


def _one(desk: Desk, task: Task) -> tuple[Rows, pd.DataFrame]:
    """Counts, what exact tests could reach, and the foremost features."""
    at = _scope(desk, task)
    features = task.block.features
    share = features["N_CENS"].to_numpy(float) / np.maximum(features["N"].to_numpy(float), 1)
    kept = share <= desk.plan.biomarkers.censored_max
    rows = _counted(at, "features", "features of the panel", len(features))
    rows += _counted(at, "at_limits", "features left out, mostly at a limit", int((~kept).sum()))
    if why := _refused(task):
        note = f"{why}: no test"
        empty = at.but(quantity="tested", label=f"{at.label}, features tested", unit="features")
        return [*rows, empty.row("count", 0, note=note)], pd.DataFrame()
    table = _tested(desk, task, kept)
    told = features[[c for c in KEYS if c in features]][kept].reset_index(drop=True)
    keys = {"ASSAY": task.assay, "GROUP": task.name, "AVISIT": task.visit}
    table = pd.concat([told.assign(**keys)[KEYS], table], axis=1)
    p = table["P_MOD"].to_numpy(float)
    tested = int((~np.isnan(p)).sum())
    rate = desk.plan.wide.fdr
    passed = int((table["P_ADJ"].to_numpy(float) <= rate).sum())
    rows += _counted(at, "tested", "features tested", tested)
    rows += _counted(at, "passed", f"features within a false discovery rate of {rate:g}", passed)
    rows += _floor(at, task, tested, rate)
    rows += _foremost(desk, task, at, table, tested)
    return rows, table


def _refused(task: Task) -> str:
    short = min((len(m) for m in task.members), default=0)
    if short >= 2:
        return ""
    if len(task.members) > 1:
        return f"{task.words}: fewer than two patients in a group"
    return f"n = {short}: too few (at least 2 needed)"


def _counted(at: Scope, quantity: str, label: str, k: int) -> Rows:
    return count(at.but(quantity=quantity, label=f"{at.label}, {label}"), k, unit="features")


def _tested(desk: Desk, task: Task, kept: np.ndarray) -> pd.DataFrame:
    plan = desk.plan
    parts = [task.block.values[kept][:, m] for m in task.members]
    more: dict[str, Any] = {"seed": desk.seed(f"wide {task.assay} {task.name} {task.visit}")}
    more |= {"robust": plan.wide.robust}
    level = None if task.level is None else task.level[kept]
    if len(parts) == 1:
        return engine.paired(parts[0], plan.conf_level, trend=level, **more)
    return engine.groups(*parts, plan.conf_level, trend=level, **more)


def _floor(at: Scope, task: Task, tested: int, rate: float) -> Rows:
    """The smallest p of the exact test, and how many features would have to share it."""
    need = moderated.floor(task.design, tested, rate) if tested else math.inf
    here = at.but(quantity="exact_floor", unit="", digits=4, label=f"{at.label}, exact test")
    note = "" if math.isfinite(need) else "no feature could pass by exact tests, whatever the data"
    needed = here.but(quantity="exact_needed", unit="features", digits=0)
    needed = needed.but(label=f"{at.label}, features that would have to share the smallest exact p")
    return [
        here.row("estimate", task.design, label="smallest p of this design"),
        needed.row("count", need if math.isfinite(need) else NAN, note=note),
    ]


def _foremost(desk: Desk, task: Task, at: Scope, table: pd.DataFrame, tested: int) -> Rows:
    """Rows of the features with the smallest p, by name where p is the same."""
    plan = desk.plan
    order = np.lexsort((table["FEATURE"].astype(str), table["P_MOD"].fillna(2.0)))
    chosen = order[: min(plan.wide.top, tested)]
    largest = _largest(desk, task, table, chosen)
    complete = table.loc[table["P_MOD"].notna(), "N"].nunique() < 2
    rows: Rows = []
    taken: set[str] = set()
    for rank, k in enumerate(chosen.tolist(), start=1):
        row = table.iloc[k]
        part = slug(f"{task.assay} {row['FEATURE']}")
        part = part if part not in taken else f"{part}_{rank}"
        taken.add(part)
        label = f"{row['PARAM']}, {task.label}, {task.visit}"
        here = at.but(param=part, label=label, quantity="log2fc", paramcd=str(row["PARAMCD"]))
        here = here.but(where=f'{at.where} & FEATURE=="{row["FEATURE"]}"', n=float(row["N"]))
        rows += _feature(plan, task, here, row, rank, tested, largest.get(k), complete)
    return rows


def _feature(
    plan: Any, task: Task, at: Scope, row: pd.Series, rank: int, tested: int,
    largest: Result | None, whole_panel: bool,
) -> Rows:  # fmt: skip
    options = [w for w in ("trend", "robust") if getattr(plan.wide, w)]
    how = f"{moderated.CONVENTION}{'; ' if options else ''}{', '.join(options)}"
    # of features with missing values limma 3.62 and later take another prior by default
    how += "" if whole_panel else "; unequal residual df: the prior by moments (legacy = TRUE)"
    note = f"{int(row['N_CENS'])} patients with a value at a limit" if row["N_CENS"] else ""
    mod = Result(
        "moderated t", how, int(row["N"]), estimate=float(row["ESTIMATE"]),
        ci_low=float(row["MOD_LOW"]), ci_high=float(row["MOD_HIGH"]), p=float(row["P_MOD"]),
        p_attainable=0.0, p_design=0.0, conf_level=plan.conf_level,
        conf_achieved=plan.conf_level, note=note,
    )  # fmt: skip
    rows = [at.but(quantity="rank", unit="", digits=0).row("estimate", rank, label="place by p")]
    rows += ard.result_rows(at, "moderated", mod, ("estimate", *INTERVAL, "p"))
    adjusted = mod.but(
        p=float(row["P_ADJ"]), method="moderated t, Benjamini-Hochberg",
        convention=f"adjusted for {tested} features; {how}",
    )  # fmt: skip
    rows += ard.result_rows(at, "moderated_bh", adjusted, ("p",))
    paired = len(task.members) == 1
    test = Result(
        "sign-flip permutation of the mean change" if paired
        else "permutation of the difference of means",
        "two-sided, far tail; not adjusted", int(row["N"]),
        tuple(len(m) for m in task.members) if not paired else (),
        p=float(row["P_MEAN"]), p_attainable=float(row["P_MEAN_ATTAINABLE"]), p_design=task.design,
    )  # fmt: skip
    part = "signflip" if paired else "permutation"
    rows += ard.result_rows(at, part, ard.printable(test, plan.alpha), ("p",))
    if largest is not None:
        rows += ard.result_rows(at, "maxt", ard.printable(largest, plan.alpha), ("p",))
    fold = mod.but(
        estimate=2.0**mod.estimate, ci_low=2.0**mod.ci_low, ci_high=2.0**mod.ci_high,
        method="ratio, back-transformed moderated estimate",
    )  # fmt: skip
    return rows + ard.result_rows(
        at.but(quantity="fold"), "", fold, ("estimate", *INTERVAL), unit="ratio", digits=2
    )


def _largest(desk: Desk, task: Task, table: pd.DataFrame, chosen: np.ndarray) -> dict[int, Result]:
    """Max-T over the features that every patient has, of the chosen rows among them.

    It uses the correlation of all these features.
    """
    if not desk.plan.wide.maxt:
        return {}
    complete = np.flatnonzero(table["N"].to_numpy(int) == task.n)
    if not len(complete):
        return {}
    kept = pd.Index(task.block.features["FEATURE"]).get_indexer(table["FEATURE"].iloc[complete])
    parts = [task.block.values[kept][:, m] for m in task.members]
    seed = desk.seed(f"wide max-T {task.assay} {task.name} {task.visit}")
    found = resampled_max.panel(parts, seed=seed)
    note = f"{len(complete)} features that all {task.n} patients have"
    out = Result("max-T over the panel", found.convention, task.n, p_design=task.design, note=note)
    least = task.design if found.exact else max(task.design, 1 / (draws.DRAWS + 1))
    place = {int(k): i for i, k in enumerate(complete)}
    return {
        k: out.but(p=float(found.p[i]), p_attainable=least)
        for k in chosen.tolist()
        if (i := place.get(k)) is not None
    }
