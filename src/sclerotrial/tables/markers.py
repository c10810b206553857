"""Analytes and scores of all assays: their order, their names, and their part of an ARD id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sclerotrial.tables.source import Numbers, slug


@dataclass(frozen=True)
class Marker:
    """An analyte (or a score) of one assay.

    Attributes
    ----------
    assay, code : str
    compartment : str
    param : str
        Its name in words ('' where none is configured).
    name : str
        The code; of the second assay of a compartment that measures it ``CODE (2)``.
    part : str
        Second part of its ARD ids: ``serum_il6``, and of the second assay ``serum_il6_ASSAY``.
    """

    assay: str
    code: str
    compartment: str
    param: str
    name: str
    part: str


def markers(study: Any, numbers: Numbers | None = None) -> dict[tuple[str, str], Marker]:
    """All markers by assay and code, in the order of the configuration.

    Parameters
    ----------
    study : Study
        Section ``assays``.
    numbers : Numbers, optional
        The ARD, whose conditions tell the assay of an id: where the data lack the first assay of
        an analyte, its ids are those of the second.
    """
    found: dict[tuple[str, str], Marker] = {}
    seen: dict[str, int] = {}
    held = _held(numbers)
    for assay, entry in study.assays.items():
        for code, told in {**entry.analytes, **entry.scores}.items():
            plain = f"{entry.compartment.lower()}_{slug(code)}"
            k = seen[plain] = seen.get(plain, 0) + 1
            part = plain if k == 1 else f"{plain}_{slug(assay)}"
            if part not in held and f'ASSAY=="{assay}"' in held.get(plain, ""):
                part = plain
            name = code if k == 1 else f"{code} ({k})"
            found[assay, code] = Marker(assay, code, entry.compartment, told.param, name, part)
    return found


def second(study: Any, *compartments: str) -> list[str]:
    """What the names with a number in brackets mean, such as 'IL6 (2), by Bead panel, run 2'."""
    return [
        f"{m.name}, by {study.assays[m.assay].label}"
        for m in markers(study).values()
        if m.name != m.code and (not compartments or m.compartment in compartments)
    ]


def _held(numbers: Numbers | None) -> dict[str, str]:
    """The condition of the first number of each part."""
    held: dict[str, str] = {}
    for id_ in numbers.ids if numbers is not None else ():
        if id_.startswith("biomarker."):
            part = id_.split(".")[1]
            if part not in held:
                held[part] = numbers.cell(id_, "FILTER")
    return held
