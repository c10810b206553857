"""What `forms.yaml` says must hold within and between the records of a form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sclerotrial.study_base import Model, Text


class TotalRule(Model):
    """A typed total and the items that it should equal."""

    field: str
    items: str | list[str]
    rule: Literal["sum", "mean"] = "sum"


class UnitRule(Model):
    """Units that a field may come in, with their factors."""

    unit: str
    factors: dict[Text, Annotated[float, Field(gt=0)]]
    unit_field: str | None = None


class Alike(Model):
    """Records of a subject that may be one: the same `by`, spans that touch, another `differs`."""

    by: list[str]
    span: tuple[str, str] | None = None
    differs: str | None = None


class Panel(Model):
    """Laboratory tests that belong together, and the visits at which blood is taken for them."""

    tests: list[str] = []
    visits: list[str] = []
    days: Annotated[int, Field(ge=0)] = 5


class Rule(Model):
    """What must hold in each record of a form, in the logic language of REDCap."""

    id: Text
    form: str
    field: str
    must: str
    when: str = ""
    severity: Literal["info", "warning", "error"] = "warning"
    message: str
