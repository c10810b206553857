"""Random draws for tests beyond exact reach: one counter-based stream a block of resamples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

DRAWS = 9999
BLOCK = 500


def blocks(seed: int, size: int, draws: int) -> Iterator[tuple[np.random.Generator, int]]:
    """Generators of the blocks of resamples, and how many each draws.

    Every block has a stream of its own (Philox, keyed by seed, patients and block number), and all
    features share the resamples: neither the number of features nor their order changes a result.

    Parameters
    ----------
    seed : int
    size : int
        Patients.
    draws : int
        Resamples in all.
    """
    for number in range(-(-draws // BLOCK)):
        stream = np.random.SeedSequence(seed, spawn_key=(size, number))
        yield np.random.Generator(np.random.Philox(stream)), min(BLOCK, draws - number * BLOCK)


@lru_cache(maxsize=1)
def orders(seed: int, size: int, draws: int) -> tuple[np.ndarray, ...]:
    """Patients in random order, of the blocks of resamples: patients x resamples each.

    Kept, because groups of other sizes, of as many patients in all, take the same.
    """
    small = np.min_scalar_type(size)
    return tuple(
        np.argsort(generator.random((some, size)), axis=1, kind="stable").T.astype(small, order="C")
        for generator, some in blocks(seed, size, draws)
    )


def estimate(hits: np.ndarray, draws: int) -> np.ndarray:
    """p = (b + 1) / (B + 1) (Phipson and Smyth 2010): never 0, never below its level."""
    return (hits + 1) / (draws + 1)


def error(p: float, draws: int) -> float:
    """Standard error of a drawn p."""
    return math.sqrt(p * (1 - p) / draws)


def said(p: float, draws: int, seed: int) -> str:
    """How a drawn p was made, to stand in its convention."""
    return f"Monte Carlo, {draws} draws, seed {seed}, standard error of p {error(p, draws):.1g}"
