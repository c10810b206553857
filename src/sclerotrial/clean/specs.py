"""What each column of a form should hold: data dictionary and configuration put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

import pandas as pd

from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.redcap import stamp_of
from sclerotrial.study_models import Form, Study

KEYS = ("USUBJID", "VISIT", "INSTANCE", "SRCFILE", "SRCLINE")
#: widest span of an integer range that is taken as a scale, on which nothing else exists
SCALE_SPAN = 10


@dataclass(frozen=True)
class Spec:
    """What a column should hold.

    Attributes
    ----------
    kind : str
        text, integer, number, date, datetime, time, partial_date, choice, checkbox or calc.
    choices : dict
        Code -> label.
    low, high : float or None
        Range; `hard`: a value outside cannot exist (set missing), else it is only doubted.
    required : bool
        Missing is worth a query; not when `branching` may have hidden the field.
    free : bool
        May hold any text: its content enters no query.
    order : str
        Order of day and month that the dictionary suggests for the column ('' none).
    decimal : str
        Decimal mark that the dictionary prescribes ('' none).
    source : str
        Name of the column in the raw file where it is another one.
    validation : str
        The dictionary's text validation.
    earliest, latest : str
        Limits that are no plain numbers: a date, 'today', or a field in brackets.
    plausible : (float, float) or None
        A value outside is doubted and kept.
    synonyms : dict
        Another word in lower case -> the word that is used.
    """

    name: str
    kind: str = "text"
    choices: dict[str, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    hard: bool = False
    required: bool = False
    branching: str = ""
    free: bool = False
    order: str = ""
    decimal: str = ""
    source: str = ""
    unit_field: bool = False
    validation: str = ""
    earliest: str = ""
    latest: str = ""
    plausible: tuple[float, float] | None = None
    synonyms: dict[str, str] = field(default_factory=dict)


def form_of(study: Study, name: str) -> Form:
    """The form's configuration; an unconfigured form (``forms: auto``) has an empty one."""
    if name in study.forms.forms:
        return study.forms.forms[name]
    auto = [s for s, about in study.forms.sources.items() if about.forms == "auto"]
    return Form(source=auto[0] if auto else "", instrument=name)


def data_columns(frame: pd.DataFrame) -> list[str]:
    """Columns of a form that hold data, not keys."""
    return [c for c in frame.columns if c not in KEYS]


def total_items(form: Form, columns: list[str]) -> list[str]:
    """Columns that a total sums: a list of names, or one pattern with * (the total left out)."""
    if form.total is None:
        return []
    names = form.total.items
    if isinstance(names, str):
        return [c for c in columns if fnmatch(c, names) and c != form.total.field]
    return [c for c in names if c in columns]


def specs(
    study: Study, name: str, frame: pd.DataFrame, dictionary: Dictionary | None
) -> dict[str, Spec]:
    """Spec of each data column of a form, in the order of the columns."""
    form = form_of(study, name)
    columns = data_columns(frame)
    known: Mapping[str, Field] = dictionary.by_column(form.instrument or name) if dictionary else {}
    items = set(total_items(form, columns))
    unit_fields = {u.unit_field for u in form.units.values()}
    result = {}
    for column in columns:
        told = known.get(column)
        spec = from_dictionary(column, told) if told else Spec(column, free=dictionary is not None)
        spec = _configured(spec, form, column)
        free = column in study.forms.free_text or (spec.free and spec.kind == "text")
        if column in form.fields and column not in study.forms.free_text:
            free = False
        if told is None and dictionary and column == stamp_of(form.instrument or name):
            spec, free = replace(spec, kind="datetime"), False
        age = study.forms.age
        if told is None and age and column == age.field:
            spec, free = Spec(column, kind="integer", plausible=spec.plausible), False
        result[column] = Spec(
            **{
                **spec.__dict__,
                "free": free,
                "hard": spec.hard or column in items,
                "unit_field": column in unit_fields,
            }
        )
    return result


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def from_dictionary(column: str, told: Field) -> Spec:
    """Spec of an export column by its entry in the data dictionary."""
    kind, validation = "text", told.validation
    if told.type == "checkbox":
        kind = "checkbox"
    elif told.choices:
        kind = "choice"
    elif told.type in ("calc", "slider"):
        kind = "calc" if told.type == "calc" else "number"
    elif validation.startswith("datetime"):
        kind = "datetime"
    elif validation.startswith("date"):
        kind = "date"
    elif validation.startswith("time"):
        kind = "time"
    elif validation == "integer":
        kind = "integer"
    elif validation.startswith("number"):
        kind = "number"
    low = high = None
    if kind in ("integer", "number"):
        low, high = _number(told.minimum), _number(told.maximum)
    scale = kind == "integer" and None not in (low, high) and high - low <= SCALE_SPAN
    order = next((o for o in ("dmy", "mdy") if validation.endswith(o)), "")
    return Spec(
        column,
        kind=kind,
        choices=told.choices if kind == "choice" else {},
        low=low,
        high=high,
        hard=scale,
        required=told.required and kind != "checkbox",
        branching=told.branching,
        free=told.free,
        order=order,
        decimal="," if "comma_decimal" in validation else "",
        validation=validation,
        earliest=told.minimum if low is None else "",
        latest=told.maximum if high is None else "",
    )


def _configured(spec: Spec, form: Form, column: str) -> Spec:
    """The spec with what forms.yaml adds or overrules."""
    changes: dict[str, object] = {}
    rule = form.fields.get(column)
    if rule:
        changes["source"] = rule.source or ""
        if rule.type:
            changes["kind"] = rule.type
        if rule.type == "yesno":
            changes |= {"kind": "choice", "choices": {"1": "Yes", "0": "No"}}
        if rule.choices:
            changes |= {"kind": "choice", "choices": dict(rule.choices)}
        if rule.range:
            changes |= {"low": rule.range[0], "high": rule.range[1], "hard": True}
        if rule.required:
            changes["required"] = True
        changes["plausible"] = rule.plausible
        changes["synonyms"] = {k.casefold(): v for k, v in rule.synonyms.items()}
    if column in form.partial_dates:
        changes["kind"] = "partial_date"
    elif column == form.date and spec.kind == "text":
        changes["kind"] = "date"
    if form.total and column == form.total.field and spec.kind == "text":
        changes["kind"] = "number"
    return Spec(**{**spec.__dict__, **changes})
