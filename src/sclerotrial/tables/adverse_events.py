"""Adverse events: patients and events, by kind, by lay word, by body system and preferred term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.ard import slug
from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming
from sclerotrial.tables.display import Display, Sheet
from sclerotrial.tables.source import Numbers


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The table of adverse events.

    Parameters
    ----------
    ard : DataFrame
    study : Study
        Sections ``study``, ``safety``, ``analyses``, ``claims``.
    frames : mapping, optional
        ``adae``, for the body system that each term belongs to; without it terms stand in one
        block.
    """
    plan = plan_of(study).safety
    labels = naming.labels(study)
    columns = [
        f"{labels.get(g, g)}, {what}" for g in plan.groups for what in ("patients (%)", "events")
    ]
    sheet = Sheet(Numbers(ard), columns)

    def row(heading: str, label: str, param: str) -> None:
        cells = []
        for group in plan.groups:
            q = f"safety.{param}.{group}"
            cells.append(sheet.cell("{} ({})", f"{q}.patients.count", f"{q}.patients.percent"))
            cells.append(sheet.cell("{}", f"{q}.events.count"))
        sheet.add(heading, label, *cells)

    sizes = []
    for group in plan.groups:
        sizes += [sheet.cell("{}", f"feasibility.treated.{group}.count"), ("", "")]
    sheet.add("Overview", "Patients who took study drug", *sizes)
    for param, kind in plan.categories.items():
        row("Overview", kind.label, param)
    days = study.safety.early_onset_days
    row("Onset", f"Began on days 1 to {days}", "week1")
    _shares(sheet, plan.groups)
    named = "Events named in the abstract" if study.claims else "Terms taken together"
    for param, cluster in plan.clusters.items():
        row(named, cluster.label, param)
    for system, terms in _systems(sheet.numbers, frames).items():
        if system:
            row(system, "Any", f"soc_{slug(system)}")
        for term in terms:
            row(system or "By preferred term", term, f"pt_{slug(term)}")
    return sheet.display(
        "adverse_events",
        "Adverse events from the first dose on",
        "Patients with at least one (%), and number of events",
        (
            "Events recur within a patient: shares are of patients; events have no interval.",
            "Several rows of one episode, as at a change of grade, count as one event.",
            "Related: possibly, probably or definitely, as the investigator judged. Stopped,"
            " reduced, interrupted: the action recorded with the event; the course of each"
            " patient's dose stands in the table of feasibility.",
            "Grades as given on the case report form. Better, again: after the drug was withheld"
            " and after it was given again, where that could be judged.",
        ),
        study.study.simulated,
    )


def _shares(sheet: Sheet, groups: list[str]) -> None:
    """Share of events that began early, of all and of first events of each term."""
    for label, quantity in (
        ("Share of all events, %", "events"),
        ("Share of first events of each term, %", "first_events"),
    ):
        cells = []
        for group in groups:
            cells += [("", ""), sheet.cell("{}", f"safety.week1.{group}.{quantity}.percent")]
        sheet.add("Onset", label, *cells)


def _systems(numbers: Numbers, frames: Mapping[str, pd.DataFrame] | None) -> dict[str, list[str]]:
    """Preferred terms by body system, both in the order of the ARD (the most frequent first)."""
    if not frames or "adae" not in frames:
        terms = _terms(numbers, "pt_")
        return {"": list(terms)} if terms else {}
    adae = frames["adae"]
    home = dict(zip(adae["AEDECOD"], adae["AEBODSYS"], strict=True))
    found: dict[str, list[str]] = {system: [] for system in _terms(numbers, "soc_")}
    for term in _terms(numbers, "pt_"):
        found.setdefault(home.get(term, ""), []).append(term)
    return {system: terms for system, terms in found.items() if terms}


def _terms(numbers: Numbers, prefix: str) -> dict[str, None]:
    """Names behind the ids of a prefix, as the labels of the ARD write them, in its order."""
    found: dict[str, None] = {}
    for id_ in numbers.ids:
        if id_.startswith(f"safety.{prefix}") and id_.endswith(".patients.count"):
            group = id_.split(".")[2]
            label = numbers.cell(id_, "LABEL")
            found[_name(label, group, id_.split(".")[1][len(prefix) :])] = None
    return found


def _name(label: str, group: str, slugged: str) -> str:
    """The part of a label whose slug is that of the id (terms may hold commas themselves)."""
    parts = label.split(", ")
    for k in range(1, len(parts) + 1):
        if slug(", ".join(parts[:k])) == slugged:
            return ", ".join(parts[:k])
    return slugged.replace("_", " ")
