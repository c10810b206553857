"""Permutation max-T: adjusted p of a family of markers that uses their correlation.

All markers are flipped or shuffled together, patient by patient, and the largest statistic of each
resample is compared with those seen (Westfall and Young 1993, step-down). Strong control of the
family-wise error holds where subset pivotality does: for sign flips when the whole vector of a
patient's changes is symmetric about 0, for shuffles when groups are exchangeable.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import NamedTuple

import numpy as np

from sclerotrial.inference import draws
from sclerotrial.inference.flips import signs
from sclerotrial.inference.splits import choices

LOT = 1 << 22  # statistics of a panel held at once


class MaxT(NamedTuple):
    """Adjusted p of each marker, how they were counted, and whether exactly."""

    p: np.ndarray
    convention: str
    exact: bool


def paired(d: object, *, seed: int = 0, many: int = draws.DRAWS) -> MaxT:
    """Step-down max-T of mean changes; the statistic is Student's |t| of each resample.

    Parameters
    ----------
    d : array, markers x patients
        Complete: a patient with a missing marker is to be left out of the family beforehand.
    seed, many : int
        Of the Monte Carlo used beyond 14 patients.
    """
    x = _complete(d)
    n = x.shape[1]
    scale = np.sqrt((x**2).sum(axis=1))
    u = np.divide(x, scale[:, None], out=np.zeros(x.shape), where=scale[:, None] > 0)

    def statistic(weights: np.ndarray) -> np.ndarray:
        # |t| rises with |sum| / sqrt(sum of squares), which no flip changes below
        return np.abs(np.einsum("fn,rn->fr", u, weights))

    if n <= 14:
        return _down(statistic, statistic(np.ones((1, n)))[:, 0], [signs(n)], exact=True)
    lots = [g.integers(0, 2, (k, n)) * 2.0 - 1 for g, k in draws.blocks(seed, n, many)]
    return _down(
        statistic, statistic(np.ones((1, n)))[:, 0], lots, exact=False, said=f"seed {seed}"
    )


def groups(x: object, y: object, *, seed: int = 0, many: int = draws.DRAWS) -> MaxT:
    """Step-down max-T of differences of means, each in units of its pooled spread.

    Parameters
    ----------
    x, y : arrays, markers x m and markers x n
        Complete.
    seed, many : int
        Of the Monte Carlo used when there are more than 20,000 splits.
    """
    a, b = _complete(x), _complete(y)
    m, total = a.shape[1], a.shape[1] + b.shape[1]
    both = np.concatenate([a, b], axis=1)
    both = both - both.mean(axis=1)[:, None]
    scale = np.sqrt((both**2).sum(axis=1))
    u = np.divide(both, scale[:, None], out=np.zeros(both.shape), where=scale[:, None] > 0)

    def statistic(weights: np.ndarray) -> np.ndarray:
        return np.abs(np.einsum("fn,rn->fr", u, weights))

    first = np.where(np.arange(total) < m, float(total - m), -float(m))[None]
    seen = statistic(first)[:, 0]
    if comb(total, m) <= 20_000:
        return _down(statistic, seen, [choices(total, m)], exact=True)
    lots = []
    for generator, k in draws.blocks(seed, total, many):
        order = np.argsort(generator.random((k, total)), axis=1, kind="stable")
        lots.append(np.where(order < m, float(total - m), -float(m)))
    return _down(statistic, seen, lots, exact=False, said=f"seed {seed}")


def panel(parts: list[np.ndarray], *, seed: int = 0, many: int = draws.DRAWS) -> MaxT:
    """`paired` (one part) or `groups` (two) of a wide panel: resamples are taken in lots that fit.

    Up to 14 patients (one part) or 20,000 splits all outcomes are taken, else they are drawn.

    Parameters
    ----------
    parts : list of arrays, features x patients
        Complete.
    seed, many : int
    """
    x = _complete(np.concatenate(parts, axis=1))
    m, total = parts[0].shape[1], x.shape[1]
    x = x if len(parts) == 1 else x - x.mean(axis=1)[:, None]
    scale = np.sqrt((x**2).sum(axis=1))
    u = np.divide(x, scale[:, None], out=np.zeros(x.shape), where=scale[:, None] > 0)
    whole = signs(total) if len(parts) == 1 and total <= 14 else None
    first = np.ones(total)
    if len(parts) == 2:
        first = np.where(np.arange(total) < m, float(total - m), -float(m))
        whole = choices(total, m) if comb(total, m) <= 20_000 else None

    def drawn() -> Iterator[np.ndarray]:
        for generator, k in draws.blocks(seed, total, many):
            if len(parts) == 1:
                yield generator.integers(0, 2, (k, total)) * 2.0 - 1
            else:
                order = np.argsort(generator.random((k, total)), axis=1, kind="stable")
                yield np.where(order < m, float(total - m), -float(m))

    def statistic(weights: np.ndarray) -> np.ndarray:
        return np.abs(np.einsum("fn,rn->fr", u, weights))

    seen = statistic(first[None])[:, 0]
    step = max(1, LOT // max(1, len(x)))
    lots = [whole] if whole is not None else drawn()
    small = (lot[i : i + step] for lot in lots for i in range(0, len(lot), step))
    return _down(statistic, seen, small, exact=whole is not None, said=f"seed {seed}")


def _complete(values: object) -> np.ndarray:
    x = np.atleast_2d(np.asarray(values, float))
    if not np.isfinite(x).all():
        raise ValueError("max-T needs every marker of every patient")
    return x


def _down(statistic, seen: np.ndarray, lots: list, *, exact: bool, said: str = "") -> MaxT:
    """Step-down: a marker competes with those that were seen no larger than itself."""
    order = np.argsort(seen, kind="stable")
    hits, outcomes = np.zeros(len(seen)), 0
    for weights in lots:
        values = statistic(weights)[order]
        largest = np.maximum.accumulate(values, axis=0)
        hits += (largest >= seen[order][:, None] - 1e-9).sum(axis=1)
        outcomes += len(weights)
    p = hits / outcomes if exact else draws.estimate(hits, outcomes)
    adjusted = np.empty(len(seen))
    adjusted[order] = np.maximum.accumulate(p[::-1])[::-1]
    how = "all outcomes"
    if not exact:
        worst = max((draws.error(v, outcomes) for v in adjusted.tolist()), default=0.0)
        how = f"Monte Carlo, {outcomes} draws, {said}, standard error of p at most {worst:.1g}"
    return MaxT(adjusted, f"step-down max-T (Westfall and Young), {how}", exact)
