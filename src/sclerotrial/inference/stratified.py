"""Two groups compared within strata, exactly: permutations never leave a stratum."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from sclerotrial.inference.fixed import midranks2, to_fixed
from sclerotrial.inference.result import Result, observed, why_not

MOST = 2_000_000  # distinct sums held at once
MEAN = "strata weighted m n / N (Cochran); two-sided, far tail, permuted within strata"
RANK = "ranks within strata weighted 1 / (N + 1) (van Elteren); two-sided, far tail"

Strata = list[tuple[object, object]]


def permutation(strata: Strata) -> Result:
    """Exact stratified permutation test of the difference of means.

    `estimate` is the mean of the strata's differences, weighted by m n / N.

    Parameters
    ----------
    strata : list of (x, y)
        Values of both groups in each stratum; missing ones are dropped, and strata with one group
        only tell nothing and are left out.
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
        parts.append((values, m, 1))
        share = m * n / (m + n)
        weight += share
        gap += share * (math.fsum(a) / m - math.fsum(b) / n)
    return _tested(out.but(estimate=gap / weight), parts, slack=len(pooled))


def rank_sum(strata: Strata) -> Result:
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
    return _tested(out, parts, slack=0)


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


def _law(values: np.ndarray, m: int, times: int) -> Counter:
    """Number of choices of m by their centred sum, times N and the weight."""
    sums: list[Counter] = [Counter() for _ in range(m + 1)]
    sums[0][0] = 1
    for v in values.tolist():
        for k in range(m, 0, -1):
            for s, ways in sums[k - 1].items():
                sums[k][s + v] += ways
    n, whole = len(values), int(values.sum())
    return Counter({times * (n * s - m * whole): w for s, w in sums[m].items()})


def _tested(out: Result, parts: list[tuple[np.ndarray, int, int]], slack: int) -> Result:
    """Convolve the strata's laws on a common denominator and sum the far tail."""
    sizes = [len(values) for values, _, _ in parts]
    common = math.lcm(*sizes)
    law = Counter({0: 1})
    seen = 0
    for values, m, times in parts:
        up = times * common // len(values)
        own = _law(values, m, up)
        seen += up * (len(values) * int(values[:m].sum()) - m * int(values.sum()))
        if len(law) * len(own) > MOST:
            return out.but(note="too many patients for the exact law of the strata")
        grown: Counter = Counter()
        for s, ways in law.items():
            for t, more in own.items():
                grown[s + t] += ways * more
        law = grown
    loose = slack * common
    total = sum(law.values())
    far = max(abs(s) for s in law)
    count = {
        edge: sum(w for s, w in law.items() if abs(s) >= edge - loose) for edge in {abs(seen), far}
    }
    design = 1 / math.prod(math.comb(n, m) for n, (_, m, _) in zip(sizes, parts, strict=True))
    least = count[far] / total
    note = "all values equal: the test can reject nothing" if least == 1 and total > 2 else ""
    return out.but(
        p=count[abs(seen)] / total,
        p_attainable=least,
        p_design=min(1.0, design * (1 if slack else 2)),
        note=note,
    )
