"""The configuration of a trial as typed models: each mirrors a part of a YAML file key by key."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from sclerotrial.study_analyses import Analyses
from sclerotrial.study_assays import Assay, Samples
from sclerotrial.study_base import Model, Pair, Scalar, Text
from sclerotrial.study_endpoints import Composite, Endpoint, LabTest, VitalSign
from sclerotrial.study_forms import Alike, Panel, Rule, TotalRule, UnitRule

# --- config.yaml ------------------------------------------------------------------------------


class Run(Model):
    """How to run: `config.yaml`."""

    study: str = "config"
    against: str = "published"
    seed: int = 0
    image_formats: list[Literal["svg", "png", "pdf"]] = ["svg", "png"]
    blinding: Literal["open", "shared"] = "open"


# --- study.yaml -------------------------------------------------------------------------------


class Site(Model):
    """A centre of the trial."""

    id: Text
    name: str = ""


class About(Model):
    """Names and references of the trial."""

    id: Text
    title: str
    short_title: str = ""
    condition: str = ""
    registry: Text = ""
    reference: str = ""
    design: str = ""
    duration_months: float | None = None
    simulated: bool = False
    sites: list[Site] = []


class Author(Model):
    """An author of the paper."""

    name: str
    affiliation: str = ""


class Declarations(Model):
    """What a journal asks for beside the results; the paper says what is still to be filled in."""

    authors: list[Author] = []
    ethics: str = ""
    funding: str = ""
    interests: str = ""

    def words(self) -> dict[str, str]:
        """Each as the paper prints it, '' where nothing is given."""
        authors = (f"{a.name} ({a.affiliation})" if a.affiliation else a.name for a in self.authors)
        return {
            "authors": "; ".join(authors),
            "ethics": self.ethics,
            "funding": self.funding,
            "interests": self.interests,
        }


class Recruitment(Model):
    """Planned size and recruitment dates."""

    planned: int | None = None
    ratio: Text = ""
    start: dt.date | None = None
    stopped: dt.date | None = None
    stop_reason: str = ""


class Arm(Model):
    """A treatment arm."""

    code: Text
    label: str
    active: bool = True
    planned: int | None = None
    colour: Text = "#0072B2"


class Stratum(Model):
    """A stratification factor of the randomisation."""

    code: Text
    label: str
    values: dict[Text, str] = {}


class Dosing(Model):
    """The planned treatment."""

    drug: str
    unit: str = "mg"
    planned_daily: float
    planned_days: int
    reduced_daily: float | None = None


class Visit(Model):
    """A visit with its window in study days (no day 0)."""

    avisit: str
    avisitn: float
    event: str | list[str] = ""
    target: int | None = None
    window: tuple[int, int] | None = None
    baseline: bool = False
    primary: bool = False

    @property
    def events(self) -> list[str]:
        """The events of the export that are this visit."""
        return [self.event] if isinstance(self.event, str) else list(self.event)

    @property
    def slug(self) -> str:
        """The visit as a part of an ARD id: 'Month 6' is 'month6'."""
        return re.sub(r"[^a-z0-9]+", "", self.avisit.lower())


class Population(Model):
    """An analysis population."""

    label: str
    rule: str = ""


class IntercurrentEvent(Model):
    """An intercurrent event, its strategy (ICH E9(R1)), and how adsl tells it.

    `where`: in whom it happened; `since`: the variable with its day; `later`: days from that day to
    the first record that comes after it.
    """

    code: Text
    label: str
    where: str
    since: str
    later: Annotated[int, Field(ge=0)] = 0
    strategy: Literal[
        "treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum"
    ]


class Safety(Model):
    """Conventions of the safety analysis."""

    emergent_days_after_last_dose: int = 30
    ctcae: Text = "4"
    early_onset_days: int = 7


# --- forms.yaml -------------------------------------------------------------------------------


class SubjectRule(Model):
    """How subject ids look once normalised; `site` has one group, the site within an id."""

    pattern: str | None = None
    digits: int | None = None
    site: str | None = None


class AgeRule(Model):
    """Age is derived by the reader, and the birth date goes no further."""

    birth_date: str
    at: str
    field: str = "age"


class Source(Model):
    """A raw file (or a glob of them) that holds one or more forms."""

    format: str = "auto"
    file: str
    dictionary: str | None = None
    events: str | None = None
    catalog: str | None = None
    subject: str | None = None
    visit: str | None = None
    visit_from: Literal["sheet", "file"] | None = None
    date_order: Literal["ymd", "dmy", "mdy"] | None = None
    restricted: bool = False
    forms: Literal["auto"] | None = None
    options: dict[str, Scalar] = {}

    @property
    def files(self) -> list[str]:
        """Names (or patterns) of all raw files of the source: data first, then what is about it."""
        return [n for n in (self.file, self.dictionary, self.events, self.catalog) if n]

    @property
    def dictionary_files(self) -> list[str]:
        """Files that hold the data dictionary: one of its own, or the export that carries it."""
        if self.dictionary or self.format in ("redcap", "table"):
            return [self.dictionary] if self.dictionary else []
        return [n for n in (self.file, self.catalog) if n]


class FieldRule(Model):
    """What is known of a field beyond the export's dictionary."""

    source: str | None = None
    type: (
        Literal["text", "integer", "number", "date", "datetime", "partial_date", "choice", "yesno"]
        | None
    ) = None
    range: Pair | None = None
    plausible: Pair | None = None
    required: bool = False
    choices: dict[Text, str] | None = None
    synonyms: dict[Text, str] = {}
    spelling: bool = False
    unit: str | None = None
    label: str = ""


