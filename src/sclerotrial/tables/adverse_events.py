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

DIFFERENCE = "Difference, percentage points (95 % CI)"
FISHER = "p, Fisher (smallest attainable)"
BOSCHLOO = "p, Boschloo"
TESTS = (
    "Difference of the shares of patients, the first group less the second, with Newcombe's"
    " interval. Fisher's exact test, two-sided by point probability, the smallest p that these"
    " margins allow in brackets; Boschloo's test is the more powerful sensitivity. No p is adjusted"
    " for the number of kinds of event."
)


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
    numbers = Numbers(ard)
    pairs = _compared(numbers, plan.comparisons)
    labels_of = plan_of(study).comparisons
    for name in pairs:
        many = f"{labels_of[name].label}: " if len(pairs) > 1 else ""
        columns += [f"{many}{head}" for head in (DIFFERENCE, FISHER, BOSCHLOO)]
    sheet = Sheet(numbers, columns)

    def row(heading: str, label: str, param: str) -> None:
        cells = []
        for group in plan.groups:
            q = f"safety.{param}.{group}"
            cells.append(sheet.cell("{} ({})", f"{q}.patients.count", f"{q}.patients.percent"))
            cells.append(sheet.cell("{}", f"{q}.events.count"))
        for name in pairs:
            cells += _against(sheet, f"safety.{param}.{name}.patients")
        sheet.add(heading, label, *cells)

    sizes = []
    for group in plan.groups:
        sizes += [sheet.cell("{}", f"feasibility.treated.{group}.count"), ("", "")]
    blank = [("", "")] * 3 * len(pairs)
    sizes += blank
    sheet.add("Overview", "Patients who took study drug", *sizes)
    for param, kind in plan.categories.items():
        row("Overview", kind.label, param)
    days = study.safety.early_onset_days
    row("Onset", f"Began on days 1 to {days}", "week1")
    _shares(sheet, plan.groups, blank)
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
            TESTS if pairs else "",
            naming.abbreviations("CI") if pairs else "",
            *_refused(numbers, plan_of(study), pairs),
        ),
        study.study.simulated,
    )


def _compared(numbers: Numbers, names: list[str]) -> list[str]:
    """Comparisons of which any number is printed."""
    gaps = [i for i in numbers.ids if i.startswith("safety.") and ".patients.newcombe." in i]
    told = {i.split(".")[2] for i in gaps if numbers.cell(i, "TEXT")}
    return [n for n in names if n in told]


def _refused(numbers: Numbers, plan: Any, pairs: list[str]) -> list[str]:
    """Why a declared comparison has no columns, in the words of the ARD."""
    said = []
    for name in plan.safety.comparisons:
        row = next((i for i in numbers.ids if i.startswith("safety.")
                    and i.endswith(f".{name}.patients.fisher.p")), "")  # fmt: skip
        if name not in pairs and row and (note := numbers.note(row)):
            said.append(f"{plan.comparisons[name].label}, Fisher's exact test: {note}.")
    return said


def _against(sheet: Sheet, q: str) -> list[tuple[str, str]]:
    """Difference with its interval, and both p values, of one kind of event."""
    gap, fisher, boschloo = f"{q}.newcombe", f"{q}.fisher.p", f"{q}.boschloo.p"
    return [
        sheet.cell("{} ({} to {})", f"{gap}.estimate", f"{gap}.ci_low", f"{gap}.ci_high"),
        sheet.cell("{} ({})", fisher, f"{fisher}@P_ATTAINABLE"),
        sheet.cell("{}", boschloo),
    ]


def _shares(sheet: Sheet, groups: list[str], blank: list[tuple[str, str]]) -> None:
    """Share of events that began early, of all and of first events of each term."""
    for label, quantity in (
        ("Share of all events, %", "events"),
        ("Share of first events of each term, %", "first_events"),
    ):
        cells = []
        for group in groups:
            cells += [("", ""), sheet.cell("{}", f"safety.week1.{group}.{quantity}.percent")]
        sheet.add("Onset", label, *cells, *blank)


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
