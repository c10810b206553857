"""Intercurrent events with their strategies, and departures from the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.ard import slug
from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers

ALL = "All, patients (records)"


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of intercurrent events and deviations.

    Parameters
    ----------
    ard : DataFrame
        ``quality.ice_*``, ``quality.deviation_*``.
    study : Study
        Sections ``study``, ``analyses``, ``intercurrent_events``.
    frames : mapping, optional
        Not looked at.
    """
    numbers = Numbers(ard)
    groups = plan_of(study).safety.groups
    labels = naming.labels(study)
    columns = [f"{labels.get(g, g)}, patients (%)" for g in groups]
    sheet = Sheet(numbers, [*columns, ALL])
    for event in study.intercurrent_events:
        cells = []
        for group in groups:
            q = f"quality.ice_{slug(event.code)}.{group}"
            cells.append(sheet.cell("{} ({})", f"{q}.count", f"{q}.percent"))
        label = f"{event.label} ({event.strategy})"
        sheet.add("Intercurrent events", label, *cells, ("", ""))
    for id_ in numbers.ids:
        if id_.startswith("quality.deviation_") and id_.endswith(".patients.count"):
            records = id_.replace(".patients.", ".records.")
            label = numbers.cell(id_, "LABEL").split(", patients")[0] or _words(id_)
            found = sheet.cell("{} ({})", id_, records)
            sheet.add("Deviations from the protocol", label, *[("", "")] * len(groups), found)
    return sheet.display(
        "deviations",
        "Intercurrent events and deviations",
        "Patients in whom they were recorded",
        (
            "Brackets: the strategy of each intercurrent event in the analysis of all treated.",
            "Deviations are those that the data show: rows of the list of queries, from the forms,"
            " the allocation list and the dosing log. Of a kind that is not listed none was found.",
        ),
        study.study.simulated,
    )


def _words(id_: str) -> str:
    return id_.split(".")[1].removeprefix("deviation_").replace("_", " ").capitalize()
