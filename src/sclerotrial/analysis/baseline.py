"""Baseline characteristics by group; no tests (they would test the randomisation)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, Frames, both, by_subject, is_
from sclerotrial.ard import Scope, slug
from sclerotrial.study_analyses import BaselineItem


def baseline(study: Any, frames: Frames) -> pd.DataFrame:
    """Baseline table: counts of categories, summaries of numbers, bare values of one person.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl`` and the datasets that the items name (``adqs``, ``adlb``, ``advs``).
    """
    desk = Desk.of(study, frames)
    rows: Rows = []
    for item_name, item in desk.plan.baseline.items.items():
        for name in desk.plan.baseline.groups:
            rows += _item(desk, item_name, item, name)
    return ard.frame(rows)


def _item(desk: Desk, item_name: str, item: BaselineItem, name: str) -> Rows:
    own = [is_("PARAMCD", item.param), is_("ABLFL", "Y")] if item.param else []
    column = "AVAL" if item.param else str(item.column)
    where = both(*own, desk.group(name).where)
    df = desk.holding(item.dataset, where, column, f"baseline.items.{item_name}.column")
    at = desk.scope(
        "baseline",
        name,
        param=item_name,
        label=item.label,
        paramcd=item.param or item.column or "",
        dataset=item.dataset,
        where=where,
        unit=item.unit,
        estimand="descriptive",
    )
    if item.values:
        return _categories(desk, at, item, df, column, name)
    digits = desk.digits(item.param or str(item.column))
    found = by_subject(df, column)
    at = at.but(where=both(where, f'{column}!=""'))
    return blocks.values(at, found, digits, desk.group(name).single)


def _categories(
    desk: Desk, at: Scope, item: BaselineItem, df: pd.DataFrame, column: str, name: str
) -> Rows:
    """Patients of each category, of all in the group with a value (flags: of all)."""
    rows: Rows = []
    known = df if len(item.values) == 1 else df[df[column] != ""]
    several = len(item.values) > 1
    for value, label in item.values.items():
        here = at.but(
            quantity=slug(label) if several else "",
            label=f"{at.label}, {label}" if several else at.label,
            where=both(at.where, is_(column, value)),
        )
        rows += blocks.share(here, int((known[column] == value).sum()), len(known), desk.plan)
    if len(known) < desk.size(name):
        missing = at.but(quantity="missing", label=f"{at.label}, not known")
        rows += blocks.count(missing, desk.size(name) - len(known), n=desk.size(name))
    return rows
