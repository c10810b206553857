"""How the parts of an ARD id are called: groups, visits and parameters of a study."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sclerotrial.tables.source import slug, visit_part

#: a visit as a part of an ARD id
visit = visit_part

COMPLETERS, STOPPED = "completers", "stopped"
BETWEEN = "completers_vs_stopped"


def join(*parts: str) -> str:
    """An ARD id out of its parts; empty parts are left out."""
    return ".".join(p for p in parts if p)


def active(study: Any) -> str:
    """The group of all who took the drug under study."""
    arm = study.active_arm
    return slug(arm.label) if arm else "active"


def active_label(study: Any) -> str:
    """Its label."""
    arm = study.active_arm
    return arm.label if arm else "Study drug"


def baseline(study: Any) -> str:
    """The label of the baseline visit."""
    return next((v.avisit for v in study.visits if v.baseline), "Baseline")


def later(study: Any) -> list[str]:
    """Efficacy visits after baseline."""
    return [v for v in study.efficacy_visits if v != baseline(study)]


#: numbers that are written as words
WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip


def duration(study: Any) -> str:
    """How long the trial lasts for a patient, such as 'six months' ('' where that is not told)."""
    months = study.study.duration_months
    if not months:
        return ""
    whole = months == int(months) and months <= len(WORDS)
    return f"{WORDS[int(months) - 1] if whole else f'{months:g}'} month{'s' * (months != 1)}"


def completed(study: Any) -> str:
    """What those did who reached the end: 'completed six months', or only 'completed'."""
    return f"completed {duration(study)}".rstrip()


def time_axis(visits: Iterable[Any]) -> tuple[str, list[str]]:
    """Unit and labels of an axis of visits.

    Returns
    -------
    (str, list of str)
        'months', 'weeks' or 'days' with numbers, baseline being 0, where all visits are called by
        them ('Month 3'); else '' with the names of the visits.
    """
    visits = list(visits)
    for unit in ("Month", "Week", "Day"):
        hits = [re.fullmatch(rf"{unit} (\d+(?:\.\d+)?)", v.avisit) for v in visits]
        if all(hit or v.baseline for hit, v in zip(hits, visits, strict=True)):
            return f"{unit.lower()}s", [hit.group(1) if hit else "0" for hit in hits]
    return "", [v.avisit for v in visits]


def since_first_dose(unit: str) -> str:
    """Title of an axis of time whose labels are in that unit ('' for names of visits)."""
    return f"Time since first dose, {unit}" if unit else "Visit, by time since first dose"


def compared(study: Any) -> list[str]:
    """Comparisons of arms that the efficacy analysis makes: none with a group of one person."""
    from sclerotrial.study_analyses import plan_of

    plan = plan_of(study)
    sides = {name: (c.first, c.second) for name, c in plan.comparisons.items()}
    return [a for a in plan.efficacy.arms if not any(plan.groups[g].single for g in sides[a])]


def two_matrices(study: Any) -> bool:
    """Whether a statement of the abstract speaks of plasma where the samples were serum."""
    have = {assay.compartment for assay in study.assays.values()}
    spoken = any("plasma" in c.text and "serum" in c.text for c in study.claims)
    return spoken and "SERUM" in have and "PLASMA" not in have


def with_unit(label: str, unit: str) -> str:
    """A label with its unit, where it has one that says something."""
    return f"{label}, {unit}" if unit and unit not in ("score", "category") else label


def labels(study: Any) -> dict[str, str]:
    """Label of each group of the analyses by its part of an id."""
    from sclerotrial.study_analyses import plan_of

    return {name: group.label for name, group in plan_of(study).groups.items()}


#: what the notes beneath a table spell out
ABBREVIATIONS = {
    "CI": "confidence interval",
    "HAQ": "Health Assessment Questionnaire",
    "LOCF": "last observation carried forward",
    "SD": "standard deviation",
    "SF-36": "Short Form 36",
}


def abbreviations(*short: str) -> str:
    """The note that spells out these abbreviations."""
    return f"{'; '.join(f'{s}: {ABBREVIATIONS[s]}' for s in short)}."


def ordinal(endpoint: Any) -> bool:
    """Whether an endpoint's values are ordered categories, without differences."""
    return endpoint.scale == "ordinal"
