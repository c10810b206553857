"""The items of CONSORT 2025, and where each is answered (or that it is not)."""

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
    ("Title and abstract", "1b", "Structured summary", ("paper: Abstract",)),
    ("Open science", "2", "Registration", ("paper: Design and participants",)),
    (
        "Open science",
        "3",
        "Protocol and plan of analysis",
        ("open: the protocol is not public; the analysis as configured stands in the report",),
    ),
    ("Open science", "4", "Sharing of data and code", ("paper: Data and code",)),
    ("Open science", "5a", "Funding", ("open: to be filled in by the authors",)),
    ("Open science", "5b", "Conflicts of interest", ("open: to be filled in by the authors",)),
    ("Introduction", "6", "Background and rationale", ("paper: Introduction",)),
    (
        "Introduction",
        "7",
        "Objectives on benefits and harms",
        ("paper: Abstract", "paper: Introduction"),
    ),
    ("Methods", "8", "Involvement of patients and public", ("open: none is known",)),
    ("Methods", "9", "Design of the trial", ("paper: Design and participants",)),
    (
        "Methods",
        "10",
        "Changes after the start",
        ("paper: Design and participants", "paper: Limitations"),
    ),
    ("Methods", "11", "Setting", ("paper: Limitations",)),
    (
        "Methods",
        "12a",
        "Eligibility of participants",
        ("open: only the condition is told; the criteria are not public",),
    ),
    ("Methods", "12b", "Eligibility of sites and of those who treat", ("open: one centre",)),
    ("Methods", "13", "Intervention and comparator", ("paper: Design and participants",)),
    ("Methods", "14", "Outcomes", ("paper: Outcomes",)),
    ("Methods", "15", "How harms were assessed", ("paper: Outcomes",)),
    (
        "Methods",
        "16a",
        "Number of participants, how determined",
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
    ("Methods", "19", "Who enrolled, who assigned", ("open: not public",)),
    ("Methods", "20a", "Who was blinded", ("paper: Design and participants",)),
    (
        "Methods",
        "20b",
        "How blinding was achieved",
        ("paper: Design and participants", "paper: Limitations"),
    ),
    (
        "Methods",
        "21a",
        "Statistical methods of outcomes and harms",
        ("paper: Statistical analysis",),
    ),
    (
        "Methods",
        "21b",
        "Who is in each analysis",
        ("paper: Statistical analysis", "figure: consort"),
    ),
    ("Methods", "21c", "Missing data", ("paper: Statistical analysis", "table: data_quality")),
    ("Methods", "21d", "Additional analyses", ("paper: Statistical analysis",)),
    ("Results", "22a", "Flow: assigned, treated, analysed", ("figure: consort",)),
    (
        "Results",
        "22b",
        "Losses and exclusions with reasons",
        ("figure: consort", "table: feasibility"),
    ),
    ("Results", "23a", "Recruitment and follow-up", ("paper: Feasibility", "table: feasibility")),
    ("Results", "23b", "Why the trial ended", ("paper: Feasibility", "figure: consort")),
    (
        "Results",
        "24a",
        "Delivery of intervention and comparator",
        ("figure: dosing_and_events", "table: exposure", "table: deviations"),
    ),
    ("Results", "24b", "Concomitant care", ("table: deviations",)),
    ("Results", "25", "Baseline data", ("table: baseline",)),
    (
        "Results",
        "26",
        "Outcomes: numbers, estimates, precision",
        ("figure: forest_outcomes", "table: outcomes_all_treated", "table: completers_vs_stopped"),
    ),
    (
        "Results",
        "27",
        "Harms",
        (
            "paper: Adverse events",
            "table: adverse_events",
            "table: laboratory_shifts",
            "figure: event_grades",
        ),
    ),
    ("Results", "28", "Ancillary analyses", ("paper: Biomarkers", "table: biomarkers")),
    ("Discussion", "29", "Interpretation, benefits and harms", ("paper: Discussion",)),
    ("Discussion", "30", "Limitations", ("paper: Limitations",)),
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
    items = ITEMS if Numbers(ard).ids else ()
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
            "Items after Hopewell S, et al. CONSORT 2025 statement. Their full wording is there.",
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
