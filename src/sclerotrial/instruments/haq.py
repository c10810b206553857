"""HAQ disability index: 20 items in 8 categories, with aids and help (0-3, higher is worse).

A category is the highest of its answered items; an aid or help for that category raises 0 and 1 to
2; the index is the mean of the scored categories, of which a minimum number is needed (CLINHAQ
text; ARAMIS: 6 of 8). A category without an answered item is missing, whatever aid is ticked.
Implementations differ: some score a category only where all its items are answered
(awell-health/awell-score), so the rule is chosen. Items, aids and help: `criteria/haq_*.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sclerotrial.instruments._criteria import answered, is_valid, table

__all__ = [
    "RULES", "Category", "Effect", "categories", "categories_in_order", "effects", "index",
    "is_valid", "items", "support",
]  # fmt: skip
RAISED_TO = 2
#: rules of a category: its highest answered item; or that only where all its items are answered
RULES = ("highest", "complete")


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
    set_by : tuple of str
        Fields of the items whose answer is the highest.
    """

    name: str
    score: int | None
    unaided: int | None
    answered: int
    raised_by: tuple[str, ...] = ()
    set_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Effect:
    """What one answer, or one box for an aid or help, did to its category.

    Attributes
    ----------
    kind : str
        item, aid or help.
    field, category, label : str
        As in `items` and `support`.
    answer : int or None
        0..3 of an item, None when blank; 1 of a box that is ticked, else 0.
    words : str
        What came of it.
    """

    kind: str
    field: str
    category: str
    label: str
    answer: int | None
    words: str


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
    answers: Mapping[str, float | None],
    aids: Iterable[str] = (),
    help: Iterable[str] = (),
    rule: str = "highest",
) -> dict[str, Category]:
    """Score each category.

    Parameters
    ----------
    answers : mapping
        Field of `items` -> 0..3; None, NaN or an absent key is unanswered.
    aids, help : iterable of str
        Codes that are ticked (`support`).
    rule : str
        Of `RULES`.

    Returns
    -------
    dict
        Category name -> `Category`, in the order of the questionnaire.

    Raises
    ------
    ValueError
        On an unknown field, code or rule, or an answer other than 0, 1, 2, 3.
    """
    if rule not in RULES:
        raise ValueError(f"not a rule of HAQ categories: {rule}; use {' or '.join(RULES)}")
    known = {i["FIELD"]: i["CATEGORY"] for i in items()}
    present = answered(answers, list(known), "an item of the HAQ", "answer")
    ticked = _ticked("aid", aids) + _ticked("help", help)
    found = {}
    for row in categories_in_order():
        name = row["CATEGORY"]
        fields = [f for f, category in known.items() if category == name]
        given = {f: present[f] for f in fields if f in present}
        if not given or (rule == "complete" and len(given) < len(fields)):
            found[name] = Category(name, None, None, len(given))
            continue
        highest = max(given.values())
        labels = tuple(t["LABEL"] for t in ticked if t["CATEGORY"] == name)
        raised = bool(labels) and highest < RAISED_TO
        found[name] = Category(
            name,
            RAISED_TO if raised else highest,
            highest,
            len(given),
            labels if raised else (),
            tuple(f for f, a in given.items() if a == highest),
        )
    return found


def effects(
    answers: Mapping[str, float | None],
    aids: Iterable[str] = (),
    help: Iterable[str] = (),
    rule: str = "highest",
) -> list[Effect]:
    """What each answer, aid and help did to the score of its category.

    Parameters
    ----------
    answers, aids, help, rule
        As for `categories`, with its errors.

    Returns
    -------
    list of Effect
        The 20 items and all aids and help, category by category in the order of the questionnaire.
    """
    aids, help = [str(c) for c in aids], [str(c) for c in help]
    scored = categories(answers, aids, help, rule)
    present = answered(answers, [i["FIELD"] for i in items()], "an item of the HAQ", "answer")
    out = []
    for row in categories_in_order():
        of = scored[row["CATEGORY"]]
        for item in items():
            if item["CATEGORY"] == of.name:
                field, answer = item["FIELD"], present.get(item["FIELD"])
                words = _of_an_item(of, field, answer)
                out.append(Effect("item", field, of.name, item["LABEL"], answer, words))
        for box in support():
            if box["CATEGORY"] == of.name:
                on = box["CODE"] in (aids if box["KIND"] == "aid" else help)
                words = _of_a_box(of) if on else "not ticked"
                out.append(Effect(box["KIND"], box["FIELD"], of.name, box["LABEL"], int(on), words))
    return out


def _of_an_item(of: Category, field: str, answer: int | None) -> str:
    if answer is None:
        return "blank"
    if of.score is None:
        return "not counted: not all items of the category are answered"
    if field not in of.set_by:
        return f"below the highest answer, {of.unaided}"
    only = len(of.set_by) == 1
    return "sets the category" if only else f"sets the category, with {len(of.set_by) - 1} more"


def _of_a_box(of: Category) -> str:
    if of.score is None:
        return "no effect: the category has no score"
    if not of.raised_by:
        return f"no effect: the highest answer is {of.unaided}"
    only = len(of.raised_by) == 1
    words = f"raises {of.unaided} to {of.score}"
    return words if only else f"{words}, with {len(of.raised_by) - 1} more"


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
