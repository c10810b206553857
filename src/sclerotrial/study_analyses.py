"""`analyses.yaml` as typed models: each mirrors a part of the file key by key."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from sclerotrial.analysis.where import readable
from sclerotrial.errors import Problem, did_you_mean


class Model(BaseModel):
    """Base of all models here: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(Model):
    """A group of patients; `single` groups of one person show values only."""

    label: str
    where: str
    population: str = ""
    estimand: str = ""
    single: bool = False


class Comparison(Model):
    """Two groups held against each other."""

    label: str
    first: str
    second: str
    estimand: str = ""


class Feasibility(Model):
    """Groups of the feasibility family, and its units."""

    screened: str = "screened"
    enrolled: str = "enrolled"
    arms: list[str] = []
    treated: str = ""
    month_days: float = 30.4375


class BaselineItem(Model):
    """A line of the baseline table: a column of adsl, or the baseline of a parameter."""

    label: str
    dataset: Literal["adsl", "adqs", "adlb", "advs"]
    column: str | None = None
    param: str | None = None
    unit: str = ""
    values: dict[str, str] = {}


class Baseline(Model):
    """Groups and lines of the baseline table."""

    groups: list[str] = []
    items: dict[str, BaselineItem] = {}


class Efficacy(Model):
    """Endpoints and groups of the change from baseline."""

    endpoints: list[str] = []
    groups: list[str] = []
    single: list[str] = []
    locf: list[str] = []
    prorated: dict[str, str] = {}
    arms: list[str] = []


class Completion(Model):
    """Those who completed against those who stopped."""

    comparison: str = ""
    endpoints: list[str] = []


class Category(Model):
    """A kind of adverse event; no `where`: all of them."""

    label: str
    where: str = ""


class Cluster(Model):
    """A lay word and the preferred terms that it covers."""

    label: str
    terms: list[str]


class PersonTime(Model):
    """Unit of a rate."""

    days: float = 100
    label: str = "per 100 patient-days"


class SafetyPlan(Model):
    """Groups, kinds and clusters of adverse events."""

    groups: list[str] = []
    emergent: str = 'TRTEMFL=="Y"'
    early: str = 'WEEK1FL=="Y"'
    first_of_term: str = 'AOCCPFL=="Y"'
    categories: dict[str, Category] = {}
    clusters: dict[str, Cluster] = {}
    times: list[str] = []
    person_time: PersonTime = PersonTime()


class ExposureItem(Model):
    """A number of adsl about exposure."""

    label: str
    column: str
    unit: str = ""


class Exposure(Model):
    """Groups and numbers of exposure."""

    groups: list[str] = []
    single: list[str] = []
    items: dict[str, ExposureItem] = {}


class Lab(Model):
    """Groups of the laboratory tables; `weight`: parameter of the change of weight in percent."""

    groups: list[str] = []
    weight: str | None = None


class Biomarkers(Model):
    """Groups of the biomarker analyses."""

    groups: list[str] = []
    single: list[str] = []
    censored_max: float = 0.5
    correlate: dict[str, str] = {}


class Family(Model):
    """A family of multiplicity: patterns of ARD ids, and how their p values are adjusted."""

    label: str
    method: Literal["none", "holm", "bh", "hommel"] = "none"
    members: list[str]


class Analyses(Model):
    """`analyses.yaml`."""

    conf_level: float = 0.95
    alpha: float = 0.05
    groups: dict[str, Group] = {}
    comparisons: dict[str, Comparison] = {}
    shared_hidden: list[str] = []
    digits: dict[str, tuple[int, int]] = {}
    feasibility: Feasibility = Feasibility()
    baseline: Baseline = Baseline()
    efficacy: Efficacy = Efficacy()
    completion: Completion = Completion()
    safety: SafetyPlan = SafetyPlan()
    exposure: Exposure = Exposure()
    lab: Lab = Lab()
    biomarkers: Biomarkers = Biomarkers()
    families: dict[str, Family] = {}


def plan_of(study: Any) -> Analyses:
    """The analyses of a study, whether it carries them typed or as plain data."""
    given = study.analyses
    if isinstance(given, Analyses):
        return given
    return Analyses.model_validate(given if isinstance(given, dict) else given.model_dump())


def problems(plan: Analyses, study: Any, path: str = "analyses.yaml") -> list[Problem]:
    """References that lead nowhere, and conditions that cannot be read; all of them.

    Parameters
    ----------
    plan : Analyses
    study : Study
        Section ``endpoints``.
    path : str
        Of the file, for the messages.
    """
    found: list[Problem] = []

    def refer(key: str, words: list[str], known: dict[str, Any], what: str) -> None:
        found.extend(
            Problem(
                f"The {what} {word!r} is not known.{did_you_mean(word, known)}",
                f"{path}, key {key}",
                f"Use one of: {', '.join(known) or '(none declared)'}",
            )
            for word in words
            if word and word not in known
        )

    for key, words in _groups_named(plan).items():
        refer(key, words, plan.groups, "group")
    refer("efficacy.arms", plan.efficacy.arms, plan.comparisons, "comparison")
    refer("completion.comparison", [plan.completion.comparison], plan.comparisons, "comparison")
    for key, words in {
        "efficacy.endpoints": plan.efficacy.endpoints,
        "completion.endpoints": plan.completion.endpoints,
        "biomarkers.correlate": list(plan.biomarkers.correlate),
    }.items():
        refer(key, words, study.endpoints, "endpoint")
    wheres = {f"groups.{k}.where": g.where for k, g in plan.groups.items()}
    wheres |= {f"safety.categories.{k}.where": c.where for k, c in plan.safety.categories.items()}
    found += [
        Problem(
            f"The condition {where!r} cannot be read",
            f"{path}, key {key}",
            'Write comparisons such as COLUMN=="x" or COLUMN in ["x", "y"], joined by &',
        )
        for key, where in wheres.items()
        if not readable(where)
    ]
    return found


def _groups_named(plan: Analyses) -> dict[str, list[str]]:
    """Every place that names groups."""
    f = plan.feasibility
    named = {"feasibility": [f.screened, f.enrolled, f.treated, *f.arms]} if plan.groups else {}
    named |= {"shared_hidden": plan.shared_hidden, "efficacy.locf": plan.efficacy.locf}
    for key in ("baseline", "efficacy", "safety", "exposure", "lab", "biomarkers"):
        named[f"{key}.groups"] = getattr(plan, key).groups
    for key in ("efficacy", "exposure", "biomarkers"):
        named[f"{key}.single"] = getattr(plan, key).single
    for key, pair in plan.comparisons.items():
        named[f"comparisons.{key}"] = [pair.first, pair.second]
    return named
