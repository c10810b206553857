"""Feasibility, the stated aim: recruitment, retention, dose, re-introduction of the drug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers

COLUMNS = ("Number", "Percent or rate (95 % CI)")
RECRUITMENT = (
    ("Planned", "planned"),
    ("Screened", "screened"),
    ("Not randomised", "screen_failures"),
    ("Randomised", "enrolled"),
)
KEPT = (
    ("Completed the planned study drug", "retention"),
    ("Stopped early", "discontinued"),
)
DRUG = (
    ("Dose reduced", "dose_reduced"),
    ("Study drug interrupted", "interrupted"),
    ("Given again after an interruption", "rechallenge"),
    ("    of these: stopped again", "rechallenge_failed"),
    ("    of these: tolerated", "rechallenge_tolerated"),
)
TAKEN = (
    ("Capsules used, % of intakes recorded: mean (SD)", "adherence"),
    ("Dose taken while on drug, % of plan: mean (SD)", "dose_while_on"),
    ("Dose taken, % of the whole plan: mean (SD)", "dose_of_plan"),
)


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of the feasibility family.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``arms``, ``visits``, ``efficacy_visits``, ``analyses``.
    frames : mapping, optional
        Not looked at.
    """
    sheet = Sheet(Numbers(ard), COLUMNS)
    group, who = naming.active(study), naming.active_label(study).lower()
    _recruitment(sheet)
    heading, kept, drug = "Treatment", f"Retention on {who}", f"Dose of {who}"
    for name, label in naming.labels(study).items():
        allocated = f"feasibility.allocated.{name}.count"
        sheet.add(heading, f"Allocated to {label.lower()}", sheet.cell("{}", allocated), _no())
        treated = f"feasibility.treated.{name}.count"
        sheet.add(heading, f"Took {label.lower()}", sheet.cell("{}", treated), _no())
    for label, param in KEPT:
        _share(sheet, kept, label, f"feasibility.{param}.{group}")
        _reasons(sheet, kept, param, f".{group}")
    last = naming.later(study)[-1] if naming.later(study) else ""
    assessed = f"feasibility.assessed_{naming.visit(last)}.{group}"
    _share(sheet, kept, f"Assessed at {last.lower()}", assessed)
    for label, param in DRUG:
        _share(sheet, drug, label, f"feasibility.{param}.{group}")
    for label, param in TAKEN:
        q = f"feasibility.{param}.{group}"
        sheet.add(
            drug,
            label,
            sheet.cell("{}", f"{q}.n"),
            sheet.cell("{} ({})", f"{q}.mean", f"{q}.sd"),
        )
    return sheet.display(
        "feasibility",
        "Feasibility",
        "Recruitment, retention and what became of the study drug",
        (
            f"Retention and dose: of the patients who took {who}; what followed upon giving"
            " it again: of those to whom it was given again; with one patient on another arm there"
            " is no share to give.",
            "Intervals of shares: Clopper-Pearson. Intervals of rates: exact Poisson.",
            naming.abbreviations("CI", "SD"),
        ),
        study.study.simulated,
    )


def _recruitment(sheet: Sheet) -> None:
    heading = "Recruitment"
    for label, param in RECRUITMENT:
        sheet.add(heading, label, sheet.cell("{}", f"feasibility.{param}.count"), _no())
        if param == "screen_failures":
            _reasons(sheet, heading, param, "")
    _share(sheet, heading, "Randomised of screened", "feasibility.enrolled_of_screened")
    q = "feasibility.enrolled_of_planned"
    sheet.add(
        heading,
        "Randomised of planned",
        sheet.cell("{}", "feasibility.enrolled.count"),
        sheet.cell("{} ({} to {}) %", f"{q}.percent", f"{q}.ci_low", f"{q}.ci_high"),
    )
    for label, param in (
        ("Randomised a month, to the last randomisation", "accrual_per_month"),
        ("Randomised a month, to the day enrolment stopped", "accrual_per_month_to_stop"),
    ):
        q = f"feasibility.{param}"
        rate = sheet.cell("{} ({} to {})", f"{q}.estimate", f"{q}.ci_low", f"{q}.ci_high")
        sheet.add(heading, label, _no(), rate)


def _share(sheet: Sheet, heading: str, label: str, q: str) -> None:
    """Row of a count with its percentage and interval."""
    percent = sheet.cell("{} ({} to {}) %", f"{q}.percent", f"{q}.ci_low", f"{q}.ci_high")
    sheet.add(heading, label, sheet.cell("{}", f"{q}.count"), percent if percent[1] else _no())


def _reasons(sheet: Sheet, heading: str, param: str, ending: str) -> None:
    """Rows of the reasons that occurred, as the ARD has them."""
    stem, end = f"feasibility.{param}_", f"{ending}.count"
    for id_ in sheet.numbers.ids:
        middle = id_[len(stem) : len(id_) - len(end)]
        if id_.startswith(stem) and id_.endswith(end) and "." not in middle:
            reason = middle.replace("_", " ")
            _share(sheet, heading, f"    reason: {reason}", id_.removesuffix(".count"))


def _no() -> tuple[str, str]:
    return "", ""
