"""How the parts of an ARD id are called: groups, visits and parameters of a study."""

from __future__ import annotations

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
    return slug(arm.label) if arm else "imatinib"


def active_label(study: Any) -> str:
    """Its label."""
    arm = study.active_arm
    return arm.label if arm else "Imatinib"


def baseline(study: Any) -> str:
    """The label of the baseline visit."""
    return next((v.avisit for v in study.visits if v.baseline), "Baseline")


def later(study: Any) -> list[str]:
    """Efficacy visits after baseline."""
    return [v for v in study.efficacy_visits if v != baseline(study)]


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
