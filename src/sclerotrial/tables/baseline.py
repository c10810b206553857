"""Patients at baseline, by group; no tests (they would test the randomisation)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.ard import slug
from sclerotrial.study_analyses import BaselineItem, plan_of
from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The baseline table.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``analyses``.
    frames : mapping, optional
        Not looked at.
    """
    numbers = Numbers(ard)
    plan = plan_of(study).baseline
    labels = naming.labels(study)
    names = [labels.get(g, g) for g in plan.groups]
    sheet = Sheet(numbers, names)
    sizes = [sheet.cell("{}", f"baseline.{_first(plan.items)}.{g}.n") for g in plan.groups]
    sheet.add("", "Patients", *sizes)
    for name, item in plan.items.items():
        _item(sheet, name, item, plan.groups)
    return sheet.display(
        "baseline",
        "Patients at baseline",
        "By group: mean (SD), median (range) beneath; patients (%) of categories",
        (
            "Of a group of one patient the value itself is shown. No tests: they would test the"
            " allocation by chance.",
            naming.abbreviations("HAQ", "SD"),
        ),
        study.study.simulated,
    )


def _first(items: Mapping[str, BaselineItem]) -> str:
    """The first item with numbers, whose n is the size of a group."""
    return next((name for name, item in items.items() if not item.values), "")


def _item(sheet: Sheet, name: str, item: BaselineItem, groups: list[str]) -> None:
    if not item.values:
        label = naming.with_unit(item.label, item.unit)
        sheet.add("", label, *(_mean(sheet, f"baseline.{name}.{g}") for g in groups))
        spread = [_range(sheet, f"baseline.{name}.{g}") for g in groups]
        sheet.add("", "    median (range)", *spread)
        return
    if len(item.values) == 1:
        cells = [_share(sheet, f"baseline.{name}.{g}") for g in groups]
        sheet.add("", f"{item.label}, n (%)", *cells)
        return
    for label in item.values.values():
        cells = [_share(sheet, f"baseline.{name}.{g}.{slug(label)}") for g in groups]
        sheet.add("", f"{item.label}: {label.lower()}, n (%)", *cells)
    missing = [sheet.cell("{}", f"baseline.{name}.{g}.missing.count") for g in groups]
    sheet.add("", f"{item.label}: not known, n", *missing)


def _mean(sheet: Sheet, q: str) -> tuple[str, str]:
    """Mean (SD), or the value of one person."""
    if f"{q}.estimate" in sheet.numbers:
        return sheet.cell("{}", f"{q}.estimate")
    return sheet.cell("{} ({})", f"{q}.mean", f"{q}.sd")


def _range(sheet: Sheet, q: str) -> tuple[str, str]:
    if f"{q}.estimate" in sheet.numbers:
        return "", ""
    return sheet.cell("{} ({} to {})", f"{q}.median", f"{q}.min", f"{q}.max")


def _share(sheet: Sheet, q: str) -> tuple[str, str]:
    return sheet.cell("{} ({})", f"{q}.count", f"{q}.percent")
