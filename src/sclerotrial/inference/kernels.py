"""Compiled counting, where numba is installed: the same whole numbers in less time.

Nothing needs it: without numba, or with SCLEROTRIAL_COMPILED=0, the numpy ways give the same.
Only tables of rank sums gain by it: sums of values are counted by sorting, and numpy sorts as fast.
Small tasks are not worth loading a compiler: `ready` says whether a task is large enough.
"""

from __future__ import annotations

import os
from functools import cache

import numpy as np

LEAST = 3e7  # steps of counting; numpy does these in about the time that loading takes


def ready(steps: float) -> bool:
    """Whether the compiled ways should be taken for a task of so many steps."""
    return steps >= LEAST and _wanted()


@cache
def _wanted() -> bool:
    if os.environ.get("SCLEROTRIAL_COMPILED", "1") == "0":
        return False
    try:
        import numba
    except ImportError:
        return False
    return bool(numba)


def count_ranks(ranks: np.ndarray, m: int, high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """How many choices of m of each row's ranks have a sum of at least `high` or at most `low`.

    Parameters
    ----------
    ranks : array of int64, patterns x N
        Sorted, none negative.
    m : int
    high, low : arrays of int64
    """
    from sclerotrial.inference import compiled

    return compiled.rank_splits(np.ascontiguousarray(ranks, dtype=np.int64), m, high, low)


def count_signed(ranks: np.ndarray, need: np.ndarray) -> np.ndarray:
    """How many subsets of each row's ranks have a sum of at least `need`."""
    from sclerotrial.inference import compiled

    return compiled.signed(np.ascontiguousarray(ranks, dtype=np.int64), need)
