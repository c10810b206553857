"""BCa bootstrap of a mean, as a sensitivity only: at n = 3 it covers 72 % where it claims 95."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from sclerotrial.inference import describe, draws, peers
from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.result import Result, observed, why_not

WARNING = (
    "sensitivity only: BCa is too narrow below some 20 patients (95 % intervals of normal data "
    "cover 72 % at n = 3, 86 % at n = 6, 90 % at n = 9)"
)


def bca_mean(d: object, level: float = 0.95, *, seed: int = 0, many: int = draws.DRAWS) -> Result:
    """Mean with its bias-corrected and accelerated bootstrap interval (Efron 1987).

    Resamples come from one stream a block; the acceleration is that of the jackknife, in closed
    form.

    Parameters
    ----------
    d : array-like
        Values; missing ones are dropped.
    level : float
    seed, many : int
    """
    x = observed(d)
    how = f"BCa, {many} resamples, seed {seed}; equal tails"
    out = Result("mean with BCa bootstrap interval", how, len(x), conf_level=level)
    if why := why_not(x, least=3):
        return out.but(note=why)
    centre = describe.mean(x)
    out = out.but(estimate=centre)
    if not peers.spread(x):
        return out.but(note="all values equal: no interval")
    means = []
    for generator, some in draws.blocks(seed, len(x), many):
        picked = x[generator.integers(0, len(x), (some, len(x)))]
        whole = np.zeros(some)
        for column in picked.T:
            whole += column
        means.append(whole / len(x))
    spread = np.sort(np.concatenate(means), kind="stable")
    below = (spread < centre - 1e-12).sum() + 0.5 * (np.abs(spread - centre) <= 1e-12).sum()
    z0 = float(special.ndtri(below / many))
    off = x - centre
    skew = math.fsum(off**3) / (6 * math.fsum(off**2) ** 1.5)
    tail = alpha_of(level) / 2
    ends = []
    for z in (special.ndtri(tail), special.ndtri(1 - tail)):
        share = float(special.ndtr(z0 + (z0 + z) / (1 - skew * (z0 + z))))
        place = min(max(share * (many + 1), 1), many)
        low = int(place)
        high = min(low + 1, many)
        ends.append(float(spread[low - 1] + (place - low) * (spread[high - 1] - spread[low - 1])))
    return out.but(ci_low=ends[0], ci_high=ends[1], note=WARNING if len(x) < 20 else "")
