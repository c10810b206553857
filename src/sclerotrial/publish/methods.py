"""The methods in words: sentences made of the configuration, so that they cannot drift from it."""

from __future__ import annotations

from typing import Any

from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming


def methods(study: Any) -> list[str]:
    """Paragraphs on design, populations, estimands, scores, biomarkers and safety.

    Parameters
    ----------
    study : Study
        Sections ``study``, ``recruitment``, ``arms``, ``strata``, ``dosing``, ``visits``,
        ``efficacy_visits``, ``populations``, ``intercurrent_events``, ``endpoints``, ``assays``,
        ``safety``, ``analyses``.
    """
    parts = [_design(study), _visits(study), _populations(study), _estimands(study)]
    parts += [_endpoints(study), _biomarkers(study), _safety(study), _statistics(study)]
    return [p for p in parts if p]


def _design(study: Any) -> str:
    about, taken = study.study, study.recruitment
    arms = " and ".join(a.label.lower() for a in study.arms)
    words = [f"{about.title} ({about.registry or about.id}): {about.design}."]
    if taken.planned:
        ratio = f", allocated {taken.ratio} to {arms}" if taken.ratio else ""
        words.append(f"{taken.planned} patients were planned{ratio}.")
    if study.strata:
        words.append(f"Stratified by {', '.join(s.label.lower() for s in study.strata)}.")
    if study.dosing:
        d = study.dosing
        reduced = f", {d.reduced_daily:g} {d.unit} a day on re-introduction after intolerance"
        words.append(
            f"{d.drug}: {d.planned_daily:g} {d.unit} a day for {d.planned_days} days"
            f"{reduced if d.reduced_daily else ''}."
        )
    if taken.stop_reason:
        words.append(f"Enrolment was stopped early for {taken.stop_reason}.")
    return " ".join(words)


def _visits(study: Any) -> str:
    said = [f"{v.avisit} (days {v.window[0]} to {v.window[1]})" for v in study.visits if v.window]
    return (
        "Visits follow windows of study days, day 1 being the first dose and there being no day 0: "
        f"{'; '.join(said)}. Of several records in a window the one nearest to the planned day is"
        " analysed, of equally near ones the later. Baseline is the last value on or before the"
        " first dose."
    )


def _populations(study: Any) -> str:
    said = [f"{p.label}: {p.rule}" for p in study.populations.values() if p.rule]
    return f"Populations. {'; '.join(said)}." if said else ""


def _estimands(study: Any) -> str:
    events = [f"{e.label.lower()} ({e.strategy})" for e in study.intercurrent_events]
    if not events:
        return ""
    return (
        f"Intercurrent events and their strategies: {'; '.join(events)}. The analysis of all"
        " treated uses what was observed, whatever happened; last observation carried forward is"
        " a sensitivity analysis. The analysis of completers is descriptive: they are not a"
        " randomised group."
    )


def _endpoints(study: Any) -> str:
    said = []
    for endpoint in study.endpoints.values():
        bounds = f", {endpoint.range[0]:g} to {endpoint.range[1]:g}" if endpoint.range else ""
        said.append(f"{endpoint.param} ({endpoint.role}; {endpoint.unit}{bounds})")
    return f"Outcomes: {'; '.join(said)}." if said else ""


def _biomarkers(study: Any) -> str:
    said = []
    for assay in study.assays.values():
        where = {"SERUM": "serum", "PLASMA": "plasma", "SKIN": "skin"}[assay.compartment]
        said.append(f"{assay.label} in {where} ({', '.join(assay.analytes)})")
    if not said:
        return ""
    return (
        f"Biomarkers: {'; '.join(said)}. Values below the limit of quantification stay censored;"
        " the direction of a change is counted only where the measured value lies beyond the"
        " other's limit. A change of one patient is called real only past the reference change"
        " value, where a within-person variation with a source is given."
    )


def _safety(study: Any) -> str:
    s = study.safety
    return (
        f"Adverse events are emergent from the first dose to {s.emergent_days_after_last_dose} days"
        f" after the last; laboratory grades follow CTCAE version {s.ctcae}. Events recur within a"
        " patient, so that rates are given by patient."
    )


def _statistics(study: Any) -> str:
    return f"{STATISTICS}{_arms(study)}"


def _arms(study: Any) -> str:
    """What becomes of the arms: compared, not to be compared, or not planned to be."""
    if naming.compared(study):
        return (
            " Between the arms: the same exact tests at the last visit, and from three patients an"
            " arm on a mixed model of all visits."
        )
    lone = [group.label for group in plan_of(study).groups.values() if group.single]
    if not lone:
        return ""
    return f" One patient on {lone[0].lower()} allows no comparison of arms, and none is made."


STATISTICS = (
    "Within a group: exact sign-flip and signed-rank tests, the Hodges-Lehmann estimate with"
    " its exact interval, and the mean change with a t interval. Between completers and those"
    " who stopped: exact permutation and rank-sum tests and the Hodges-Lehmann shift."
    " Two-sided p values sum the far tails; beside each stands the smallest that the data"
    " could have given."
)
