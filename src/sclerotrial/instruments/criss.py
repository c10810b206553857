"""Combined response index in diffuse cutaneous systemic sclerosis (CRISS), exploratory.

ACR CRISS 2016 (Khanna, PMC4818571 table 11) was validated over 12 months and needs forced vital
capacity; revised CRISS 2021 (PMC10750249) counts core measures that improved by a percentage.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

IMPROVED_FROM = 0.60
#: change (follow-up minus baseline) -> coefficient; globals on 0-10, FVC in percent predicted
_INTERCEPT = -5.54
_COEFFICIENTS = {"mrss": -0.81, "fvc": 0.21, "ptga": -0.40, "phga": -0.44, "haqdi": -3.41}
_HIGHEST_GLOBAL_CHANGE = 10
_NOT_ASSESSED = "not computable: step 1 (organ involvement) was not assessed"


@dataclass(frozen=True)
class Criss:
    """Result of the ACR CRISS.

    Attributes
    ----------
    probability : float or None
        Probability of improvement; 0 when step 1 applies; None when refused.
    linear : float or None
        Linear predictor of step 2.
    improved : bool or None
        Probability of at least 0.60.
    note : str
        Why there is no value, or which step gave it.
    """

    probability: float | None
    linear: float | None
    improved: bool | None
    note: str = ""


def acr_criss(changes: Mapping[str, float | None], worsened: bool | None = None) -> Criss:
    """ACR CRISS 2016.

    Parameters
    ----------
    changes : mapping
        ``mrss`` (points), ``fvc`` (absolute change of percent predicted), ``ptga`` and ``phga``
        (0-10 scale), ``haqdi``; follow-up minus baseline.
    worsened : bool, optional
        Step 1: new renal crisis, decline of lung function, heart failure or pulmonary arterial
        hypertension due to systemic sclerosis; then the probability is 0 whatever step 2 says.
        None: not assessed, and nothing is computed.

    Returns
    -------
    Criss
        Refused (None, with the reason) when step 1 was not assessed, or when it does not apply
        and any of the five changes is absent.

    Raises
    ------
    ValueError
        On an unknown name, or a global's change beyond 10: globals in mm must be divided by 10.
    """
    unknown = sorted(set(changes) - set(_COEFFICIENTS))
    if unknown:
        raise ValueError(f"not a component of CRISS: {', '.join(unknown)}")
    if worsened:
        return Criss(0.0, None, False, "step 1: new or worse organ involvement")
    if worsened is None:
        return Criss(None, None, None, _NOT_ASSESSED)
    given = {k: v for k, v in changes.items() if v is not None and not math.isnan(v)}
    absent = [k for k in _COEFFICIENTS if k not in given]
    if absent:
        return Criss(None, None, None, f"not computable: no change of {', '.join(absent)}")
    for name in ("ptga", "phga"):
        if abs(given[name]) > _HIGHEST_GLOBAL_CHANGE:
            raise ValueError(f"CRISS takes {name} on a scale of 0 to 10, not in mm")
    linear = _INTERCEPT + sum(c * given[k] for k, c in _COEFFICIENTS.items())
    probability = 1 / (1 + math.exp(-linear))
    return Criss(probability, linear, probability >= IMPROVED_FROM, "step 2")


@dataclass(frozen=True)
class RevisedCriss:
    """Result of the revised CRISS: response, core measures improved and available, a note."""

    response: bool | None
    improved: int
    available: int
    note: str = ""


def revised_criss(
    base: Mapping[str, float | None],
    after: Mapping[str, float | None],
    percent: float = 20,
    fvc_percent: float = 5,
    worsened: bool | None = None,
) -> RevisedCriss:
    """Revised CRISS: at least 3 of 5 core measures improved by a percentage of baseline.

    Parameters
    ----------
    base, after : mapping
        ``mrss``, ``fvc`` (percent predicted, higher is better), ``ptga``, ``phga``, ``haqdi``.
    percent, fvc_percent : float
        Cuts in percent of baseline; the cut itself counts.
    worsened : bool, optional
        Step 1; makes a non-responder. None: not assessed, and there is no response.

    Returns
    -------
    RevisedCriss
        A measure with baseline 0 counts as not improved. The response is None when the missing
        measures could still decide it.
    """
    if worsened:
        return RevisedCriss(False, 0, 0, "step 1: new or worse organ involvement")
    if worsened is None:
        return RevisedCriss(None, 0, 0, _NOT_ASSESSED)
    improved = available = 0
    zero = []
    for name in _COEFFICIENTS:
        before, later = base.get(name), after.get(name)
        if before is None or later is None or math.isnan(before) or math.isnan(later):
            continue
        available += 1
        if before == 0:
            zero.append(name)
            continue
        better = later - before if name == "fvc" else before - later
        cut = fvc_percent if name == "fvc" else percent
        improved += 100 * better / abs(before) >= cut - 1e-9
    notes = [f"baseline 0, counted as not improved: {', '.join(zero)}"] if zero else []
    if improved >= 3:
        return RevisedCriss(True, improved, available, "; ".join(notes))
    if improved + len(_COEFFICIENTS) - available >= 3:
        notes.append(f"undecided: {len(_COEFFICIENTS) - available} of 5 measures are absent")
        return RevisedCriss(None, improved, available, "; ".join(notes))
    return RevisedCriss(False, improved, available, "; ".join(notes))
