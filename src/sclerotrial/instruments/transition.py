"""Health Transition, item 2 of the SF-36: health now against one year ago, 1 to 5.

The raw code is worse the higher it is, the RAND recode (100, 75, 50, 25, 0) better: the direction
belongs to the scale in use. The item is part of none of the eight scales of the SF-36.
"""

from __future__ import annotations

from sclerotrial.instruments._criteria import table

BETTER_RAW = "lower"
BETTER_RECODED = "higher"


def labels() -> dict[int, str]:
    """Code -> wording of the answer."""
    return {int(r["CODE"]): r["LABEL"] for r in table("transition")}


def recode(code: float) -> int:
    """RAND recode: 1..5 -> 100, 75, 50, 25, 0.

    Raises
    ------
    ValueError
        When the code is none of 1..5 (a value on the other scale, for one).
    """
    known = {int(r["CODE"]): int(r["RECODED"]) for r in table("transition")}
    if code not in known:
        raise ValueError("a Health Transition code is 1, 2, 3, 4 or 5")
    return known[int(code)]
