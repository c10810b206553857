"""What every analysis has at hand: the plan, the datasets, groups, visits, scopes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sclerotrial.ard import Scope, visit_part
from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.study_analyses import Analyses, Group, plan_of
from sclerotrial.where import both, is_, select

__all__ = ["Desk", "Frames", "both", "by_subject", "is_", "select"]

Frames = Mapping[str, pd.DataFrame]


def by_subject(df: pd.DataFrame, column: str) -> pd.Series:
    """Numbers of a column by USUBJID, missing ones left out, subjects in order.

    Raises
    ------
    ValueError
        When a subject has two rows: the condition should leave one.
    """
    found = {}
    for subject, cell in zip(df["USUBJID"], df[column], strict=True):
        text = str(cell).strip()
        if not text:
            continue
        if subject in found:
            raise ValueError(f"{column}: more than one row of a subject")
        found[subject] = float(text)
    return pd.Series({k: found[k] for k in sorted(found)}, dtype=float, name=column)


def seed_of(seed: int, name: str) -> int:
    """The seed of a unit of work: of the run's seed and its name, whatever else is done when."""
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:4], "big")


@dataclass(frozen=True)
class Desk:
    """What every analysis has at hand: the study, its plan, the frames, and who is in a group."""

    study: Any
    plan: Analyses
    frames: Frames
    known: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, study: Any, frames: Frames) -> Desk:
        """From a study and its analysis datasets (text, as `tabular.read_csv` gives them)."""
        # One block of plain objects: rows are taken from it many times.
        plain = {
            k: pd.DataFrame(v.to_numpy(object), v.index, v.columns, dtype=object)
            for k, v in frames.items()
        }
        return cls(study, plan_of(study), plain)

    def group(self, name: str) -> Group:
        """A group of the plan, or `InputErrors` with the nearest names."""
        if name not in self.plan.groups:
            raise InputErrors(
                [
                    Problem(
                        f"The group {name!r} is not known.{did_you_mean(name, self.plan.groups)}",
                        "analyses.yaml, key groups",
                        f"Use one of: {', '.join(self.plan.groups)}",
                    )
                ]
            )
        return self.plan.groups[name]

    def select(self, dataset: str, where: str) -> pd.DataFrame:
        """Rows of a dataset that meet a condition."""
        return select(self.frames[dataset], where, dataset, self.known)

    def holding(self, dataset: str, where: str, column: str, key: str) -> pd.DataFrame:
        """`select`, of a dataset that has the column which a key of `analyses.yaml` names."""
        columns = self.frames[dataset].columns
        if column not in columns:
            raise InputErrors(
                [
                    Problem(
                        f"The dataset {dataset} has no column {column!r}."
                        f"{did_you_mean(column, columns)}",
                        f"analyses.yaml, key {key}",
                        "Correct the name of the column",
                    )
                ]
            )
        return self.select(dataset, where)

    def size(self, name: str) -> int:
        """Number of patients of a group."""
        key = ("size", name)
        if key not in self.known:
            self.known[key] = self.select("adsl", self.group(name).where)["USUBJID"].nunique()
        return self.known[key]

    def digits(self, *codes: str) -> tuple[int, int]:
        """Decimals of a recorded value and of a statistic, by the first code that is listed."""
        for code in (*codes, "default"):
            if code in self.plan.digits:
                return self.plan.digits[code]
        return (1, 1)

    @property
    def run_seed(self) -> int:
        """The seed of the run options (section ``run``)."""
        return int(getattr(getattr(self.study, "run", None), "seed", 0) or 0)

    def seed(self, name: str) -> int:
        """The seed of a unit of work by its name."""
        return seed_of(self.run_seed, name)

    @property
    def later_visits(self) -> list[str]:
        """The efficacy visits after baseline."""
        first = {v.avisit for v in self.study.visits if v.baseline}
        return [v for v in self.study.efficacy_visits if v not in first]

    @property
    def last_visit(self) -> str:
        """The primary visit, or the last efficacy visit."""
        marked = [v.avisit for v in self.study.visits if v.primary]
        return (marked or self.later_visits or [""])[-1]

    def scope(self, analysis: str, name: str = "", **more: Any) -> Scope:
        """A scope for a group, with its population, estimand and label."""
        if not name:
            return Scope(analysis, **more)
        g = self.group(name)
        label = ", ".join(x for x in (more.pop("label", ""), g.label) if x)
        more.setdefault("where", g.where)
        more.setdefault("estimand", g.estimand)
        if more.get("avisit"):
            more.setdefault("visit", visit_part(more["avisit"]))
            label = f"{label}, {more['avisit']}"
        return Scope(analysis, group=name, population=g.population, label=label, **more)
