"""The arms against each other at the last visit, of trials whose design lets them be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming
from sclerotrial.tables.biomarkers import adjusted
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import ABSENT, Numbers

COLUMNS = (
    "First, n",
    "First, mean change (SD)",
    "Second, n",
    "Second, mean change (SD)",
    "Difference of means",
    "Shift, first minus second (exact CI; level)",
    "p, permutation (smallest attainable)",
    "p, rank-sum (smallest attainable)",
    "p, adjusted",
    "Model, difference (95 % CI)",
    "p, model",
)


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of the comparisons of arms; without rows where no two arms can be compared.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``visits``, ``efficacy_visits``, ``endpoints``, ``analyses``.
    frames : mapping, optional
        Not looked at.
    """
    plan = plan_of(study)
    sheet = Sheet(Numbers(ard), COLUMNS)
    last = naming.later(study)[-1] if naming.later(study) else ""
    for name in naming.compared(study):
        pair = plan.comparisons[name]
        groups = [plan.groups[g].label for g in (pair.first, pair.second)]
        heading = f"{pair.label} (first: {groups[0]}, second: {groups[1]})"
        for code in plan.efficacy.endpoints:
            endpoint = study.endpoints[code]
            stem = ["efficacy", code.lower()]
            ends = [
                naming.join(*stem, g, naming.visit(last), "chg") for g in (pair.first, pair.second)
            ]
            q = naming.join(*stem, name, naming.visit(last))
            q = f"{q}.aval" if naming.ordinal(endpoint) else f"{q}.chg"
            label = naming.with_unit(endpoint.param, endpoint.unit)
            sheet.add(heading, label, *(c for e in ends for c in _arm(sheet, e)), *_tests(sheet, q))
    return sheet.display(
        "outcomes_between_arms",
        "The arms against each other",
        f"Change from baseline to {last.lower()}, all treated as observed",
        (
            "Shift: Hodges-Lehmann, with the hull of the values that the exact rank-sum test does"
            " not reject; its achieved level stands behind. Exact tests, two-sided by the far"
            " tails; the smallest p that the data could have given stands in brackets. Adjusted"
            " within its family where one is declared.",
            "Model: of all visits, with the baseline (MMRM), from three patients an arm on.",
            naming.abbreviations("CI", "SD"),
        ),
        study.study.simulated,
    )


def _arm(sheet: Sheet, q: str) -> list[tuple[str, str]]:
    return [sheet.cell("{}", f"{q}.n"), sheet.cell("{} ({})", f"{q}.mean", f"{q}.sd")]


def _tests(sheet: Sheet, q: str) -> list[tuple[str, str]]:
    low, high = f"{q}.shift.ci_low", f"{q}.shift.ci_high"
    first, second = f"{q}.permutation.p", f"{q}.ranksum.p"
    model = f"{q}.mmrm"
    return [
        sheet.cell("{}", f"{q}.permutation.estimate"),
        sheet.cell("{} ({} to {}; {})", f"{q}.shift.estimate", low, high, f"{low}@CONF_ACHIEVED"),
        sheet.cell("{} ({})", first, f"{first}@P_ATTAINABLE"),
        sheet.cell("{} ({})", second, f"{second}@P_ATTAINABLE"),
        adjusted(sheet, first, second),
        sheet.cell("{} ({} to {})", f"{model}.estimate", f"{model}.ci_low", f"{model}.ci_high"),
        sheet.cell("{}", f"{model}.p") if f"{model}.p" in sheet.numbers else (ABSENT, ""),
    ]
