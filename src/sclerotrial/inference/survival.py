"""Time to a first event: Kaplan-Meier with whole-number arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

from scipy import special

from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.result import NAN, Result

LOGLOG = "Greenwood variance, log(-log) interval"


def _why_not(times: list[float], events: list[bool]) -> str:
    """Reason to refuse these patients ('' when there is none)."""
    if not len(times):
        return "no patient"
    if len(times) != len(events):
        return f"{len(times)} times and {len(events)} events: one of each a patient needed"
    if not all(math.isfinite(t) and t >= 0 for t in times):
        return "a time that is missing, negative or infinite"
    if not all(e in (0, 1) for e in events):
        return "an event that is neither true nor false"
    return ""


def kaplan_meier(times: list[float], events: list[bool]) -> list[tuple[float, Fraction]]:
    """Survival after each time at which an event happened; censored at a time count as at risk.

    Raises
    ------
    ValueError
        When a time is missing, negative or infinite, or an event is not told.
    """
    if len(times) and (why := _why_not(times, events)):
        raise ValueError(why)
    left, alive, steps = len(times), Fraction(1), []
    for t in sorted(set(times)):
        here = [e for u, e in zip(times, events, strict=True) if u == t]
        if any(here):
            alive *= Fraction(left - sum(here), left)
            steps.append((t, alive))
        left -= len(here)
    return steps


def median_time(times: list[float], events: list[bool]) -> Result:
    """Median time to event; the middle of the flat stretch when survival is exactly one half.

    A stretch that nothing ends lasts to the end of follow-up (as in R's survival).
    """
    out = Result("Kaplan-Meier median", "no interval", len(times))
    if why := _why_not(times, events):
        return out.but(note=why)
    steps = kaplan_meier(times, events)
    half = Fraction(1, 2)
    below = [t for t, s in steps if s < half]
    at = [t for t, s in steps if s == half]
    if not below and not at:
        return out.but(note="not reached: at least half had no event")
    if at:
        return out.but(estimate=(at[0] + (below[0] if below else max(times))) / 2)
    return out.but(estimate=below[0] if below else NAN)


def survival_at(times: list[float], events: list[bool], when: float, level: float = 0.95) -> Result:
    """Survival at a time, with the interval on the log(-log) scale (Kalbfleisch and Prentice).

    Parameters
    ----------
    times, events : one a patient
        Time, and whether the event happened then (else censored).
    when : float
    level : float
    """
    out = Result("Kaplan-Meier survival", LOGLOG, len(times), conf_level=level)
    if why := _why_not(times, events):
        return out.but(note=why)
    alive, greenwood = Fraction(1), Fraction(0)
    for t, risk, dead in _at_risk(times, events):
        if t <= when and dead:
            alive *= Fraction(risk - dead, risk)
            greenwood += Fraction(dead, risk * (risk - dead)) if risk > dead else 0
    s = float(alive)
    if max(times) < when and alive > 0:
        out = out.but(note="nobody was followed so long: survival at the last time")
    if s in (0.0, 1.0):
        return out.but(estimate=s, note=out.note or "no interval at 0 or 1 on this scale")
    z = float(special.ndtri(1 - alpha_of(level) / 2))
    half = z * math.sqrt(float(greenwood)) / abs(math.log(s))
    return out.but(estimate=s, ci_low=s ** math.exp(half), ci_high=s ** math.exp(-half))


def _at_risk(times: list[float], events: list[bool]) -> list[tuple[float, int, int]]:
    """Each time, how many were at risk just before, how many had the event."""
    out, left = [], len(times)
    for t in sorted(set(times)):
        here = [e for u, e in zip(times, events, strict=True) if u == t]
        out.append((t, left, sum(here)))
        left -= len(here)
    return out


def median_interval(times: list[float], events: list[bool], level: float = 0.95) -> Result:
    """Kaplan-Meier median with the interval that inverts the log(-log) one (Brookmeyer, Crowley).

    A limit that is not reached is infinite. Survival of 0 has no interval on this scale and ends
    none, as in R and SAS: where one half was first excluded there, the upper limit is infinite.
    """
    out = median_time(times, events).but(conf_level=level, convention=f"{LOGLOG}, inverted")
    if _why_not(times, events):
        return out
    low, high = math.inf, math.inf
    for t, _, dead in _at_risk(times, events):
        at = survival_at(times, events, t, level)
        if not dead or at.estimate == 0:
            continue
        low = min(low, t) if at.ci_low <= 0.5 else low
        high = min(high, t) if at.ci_high <= 0.5 else high
    if out.estimate < low == math.inf:
        return out.but(note=out.note or "survival falls past one half to 0 at once: no interval")
    if (
        high == math.inf
        and not math.isnan(out.estimate)
        and kaplan_meier(times, events)[-1][1] == 0
    ):
        out = out.but(note="upper limit not reached before survival is 0")
    return out.but(ci_low=low, ci_high=high)
