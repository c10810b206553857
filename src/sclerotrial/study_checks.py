"""What must hold between the visits and the arms of a trial, and in the rules of its forms."""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from importlib import resources
from itertools import combinations

from sclerotrial.errors import Problem, did_you_mean
from sclerotrial.logic import Expression, LogicError
from sclerotrial.study_forms import Panel
from sclerotrial.study_models import Study
from sclerotrial.where import readable, terms


def problems(study: Study, path: str = "study.yaml") -> list[Problem]:
    """Visits and arms that contradict each other; all of them.

    Parameters
    ----------
    study : Study
        Sections ``visits``, ``efficacy_visits``, ``arms``, ``endpoints``,
        ``intercurrent_events``.
    path : str
        Of the file, for the messages.
    """
    found = [*_twice(study, path), *_windows(study, path), *_events(study, path)]

    def bad(what: str, key: str, todo: str) -> None:
        found.append(Problem(what, f"{path}, key {key}", todo))

    if study.arms and not study.active_arm:
        bad("No arm takes the drug under study", "arms", "Write active: true at one of the arms")
    if not (study.endpoints and study.arms):
        return found
    for mark, why in (
        ("baseline", "each change is counted from there"),
        ("primary", "who was seen then has completed"),
    ):
        marked = [v.avisit for v in study.visits if getattr(v, mark)]
        if len(marked) != 1:
            said = f"{len(marked)} visits are" if marked else "No visit is"
            bad(f"{said} marked as {mark}", "visits", f"Write {mark}: true at one of the visits")
        elif study.efficacy_visits and marked[0] not in study.efficacy_visits:
            what = f"The {mark} visit {marked[0]!r} is not among the efficacy visits"
            bad(what, "efficacy_visits", f"Add it: {why}")
    return found


def _twice(study: Study, path: str) -> list[Problem]:
    """Names that tell nothing apart."""
    named = {
        "visits, avisit": [v.avisit for v in study.visits],
        "visits, avisitn": [f"{v.avisitn:g}" for v in study.visits],
        "visits, event": [e for v in study.visits for e in v.events if e],
        "arms, code": [a.code for a in study.arms],
        "arms, label": [a.label for a in study.arms],
        "intercurrent_events, code": [e.code for e in study.intercurrent_events],
    }
    return [
        Problem(f"{word!r} stands {n} times", f"{path}, key {key}", "Each must have its own")
        for key, words in named.items()
        for word, n in Counter(words).items()
        if n > 1
    ]


def _windows(study: Study, path: str) -> list[Problem]:
    """Windows that end before they begin, miss their day, overlap after first dose, or lack."""
    at = f"{path}, key visits"
    found = []
    timed = [v for v in study.visits if v.window]
    for v in timed:
        if v.window[0] > v.window[1]:
            what = f"The window of {v.avisit!r} ends before it begins"
            found.append(Problem(what, at, "Write the earlier day first"))
        elif v.target is not None and not v.window[0] <= v.target <= v.window[1]:
            what = f"The planned day of {v.avisit!r} lies outside its window"
            found.append(Problem(what, at, "Correct target or window"))
    for first, second in combinations([v for v in timed if v.window[0] > 1], 2):
        if max(first.window[0], second.window[0]) <= min(first.window[1], second.window[1]):
            what = f"The windows of {first.avisit!r} and {second.avisit!r} overlap"
            found.append(Problem(what, at, "Give each study day to one visit"))
    found += [
        Problem(
            f"The efficacy visit {v.avisit!r} has no window",
            at,
            "Write its window in study days, such as window: [61, 137]",
        )
        for v in study.visits
        if v.avisit in study.efficacy_visits and not v.window
    ]
    return found


@cache
def _columns_of_adsl() -> dict[str, str]:
    """Variables of adsl and their types, from the table that describes them."""
    path = resources.files("sclerotrial") / "derive" / "adam_metadata.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["DATASET"] == "adsl"]
    return {r["VARIABLE"]: r["TYPE"] for r in rows}


def _events(study: Study, path: str) -> list[Problem]:
    """Intercurrent events whose condition cannot be read, or that name what adsl does not have."""
    known = _columns_of_adsl()
    dates = [name for name, kind in known.items() if kind == "date"]
    found = []
    for event in study.intercurrent_events:
        at = f"{path}, key intercurrent_events, code {event.code}"
        if not readable(event.where):
            found.append(
                Problem(
                    f"The condition {event.where!r} cannot be read",
                    f"{at}, where",
                    'Write comparisons such as COLUMN=="x" or COLUMN in ["x", "y"], joined by &',
                )
            )
            continue
        named = [(t.column, list(known), "where") for t in terms(event.where)]
        found += [
            Problem(
                f"adsl has no variable {word!r}{' with a date' if key == 'since' else ''}."
                f"{did_you_mean(word, words)}",
                f"{at}, {key}",
                "Correct its name; adam/define.xml of the results lists the variables of adsl",
            )
            for word, words, key in [*named, (event.since, dates, "since")]
            if word not in words
        ]
    return found


def rule_problems(study: Study, path: str = "forms.yaml") -> list[Problem]:
    """Rules of the forms that cannot be read, or name what is not there; all of them.

    Whether their fields exist is known only where the export is: cleaning tells it.

    Parameters
    ----------
    study : Study
        Sections ``forms`` and ``visits``.
    path : str
        Of the file, for the messages.
    """
    found: list[Problem] = []
    forms, visits = list(study.forms.forms), [v.avisit for v in study.visits]
    auto = any(s.forms == "auto" for s in study.forms.sources.values())

    def unknown(what: str, word: str, known: list[str], key: str) -> None:
        found.append(
            Problem(
                f"{what} {word!r} is not known.{did_you_mean(word, known)}",
                f"{path}, key {key}",
                f"Use one of: {', '.join(known) or '(none declared)'}",
            )
        )

    for name, form in study.forms.forms.items():
        for visit in form.visits:
            if visit not in visits:
                unknown("The visit", visit, visits, f"forms.{name}.visits")
        panel = form.panel or Panel()
        for visit in panel.visits:
            if visit not in visits:
                unknown("The visit", visit, visits, f"forms.{name}.panel.visits")
        for test in panel.tests:
            if test not in study.laboratory:
                unknown("The test", test, list(study.laboratory), f"forms.{name}.panel.tests")
    for rule in study.forms.rules:
        at = f"rules, id {rule.id}"
        if rule.form not in forms and not auto:
            unknown("The form", rule.form, forms, at)
        for key, text in (("when", rule.when), ("must", rule.must)):
            try:
                Expression(text or "1")
            except LogicError as error:
                found.append(
                    Problem(
                        f"The logic cannot be read: {error}",
                        f"{path}, key {at}, {key}",
                        "Write it as REDCap does: [field] = 'x' and [other] >= 2",
                    )
                )
    found += [
        Problem(f"The rule {i!r} stands {n} times", f"{path}, key rules", "Each needs its own id")
        for i, n in Counter(r.id for r in study.forms.rules).items()
        if n > 1
    ]
    return found
