"""Visual analogue scales: the mark is read in mm on a line whose printed length may differ."""

from __future__ import annotations

import math


def rescale(
    mark_mm: float | None, line_mm: float | None = 100, top: float = 100, reverse: bool = False
) -> float | None:
    """A mark on a printed line as a score from 0 to `top`.

    Parameters
    ----------
    mark_mm : float or None
        Distance of the mark from the left end, mm.
    line_mm : float or None
        Length of the printed line, mm; None or NaN when it was not measured (then no score).
    top : float
        Score at the right end: 100 for globals, 3 for the scleroderma HAQ scales
        (15 cm line: cm / 5).
    reverse : bool
        True where the left end is the worst.

    Returns
    -------
    float or None
        None for a missing mark or length.

    Raises
    ------
    ValueError
        When the line has no length or the mark lies outside it.
    """
    if mark_mm is None or line_mm is None or math.isnan(mark_mm) or math.isnan(line_mm):
        return None
    if line_mm <= 0:
        raise ValueError("the line of a visual analogue scale needs a length")
    if not 0 <= mark_mm <= line_mm:
        raise ValueError("the mark of a visual analogue scale lies outside its line")
    score = mark_mm * top / line_mm
    return top - score if reverse else score
