"""Data quality: queries, values that are missing, checks of plates and samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.ard import slug
from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers

COLUMNS = ("Number", "Of these failed")
KINDS = (
    ("queries_severity_", "Queries by severity"),
    ("queries_action_", "Queries by what was done"),
    ("queries_rule_", "Queries by rule"),
    ("queries_form_", "Queries by form"),
)


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of data quality.

    Parameters
    ----------
    ard : DataFrame
        The family ``quality``.
    study : Study
        Sections ``study``, ``endpoints``, ``visits``, ``efficacy_visits``, ``assays``.
    frames : mapping, optional
        Not looked at.
    """
    numbers = Numbers(ard)
    sheet = Sheet(numbers, COLUMNS)
    sheet.add("Queries", "All", sheet.cell("{}", "quality.queries.count"), ("", ""))
    for prefix, heading in KINDS:
        stem = f"quality.{prefix}"
        for id_ in numbers.ids:
            if id_.startswith(stem) and id_.endswith(".count"):
                name = id_[len(stem) : -len(".count")].replace("_", " ")
                sheet.add(heading, name, sheet.cell("{}", id_), ("", ""))
    for code, endpoint in study.endpoints.items():
        for visit in study.efficacy_visits:
            q = f"quality.{code.lower()}.all.{naming.visit(visit)}.missing.count"
            label = f"{endpoint.param}, {visit.lower()}"
            sheet.add("Values not there, of all treated", label, sheet.cell("{}", q), ("", ""))
    for assay, entry in study.assays.items():
        _checks(sheet, f"quality.assay_{slug(assay)}.check_", f"Checks: {entry.label}")
    return sheet.display(
        "data_quality",
        "Data quality",
        "What the checks of forms and assays found",
        (
            "Queries that a later export has settled are not counted.",
            "A check that failed flags its value; what was done with it stands in the list of"
            " queries and in the levels of the assay.",
        ),
        study.study.simulated,
    )


def _checks(sheet: Sheet, stem: str, heading: str) -> None:
    for id_ in sheet.numbers.ids:
        if not id_.startswith(stem) or not id_.endswith(".count"):
            continue
        name = id_[len(stem) : -len(".count")]
        if name.endswith(("_failed", "_warned")):
            continue
        cells = (sheet.cell("{}", id_), sheet.cell("{}", f"{stem}{name}_failed.count"))
        sheet.add(heading, name.replace("_", " "), *cells)
