"""Modified Rodnan skin score: 17 areas, each 0 (normal) to 3 (severe thickening), total 0-51.

Areas and their order: `criteria/mrss_areas.csv` (clinicaltrials.gov NCT00555581). No published rule
for missing areas was found: the total needs all 17, the prorated total is a sensitivity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sclerotrial.instruments._criteria import answered, is_valid, table

__all__ = ["areas", "is_valid", "minimal_detectable_change", "prorated", "total"]

HIGHEST = 3


def areas() -> tuple[dict[str, str], ...]:
    """The 17 areas in order: FIELD (of the form), PARAMCD, LABEL."""
    return table("mrss_areas")


def _observed(scores: Mapping[str, float | None]) -> list[int]:
    known = [a["FIELD"] for a in areas()]
    return list(answered(scores, known, "an area of the mRSS", "score").values())


def total(scores: Mapping[str, float | None]) -> int | None:
    """Sum of the areas, only where all 17 are scored; a blank is never 0.

    Parameters
    ----------
    scores : mapping
        Field of `areas` -> 0..3; None, NaN or an absent key is a missing area.

    Returns
    -------
    int or None
        0..51; None when at least one area is missing.

    Raises
    ------
    ValueError
        On a name that is no area, or a score other than 0, 1, 2, 3.
    """
    observed = _observed(scores)
    return sum(observed) if len(observed) == len(areas()) else None


def prorated(
    scores: Mapping[str, float | None], at_least: int = 15
) -> tuple[int | float | None, int]:
    """Sum x 17 / number of observed areas, where enough are observed.

    Parameters
    ----------
    scores : mapping
        As for `total`.
    at_least : int
        Smallest number of observed areas for a value.

    Returns
    -------
    (float or None, int)
        The prorated total and the number of areas that it rests on.
    """
    observed = _observed(scores)
    if len(observed) < max(at_least, 1):
        return None, len(observed)
    if len(observed) == len(areas()):
        return sum(observed), len(observed)
    return sum(observed) * len(areas()) / len(observed), len(observed)


def minimal_detectable_change(within_sd: float, z: float = 1.96) -> float:
    """Smallest change beyond measurement error: z x sqrt(2) x SD within patients.

    Parameters
    ----------
    within_sd : float
        Points; 2.45 for the same rater, 4.6 for different raters (Clements 1995, PMID 7562759).
    z : float
        1.96 for 95 %.
    """
    return z * math.sqrt(2) * within_sd
