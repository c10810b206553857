"""Exposure to study drug."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, Frames, by_subject


def exposure(study: Any, frames: Frames) -> pd.DataFrame:
    """Duration, dose and dose intensity, against both denominators.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl``.
    """
    desk = Desk.of(study, frames)
    plan = desk.plan.exposure
    rows: Rows = []
    for param, item in plan.items.items():
        for name in (*plan.groups, *plan.single):
            where = desk.group(name).where
            at = desk.scope(
                "exposure", name, param=param, label=item.label, paramcd=item.column,
                dataset="adsl", where=where, unit=item.unit,
            )  # fmt: skip
            people = desk.holding("adsl", where, item.column, f"exposure.items.{param}.column")
            found = by_subject(people, item.column)
            lone = desk.group(name).single
            rows += blocks.values(at, found, desk.digits(item.column, "EXPOSURE"), lone)
    return ard.frame(rows)
