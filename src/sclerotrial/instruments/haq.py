"""HAQ disability index: 20 items in 8 categories, with aids and help (0-3, higher is worse).

A category is the highest of its answered items; an aid or help for that category raises 0 and 1 to
2; the index is the mean of the scored categories, of which a minimum number is needed (CLINHAQ
text; ARAMIS: 6 of 8). A category without an answered item is missing, whatever aid is ticked.
Items, aids and help: `criteria/haq_*.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sclerotrial.instruments._criteria import answered, is_valid, table

__all__ = [
    "Category", "categories", "categories_in_order", "index", "is_valid", "items", "support",
]  # fmt: skip
RAISED_TO = 2


@dataclass(frozen=True)
class Category:
    """The score of one category and how it came about.

    Attributes
    ----------
    name : str
        Of `categories_in_order`.
    score : int or None
        With aids and help; None without an answered item.
    unaided : int or None
        Highest answered item.
    answered : int
        Number of answered items.
    raised_by : tuple of str
        Labels of the aids and help that raised the score; empty when it was not raised.
    """

    name: str
    score: int | None
    unaided: int | None
    answered: int
    raised_by: tuple[str, ...] = ()


def items() -> tuple[dict[str, str], ...]:
    """The 20 items in order: FIELD, CATEGORY, LABEL."""
    return table("haq_items")


def categories_in_order() -> tuple[dict[str, str], ...]:
    """The 8 categories in order: CATEGORY, PARAMCD, LABEL."""
    return table("haq_categories")


def support() -> tuple[dict[str, str], ...]:
    """Aids and help: KIND (aid, help), CODE, FIELD, CATEGORY, LABEL."""
    return table("haq_support")


def categories(
    answers: Mapping[str, float | None], aids: Iterable[str] = (), help: Iterable[str] = ()
) -> dict[str, Category]:
    """Score each category.

    Parameters
    ----------
    answers : mapping
        Field of `items` -> 0..3; None, NaN or an absent key is unanswered.
    aids, help : iterable of str
        Codes that are ticked (`support`).

    Returns
    -------
    dict
        Category name -> `Category`, in the order of the questionnaire.

    Raises
    ------
    ValueError
        On an unknown field or code, or an answer other than 0, 1, 2, 3.
    """
    known = {i["FIELD"]: i["CATEGORY"] for i in items()}
    present = answered(answers, list(known), "an item of the HAQ", "answer")
    ticked = _ticked("aid", aids) + _ticked("help", help)
    found = {}
    for row in categories_in_order():
        name = row["CATEGORY"]
        scores = [a for f, a in present.items() if known[f] == name]
        labels = tuple(t["LABEL"] for t in ticked if t["CATEGORY"] == name)
        highest = max(scores) if scores else None
        raised = highest is not None and highest < RAISED_TO and bool(labels)
        found[name] = Category(
            name,
            RAISED_TO if raised else highest,
            highest,
            len(scores),
            labels if raised else (),
        )
    return found


def _ticked(kind: str, codes: Iterable[str]) -> list[dict[str, str]]:
    rows = {s["CODE"]: s for s in support() if s["KIND"] == kind}
    wanted = [str(c) for c in codes]
    unknown = sorted(set(wanted) - set(rows))
    if unknown:
        raise ValueError(f"not a code of HAQ {kind}: {', '.join(unknown)}")
    return [rows[c] for c in rows if c in wanted]


def index(scored: Mapping[str, Category], at_least: int = 6, aided: bool = True) -> float | None:
    """Mean of the scored categories.

    Parameters
    ----------
    scored : mapping
        From `categories`.
    at_least : int
        Smallest number of scored categories for a value (6 of 8; implementations differ).
    aided : bool
        False gives the alternative index, without aids and help.

    Returns
    -------
    float or None
        0..3; steps of 0.125 where all 8 are scored.
    """
    scores = [c.score if aided else c.unaided for c in scored.values()]
    present = [s for s in scores if s is not None]
    return sum(present) / len(present) if len(present) >= max(at_least, 1) else None
