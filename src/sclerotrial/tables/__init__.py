"""Tables: one module a table, one renderer a format. They read the ARD and compute nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd

from sclerotrial.tables.display import Display

#: all tables in the order of the report, with the datasets that each looks at besides the ARD
TABLES: dict[str, tuple[str, ...]] = {
    "feasibility": (),
    "baseline": (),
    "exposure": (),
    "adverse_events": ("adae",),
    "laboratory_shifts": (),
    "outcomes_all_treated": (),
    "outcomes_between_arms": (),
    "completers_vs_stopped": (),
    "biomarkers": (),
    "deviations": (),
    "data_quality": (),
    "consort_checklist": (),
}


def build(
    name: str, ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """A table by its name.

    Parameters
    ----------
    name : str
        One of `TABLES`.
    ard : DataFrame
        The analysis results dataset.
    study : Study
    frames : mapping, optional
        The datasets that `TABLES` names for it.
    """
    if name not in TABLES:
        raise KeyError(name)
    return import_module(f"sclerotrial.tables.{name}").build(ard, study, frames)


def build_all(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> dict[str, Display]:
    """All tables by name, those without any number left out."""
    made = {name: build(name, ard, study, frames) for name in TABLES}
    return {name: display for name, display in made.items() if len(display.frame)}
