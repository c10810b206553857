"""Scales of the scleroderma HAQ: six marks on lines of 15 cm, each 0 to 3 (cm / 5).

They are six scores of their own: never pooled, and never part of the disability index (Steen 1997,
as told by sralab.org). Scales: `criteria/shaq_scales.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sclerotrial.instruments import vas
from sclerotrial.instruments._criteria import table

LINE_MM = 150
HIGHEST = 3


def scales() -> tuple[dict[str, str], ...]:
    """The six scales in order: FIELD, PARAMCD, LABEL."""
    return table("shaq_scales")


def score(
    marks: Mapping[str, float | None], line_mm: float | None = LINE_MM
) -> dict[str, float | None]:
    """Score of each scale by its field, in the order of the questionnaire.

    Parameters
    ----------
    marks : mapping
        Field of `scales` -> mm from the left end; None, NaN or an absent key is missing.
    line_mm : float or None
        Length of the printed line; a copy may have stretched it. None gives no scores.

    Raises
    ------
    ValueError
        On a name that is no scale, or a mark outside the line.
    """
    known = [s["FIELD"] for s in scales()]
    unknown = sorted(set(marks) - set(known))
    if unknown:
        raise ValueError(f"not a scale of the scleroderma HAQ: {', '.join(unknown)}")
    return {f: vas.rescale(marks.get(f), line_mm, HIGHEST) for f in known}
