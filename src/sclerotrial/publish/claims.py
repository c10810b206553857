"""What the published abstract states, held against the results: a verdict a statement.

A statement that there was 'no difference' is never reproduced by a large p: the estimate and its
interval are shown and the verdict is 'not testable'. 'No significant difference' speaks of the
outcome of a test, and is reproduced when the exact test's p lies above 0.05; the interval is
shown with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from sclerotrial.errors import Problem, did_you_mean, raise_if_any
from sclerotrial.tables.source import ABSENT, Numbers
from sclerotrial.tabular import half_up

REPRODUCED, DIFFERS, NOT_TESTABLE = "reproduced", "differs", "not testable"
ORIGINS = ("calibrated", "emergent", "not testable")
COLUMNS = ["TEXT", "EXPECTED", "FOUND", "VERDICT", "ORIGIN", "ID", "KIND", "RULE", "ARD"]
ALPHA = 0.05
WHERE = "config/claims.yaml"

Claim = Mapping[str, Any]


class _Unanswerable(Exception):
    """The results hold no number for a claim."""


def evaluate(claims: Iterable[Claim], ard: pd.DataFrame, study: Any = None) -> pd.DataFrame:
    """Verdict of each statement.

    Parameters
    ----------
    claims : iterable of mapping
        Entries of ``claims.yaml``: ``id``, ``text``, ``kind``, ``rule``, ``origin``, and as the
        rule asks ``ard`` (list of IDs), ``expected``, ``digits``, ``test``, ``interval``,
        ``setting``, ``from``, ``names``.
    ard : DataFrame
        The analysis results dataset.
    study : Study, optional
        Needed by rules that look at the configuration.

    Returns
    -------
    DataFrame
        `COLUMNS`, all text, one row a claim in the order given; ``ARD`` holds the IDs looked at.

    Raises
    ------
    InputErrors
        Unknown rule or origin, a missing key, an id twice; all at once.
    """
    claims = list(claims)
    check(claims)
    numbers = Numbers(ard)
    rows: list[dict[str, str]] = []
    for claim in claims:
        try:
            found, verdict = RULES[claim["rule"]](claim, numbers, study, rows)
        except _Unanswerable as reason:
            found, verdict = str(reason), NOT_TESTABLE
        rows.append(
            {
                "TEXT": str(claim["text"]),
                "EXPECTED": expected_text(claim),
                "FOUND": found,
                "VERDICT": verdict,
                "ORIGIN": claim["origin"],
                "ID": claim["id"],
                "KIND": claim["kind"],
                "RULE": claim["rule"],
                "ARD": " ".join(_ids(claim)),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def check(claims: list[Claim]) -> None:
    """Raise on everything wrong with the entries of ``claims.yaml``, in one pass."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for k, claim in enumerate(claims):
        name = str(claim.get("id", ""))
        where = f"{WHERE}, claim {name or f'number {k + 1}'}"
        for key in ("id", "text", "kind", "rule", "origin"):
            if not claim.get(key):
                problems.append(Problem(f"The claim has no {key!r}", where, f"Add the key {key}"))
        if name and name in seen:
            problems.append(Problem("The claim stands twice", where, "Give each its own id"))
        seen.add(name)
        rule, origin = claim.get("rule"), claim.get("origin")
        if rule and rule not in RULES:
            problems.append(
                Problem(
                    f"The rule {rule!r} is not known.{did_you_mean(rule, RULES)}",
                    f"{where}, key rule",
                    f"Use one of: {', '.join(RULES)}",
                )
            )
        elif rule:
            problems += [
                Problem(f"The rule {rule!r} needs the key {key!r}", where, f"Add the key {key}")
                for key in NEEDS[rule]
                if claim.get(key) in (None, [], "")
            ]
        if origin and origin not in ORIGINS:
            problems.append(
                Problem(
                    f"The origin {origin!r} is not known.{did_you_mean(origin, ORIGINS)}",
                    f"{where}, key origin",
                    f"Use one of: {', '.join(ORIGINS)}",
                )
            )
    raise_if_any(problems)


def expected_text(claim: Claim) -> str:
    """What the abstract states, as printed there."""
    digits = int(claim.get("digits", 0) or 0)
    values = _list(claim.get("expected"))
    return "; ".join(half_up(v, digits) if _is_number(v) else str(v) for v in values)


# --- rules: (claim, numbers, study, rows so far) -> (FOUND, VERDICT) ---------------------------


