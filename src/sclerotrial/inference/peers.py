"""The one place where pingouin, scipy and statsmodels are called, with their traps closed.

pingouin rounds its intervals to two decimals unless told not to, and its Hedges g uses an
approximate correction; here it gives the t interval and Cohen's d unrounded, and the exact
correction is ours. None of the three is asked for an exact rank or permutation p: with ties or
n = 1 they give another one, without a word (see tests). Imports are late, because each takes
seconds.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np


@cache
def _pingouin() -> Any:
    import pingouin

    for option in ("round", "round.column.CI95"):
        pingouin.options[option] = None
    return pingouin


def spread(*samples: np.ndarray) -> bool:
    """Whether every sample has a standard deviation above float dust (1e-9 of its size)."""
    return all(
        len(x) > 1 and float(np.ptp(x)) > 1e-9 * max(1.0, float(np.abs(x).max())) for x in samples
    )


def t_test(x: np.ndarray, level: float) -> tuple[float, float, float]:
    """One-sample t interval of a mean and the p of a mean of 0, by pingouin, unrounded.

    Parameters
    ----------
    x : array
        Complete, with spread (ask `spread`): a t test of constants is meaningless.
    level : float
        Confidence level.

    Returns
    -------
    low, high, p : float
    """
    row = _pingouin().ttest(x, 0, confidence=level).iloc[0]
    low, high = row[next(c for c in row.index if c.startswith("CI"))]
    return float(low), float(high), float(row["p_val"])


def cohen_d(x: np.ndarray, y: np.ndarray | float, *, average: bool = False) -> float:
    """Cohen's d by pingouin: pooled SD, the average SD of two occasions, or one sample against y.

    Parameters
    ----------
    x, y : array
        Complete, with spread.
    average : bool
        x and y are the same patients twice: divide by sqrt((s1**2 + s2**2) / 2) (Cumming 2012).
    """
    return float(_pingouin().compute_effsize(x, y, paired=average, eftype="cohen"))


def boschloo(table: np.ndarray) -> float:
    """Boschloo's exact p of a 2 x 2 table with groups in rows, by scipy (two-sided)."""
    from scipy.stats import boschloo_exact

    # scipy fixes the column sums; our groups stand in rows.
    return float(boschloo_exact(np.asarray(table).T, alternative="two-sided", n=64).pvalue)


def adjust_by_statsmodels(p: np.ndarray, method: str) -> np.ndarray:
    """Adjusted p by statsmodels ('holm', 'hommel', 'fdr_bh'); no NaN allowed."""
    from statsmodels.stats.multitest import multipletests

    p = np.asarray(p, float)
    if np.isnan(p).any():
        raise ValueError("statsmodels turns every adjusted p into NaN when one is missing")
    return multipletests(p, method=method)[1]
