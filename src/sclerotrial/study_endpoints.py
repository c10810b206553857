"""`endpoints.yaml` as typed models, and what must hold between its entries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from sclerotrial.errors import Problem, did_you_mean
from sclerotrial.study_base import Model, Pair, Text

#: variables of adqs that hold a responder definition
CRITERIA = ("CRIT1", "CRIT2", "CRIT3", "CRIT4")


class Sourced(Model):
    """A number with its source."""

    value: float
    source: str


class Responder(Model):
    """A responder definition: a change of at least (strict: beyond) this size."""

    code: Text
    label: str
    absolute: float | None = None
    percent: float | None = None
    strict: bool = False


class Endpoint(Model):
    """An endpoint: what is measured, on which scale, in which direction."""

    param: str
    dataset: Literal["adqs", "adlb", "advs"]
    form: str
    instrument: Literal["mrss", "haq", "shaq", "vas", "transition", "lab", "number"]
    field: str | None = None
    unit: str = ""
    range: Pair | None = None
    better: Literal["lower", "higher"] = "lower"
    role: Literal["primary", "secondary", "exploratory"] = "secondary"
    scale: Literal["interval", "ordinal"] = "interval"
    missing: str = "treatment policy"
    prorate_from: int | None = None
    category_rule: Literal["highest", "complete"] = "highest"
    min_categories: Annotated[int, Field(ge=1, le=8)] | None = None
    line_mm: Annotated[float, Field(gt=0)] | None = None
    line_field: str = "vas_line_mm"
    mcid: Sourced | None = None
    mdc: Sourced | None = None
    responders: list[Responder] = []
    labels: dict[Text, str] = {}
    decimals: int | None = None


class Components(Model):
    """PARAMCD of what a composite index is made of; step 1 is 1 (organs worse) or 0."""

    step1: str | None = None
    mrss: str | None = None
    fvc: str | None = None
    ptga: str | None = None
    phga: str | None = None
    haqdi: str | None = None


class Composite(Model):
    """A composite index over endpoints; always exploratory."""

    param: str
    rule: Literal["acr_criss", "revised_criss"]
    components: Components
    percent: Annotated[float, Field(gt=0, le=100)] = 20
    fvc_percent: Annotated[float, Field(gt=0, le=100)] = 5


class LabTest(Model):
    """A laboratory test: accepted names, units and plausible range in the analysis unit."""

    param: str
    names: list[str]
    unit: str
    units: dict[Text, Annotated[float, Field(gt=0)]]
    plausible: Pair | None = None
    ctcae: str | None = None


class VitalSign(Model):
    """A vital sign."""

    param: str
    field: str
    unit: str
    plausible: Pair | None = None


def problems(study: Any, path: str = "endpoints.yaml") -> list[Problem]:
    """Entries that contradict each other or name what is not there; all of them.

    Parameters
    ----------
    study : Study
        Sections ``endpoints``, ``composites``.
    path : str
        Of the file, for the messages.
    """
    found: list[Problem] = []

    def unknown(what: str, word: str, known: Iterable[str], key: str) -> None:
        known = list(known)
        found.append(
            Problem(
                f"{what} {word!r} is not known.{did_you_mean(word, known)}",
                f"{path}, key {key}",
                f"Use one of: {', '.join(known) or '(none declared)'}",
            )
        )

    for code, endpoint in study.endpoints.items():
        codes = [r.code for r in endpoint.responders]
        for word in dict.fromkeys(codes):
            key = f"endpoints.{code}.responders"
            if word not in CRITERIA:
                unknown("The responder definition", word, CRITERIA, key)
            elif codes.count(word) > 1:
                what = f"The responder definition {word!r} stands {codes.count(word)} times"
                found.append(Problem(what, f"{path}, key {key}", "Give each a code of its own"))
        found += [
            Problem(
                f"The responder definition {r.code!r} has no cut",
                f"{path}, key endpoints.{code}.responders",
                "Write absolute (in units of the score) or percent",
            )
            for r in endpoint.responders
            if r.absolute is None and r.percent is None
        ]
        if endpoint.instrument in ("vas", "shaq", "transition", "number") and not endpoint.field:
            found.append(
                Problem(
                    f"The endpoint {code!r} does not say which field it is read from",
                    f"{path}, key endpoints.{code}.field",
                    "Write the field of the form",
                )
            )
    scores = {c: e for c, e in study.endpoints.items() if e.dataset == "adqs"}
    for code, composite in study.composites.items():
        if code in study.endpoints:
            what = f"{code!r} is an endpoint and a composite index"
            found.append(Problem(what, f"{path}, key composites.{code}", "Rename one of them"))
        for name, word in composite.components:
            key = f"composites.{code}.components.{name}"
            if word and word not in scores:
                unknown("The endpoint", word, scores, key)
            elif word and name in ("ptga", "phga") and not scores[word].range:
                found.append(
                    Problem(
                        f"The range of {word!r} is not told: the index takes globals from 0 to 10",
                        f"{path}, key endpoints.{word}.range",
                        "Write the range, such as range: [0, 100] for millimetres",
                    )
                )
    return found
