"""Reading of the criteria tables that stand beside the instruments."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a criteria file, in its order; every cell text.

    Parameters
    ----------
    name : str
        File name without folder and suffix, e.g. ``"mrss_areas"``.
    """
    path = resources.files("sclerotrial.instruments") / "criteria" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def is_valid(score: float) -> bool:
    """Whether an answer is 0, 1, 2 or 3."""
    return score in (0, 1, 2, 3)


def answered(
    answers: Mapping[str, float | None], known: list[str], one: str, score: str
) -> dict[str, int]:
    """The answers that are there, by field, in the order of the known fields.

    Parameters
    ----------
    answers : mapping
        Field -> 0, 1, 2, 3; None or NaN when missing.
    known : list of str
        The fields of the instrument.
    one, score : str
        How a field and an answer are called, for messages ('an area of the mRSS', 'score').

    Raises
    ------
    ValueError
        On an unknown field, or an answer other than 0, 1, 2, 3.
    """
    unknown = sorted(set(answers) - set(known))
    if unknown:
        raise ValueError(f"not {one}: {', '.join(unknown)}")
    present = {f: a for f, a in answers.items() if a is not None and not math.isnan(a)}
    invalid = sorted(f for f, a in present.items() if not is_valid(a))
    if invalid:
        raise ValueError(f"{score} other than 0, 1, 2, 3 in: {', '.join(invalid)}")
    return {f: int(present[f]) for f in known if f in present}