class Form(Model):
    """A form of the trial."""

    source: str
    instrument: str | None = None
    date: str | None = None
    fields: dict[str, FieldRule] = {}
    key: list[str] = []
    partial_dates: list[str] = []
    order: list[tuple[str, str]] = []
    total: TotalRule | None = None
    units: dict[str, UnitRule] = {}
    laboratory: bool = False
    visits: list[str] = []
    alike: Alike | None = None
    stable: list[str] = []
    reversible: list[str] = []
    sides: list[tuple[str, str]] = []
    panel: Panel | None = None


class Forms(Model):
    """`forms.yaml`."""

    subject: SubjectRule = SubjectRule()
    missing_codes: list[Text] = []
    identifiers: list[str] = []
    age: AgeRule | None = None
    free_text: list[str] = []
    exported: dt.date | None = None
    sources: dict[str, Source]
    forms: dict[str, Form] = {}
    rules: list[Rule] = []


# --- claims.yaml --------------------------------------------------------------------------------


class Claim(Model):
    """A statement of the published abstract, and how it is held against the results."""

    model_config = ConfigDict(populate_by_name=True)

    id: Text
    text: str
    kind: str
    rule: str
    origin: Literal["calibrated", "emergent", "not testable"]
    ard: list[str] = []
    expected: list[Scalar] = []
    digits: int | None = None
    test: list[str] | str = []
    interval: list[str] | str = []
    setting: list[str] = []
    shown: str = ""
    bound: float | None = None
    from_: list[str] = Field(default=[], alias="from")

    def entry(self) -> dict[str, Any]:
        """The entry as it stands in the file: the keys that say something."""
        return self.model_dump(by_alias=True, exclude_defaults=True)


class Study(Model):
    """One trial: all configuration files of a folder."""

    run: Run = Run()
    study: About
    raw: str = "data/raw"
    results: str = "results"
    paper: str | None = None
    declarations: Declarations = Declarations()
    recruitment: Recruitment = Recruitment()
    arms: list[Arm] = []
    strata: list[Stratum] = []
    dosing: Dosing | None = None
    visits: list[Visit] = []
    efficacy_visits: list[str] = []
    populations: dict[str, Population] = {}
    intercurrent_events: list[IntercurrentEvent] = []
    safety: Safety = Safety()
    forms: Forms
    endpoints: dict[str, Endpoint] = {}
    composites: dict[str, Composite] = {}
    laboratory: dict[str, LabTest] = {}
    vitals: dict[str, VitalSign] = {}
    assays: dict[str, Assay] = {}
    samples: Samples = Samples()
    analyses: Analyses = Analyses()
    claims: list[Claim] = []

    @property
    def active_arm(self) -> Arm | None:
        """The arm that takes the drug under study."""
        return next((a for a in self.arms if a.active), None)

    def forms_of(self, source: str) -> list[str]:
        """Names of the forms that a source holds, in the order of the configuration."""
        return [name for name, form in self.forms.forms.items() if form.source == source]
