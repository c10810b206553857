"""The answer key: what is true, and every error planted, with the line that holds it."""

from __future__ import annotations

from dataclasses import dataclass

from sclerotrial.simulate import catalogue, safety
from sclerotrial.simulate.truth import Truth


@dataclass
class Defect:
    """One planted error.

    Attributes
    ----------
    kind : str
        Name of the sort of error.
    file, field, subject, visit : str
        Where it is; the visit may be empty.
    raw, truth : str
        What is written and what should be.
    expected : str
        'mended' (converted to the truth), 'query' (asked about; the cell is not used, or kept
        as it is), 'error' (the pipeline must stop).
    row : dict or None
        The row of the sheet, whose line is known once it is written.
    line : int
        Physical line from 1 (given for files that are not sheets).
    """

    kind: str
    file: str
    field: str
    subject: str
    visit: str
    raw: str
    truth: str
    expected: str
    row: dict | None = None
    line: int = 0
    note: str = ""


def _number(x: float) -> float:
    return float(f"{x:.8g}")


def make(truth: Truth, planted: list[Defect], lines: dict[str, dict[int, int]]) -> dict:
    """The key as plain data, in a fixed order."""
    options = truth.options
    people = [
        {
            "subject": s.id,
            "arm": s.arm,
            "stratum": s.stratum,
            "role": s.role,
            "randomised": s.randomised.isoformat(),
            "first_dose": s.first_dose.isoformat(),
            "last_dose": s.last_dose.isoformat(),
            "hospitalised": s.hospital,
            "reintroduced": any(d.reason == 3 for d in s.doses),
            "reintroduction_failed": s.role != "completer" and any(d.reason == 3 for d in s.doses),
            "visits": {k: v.isoformat() for k, v in s.visits.items()},
        }
        for s in truth.subjects
    ]
    scores = [
        {
            "subject": r["USUBJID"],
            "visit": r["AVISIT"],
            "param": r["PARAMCD"],
            "value": _number(r["AVAL"]),
        }
        for r in truth.scores
    ]
    levels = [
        {
            "subject": r["USUBJID"],
            "visit": r["AVISIT"],
            "compartment": r["COMPART"],
            "param": r["PARAMCD"],
            "value": _number(r["AVAL"]),
        }
        for r in truth.levels
    ]
    found = [
        {
            "kind": d.kind,
            "file": d.file,
            "line": d.line or (lines[d.file].get(id(d.row), 0) if d.row is not None else 0),
            "field": d.field,
            "subject": d.subject,
            "visit": d.visit,
            "raw": d.raw,
            "truth": d.truth,
            "expected": d.expected,
            "note": d.note,
        }
        for d in planted
    ]
    units = {p: "pg/mL" for p in catalogue.SERUM} | {p: "-dCt" for p in catalogue.SKIN}
    return {
        "about": "SIMULATED data: what is true and what was made wrong on purpose",
        "options": {
            "seed": options.seed,
            "patients": options.patients,
            "arms": list(options.arms),
            "genes": options.genes,
            "defects": options.defects,
            "calibrate": options.calibrate,
            "effect": dict(sorted(options.effect.items())),
            "dropout": options.dropout,
            "skew": options.skew,
            "plant": list(options.plant),
        },
        "truth": {
            "screened": len(truth.subjects) + len(truth.failures),
            "subjects": people,
            "endpoints": scores,
            "biomarkers": levels,
            "units": units,
            "adverse_event_rows": len(truth.events),
            "week_one_share": _number(safety.early_share(truth.subjects, truth.events))
            if truth.events
            else None,
        },
        "defects": found,
    }
