"""Units: values brought to the analysis unit, labels doubted when the size does not fit them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sclerotrial.read.findings import doubt, finding, place
from sclerotrial.study_forms import UnitRule
from sclerotrial.study_models import Form, Study
from sclerotrial.tabular import plain

_POWER = re.compile(r"[x×*]?10(?:\^|\*\*?|e|\()?\+?(\d+)\)?(?=/|$)")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SPOKEN = {
    "lbs": "lb",
    "pound": "lb",
    "pounds": "lb",
    "kgs": "kg",
    "kilo": "kg",
    "kilogram": "kg",
    "kilograms": "kg",
}
Range = tuple[float, float] | None


def unit_key(unit: str) -> str:
    """A unit in one writing: case, blanks, micro signs and powers of ten made the same."""
    text = re.sub(r"[⁰¹²³⁴-⁹]+", lambda m: "^" + m[0].translate(_RAISED), unit)
    text = re.sub(r"[\s\u00a0]+", "", text).replace("µ", "u").replace("μ", "u").casefold()
    text = _POWER.sub(r"10^\1", text)
    return _SPOKEN.get(text, text)


@dataclass(frozen=True)
class Resolved:
    """The factor to the analysis unit that a value needs.

    Attributes
    ----------
    factor : float or None
        None when the unit is unknown and nothing speaks for one.
    unit : str
        The unit that the value is taken to be in.
    doubt : str
        '' | 'mislabelled' (another accepted unit fits, the label does not) | 'assumed' (no unit
        was given, one fits) | 'implausible' (no accepted unit fits) | 'unknown'.
    """

    factor: float | None
    unit: str
    doubt: str = ""


def resolve(
    value: float, unit: str, factors: Mapping[str, float], plausible: Range, censored: bool = False
) -> Resolved:
    """Find the factor for a value from its label and its size.

    The label rules while the converted value is plausible. When it is not and exactly one other
    accepted unit makes it plausible, the label is taken to be wrong. Limits (`censored`) are not
    judged by their size.
    """
    known = {unit_key(u): (u, f) for u, f in factors.items()}
    label = known.get(unit_key(unit)) if unit else None

    def fits(factor: float) -> bool:
        return plausible is None or plausible[0] <= value * factor <= plausible[1]

    if label and (censored or fits(label[1])):
        return Resolved(label[1], label[0])
    if unit and not label:
        return Resolved(None, unit, "unknown")
    others: dict[float, str] = {}
    for name, factor in known.values():
        if plausible is not None and fits(factor) and (not label or factor != label[1]):
            others.setdefault(factor, name)
    if len(others) == 1:
        factor, name = next(iter(others.items()))
        return Resolved(factor, name, "mislabelled" if label else "assumed")
    return Resolved(label[1], label[0], "implausible") if label else Resolved(None, "", "unknown")


def convert_fields(
    frame: pd.DataFrame, study: Study, form: Form, name: str
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Fields that come in several units (weight in kg or lb) to the unit of the analysis.

    Afterwards the unit column holds that unit, so that converting again changes nothing.
    """
    findings: list[dict[str, str]] = []
    result = frame.copy()
    for field, rule in form.units.items():
        if field not in result:
            continue
        plausible = next((v.plausible for v in study.vitals.values() if v.field == field), None)
        values, units = [], []
        for row in result.to_dict("records"):
            value, unit, note = _converted(row, field, rule, plausible)
            if note:
                findings.append(finding(field=field, **note, **place(row, name)))
            values.append(value)
            units.append(unit)
        result[field] = pd.Series(values, index=result.index, dtype=str)
        if rule.unit_field in result:
            result[rule.unit_field] = pd.Series(units, index=result.index, dtype=str)
    return result, findings


def _converted(
    row: Mapping[str, str], field: str, rule: UnitRule, plausible: Range
) -> tuple[str, str, dict[str, str] | None]:
    """Value, unit and the note of one record."""
    text = row[field]
    label = row.get(rule.unit_field or "", rule.unit) if rule.unit_field else rule.unit
    if not text:
        return text, label, None
    found = resolve(float(text), label, rule.factors, plausible)
    if found.factor is None:
        note = {
            "rule": "unit_unknown",
            "severity": "error",
            "action": "set missing",
            "message": f"The unit is blank or none of: {', '.join(rule.factors)}",
        }
        return "", label, note | {"raw": f"{text} {label}".strip()}
    value = plain(float(text) * found.factor)
    raw = f"{text} {label}".strip()
    if found.doubt == "implausible":
        low, high = plausible
        message = f"Value outside the plausible {plain(low)} to {plain(high)} {rule.unit}"
        note = {"rule": "implausible", "severity": "warning", "action": "kept", "message": message}
        if found.factor != 1:
            note["action"] = "converted"
        return value, rule.unit, note | {"raw": raw, "value": f"{value} {rule.unit}"}
    if found.doubt:
        note = {
            "rule": f"unit_{found.doubt}",
            "severity": "warning",
            "action": "kept" if found.factor == 1 else "converted",
            "message": f"Taken to be in {found.unit}: only this unit gives a plausible value",
        }
        return value, rule.unit, note | {"raw": raw, "value": f"{value} {rule.unit}"}
    if found.factor != 1:
        note = {
            "rule": "unit_converted",
            "severity": "info",
            "action": "converted",
            "message": f"Converted from {found.unit} to {rule.unit}",
        }
        return value, rule.unit, note | {"raw": raw, "value": f"{value} {rule.unit}"}
    return text, rule.unit, None


def plausible_vitals(
    frame: pd.DataFrame, study: Study, form: Form, name: str
) -> list[dict[str, str]]:
    """A query for each vital sign outside its plausible range; fields with units have theirs."""
    found = []
    for vital in study.vitals.values():
        if vital.field not in frame or vital.field in form.units or not vital.plausible:
            continue
        value = pd.to_numeric(frame[vital.field], errors="coerce")
        low, high = vital.plausible
        for row in frame[(value < low) | (value > high)].to_dict("records"):
            found.append(
                doubt(
                    row,
                    vital.field,
                    name,
                    rule="implausible",
                    message=f"Value outside the plausible {plain(low)} to {plain(high)}"
                    f" {vital.unit}",
                )
            )
    return found
