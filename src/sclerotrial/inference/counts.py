"""Counts over time at risk. Exact Poisson supposes independent events: first events only."""

from __future__ import annotations

from scipy import special

from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.result import Result


def poisson_rate(events: int, time: float, level: float = 0.95, *, n: int = 0) -> Result:
    """Rate with its exact interval (Garwood 1936).

    Parameters
    ----------
    events : int
        First events, one a patient at most, or other independent ones.
    time : float
        Time at risk, in the unit of the rate.
    level : float
    n : int
        Patients at risk, to print.
    """
    out = Result("rate with exact Poisson interval", "equal tails", n, conf_level=level)
    if events < 0:
        raise ValueError("a number of events cannot be negative")
    if not time > 0:
        return out.but(note="no time at risk")
    tail = alpha_of(level) / 2
    low = float(special.gammaincinv(events, tail)) if events else 0.0
    high = float(special.gammaincinv(events + 1, 1 - tail))
    return out.but(
        estimate=events / time, ci_low=low / time, ci_high=high / time, conf_achieved=level
    )
