"""Normalisation of wide matrices: log2, quantile, median ratio; from probes to genes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def log2(values: np.ndarray, offset: float = 0.0) -> np.ndarray:
    """log2 of positive values; others are NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # in place: a wide matrix is held once more, not twice
        out = np.add(values, offset, dtype=float)
        np.log2(out, out=out)
    out[~np.isfinite(out)] = np.nan
    return out


def looks_log2(values: np.ndarray) -> bool:
    """Whether a matrix is on the log2 scale already: its 99th percentile lies below 30."""
    finite = values[np.isfinite(values)]
    return bool(len(finite) and np.quantile(finite, 0.99) < 30)


def quantile(values: np.ndarray) -> np.ndarray:
    """Quantile normalisation (Bolstad 2003): every sample gets the mean of the order statistics.

    Parameters
    ----------
    values : (features, samples) array
        Without NaN.

    Returns
    -------
    (features, samples) array
        Tied values get the mean of the order statistics at the middle of their ranks, as limma and
        preprocessCore give it.

    Raises
    ------
    ValueError
        NaN among the values.
    """
    if np.isnan(values).any():
        raise ValueError("quantile normalisation needs a complete matrix")
    n, samples = values.shape
    target, out = np.zeros(n), np.empty((n, samples))
    # column by column: of a wide matrix no more than the result is held beside it
    for j in range(samples):
        target += np.sort(values[:, j])
    target /= samples
    for j in range(samples):
        order = np.argsort(values[:, j], kind="stable")
        column = values[order, j]
        starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
        ends = np.r_[starts[1:], n]
        low, high = (starts + ends - 1) // 2, (starts + ends) // 2
        out[order, j] = np.repeat((target[low] + target[high]) / 2, ends - starts)
    return out


def median_ratio(counts: np.ndarray) -> np.ndarray:
    """Size factors by the median of ratios (Anders & Huber 2010).

    Parameters
    ----------
    counts : (features, samples) array
        Features with a zero in any sample count for nothing.

    Returns
    -------
    (samples,) array
        Divide the counts of a sample by its factor.

    Raises
    ------
    ValueError
        No feature is positive in all samples.
    """
    every = (counts > 0).all(axis=1)
    if not every.any():
        raise ValueError("no feature is positive in all samples")
    logs = np.log(counts[every])
    return np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))


def gene_rows(
    features: Sequence[str], values: np.ndarray, genes: Mapping[str, str]
) -> tuple[list[str], list[int]]:
    """The row of each gene: of several probes the one with the highest mean over samples.

    Parameters
    ----------
    features : sequence of str
        Probes, in the order of the rows.
    values : (features, samples) array
    genes : mapping
        Probe -> gene; probes without a gene are left out.

    Returns
    -------
    names, rows : list of str, list of int
        Genes in order of name, and where they stand.
    """
    named = np.array([genes.get(f, "") for f in features], dtype=object)
    keep = np.flatnonzero(named != "")
    counted = np.isfinite(values[keep])
    total = np.where(counted, values[keep], 0.0).sum(axis=1)
    level = np.where(counted.any(axis=1), total / np.maximum(counted.sum(axis=1), 1), -np.inf)
    first: dict[str, int] = {}
    for i in keep[np.lexsort((keep, -level))].tolist():
        first.setdefault(named[i], i)
    names = sorted(first)
    return names, [first[g] for g in names]
