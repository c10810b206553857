"""Responder definitions: a change of at least, or of more than, so much."""

from __future__ import annotations

import math

#: arithmetic on decimals such as 5.3 leaves noise of about 1e-15; a tie at the cut is a tie
TOLERANCE = 1e-9


def responds(
    base: float | None,
    value: float | None,
    absolute: float | None = None,
    percent: float | None = None,
    strict: bool = False,
) -> bool | None:
    """Whether a change reaches a cut; the cut's sign is the direction of response.

    Parameters
    ----------
    base, value : float or None
        Before and after.
    absolute : float, optional
        Cut in units of the score, e.g. -5.
    percent : float, optional
        Cut in percent of the value before, e.g. -20. With both cuts, both must be reached.
    strict : bool
        True: the change must go beyond the cut; False: the cut itself responds.

    Returns
    -------
    bool or None
        None when a value is missing, or when a percentage of 0 is asked for.

    Raises
    ------
    ValueError
        When no cut is given.
    """
    if absolute is None and percent is None:
        raise ValueError("a responder definition needs an absolute or a percent cut")
    if base is None or value is None or math.isnan(base) or math.isnan(value):
        return None
    change = value - base
    reached = []
    if absolute is not None:
        reached.append(_beyond(change, absolute, strict))
    if percent is not None:
        if base == 0:
            return None
        reached.append(_beyond(100 * change / abs(base), percent, strict))
    return all(reached)


def _beyond(change: float, cut: float, strict: bool) -> bool:
    towards = change - cut if cut >= 0 else cut - change
    return towards > TOLERANCE if strict else towards >= -TOLERANCE
