"""Readings of a document of the Allotrope model: quantities, levels and series."""

from __future__ import annotations

from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import task

QUANTITY = {
    "absorbance": "od", "fluorescence": "od", "luminescence": "od",
    "electrochemiluminescence": "signal", "cycle threshold result": "ct",
    "cycle threshold result (qPCR)": "ct", "fluorescence median": "median_mfi",
    "assay bead count": "count", "mass concentration": "result", "molar concentration": "result",
    "number concentration": "result", "concentration": "result", "analyte concentration": "result",
    "relative protein abundance": "npx", "normalized protein expression": "npx",
}  # fmt: skip
#: what a series runs over, by the concept of its dimension
_SERIES = {"elapsed time": "kinetic", "wavelength": "spectrum"}
_ROLES = {"standard sample role": "STANDARD", "calibration sample role": "STANDARD",
          "control sample role": "CONTROL", "blank role": "BLANK", "blank sample role": "BLANK",
          "no template control sample role": "NTC", "unknown sample role": "SAMPLE",
          "sample role": "SAMPLE", "validation sample role": "CONTROL",
          "undefined sample role": "SAMPLE"}  # fmt: skip


def add(out: Tidy, quantity: str, text: str, facts: dict[str, str], order: int, unit: str = "",
         flags: str = "") -> None:  # fmt: skip
    """Add a reading; a Ct that is lost is undetermined.

    Parameters
    ----------
    out : Tidy
    quantity, text : str
        Its quantity, and the value as the document has it.
    facts : dict of str to str
        What is told of its well (see `_asm_facts.facts_of`).
    order : int
        Number of the measurement.
    unit, flags : str
    """
    sample, role = facts.get("sample", ""), facts.get("role", "")
    lost = text in ("None", "N/A", "NaN", "nan", "")
    if lost and not flags:
        flags = "undetermined" if quantity == "ct" else "no_value"
    out.add(quantity, "" if lost else text, order, well=facts["where"], sample=sample, unit=unit,
            task=_ROLES.get(role, task(sample) if sample else "UNASSIGNED"), flags=flags,
            analyte=facts.get("analyte") or facts.get("wave") or facts.get("dye", ""),
            dilution=facts.get("dilution", ""))  # fmt: skip


def add_level(out: Tidy, sample: dict, facts: dict[str, str], order: int) -> None:
    """The concentration that a standard or control was given."""
    for key in ("mass concentration", "molar concentration", "concentration"):
        given = sample.get(key)
        if isinstance(given, dict) and _ROLES.get(facts.get("role", "")) in ("STANDARD", "CONTROL"):
            add(out, "expected", str(given.get("value", "")), facts, order,
                 str(given.get("unit", "")))  # fmt: skip


def add_series(out: Tidy, cube: dict, facts: dict[str, str], order: int) -> None:
    """A series over time or wavelength; curves of amplification and melting are none."""
    structure, data = cube["cube-structure"], cube.get("data", {})
    over = [d.get("concept", "") for d in structure.get("dimensions", [])]
    quantity = _SERIES.get(over[0]) if len(over) == 1 else None
    if quantity is None or structure["measures"][0].get("concept") not in QUANTITY:
        return
    unit = str(structure["measures"][0].get("unit", ""))
    for at, value in zip(data["dimensions"][0], data["measures"][0], strict=True):
        here = facts | ({"wave": f"{at:g}"} if quantity == "spectrum" else {})
        add(out, quantity, str(value), here, order, unit,
             "" if quantity == "spectrum" else f"t={at:g}")  # fmt: skip