def _setting(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """Facts of the design that the configuration states."""
    found = [_dotted(study, path) for path in _list(claim["setting"])]
    same = [_same(f, e) for f, e in zip(found, _list(claim["expected"]), strict=True)]
    text = "; ".join(half_up(f, 0) if _is_number(f) else str(f) for f in found)
    return f"{text} (as configured)", REPRODUCED if all(same) else DIFFERS


def _equal(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """Every number, rounded to the printed precision, is the published one."""
    texts, verdict = _compared(claim, numbers)
    return "; ".join(texts), verdict


def _equal_no_significance(
    claim: Claim, numbers: Numbers, study: Any, rows: list
) -> tuple[str, str]:
    """The means are the published ones and the exact test is not significant."""
    texts, verdict = _compared(claim, numbers)
    p = _value(numbers, claim["test"])
    shown = _test_text(claim, numbers)
    if math.isnan(p):
        return f"{'; '.join(texts)}; no test: {numbers.note(claim['test'])}", NOT_TESTABLE
    if p <= ALPHA:
        verdict = DIFFERS
    return f"{'; '.join(texts)}; {shown}", verdict


def _interval(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """'No difference' cannot be shown by a small trial: estimate and interval, no verdict."""
    parts = []
    if claim.get("ard"):
        parts.append("; ".join(_known(claim["ard"], numbers)))
    parts.append(_test_text(claim, numbers))
    text = "; ".join(p for p in parts if p)
    return text or "no number was estimable", NOT_TESTABLE


def _several_intervals(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """Ratios with their intervals of many analytes: shown, no verdict."""
    prefix, ending = claim["ard"][0].split("*", 1)
    ids = [i for i in numbers.ids if i.startswith(prefix) and i.endswith(ending)]
    parts = []
    for id_ in ids:
        stem = id_.rsplit(".", 1)[0]
        name = numbers.cell(id_, "PARAMCD") or id_[len(prefix) : -len(ending)]
        parts.append(f"{name} {numbers.text(id_)}{_bounds(numbers, stem)}")
    if not parts:
        raise _Unanswerable(f"the results hold no number {claim['ard'][0]}")
    return f"{claim.get('shown', 'ratio to baseline')}: {'; '.join(parts)}", NOT_TESTABLE


def _present(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """Every named event occurred in at least one patient; a count that is not there is none."""
    names = _list(claim["expected"])
    found, absent = [], []
    for name, ids in zip(names, claim["ard"], strict=True):
        counts = [(numbers.value(i), numbers.text(i)) for i in ids.split() if i in numbers]
        seen = [text for value, text in counts if value > 0]
        (found if seen else absent).append(f"{name} ({' + '.join(seen)})" if seen else name)
    text = f"patients with: {', '.join(found)}" if found else "none of them"
    if absent:
        text += f"; in nobody: {', '.join(absent)}"
    return text, DIFFERS if absent else REPRODUCED


def _more_than(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """The number lies above the published bound."""
    id_ = claim["ard"][0]
    value = _value(numbers, id_)
    text = f"{numbers.text(id_)}{_unit(numbers, id_)}"
    if math.isnan(value):
        return f"{text}: {numbers.note(id_)}", NOT_TESTABLE
    return text, REPRODUCED if value > float(_list(claim["bound"])[0]) else DIFFERS


def _majority(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """The first count is more than half of the second."""
    part, whole = (_value(numbers, i) for i in claim["ard"])
    text = f"{numbers.text(claim['ard'][0])} of {numbers.text(claim['ard'][1])}"
    if math.isnan(part) or not whole > 0:
        return text, NOT_TESTABLE
    return text, REPRODUCED if 2 * part > whole else DIFFERS


def _stated(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """A reason or a decision: shown with the numbers beside it, no verdict."""
    said = [str(_dotted(study, path)) for path in _list(claim.get("setting"))]
    said += _known(claim.get("ard") or [], numbers)
    return "; ".join(said), NOT_TESTABLE


def _follows(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """A judgement that rests on other statements: it holds when all of them do."""
    verdicts = {r["ID"]: r["VERDICT"] for r in rows}
    found = [(name, verdicts.get(name, "not evaluated before")) for name in _list(claim["from"])]
    text = "; ".join(f"{name}: {verdict}" for name, verdict in found)
    return text, REPRODUCED if all(v == REPRODUCED for _, v in found) else DIFFERS


def _out_of_reach(claim: Claim, numbers: Numbers, study: Any, rows: list) -> tuple[str, str]:
    """Too small: no outcome of the design could have made the test significant."""
    id_ = claim["test"]
    if id_ not in numbers:
        raise _Unanswerable(_none(id_, numbers))
    text = numbers.cell(id_, "P_DESIGN")
    least = float(text) if text else math.nan
    shown = _interval_text(claim, numbers)
    if math.isnan(least):
        return shown, NOT_TESTABLE
    said = f"smallest p that the design allows between arms: {half_up(least, 3)}"
    return "; ".join(p for p in (said, shown) if p), REPRODUCED if least > ALPHA else DIFFERS


RULES: dict[str, Callable[[Claim, Numbers, Any, list], tuple[str, str]]] = {
    "setting": _setting,
    "equal": _equal,
    "equal_no_significance": _equal_no_significance,
    "interval": _interval,
    "several_intervals": _several_intervals,
    "present": _present,
    "more_than": _more_than,
    "majority": _majority,
    "stated": _stated,
    "follows": _follows,
    "out_of_reach": _out_of_reach,
}
NEEDS: dict[str, tuple[str, ...]] = {
    "setting": ("setting", "expected"),
    "equal": ("ard", "expected"),
    "equal_no_significance": ("ard", "expected", "test", "interval"),
    "interval": ("interval",),
    "several_intervals": ("ard",),
    "present": ("ard", "expected"),
    "more_than": ("ard", "bound"),
    "majority": ("ard",),
    "stated": (),
    "follows": ("from",),
    "out_of_reach": ("test",),
}


# --- helpers ----------------------------------------------------------------------------------


def _compared(claim: Claim, numbers: Numbers) -> tuple[list[str], str]:
    digits = int(claim.get("digits", 0) or 0)
    texts, same = [], []
    for id_, expected in zip(claim["ard"], _list(claim["expected"]), strict=True):
        value = _value(numbers, id_)
        texts.append(numbers.text(id_) if not math.isnan(value) else ABSENT)
        same.append(half_up(value, digits) == half_up(expected, digits))
    if ABSENT in texts:
        return texts, NOT_TESTABLE
    return texts, REPRODUCED if all(same) else DIFFERS


def _test_text(claim: Claim, numbers: Numbers) -> str:
    """Estimate, interval with its achieved level, p with the smallest attainable one."""
    parts = [_interval_text(claim, numbers)]
    id_ = claim.get("test")
    if id_ and id_ in numbers:
        p = numbers.text(id_)
        if p == ABSENT:
            parts.append(f"no test: {numbers.note(id_)}")
        else:
            least = numbers.cell(id_, "P_ATTAINABLE")
            said = f", smallest attainable {half_up(float(least), 3)}" if least else ""
            parts.append(f"p {p if p.startswith('<') else f'= {p}'}{said}")
    return "; ".join(p for p in parts if p)


def _interval_text(claim: Claim, numbers: Numbers) -> str:
    """Estimate and interval under the stem of ``interval``, as printed in the ARD."""
    stem = claim.get("interval")
    if not stem:
        return ""
    id_ = f"{stem}.estimate" if f"{stem}.estimate" in numbers else f"{stem}.mean"
    if id_ not in numbers:
        if f"{stem}.ci_low" not in numbers:
            return _none(f"{stem}.estimate", numbers)
        return f"interval{_bounds(numbers, stem)}"
    if numbers.text(id_) == ABSENT:
        return f"no estimate: {numbers.note(id_)}"
    what = claim.get("shown", "change")
    return f"{what} {numbers.text(id_)}{_unit(numbers, id_)}{_bounds(numbers, stem)}"


def _bounds(numbers: Numbers, stem: str) -> str:
    low, high = f"{stem}.ci_low", f"{stem}.ci_high"
    if low not in numbers or high not in numbers or numbers.text(low) == ABSENT:
        return ""
    level = numbers.cell(low, "CONF_ACHIEVED") or numbers.cell(low, "CONF_LEVEL")
    percent = ""
    if level:
        share = float(level)
        percent = f"{half_up(share * 100 if share <= 1 else share, 1).removesuffix('.0')} % "
    return f" ({percent}interval {numbers.text(low)} to {numbers.text(high)})"


def _known(ids: Iterable[str], numbers: Numbers) -> list[str]:
    """Label and text of the numbers that the results hold."""
    said = []
    for id_ in ids:
        if id_ in numbers:
            label = numbers.cell(id_, "LABEL") or id_
            said.append(f"{label}: {numbers.text(id_)}{_unit(numbers, id_)}")
    return said


def _unit(numbers: Numbers, id_: str) -> str:
    unit = numbers.cell(id_, "UNIT")
    return f" {unit}" if unit else ""


def _value(numbers: Numbers, id_: str) -> float:
    if id_ not in numbers:
        raise _Unanswerable(_none(id_, numbers))
    return numbers.value(id_)


def _none(id_: str, numbers: Numbers) -> str:
    return f"the results hold no number {id_}.{did_you_mean(id_, numbers.ids)}"


def _ids(claim: Claim) -> list[str]:
    listed = [i for entry in claim.get("ard") or [] for i in entry.split()]
    return [*listed, *([claim["test"]] if claim.get("test") else [])]


def _dotted(study: Any, path: str) -> Any:
    """A value of the configuration by its dotted key, such as ``recruitment.planned``."""
    value = study
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
        if value is None:
            raise _Unanswerable(f"the configuration has no {path}")
        if isinstance(value, list) and value and hasattr(value[0], "label"):
            value = {str(getattr(v, "code", k)): v for k, v in enumerate(value)}
    return value


def _same(found: Any, expected: Any) -> bool:
    if _is_number(found) and _is_number(expected):
        return float(found) == float(expected)
    return str(found).casefold() == str(expected).casefold()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _list(value: Any) -> list:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
