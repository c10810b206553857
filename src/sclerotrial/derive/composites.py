"""Composite indices over the rows of adqs: ACR CRISS and revised CRISS, exploratory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.entry import rows_of
from sclerotrial.instruments.criss import acr_criss, revised_criss

EXPLORATORY = "Exploratory composite"
#: scale of the globals in the equation of the ACR CRISS
_GLOBALS = {"ptga": 10.0, "phga": 10.0}
_SAID = {True: "improved", False: "not improved", None: ""}


def add_composites(df: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Add a row a subject, efficacy visit after baseline and declared index.

    Parameters
    ----------
    df : DataFrame
        Rows of adqs (`derive_bds`), with flags and changes.
    study : Study
        Sections ``composites``, ``endpoints``, ``efficacy_visits``, ``visits``.

    Returns
    -------
    DataFrame
        Rows with PARCAT1 'Exploratory composite' where at least one component was analysed at the
        visit. AVAL is the probability (ACR) or the response, 1 or 0 (revised), AVALC says improved
        or not, or why it is refused: then AVAL is missing and the row is never analysed. Step 1 is
        met when organs were worse at that visit or before; a visit where it was not assessed is
        refused. Parents are the analysed rows of the parameters in SRCVAR at the same visit; ADT is
        the last of their days, file and line those of the first. NITEMS counts the measures there.
        Values carried forward are no parents.
    """
    visits = [
        v for v in study.visits if v.avisit in study.efficacy_visits and not v.baseline and v.window
    ]
    if not study.composites or df.empty:
        return df
    used = {w for c in study.composites.values() for _, w in c.components if w}
    rows = df[(df["ANL01FL"] == "Y") & df["PARAMCD"].isin(used)]
    by: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in rows_of(rows):
        by.setdefault((row["USUBJID"], row["AVISIT"]), {})[row["PARAMCD"]] = row
    made = []
    for code, composite in study.composites.items():
        worse: dict[str, bool] = {}
        for visit in sorted(visits, key=lambda v: v.avisitn):
            for subject in sorted({s for s, avisit in by if avisit == visit.avisit}):
                here = by[subject, visit.avisit]
                step1 = _step1(composite, here, worse.get(subject, False))
                worse[subject] = bool(step1)
                made.append(_row(code, composite, here, step1, study.endpoints, visit))
    extra = pd.DataFrame(made, columns=df.columns)
    return pd.concat([df, extra], ignore_index=True) if len(extra) else df


def _step1(composite: Any, here: Mapping[str, Any], before: bool) -> bool | None:
    if before:
        return True
    found = here.get(composite.components.step1 or "")
    return None if found is None or math.isnan(found["AVAL"]) else found["AVAL"] == 1


def _row(
    code: str,
    composite: Any,
    here: Mapping[str, dict[str, Any]],
    step1: bool | None,
    endpoints: Mapping[str, Any],
    visit: Any,
) -> dict[str, Any]:
    names = {n: w for n, w in composite.components if w and n != "step1"}
    parents = {n: here[w] for n, w in names.items() if w in here}
    step = [here[w] for w in [composite.components.step1] if w in here]
    every = [*parents.values(), *step]
    if composite.rule == "acr_criss":
        found = acr_criss({n: _change(n, p, endpoints) for n, p in parents.items()}, step1)
        value, said = found.probability, _SAID[found.improved]
    else:
        base = {n: p["BASE"] for n, p in parents.items()}
        after = {n: p["AVAL"] for n, p in parents.items()}
        found = revised_criss(base, after, composite.percent, composite.fvc_percent, step1)
        value = None if found.response is None else float(found.response)
        said = _SAID[found.response]
    last = max(every, key=lambda p: p["ADT"])
    blank = dict.fromkeys(last, "") | {k: math.nan for k, v in last.items() if isinstance(v, float)}
    kept = ["STUDYID", "USUBJID", "TRT01A", "SAFFL", "COMPLFL", "ADT", "ADY", "ONTRTFL", "ICEFL"]
    return {
        **blank,
        **{k: last[k] for k in [*kept, "ICE"]},
        "PARAMCD": code,
        "PARAM": f"{composite.param}, exploratory",
        "PARCAT1": EXPLORATORY,
        "AVISIT": visit.avisit,
        "AVISITN": float(visit.avisitn),
        "AVAL": math.nan if value is None else value,
        "AVALC": said if not found.note else f"{said}; {found.note}".removeprefix("; "),
        "AVALU": "probability" if composite.rule == "acr_criss" else "response",
        "ANL01FL": "" if value is None else "Y",
        "ANL02FL": "" if value is None else "Y",
        "NITEMS": float(len(parents)),
        "SRCDOM": "adqs",
        "SRCVAR": " ".join(p["PARAMCD"] for p in every),
        "SRCFILE": every[0]["SRCFILE"],
        "SRCLINE": every[0]["SRCLINE"],
    }


def _change(name: str, parent: Mapping[str, Any], endpoints: Mapping[str, Any]) -> float:
    """Change from baseline in the unit of the equation: globals from 0 to 10."""
    factor = 1.0
    if name in _GLOBALS:
        low, high = endpoints[parent["PARAMCD"]].range
        factor = _GLOBALS[name] / (high - low)
    return parent["CHG"] * factor
