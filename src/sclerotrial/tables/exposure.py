"""Exposure to the study drug, by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of exposure.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``arms``, ``analyses``.
    frames : mapping, optional
        Not looked at.
    """
    plan = plan_of(study).exposure
    labels = naming.labels(study)
    groups = [*plan.groups, *plan.single]
    sheet = Sheet(Numbers(ard), [labels.get(g, g) for g in groups])
    first = next(iter(plan.items), "")
    sheet.add("Patients", "Number", *(sheet.cell("{}", f"exposure.{first}.{g}.n") for g in groups))
    for name, item in plan.items.items():
        label = naming.with_unit(item.label, item.unit)
        stems = [f"exposure.{name}.{g}" for g in groups]
        sheet.add(label, "Mean (SD)", *(_mean(sheet, q) for q in stems))
        sheet.add(label, "Median (range)", *(_range(sheet, q) for q in stems))
    reduced = ""
    if study.dosing:
        reduced = f"Planned: {study.dosing.planned_daily:g} {study.dosing.unit} a day for"
        reduced += f" {study.dosing.planned_days} days."
    return sheet.display(
        "exposure",
        "Exposure to study drug",
        "By group; of one patient the value itself",
        (
            reduced,
            "Days dosed leave out interruptions. Dose intensity: milligrams taken in percent of"
            " those planned, for the whole plan and for the time from first to last dose. Of the"
            " placebo the milligrams are those of the matching capsules.",
            naming.abbreviations("SD"),
        ),
        study.study.simulated,
    )


def _mean(sheet: Sheet, q: str) -> tuple[str, str]:
    if f"{q}.estimate" in sheet.numbers:
        return sheet.cell("{}", f"{q}.estimate")
    return sheet.cell("{} ({})", f"{q}.mean", f"{q}.sd")


def _range(sheet: Sheet, q: str) -> tuple[str, str]:
    if f"{q}.estimate" in sheet.numbers:
        return "", ""
    return sheet.cell("{} ({} to {})", f"{q}.median", f"{q}.min", f"{q}.max")
