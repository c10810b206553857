"""Passages of the report that only some trials have: the configuration decides their words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming

#: allocation of the design that the simulation study looks at first
SIMULATED_RATIO = "4:1"


def passage(name: str, study: Any) -> str:
    """A passage as Markdown, with its heading; '' where the trial has nothing of that.

    Parameters
    ----------
    name : str
        A key of `PASSAGES`.
    study : Study
        All sections.
    """
    return PASSAGES[name](study)


def arms_compared(study: Any) -> str:
    """Whether the arms are held against each other, in a sentence ('' where none is planned)."""
    lone = [group.label for group in plan_of(study).groups.values() if group.single]
    if naming.compared(study):
        return "The arms are held against each other at the last visit."
    return f"One patient on {lone[0].lower()} allows no comparison of the arms." if lone else ""


def _feasibility(study: Any) -> str:
    families = plan_of(study).families.values()
    aim = any(m.startswith("feasibility") for f in families for m in f.members)
    said = ["The stated aim of the trial."] if aim else []
    return f"## Feasibility\n\n{' '.join([*said, 'The flow of participants comes first.'])}"


def _outcomes(study: Any) -> str:
    skin = any(e.instrument == "mrss" for e in study.endpoints.values())
    said = (
        "All who took the drug under study are shown as observed, on or off the drug; both numbers"
        f" of\npatients stand in the tables. {arms_compared(study)}"
    )
    return f"## {'Skin score and other outcomes' if skin else 'Outcomes'}\n\n{said.strip()}"


def _biomarkers(study: Any) -> str:
    if not study.assays:
        return ""
    said = (
        "The abstract of the trial speaks of serum in its methods and of plasma in its results;"
        " here the\nmatrix of each sample is a column of the data."
    )
    return f"## Biomarkers\n\n{said}" if naming.two_matrices(study) else "## Biomarkers"


def _assays(study: Any) -> str:
    said = "What the standards, replicates and controls of the plates gave."
    return f"### The assays\n\n{said}" if study.assays else ""


def _claims(study: Any) -> str:
    if not study.claims:
        return ""
    return (
        "## What the abstract states, and what was found\n\n"
        "*Reproduced* means that the number or fact is the stated one. That something did not"
        " differ is never\ntaken as shown by a large p value: such a statement is *not testable*"
        " here, and the estimate with its\ninterval stands beside it. *Calibrated* statements were"
        " planted in the simulated data, so that their\nreproduction tests the pipeline and not the"
        " trial; *emergent* ones were not."
    )


def _simulation(study: Any) -> str:
    own = study.recruitment.ratio == SIMULATED_RATIO
    return (
        "## Do the methods keep what they promise?\n\n"
        f"Thousands of simulated {'trials of this design' if own else 'small trials'} with a known"
        " truth, analysed by the same functions:\nrejections of a true null, coverage, bias, false"
        " discoveries, and what each rule for missing\noutcomes does. The design of that study is"
        " told in `docs/simulation_study.md`."
    )


PASSAGES: dict[str, Callable[[Any], str]] = {
    "feasibility": _feasibility,
    "outcomes": _outcomes,
    "biomarkers": _biomarkers,
    "assays": _assays,
    "claims": _claims,
    "simulation": _simulation,
}
