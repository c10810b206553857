"""The hospital's laboratory list: results as text, own units and reference ranges."""

from __future__ import annotations

from datetime import date

import numpy as np

from sclerotrial.simulate import catalogue, endpoints
from sclerotrial.simulate.options import stream
from sclerotrial.simulate.safety import active_at
from sclerotrial.simulate.sheet import Sheet
from sclerotrial.simulate.trial import Subject, weekday
from sclerotrial.simulate.truth import Truth

PATH = "laboratory/hospital_lab_list.csv"
COLUMNS = ["patient", "date", "test", "result", "unit", "ref_low", "ref_high", "flag"]
NEW_UNITS = date(2008, 9, 1)  # the laboratory renamed some units that day
BETWEEN = {"Month 2": 57, "Month 4": 120, "Month 5": 150}


def samplings(s: Subject) -> dict[str, date]:
    """Days on which blood was taken: the visits, and months 2, 4 and 5 while followed."""
    out = dict(s.visits)
    for name, day in BETWEEN.items():
        when = weekday(s.on(day))
        if when < s.end:
            out[name] = when
    return dict(sorted(out.items(), key=lambda v: v[1]))


def values(truth: Truth, i: int, s: Subject) -> list[dict]:
    """True levels of one patient: AVISIT, date, PARAMCD, AVAL in the list's unit."""
    rng = stream(truth.options.seed, "laboratory", s.id)
    own = {}
    for name, (_, _, _, _, median, between, *_) in catalogue.LABORATORY.items():
        own[name] = float(np.log(median) + between * rng.normal())
    if s.sex == "1":
        own["HGB"] += 0.08
        own["CREAT"] += 0.15
    own["NEUT"] = min(own["NEUT"], own["WBC"] - 0.15)
    out = []
    for visit, when in samplings(s).items():
        drift = rng.normal(size=len(catalogue.LABORATORY))
        neut = 0.0
        for k, (name, (_, _, _, _, _, _, within, *_)) in enumerate(catalogue.LABORATORY.items()):
            if name in ("CRP", "ESR"):
                share = (
                    endpoints.share_of(s, visit)
                    if visit in s.visits
                    else float(min(1.0, s.day(when) / 183))
                )
                x = endpoints.at(truth.table, name, i, share)
                if visit not in ("Baseline", "Month 3", "Month 6"):
                    x += 0.4 * within * drift[k]
            else:
                neut = drift[k] * within if name == "WBC" else neut
                own_noise = neut + 0.05 * drift[k] if name == "NEUT" else within * drift[k]
                x = own[name] + own_noise + _shift(truth, s, name, when)
            out.append({"AVISIT": visit, "date": when, "PARAMCD": name, "AVAL": float(np.exp(x))})
    return out


def _shift(truth: Truth, s: Subject, name: str, when: date) -> float:
    """What the events of the day do to a level, natural logarithm."""
    if name == "HGB" and active_at(truth.events, s.id, when, ("Anaemia",)):
        return -0.22
    if name == "CK" and active_at(truth.events, s.id, when, ("Muscle spasms", "Myalgia")):
        return 0.4
    if name == "ALB" and active_at(truth.events, s.id, when, ("Fluid retention",)):
        return -0.05
    return 0.0


def written(name: str, value: float) -> str:
    """A level as the laboratory reports it."""
    digits = catalogue.LABORATORY[name][3]
    if name == "CRP" and value < catalogue.CRP_LIMIT:
        return f"<{catalogue.CRP_LIMIT}"
    return f"{value:.{digits}f}"


def _line(s: Subject, r: dict) -> dict[str, str]:
    test, unit, later, _, _, _, _, women, men = catalogue.LABORATORY[r["PARAMCD"]]
    low, high = women if s.sex == "2" else men
    text = written(r["PARAMCD"], r["AVAL"])
    value = 0.0 if text.startswith("<") else float(text)
    return {
        "patient": s.id,
        "date": r["date"].strftime("%d/%m/%Y"),
        "test": test,
        "result": text,
        "unit": later if r["date"] >= NEW_UNITS else unit,
        "ref_low": f"{low:g}",
        "ref_high": f"{high:g}",
        "flag": "H" if value > high else "L" if value < low else "",
    }


def sheet(truth: Truth) -> Sheet:
    """The list of all patients by day, as the hospital's system writes it (Windows-1252)."""
    rows, lowest = [], None
    for i, s in enumerate(truth.subjects):
        for r in values(truth, i, s):
            rows.append((r["date"], s, r))
            plain = r["PARAMCD"] == "CRP" and r["AVISIT"] in ("Month 1", "Month 2")
            if plain and (lowest is None or r["AVAL"] < lowest["AVAL"]):
                lowest = r
    if truth.options.published and lowest is not None:
        lowest["AVAL"] = min(lowest["AVAL"], 0.4)
    rows.sort(key=lambda r: (r[0], r[1].id))
    lines = [_line(s, r) for _, s, r in rows]
    return Sheet(PATH, COLUMNS, lines, ";", "cp1252", "\r\n")
