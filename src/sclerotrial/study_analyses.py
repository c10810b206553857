"""`analyses.yaml` as typed models: each mirrors a part of the file key by key."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from sclerotrial.errors import Problem, did_you_mean
from sclerotrial.study_base import Model
from sclerotrial.where import readable, terms

#: decimals printed
Places = Annotated[int, Field(ge=0, le=12)]


class Group(Model):
    """A group of patients; `single` groups of one person show values only."""

    label: str
    where: str
    population: str = ""
    estimand: str = ""
    single: bool = False


class Comparison(Model):
    """Two groups held against each other; `strata`: a column of adsl to compare within."""

    label: str
    first: str
    second: str
    estimand: str = ""
    strata: str = ""


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


class Sensitivity(Model):
    """Populations and rules for missing values over which each test is repeated.

    `tipping`: step of the tipping point, in the unit of an endpoint.
    """

    groups: list[str] = []
    rules: list[Literal["observed", "locf", "bocf"]] = ["observed", "locf", "bocf"]
    tipping: dict[str, Annotated[float, Field(gt=0)]] = {}


class Efficacy(Model):
    """Endpoints and groups of the change from baseline."""

    endpoints: list[str] = []
    groups: list[str] = []
    single: list[str] = []
    locf: list[str] = []
    prorated: dict[str, str] = {}
    arms: list[str] = []
    shares: list[str] = []
    together: dict[str, list[str]] = {}
    sensitivity: Sensitivity = Sensitivity()


class Completion(Model):
    """Those who completed against those who stopped."""

    comparison: str = ""
    endpoints: list[str] = []
    shares: bool = False


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
    """Groups, their comparisons, kinds and clusters of adverse events, times to first events."""

    groups: list[str] = []
    comparisons: list[str] = []
    emergent: str = 'TRTEMFL=="Y"'
    early: str = 'WEEK1FL=="Y"'
    first_of_term: str = 'AOCCPFL=="Y"'
    categories: dict[str, Category] = {}
    clusters: dict[str, Cluster] = {}
    times: list[str] = []
    event_free: list[str] = []
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
    pearson: bool = False


class Wide(Model):
    """Wide panels: groups, comparisons of arms, how many features are reported, and the method."""

    groups: list[str] = []
    comparisons: list[str] = []
    top: Annotated[int, Field(ge=0)] = 20
    fdr: Annotated[float, Field(gt=0, lt=1)] = 0.05
    trend: bool = True
    robust: bool = False
    maxt: bool = True


class Family(Model):
    """A family of multiplicity: patterns of ARD ids, and how their p values are adjusted."""

    label: str
    method: Literal["none", "holm", "bh", "hommel"] = "none"
    members: list[str]


class Analyses(Model):
    """`analyses.yaml`."""

    conf_level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    wilson: bool = False
    groups: dict[str, Group] = {}
    comparisons: dict[str, Comparison] = {}
    shared_hidden: list[str] = []
    digits: dict[str, tuple[Places, Places]] = {}
    feasibility: Feasibility = Feasibility()
    baseline: Baseline = Baseline()
    efficacy: Efficacy = Efficacy()
    completion: Completion = Completion()
    safety: SafetyPlan = SafetyPlan()
    exposure: Exposure = Exposure()
    lab: Lab = Lab()
    biomarkers: Biomarkers = Biomarkers()
    wide: Wide = Wide()
    families: dict[str, Family] = {}

    @property
    def hidden(self) -> list[str]:
        """Groups that are hidden, and comparisons that would tell of one by subtraction."""
        told = set(self.shared_hidden)
        pairs = [k for k, c in self.comparisons.items() if told & {c.first, c.second}]
        return [*self.shared_hidden, *pairs]


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
        Sections ``arms``, ``populations``, ``endpoints``, ``laboratory``, ``vitals``, ``visits``.
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
    for key, words in {
        "efficacy.arms": plan.efficacy.arms,
        "efficacy.shares": plan.efficacy.shares,
        "safety.comparisons": plan.safety.comparisons,
        "wide.comparisons": plan.wide.comparisons,
        "completion.comparison": [plan.completion.comparison],
    }.items():
        refer(key, words, plan.comparisons, "comparison")
    days = {v.avisit: v for v in study.visits if v.target is not None}
    refer("safety.event_free", plan.safety.event_free, days, "visit with a target day")
    for key, words in {
        "efficacy.endpoints": plan.efficacy.endpoints,
        "completion.endpoints": plan.completion.endpoints,
        "efficacy.together": [c for k, v in plan.efficacy.together.items() for c in (k, *v)],
        "biomarkers.correlate": list(plan.biomarkers.correlate),
        "efficacy.sensitivity.tipping": list(plan.efficacy.sensitivity.tipping),
    }.items():
        refer(key, words, study.endpoints, "endpoint")
    measured = {**study.endpoints, **study.laboratory, **study.vitals}
    measured |= dict.fromkeys(plan.efficacy.prorated.values())
    for name, item in plan.baseline.items.items():
        refer(f"baseline.items.{name}.param", [item.param or ""], measured, "parameter")
    for code, dataset in plan.biomarkers.correlate.items():
        if code in study.endpoints:
            own = {study.endpoints[code].dataset: code}
            refer(f"biomarkers.correlate.{code}", [dataset], own, "dataset")
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
    for key, where in wheres.items():
        for term in terms(where) if readable(where) else ():
            if known := _arms_named(term.column, study):
                refer(key, list(term.words), known, "arm")
    if study.populations:
        for name, group in plan.groups.items():
            key = f"groups.{name}.population"
            refer(key, [group.population], study.populations, "population")
    return found + _unnamed_drug(plan, study, path) + _no_such_id(plan, study, path)


def _arms_named(column: str, study: Any) -> dict[str, Any]:
    """Arms as a column of the datasets calls them; nothing for other columns."""
    if column in ("TRT01A", "TRT01P", "ARM"):
        return {a.label: a for a in study.arms}
    return {a.code: a for a in study.arms} if column == "ARMCD" else {}


def _unnamed_drug(plan: Analyses, study: Any, path: str) -> list[Problem]:
    """The tables and figures look for a group that is called as the arm under study."""
    arm = next((a for a in study.arms if a.active), None)
    name = re.sub(r"[^a-z0-9]+", "_", arm.label.lower()).strip("_") if arm else ""
    if not name or not plan.groups or name in plan.groups:
        return []
    return [
        Problem(
            f"No group is called after the arm under study, {arm.label!r}",
            f"{path}, key groups",
            f"Call the group of those who took it {name!r}, here and wherever it is named",
        )
    ]


def _no_such_id(plan: Analyses, study: Any, path: str) -> list[Problem]:
    """Members of families whose parameter, group or visit the study does not have."""
    params = [c.lower() for c in (*study.endpoints, *plan.efficacy.prorated.values())]
    known = (params, [*plan.groups, *plan.comparisons], [v.slug for v in study.visits])
    lost: dict[tuple[str, str, str], list[str]] = {}
    words = dict(zip(("parameter", "group", "visit"), known, strict=True))
    for name, family in plan.families.items():
        for member in family.members:
            first, *parts = member.split(".")
            if first not in ("efficacy", "completion", "biomarker") or len(parts) < 5:
                continue  # other ids have other parts
            for what, part in list(zip(words, parts, strict=False))[first == "biomarker" :]:
                if part not in words[what] and not set(part) & set("*?["):
                    lost.setdefault((name, what, part), []).append(member)
    return [
        Problem(
            f"The {what} {part!r} of a family is not known.{did_you_mean(part, words[what])}",
            f"{path}, key families.{name}.members: {', '.join(members)}",
            f"Use one of: {', '.join(words[what]) or '(none declared)'}",
        )
        for (name, what, part), members in lost.items()
    ]


def _groups_named(plan: Analyses) -> dict[str, list[str]]:
    """Every place that names groups."""
    f = plan.feasibility
    named = {"feasibility": [f.screened, f.enrolled, f.treated, *f.arms]} if plan.groups else {}
    named |= {"shared_hidden": plan.shared_hidden, "efficacy.locf": plan.efficacy.locf}
    named["efficacy.sensitivity.groups"] = plan.efficacy.sensitivity.groups
    for key in ("baseline", "efficacy", "safety", "exposure", "lab", "biomarkers", "wide"):
        named[f"{key}.groups"] = getattr(plan, key).groups
    for key in ("efficacy", "exposure", "biomarkers"):
        named[f"{key}.single"] = getattr(plan, key).single
    for key, pair in plan.comparisons.items():
        named[f"comparisons.{key}"] = [pair.first, pair.second]
    return named
