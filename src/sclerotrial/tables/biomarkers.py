"""Change of biomarkers from baseline, by compartment and analyte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.markers import markers
from sclerotrial.tables.source import ABSENT, Numbers

COLUMNS = (
    "Pairs (with a limit)",
    "Up, down, undecided",
    "Ratio to baseline (95 % CI)",
    "p (smallest attainable)",
    "p, Benjamini-Hochberg",
    "Past the reference change (by chance)",
)


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of biomarkers within the active arm.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``arms``, ``assays``, ``visits``, ``efficacy_visits``, ``claims``.
    frames : mapping, optional
        Not looked at.
    """
    sheet = Sheet(Numbers(ard), COLUMNS)
    group = naming.active(study)
    for marker in markers(study, sheet.numbers).values():
        where = f"{study.assays[marker.assay].label}, {marker.compartment.lower()}"
        for avisit in naming.later(study):
            q = naming.join("biomarker", marker.part, group, naming.visit(avisit))
            label = f"{marker.param or marker.code} ({marker.code}), {avisit.lower()}"
            sheet.add(where, label, *_cells(sheet, q))
    scored = any(assay.scores for assay in study.assays.values())
    last = naming.later(study)[-1].lower() if naming.later(study) else "the last visit"
    return sheet.display(
        "biomarkers",
        f"Biomarkers of all who took {naming.active_label(study).lower()}",
        "Change from baseline within patients",
        (
            "Ratio: back-transformed mean log2 change with its t interval, where every value was"
            " measured. p: exact sign-flip test of the log2 change; with values beyond a limit,"
            " of the known directions (Gehan scores).",
            f"Adjusted within the compartment at {last}. Reference change values only where a"
            " within-person variation with a source is known.",
            "With a limit: pairs of which at least one value lies beyond a limit of quantification;"
            " undecided: pairs of which the direction of change is not known for that. In brackets"
            " behind p: the smallest that the data could have given. By chance: flags expected"
            " without any change.",
            naming.abbreviations("CI"),
            "A score changes by differences: it has no ratio." if scored else "",
            "The publication speaks of serum in its methods and of plasma in its results."
            if naming.two_matrices(study)
            else "",
        ),
        study.study.simulated,
    )


def _cells(sheet: Sheet, q: str) -> list[tuple[str, str]]:
    tests = [f"{q}.{t}.p" for t in ("log2fc.signflip", "direction.gehan", "chg.signflip")]
    test = next((t for t in tests if t in sheet.numbers), tests[1])
    return [
        sheet.cell("{} ({})", f"{q}.pairs.count", f"{q}.censored.count"),
        sheet.cell("{}, {}, {}", f"{q}.up.count", f"{q}.down.count", f"{q}.undecided.count"),
        sheet.cell("{} ({} to {})", f"{q}.fold.estimate", f"{q}.fold.ci_low", f"{q}.fold.ci_high"),
        sheet.cell("{} ({})", test, f"{test}@P_ATTAINABLE"),
        adjusted(sheet, test),
        sheet.cell("{} ({})", f"{q}.rcv.count", f"{q}.rcv_by_chance.estimate"),
    ]


def adjusted(sheet: Sheet, *ids: str) -> tuple[str, str]:
    """Cell of the adjusted p of the first of the tests that has one."""
    for id_ in ids:
        if id_ in sheet.numbers and sheet.numbers.cell(id_, "P_ADJ"):
            return sheet.cell("{}", f"{id_}@P_ADJ")
    return ABSENT, ""
