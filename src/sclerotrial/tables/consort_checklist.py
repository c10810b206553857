"""The items of CONSORT 2025, and where each is answered (or that it is not).

Numbers and order follow table 1 of the statement (Hopewell S et al., BMJ 2025;389:e081123); the
items are told in our own short words. A trial of feasibility has further items: those that the
extension of 2016 adds to CONSORT (Eldridge SM et al., BMJ 2016;355:i5239), by its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.tables.display import Display
from sclerotrial.tables.source import Numbers

WHERE = "Where it is answered"
#: places: "paper: heading", "table: name", "figure: name", "file: path"; "open: why" for none
ITEMS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Title and abstract", "1a", "Named as randomised", ("paper: Abstract",)),
    (
        "Title and abstract",
        "1b",
        "Structured summary: design, methods, results, conclusions",
        ("paper: Abstract",),
    ),
    (
        "Open science",
        "2",
        "Registry, number and date of registration",
        ("paper: Design and participants",),
    ),
    (
        "Open science",
        "3",
        "Where protocol and plan of analysis can be read",
        ("open: the protocol is not public; the analysis as configured stands in the report",),
    ),
    (
        "Open science",
        "4",
        "Where data of participants, their dictionary and code can be had",
        ("paper: Data and code",),
    ),
    (
        "Open science",
        "5a",
        "Funding and other support, and the part of the funders",
        ("open: to be filled in by the authors",),
    ),
    ("Open science", "5b", "Conflicts of interest", ("open: to be filled in by the authors",)),
    ("Introduction", "6", "Background and rationale", ("paper: Introduction",)),
    (
        "Introduction",
        "7",
        "Objectives on benefits and harms",
        ("paper: Abstract", "paper: Introduction"),
    ),
    ("Methods", "8", "Involvement of patients and public", ("open: none is known",)),
    (
        "Methods",
        "9",
        "Type of trial, ratio of allocation, framework",
        ("paper: Design and participants",),
    ),
    (
        "Methods",
        "10",
        "Changes after the start, with outcomes and analyses that were not planned",
        ("paper: Design and participants", "paper: Limitations"),
    ),
    ("Methods", "11", "Settings and places", ("paper: Limitations",)),
    (
        "Methods",
        "12a",
        "Eligibility of participants",
        ("open: only the condition is told; the criteria are not public",),
    ),
    ("Methods", "12b", "Eligibility of sites and of those who treat", ("open: one centre",)),
    ("Methods", "13", "Intervention and comparator", ("paper: Design and participants",)),
    ("Methods", "14", "Outcomes: measure, metric, aggregation, time", ("paper: Outcomes",)),
    ("Methods", "15", "How harms were defined and assessed", ("paper: Outcomes",)),
    (
        "Methods",
        "16a",
        "Number of participants, how determined, with all assumptions",
        ("open: the planned number is told, its reason is not public",),
    ),
    ("Methods", "16b", "Interim analyses and stopping rules", ("open: none is known",)),
    ("Methods", "17a", "Sequence: who made it, and how", ("open: not public",)),
    (
        "Methods",
        "17b",
        "Type of randomisation and restriction",
        ("paper: Design and participants",),
    ),
    ("Methods", "18", "Concealment of allocation", ("open: not public",)),
    (
        "Methods",
        "19",
        "Whether those who enrolled and assigned could see the sequence",
        ("open: not public",),
    ),
    ("Methods", "20a", "Who was blinded", ("paper: Design and participants",)),
    (
        "Methods",
        "20b",
        "How blinding was achieved, likeness of the interventions",
        ("paper: Design and participants", "paper: Limitations"),
    ),
    (
        "Methods",
        "21a",
        "Methods of comparing groups, harms included",
        ("paper: Statistical analysis",),
    ),
    (
        "Methods",
        "21b",
        "Who is in each analysis, and in which group",
        ("paper: Statistical analysis", "figure: consort"),
    ),
    ("Methods", "21c", "Missing data", ("paper: Statistical analysis", "table: data_quality")),
    (
        "Methods",
        "21d",
        "Further analyses, planned told from post hoc",
        ("paper: Statistical analysis",),
    ),
    ("Results", "22a", "Of each group: assigned, treated, analysed", ("figure: consort",)),
    (
        "Results",
        "22b",
        "Losses and exclusions after randomisation, with reasons",
        ("figure: consort", "table: feasibility"),
    ),
    (
        "Results",
        "23a",
        "Dates of recruitment and of follow-up",
        ("paper: Feasibility", "table: feasibility"),
    ),
    (
        "Results",
        "23b",
        "Why the trial ended or was stopped",
        ("paper: Feasibility", "figure: consort"),
    ),
    (
        "Results",
        "24a",
        "Intervention and comparator as they were given and taken",
        ("figure: dosing_and_events", "table: exposure", "table: deviations"),
    ),
    ("Results", "24b", "Concomitant care of each group", ("table: deviations",)),
    ("Results", "25", "Table of baseline data of each group", ("table: baseline",)),
    (
        "Results",
        "26",
        "Each outcome: analysed, with data, result, effect with precision",
        ("figure: forest_outcomes", "table: outcomes_all_treated", "table: completers_vs_stopped"),
    ),
    (
        "Results",
        "27",
        "All harms in each group",
        (
            "paper: Adverse events",
            "table: adverse_events",
            "table: laboratory_shifts",
            "figure: event_grades",
        ),
    ),
    (
        "Results",
        "28",
        "Any other analyses, planned told from post hoc",
        ("paper: Biomarkers", "table: biomarkers"),
    ),
    (
        "Discussion",
        "29",
        "Interpretation, benefits against harms, other evidence",
        ("paper: Discussion",),
    ),
    (
        "Discussion",
        "30",
        "Limits: bias, imprecision, whom it holds for, multiplicity",
        ("paper: Limitations",),
    ),
)

PILOT = "Added for pilot and feasibility trials"
#: what the extension of 2016 adds, by its own numbers
ADDED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (PILOT, "4c", "How participants were found and gave consent", ("open: not public",)),
    (
        PILOT,
        "6c",
        "Criteria, set before, of going on to a larger trial",
        ("open: none is known",),
    ),
    (PILOT, "7a", "Why so many participants", ("open: the reason of the number is not public",)),
    (PILOT, "19a", "Other consequences that were not meant", ("open: none is known",)),
    (PILOT, "22a", "What follows for a larger trial", ("paper: Discussion",)),
    (
        PILOT,
        "26",
        "Approval by an ethics committee",
        ("open: to be filled in by the authors; the shipped patients are simulated",),
    ),
)


def build(
    ard: pd.DataFrame, study: Any, frames: Mapping[str, pd.DataFrame] | None = None
) -> Display:
    """The checklist; it has words and no number of the trial.

    Parameters
    ----------
    ard : DataFrame
        Without any number there is nothing to report, and no checklist.
    study : Study
        Sections ``study``, ``assays``.
    frames : mapping, optional
        Not looked at.
    """
    items = (*ITEMS, *ADDED) if Numbers(ard).ids else ()
    rows = [
        {"GROUP": part, "ROW": f"{number}  {what}", WHERE: _said(places)}
        for part, number, what, places in items
    ]
    frame = pd.DataFrame(rows, columns=["GROUP", "ROW", WHERE], dtype=str)
    return Display(
        name="consort_checklist",
        title="CONSORT 2025 checklist",
        subtitle="Items in short, and where each is answered",
        frame=frame,
        ids=frame.assign(GROUP="", ROW="", **{WHERE: ""}) if len(frame) else frame,
        notes=(
            "Items after Hopewell S, et al. CONSORT 2025 statement. BMJ 2025;389:e081123, those"
            " added after Eldridge SM, et al. BMJ 2016;355:i5239. In short: their full wording is"
            " there.",
            "Not answered: the authors, or those who hold the documents of the trial, have to say.",
        ),
        simulated=study.study.simulated,
    )


def _said(places: tuple[str, ...]) -> str:
    """Places in words: papers by heading, tables and figures by name."""
    found = []
    for place in places:
        kind, _, name = place.partition(": ")
        words = name.replace("_", " ")
        found.append({"open": f"Not answered: {name}"}.get(kind, f"{kind.capitalize()}: {words}"))
    return "; ".join(found)
