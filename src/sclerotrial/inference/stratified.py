"""Two groups compared within strata, exactly: permutations never leave a stratum."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from sclerotrial.inference import strata_sums
from sclerotrial.inference.draws import DRAWS, said
from sclerotrial.inference.fixed import midranks2, to_fixed
from sclerotrial.inference.result import Result, observed, why_not
from sclerotrial.inference.strata_sums import Stratum

MEAN = "strata weighted m n / N (Cochran); two-sided, far tail, permuted within strata"
RANK = "ranks within strata weighted 1 / (N + 1) (van Elteren); two-sided, far tail"

Strata = list[tuple[object, object]]


def permutation(strata: Strata, *, seed: int = 0, draws: int = DRAWS) -> Result:
    """Exact stratified permutation test of the difference of means.

    `estimate` is the mean of the strata's differences, weighted by m n / N. All outcomes are
    counted where their sums fit into memory: two strata of 12 against 12, any strata of values few
    steps of a decimal grid apart. Beyond, p is drawn, (b + 1) / (B + 1).

    Parameters
    ----------
    strata : list of (x, y)
        Values of both groups in each stratum; missing ones are dropped, and strata with one group
        only tell nothing and are left out.
    seed, draws : int
        Of the Monte Carlo.
    """
    kept, out = _kept("stratified permutation of the difference of means", MEAN, strata)
    if out.note:
        return out
    pooled = np.concatenate([np.concatenate(pair) for pair in kept])
    q = to_fixed(pooled[None])[0]
    parts, weight, gap, place = [], 0.0, 0.0, 0
    for a, b in kept:
        m, n = len(a), len(b)
        values = q[place : place + m + n]
        place += m + n
        values = values - int(np.rint(values.mean()))
        parts.append(Stratum(values, m))
        share = m * n / (m + n)
        weight += share
        gap += share * (math.fsum(a) / m - math.fsum(b) / n)
    # where both groups are as many in every stratum, exchanging them is as far on the other side
    alike = 2 if all(len(a) == len(b) for a, b in kept) else 1
    # slack of one unit a patient for the rounding to the grid
    return _tested(out.but(estimate=gap / weight), parts, len(pooled), alike, seed, draws)


def rank_sum(strata: Strata, *, seed: int = 0, draws: int = DRAWS) -> Result:
    """Exact van Elteren test (stratified rank-sum) under ties; see `permutation` for strata."""
    kept, out = _kept("van Elteren (stratified rank-sum)", RANK, strata)
    if out.note:
        return out
    common = math.lcm(*(len(a) + len(b) + 1 for a, b in kept))
    parts = []
    for a, b in kept:
        both = to_fixed(np.concatenate([a, b])[None])
        ranks = midranks2(both, np.ones(both.shape, bool))[0]
        parts.append((ranks, len(a), common // (both.shape[1] + 1)))
    if sum(times * int(ranks.sum()) for ranks, _, times in parts) >= strata_sums.WHOLE:
        return out.but(note="strata of too many different sizes for whole numbers")
    weighted = [Stratum(ranks * times, m) for ranks, m, times in parts]
    return _tested(out, weighted, 0, 2, seed, draws)


def _kept(name: str, convention: str, strata: Strata) -> tuple[list, Result]:
    pairs = [(observed(a), observed(b)) for a, b in strata]
    kept = [(a, b) for a, b in pairs if len(a) and len(b)]
    sizes = tuple(sum(len(pair[k]) for pair in kept) for k in (0, 1))
    out = Result(name, f"{convention}; {len(kept)} strata", sum(sizes), sizes)
    if not kept:
        return kept, out.but(note="no stratum holds both groups")
    if why := why_not(*(v for pair in kept for v in pair)):
        return kept, out.but(note=why)
    return kept, out


def _tested(
    out: Result, parts: list[Stratum], slack: int, alike: int, seed: int, draws: int
) -> Result:
    """Far tail of the sum over the strata; `alike` outcomes are farthest at least."""
    centre = sum(Fraction(s.m * int(s.values.sum()), len(s.values)) for s in parts)
    seen = abs(sum(int(s.values[: s.m].sum()) for s in parts) - centre)
    total = strata_sums.outcomes(parts)
    design = min(1.0, alike / total)
    how = strata_sums.plan(parts)

    def ends(away: Fraction) -> tuple[int, int]:
        return math.ceil(centre + away - slack), math.floor(centre - away + slack)

    if how is None:
        p = strata_sums.drawn(parts, *ends(seen), seed, draws) if seen > slack else 1.0
        return out.but(
            p=p,
            convention=f"{out.convention}; {said(p, draws, seed)}",
            p_attainable=max(design, 1 / (draws + 1)),
            p_design=design,
        )

    def share(away: Fraction) -> float:
        return strata_sums.far_out(parts, how, *ends(away)) / total if away > slack else 1.0

    ordered = [(np.sort(s.values), s.m) for s in parts]
    low, high = (sum(int(v[end(m)].sum()) for v, m in ordered) for end in (_least, _most))
    least = share(max(centre - low, high - centre))
    note = "all values equal: the test can reject nothing" if least == 1 and total > 2 else ""
    return out.but(p=share(seen), p_attainable=least, p_design=design, note=note)


def _least(m: int) -> slice:
    return slice(None, m)


def _most(m: int) -> slice:
    return slice(-m, None)
