"""Those who completed the study drug beside those who stopped, each variable and visit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming
from sclerotrial.tables.biomarkers import adjusted
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers

NOTES = (
    "Who completed was not decided by chance: the comparison describes, it does not tell what the"
    " drug did. Those who stopped were measured off drug from then on.",
    "Shift: Hodges-Lehmann with the hull of the values that the exact rank-sum test does not"
    " reject; its achieved level stands behind. Exact tests, two-sided by the far tails; the"
    " smallest p that the data could have given stands in brackets. Of ordered categories the"
    " mean score is permuted. Holm: within the family of secondary outcomes.",
    naming.abbreviations("CI", "HAQ", "LOCF", "SD", "SF-36"),
)


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of the comparison of those who completed with those who did not.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``arms``, ``visits``, ``efficacy_visits``, ``endpoints``,
        ``analyses``.
    frames : mapping, optional
        Not looked at.
    """
    plan = plan_of(study)
    pair = plan.comparisons.get(plan.completion.comparison)
    first, second = (pair.first, pair.second) if pair else (naming.COMPLETERS, naming.STOPPED)
    columns = (
        "Completed, n",
        "Completed, mean (SD)",
        "Stopped, n",
        "Stopped, mean (SD)",
        "Shift, completed minus stopped (exact CI; level)",
        "p, permutation (smallest attainable)",
        "p, rank-sum (smallest attainable)",
        "p, Holm",
    )
    sheet = Sheet(Numbers(ard), columns)
    last = naming.later(study)[-1] if naming.later(study) else ""
    shown = (
        (naming.baseline(study), naming.baseline(study), "aval"),
        (last, last, "aval"),
        (f"Change to {last.lower()}", last, "chg"),
        (f"Change to {last.lower()}, LOCF", last, "chg_locf"),
    )
    for code, endpoint in study.endpoints.items():
        heading = naming.with_unit(endpoint.param, endpoint.unit)
        if naming.ordinal(endpoint):
            heading = f"{endpoint.param}, median (range)"
        for label, avisit, quantity in shown:
            stem = ["completion", code.lower()]
            tail = [naming.visit(avisit), quantity]
            q = naming.join(*stem, plan.completion.comparison, *tail)
            sheet.add(
                heading,
                label,
                *_group(sheet, naming.join(*stem, first, *tail), naming.ordinal(endpoint)),
                *_group(sheet, naming.join(*stem, second, *tail), naming.ordinal(endpoint)),
                *_tests(sheet, q),
            )
    who = naming.active_label(study).lower()
    return sheet.display(
        "completers_vs_stopped",
        f"Patients on {who} who {naming.completed(study)} and who stopped before",
        "Each outcome at baseline and at the last visit, and its change",
        NOTES,
        study.study.simulated,
    )


def _group(sheet: Sheet, q: str, ordinal: bool) -> list[tuple[str, str]]:
    """n, and mean (SD) or, of ordered categories, median (range)."""
    middle = sheet.cell("{} ({})", f"{q}.mean", f"{q}.sd")
    if ordinal:
        middle = sheet.cell("{} ({} to {})", f"{q}.median", f"{q}.min", f"{q}.max")
    return [sheet.cell("{}", f"{q}.n"), middle]


def _tests(sheet: Sheet, q: str) -> list[tuple[str, str]]:
    """Shift with its interval, both exact p values, the adjusted one."""
    low, high = f"{q}.shift.ci_low", f"{q}.shift.ci_high"
    first, second = f"{q}.permutation.p", f"{q}.ranksum.p"
    return [
        sheet.cell("{} ({} to {}; {})", f"{q}.shift.estimate", low, high, f"{low}@CONF_ACHIEVED"),
        sheet.cell("{} ({})", first, f"{first}@P_ATTAINABLE"),
        sheet.cell("{} ({})", second, f"{second}@P_ATTAINABLE"),
        adjusted(sheet, first, second),
    ]
