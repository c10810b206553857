"""Time to a first event: Kaplan-Meier with whole-number arithmetic."""

from __future__ import annotations

from fractions import Fraction

from sclerotrial.inference.result import NAN, Result


def kaplan_meier(times: list[float], events: list[bool]) -> list[tuple[float, Fraction]]:
    """Survival after each time at which an event happened; censored at a time count as at risk."""
    left, alive, steps = len(times), Fraction(1), []
    for t in sorted(set(times)):
        here = [e for u, e in zip(times, events, strict=True) if u == t]
        if any(here):
            alive *= Fraction(left - sum(here), left)
            steps.append((t, alive))
        left -= len(here)
    return steps


def median_time(times: list[float], events: list[bool]) -> Result:
    """Median time to event; the middle of the flat stretch when survival is exactly one half."""
    steps = kaplan_meier(times, events)
    out = Result("Kaplan-Meier median", "no interval", len(times))
    if not times:
        return out.but(note="no patient")
    half = Fraction(1, 2)
    below = [t for t, s in steps if s < half]
    at = [t for t, s in steps if s == half]
    if not below and not at:
        return out.but(note="not reached: at least half had no event")
    if at:
        return out.but(estimate=(at[0] + below[0]) / 2 if below else at[0])
    return out.but(estimate=below[0] if below else NAN)
