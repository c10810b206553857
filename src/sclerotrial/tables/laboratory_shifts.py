"""Laboratory: who left or came back into the range, and the worst grade after baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers

SHIFTS = {
    "Normal to low": "shift_normal_to_low",
    "Normal to high": "shift_normal_to_high",
    "Low to normal": "shift_low_to_normal",
    "High to normal": "shift_high_to_normal",
}
GRADES = {f"Grade {grade}": f"worst_grade{grade}" for grade in range(1, 5)}


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of laboratory shifts.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``analyses``, ``laboratory``, ``safety``.
    frames : mapping, optional
        Not looked at.
    """
    plan = plan_of(study).lab
    labels = naming.labels(study)
    columns = {**SHIFTS, **GRADES}
    sheet = Sheet(Numbers(ard), list(columns))
    tests = {code: test.param for code, test in study.laboratory.items()}
    if plan.weight:
        tests[plan.weight] = "Gain of weight"
    for group in plan.groups:
        for code, name in tests.items():
            stem = f"lab.{code.lower()}.{group}"
            cells = [sheet.cell("{}", f"{stem}.{part}.count") for part in columns.values()]
            sheet.add(labels.get(group, group), name, *cells)
    return sheet.display(
        "laboratory_shifts",
        "Laboratory tests",
        "Patients who passed a limit of the range at any time after baseline, and worst grade",
        (
            "Ranges are those of the laboratory at the day of each sample; one patient can stand in"
            " several columns of shifts, and in one of grades.",
            f"Grades by CTCAE version {study.safety.ctcae}, of tests that it grades.",
        ),
        study.study.simulated,
    )
