"""Agreement of two methods that measure the same thing: bias and limits (Bland and Altman)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sclerotrial.inference.result import Result

METHOD = "Bland-Altman limits of agreement"
Z = 1.959963984540054  # of the standard normal distribution, 97.5 %


def limits_of_agreement(differences: Sequence[float], subjects: Sequence[str]) -> Result:
    """Mean difference and the limits between which 95 % of differences are expected to lie.

    A subject may give several pairs. The variance of one difference is then the sum of that between
    and that within subjects, from a one-way analysis of variance with unequal numbers (Bland and
    Altman, J Biopharm Stat 2007;17:571-582, section 3); with one pair each it is the usual one.

    Parameters
    ----------
    differences : sequence of float
        One a pair, in one unit.
    subjects : sequence of str
        Whose pair it is.

    Returns
    -------
    Result
        ``estimate`` the mean of all differences, ``ci_low`` and ``ci_high`` the limits of
        agreement (no confidence interval), ``n`` pairs, ``sizes`` (subjects,), ``statistic`` the
        standard deviation of one difference. Fewer than three subjects are refused.
    """
    d, who = np.asarray(differences, float), np.asarray(subjects, object)
    names = sorted(set(who))
    said = Result(METHOD, "mean -+ 1.96 SD of a single difference", len(d), (len(names),))
    if len(d):
        said = said.but(estimate=math.fsum(d) / len(d))
    if len(names) < 3:
        return said.but(note=f"{len(names)} patients with both: too few for limits")
    sd = math.sqrt(_variance(d, [d[who == name] for name in names]))
    return said.but(ci_low=said.estimate - Z * sd, ci_high=said.estimate + Z * sd, statistic=sd)


def _variance(d: np.ndarray, groups: list[np.ndarray]) -> float:
    """Variance of a single difference of a new subject."""
    total, count = len(d), len(groups)
    means = [math.fsum(g) / len(g) for g in groups]
    grand = math.fsum(d) / total
    pairs = list(zip(groups, means, strict=True))
    between = math.fsum(len(g) * (m - grand) ** 2 for g, m in pairs) / (count - 1)
    if total == count:
        return between
    within = math.fsum((x - m) ** 2 for g, m in pairs for x in g) / (total - count)
    share = (total**2 - sum(len(g) ** 2 for g in groups)) / ((count - 1) * total)
    return within + max(0.0, (between - within) / share)
