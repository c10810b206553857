"""Change of whole matrices: 20,000 features at once, and scores of declared sets of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Paired:
    """Changes of features from baseline.

    Attributes
    ----------
    subjects : list of str
    log2fc : (features, subjects) array
        NaN where one of the two samples has no value.
    """

    subjects: list[str]
    log2fc: np.ndarray


def paired_change(
    values: np.ndarray, subject: Sequence[str], visit: Sequence[str], baseline: str, later: str
) -> Paired:
    """log2 fold change of every feature from the baseline visit to a later one.

    Parameters
    ----------
    values : (features, samples) array
        On the log2 scale.
    subject, visit : sequence of str
        Of each sample; a subject has one sample a visit at most.
    baseline, later : str

    Raises
    ------
    ValueError
        Two samples of one subject and visit.
    """
    at: dict[tuple[str, str], int] = {}
    for j, key in enumerate(zip(subject, visit, strict=True)):
        if key in at:
            raise ValueError(f"two samples of one subject at {key[1]}")
        at[key] = j
    both = [s for s in dict.fromkeys(subject) if (s, baseline) in at and (s, later) in at]
    before = [at[s, baseline] for s in both]
    after = [at[s, later] for s in both]
    out = values[:, after]
    out -= values[:, before]
    return Paired(both, out)


def mean_z(values: np.ndarray, reference: Sequence[int] | None = None) -> np.ndarray:
    """Score of a set: mean over its features of z, by mean and SD of the reference samples.

    Parameters
    ----------
    values : (features of the set, samples) array
    reference : sequence of int, optional
        Samples that give mean and SD (the baseline ones); all by default.

    Returns
    -------
    (samples,) array
        Features without spread in the reference count for nothing.
    """
    ref = values if reference is None else values[:, list(reference)]
    mean, sd = ref.mean(axis=1, keepdims=True), ref.std(axis=1, ddof=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sd > 0, (values - mean) / sd, np.nan)
    return np.nanmean(z, axis=0)


def weighted(
    features: Sequence[str],
    values: np.ndarray,
    weights: Mapping[str, float],
    intercept: float = 0.0,
) -> np.ndarray:
    """Score of a set with declared coefficients, such as the four-gene skin score.

    Raises
    ------
    KeyError
        A feature of the score is absent.
    """
    place = {f: i for i, f in enumerate(features)}
    rows = [place[f] for f in weights]
    return intercept + np.array(list(weights.values()), float) @ values[rows]
