"""Figures: one function a figure. They draw individual data and print numbers of the ARD only."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd

#: all figures in the order of the report: module, and the datasets that each draws
FIGURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "consort": ("consort", ("adsl",)),
    "dosing_and_events": ("dosing", ("adsl", "adex", "adae")),
    "event_onset": ("event_onset", ("adsl", "adae")),
    "event_grades": ("event_grades", ("adae",)),
    "laboratory": ("laboratory", ("adsl", "adlb")),
    "mrss_by_patient": ("skin_score", ("adsl", "adqs", "adex")),
    "skin_map": ("skin_map", ()),
    "forest_outcomes": ("forest", ()),
    "biomarker_change_serum": ("biomarkers", ("adsl", "adbm")),
    "biomarker_change_skin": ("biomarkers", ("adsl", "adbm")),
    "biomarker_heatmap": ("biomarker_pattern", ("adsl", "adbm")),
    "biomarker_correlation": ("biomarker_pattern", ()),
    "biomarker_volcano": ("volcano", ("wide",)),
    "biomarker_agreement": ("agreement", ("adsl", "adbm")),
    "biomarker_curves": ("assay_quality", ("readings", "levels")),
    "biomarker_plates": ("assay_quality", ("quality",)),
}
#: figures with a layout for a page and one for a column; the others fill one column
WIDE = (
    "consort", "dosing_and_events", "mrss_by_patient", "forest_outcomes",
    "biomarker_change_serum", "biomarker_change_skin",
)  # fmt: skip


def needs(name: str) -> tuple[str, ...]:
    """Datasets that a figure draws, besides the ARD: of `adam/`, or of all assays together."""
    return FIGURES[name][1]


def draw(
    name: str,
    adam: Mapping[str, pd.DataFrame],
    ard: pd.DataFrame,
    study: Any,
    width: float | None = None,
) -> tuple[Any, str]:
    """A figure by its name.

    Parameters
    ----------
    name : str
        One of `FIGURES`.
    adam : mapping
        The datasets that `needs` names, all cells text.
    ard : DataFrame
        The analysis results dataset.
    study : Study
    width : float, optional
        Printed width in mm, of a figure that is one of `WIDE`.

    Returns
    -------
    plot, caption
        For `sclerotrial.figures.theme.save`.
    """
    module, _ = FIGURES[name]
    made = getattr(import_module(f"sclerotrial.figures.{module}"), name)
    more = {} if width is None or name not in WIDE else {"width": width}
    return made(adam, ard, study, **more)
