"""Outcomes of all who took the drug under study, at each visit and as change from baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.tables import naming
from sclerotrial.tables.biomarkers import adjusted
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import ABSENT, Numbers

COLUMNS = (
    "n",
    "Mean (SD)",
    "Median (range)",
    "Change, n",
    "Mean change (95 % CI)",
    "Hodges-Lehmann change (exact CI; level)",
    "p, sign-flip (smallest attainable)",
    "p, signed-rank (smallest attainable)",
    "p, Holm",
)


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of outcomes within the active arm.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``arms``, ``visits``, ``efficacy_visits``, ``endpoints``.
    frames : mapping, optional
        Not looked at.
    """
    sheet = Sheet(Numbers(ard), COLUMNS)
    group, label = naming.active(study), naming.active_label(study)
    for code, endpoint in study.endpoints.items():
        heading = naming.with_unit(endpoint.param, endpoint.unit)
        for avisit in study.efficacy_visits:
            _row(sheet, heading, avisit, code, group, avisit, "", naming.ordinal(endpoint))
        for avisit in naming.later(study):
            name = f"{avisit}, LOCF"
            _row(sheet, heading, name, code, group, avisit, "_locf", naming.ordinal(endpoint))
    notes = (
        f"All who took {label.lower()}: what was observed at each visit, on or off the drug"
        " (treatment policy). LOCF: last observation carried forward, a sensitivity analysis.",
        "Interval of the mean change: t. Interval of the Hodges-Lehmann estimate: hull of the"
        " values that the exact signed-rank test does not reject; its achieved level stands"
        " behind. Exact tests, two-sided by the far tails; the smallest p that the data could"
        " have given stands in brackets. Of ordered categories: the direction of change, by an"
        " exact sign test. Holm: within the family of secondary outcomes.",
        naming.abbreviations("CI", "HAQ", "LOCF", "SD", "SF-36"),
    )
    return sheet.display(
        "outcomes_all_treated",
        f"Outcomes of all who took {label.lower()}",
        "Values at each visit and change from baseline",
        notes,
        study.study.simulated,
    )


def _row(
    sheet: Sheet,
    heading: str,
    label: str,
    code: str,
    group: str,
    avisit: str,
    ending: str,
    ordinal: bool,
) -> None:
    """Row of a visit: values, and the change where there is one."""
    stem = naming.join("efficacy", code.lower(), group, naming.visit(avisit))
    q = f"{stem}.aval{ending}"
    cells = [
        sheet.cell("{}", f"{q}.n"),
        sheet.cell("{} ({})", f"{q}.mean", f"{q}.sd"),
        sheet.cell("{} ({} to {})", f"{q}.median", f"{q}.min", f"{q}.max"),
    ]
    changes = _directions(sheet, stem) if ordinal else _change(sheet, f"{stem}.chg{ending}")
    if ordinal and ending:
        changes = [(ABSENT, "")] * 6
    sheet.add(heading, label, *cells, *changes)


def _change(sheet: Sheet, q: str) -> list[tuple[str, str]]:
    """Cells n, mean change with interval, Hodges-Lehmann, two exact p values, the adjusted one."""
    low, high = f"{q}.hl.ci_low", f"{q}.hl.ci_high"
    first, second = f"{q}.signflip.p", f"{q}.signedrank.p"
    return [
        sheet.cell("{}", f"{q}.n"),
        sheet.cell("{} ({} to {})", f"{q}.mean", f"{q}.t.ci_low", f"{q}.t.ci_high"),
        sheet.cell("{} ({} to {}; {})", f"{q}.hl.estimate", low, high, f"{low}@CONF_ACHIEVED"),
        sheet.cell("{} ({})", first, f"{first}@P_ATTAINABLE"),
        sheet.cell("{} ({})", second, f"{second}@P_ATTAINABLE"),
        adjusted(sheet, first),
    ]


def _directions(sheet: Sheet, stem: str) -> list[tuple[str, str]]:
    """Better, same or worse, and the sign test."""
    test = f"{stem}.direction.signflip.p"
    counts = [f"{stem}.{word}.count" for word in ("better", "same", "worse")]
    return [
        sheet.cell("{}", f"{stem}.direction.n"),
        sheet.cell("better {}, same {}, worse {}", *counts),
        (ABSENT, ""),
        sheet.cell("{} ({})", test, f"{test}@P_ATTAINABLE"),
        (ABSENT, ""),
        adjusted(sheet, test),
    ]
