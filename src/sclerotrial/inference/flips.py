"""Sums under all changes of sign: share of outcomes at least as far from 0 as the one seen.

Whole numbers throughout. They stay below 2**53, so products of matrices in floats are exact and
give the same on any processor and any number of threads. Features are rows.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sclerotrial.inference import draws, kernels
from sclerotrial.inference.fixed import subset_sums

BY_PRODUCT = 10  # patients: beyond, meeting in the middle is quicker
_CELLS = 1 << 18  # outcomes held at once: they stay in the cache
_ROW = 46  # bits that hold any sum of 30 values of the grid


def share_beyond(size: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Exact p of each feature by the quicker of two ways; both give the same.

    Parameters
    ----------
    size : array of int64, features x k
        Absolute changes, none 0, at most 30 of them.
    seen : array of int64
        Absolute sum seen.
    """
    reach = seen - size.shape[1]  # slack of one unit a patient for the rounding to the grid
    return by_product(size, reach) if size.shape[1] <= BY_PRODUCT else by_halves(size, reach)


@lru_cache(maxsize=16)
def signs(k: int) -> np.ndarray:
    """All signs of k changes, the last one held at +: 2**(k-1) x k."""
    bits = np.arange(1 << (k - 1))[:, None] >> np.arange(k) & 1
    return (1 - 2 * bits).astype(float)


def by_product(size: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """All sums at once, half of them by symmetry."""
    turned = signs(size.shape[1])
    p = np.empty(len(size))
    step = max(1, _CELLS // len(turned))
    for i in range(0, len(size), step):
        far = size[i : i + step].astype(float) @ turned.T
        np.abs(far, out=far)
        p[i : i + step] = np.count_nonzero(far >= reach[i : i + step, None], axis=1)
    return p / len(turned)


def by_halves(size: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Two lists of 2**(k/2) sums, and for each of one how many of the other carry it far enough.

    (Horowitz and Sahni 1974.)
    """
    k = size.shape[1]
    need = -(-(size.sum(axis=1) + reach) // 2)
    if kernels.ready(len(size) * 2.0 ** (k // 2)):
        above = kernels.count_pairs(size, need)
    else:
        step = max(1, (_CELLS >> 2) >> (k - k // 2))
        above = np.concatenate(
            [_above(size[i : i + step], need[i : i + step]) for i in range(0, len(size), step)]
        )
    return np.where(reach <= 0, 1.0, 2 * above / 2.0**k)


def _above(size: np.ndarray, need: np.ndarray) -> np.ndarray:
    half = size.shape[1] // 2
    first, second = subset_sums(size[:, :half]), subset_sums(size[:, half:])
    first.sort(axis=1)
    second.sort(axis=1)
    wanted = np.maximum(need[:, None] - first[:, ::-1], 0)
    return (second.shape[1] - places(second, wanted)).sum(axis=1)


def places(ordered: np.ndarray, wanted: np.ndarray, side: str = "left") -> np.ndarray:
    """`searchsorted` of each row of `wanted` in the same row of `ordered`.

    Parameters
    ----------
    ordered, wanted : arrays of int64, rows x any
        Each at most 2**45 in size.
    side : {'left', 'right'}
    """
    apart = (np.arange(len(ordered), dtype=np.int64) << _ROW)[:, None]
    found = np.searchsorted((ordered + apart).ravel(), (wanted + apart).ravel(), side=side)
    return found.reshape(wanted.shape) - np.arange(len(ordered))[:, None] * ordered.shape[1]


def drawn(size: np.ndarray, seen: np.ndarray, seed: int, many: int) -> np.ndarray:
    """Monte Carlo p of each feature, beyond the reach of counting."""
    k = size.shape[1]
    hits = np.zeros(len(size))
    values, reach = size.astype(float), (seen - k)[:, None]
    step = max(1, 4 * _CELLS // draws.BLOCK)
    for generator, some in draws.blocks(seed, k, many):
        turned = generator.integers(0, 2, (k, some)) * 2.0 - 1
        for i in range(0, len(size), step):
            far = np.abs(values[i : i + step] @ turned)
            hits[i : i + step] += np.count_nonzero(far >= reach[i : i + step], axis=1)
    return draws.estimate(hits, many)
