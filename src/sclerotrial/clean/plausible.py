"""Values that are possible and yet doubtful beside the others of the same subject or trial."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

import pandas as pd

from sclerotrial.clean.specs import Spec, form_of
from sclerotrial.clean.timeline import days_between
from sclerotrial.read.findings import MASK, doubt, finding, place
from sclerotrial.study_models import Form, Study
from sclerotrial.tabular import plain

Found = list[dict[str, str]]
#: a person's other values may differ among themselves by this factor, no more
STEADY = {"unit": 1.8, "decimal": 2.3}
#: a value is suspected of a factor when it lies this near to it, as a ratio
NEAR = {"unit": 1.22, "decimal": 1.5}
#: alike of two spellings from which one is taken for the other
ALIKE = 0.83
_LB = 2.20462


def slips(table: pd.DataFrame, study: Study, form: Form, name: str) -> Found:
    """A decimal point lost or moved, or another unit, by the subject's other values.

    Of fields (or laboratory tests) that the form lists as `stable`: a value that is ten times the
    median of the subject's other values or a tenth of it, or that differs by a factor of an
    accepted unit, while the others agree among themselves.
    """
    if not form.stable:
        return []
    found: Found = []
    if form.laboratory:
        groups = table[table["test"].isin(form.stable) & (table["cens"] == "")]
        sets = [("value", rows) for _, rows in groups.groupby(["USUBJID", "test"], sort=True)]
    else:
        sets = [
            (field, rows)
            for field in form.stable
            if field in table
            for _, rows in table.groupby("USUBJID", sort=True)
        ]
    for field, rows in sets:
        factors = {10.0: "ten times", 0.1: "a tenth of"}
        units = form.units.get(field)
        if units and "lb" in units.factors:
            factors |= {_LB: "2.2 times (lb for kg)", 1 / _LB: "1/2.2 of (kg for lb)"}
        values = pd.to_numeric(rows[field], errors="coerce")
        values = values[values > 0]
        if len(values) < 3:
            continue
        for at, value in values.items():
            others = values.drop(at)
            factor = _factor(value / others.median(), factors)
            if factor is None or others.max() > STEADY[_sort(factor)] * others.min():
                continue
            row = rows.loc[at].to_dict()
            shown = "result" if form.laboratory else field
            found.append(
                finding(
                    rule="factor",
                    field=shown,
                    raw=row["raw_result"] if "raw_result" in row else row[field],
                    value=row[shown],
                    message=f"About {factors[factor]} the subject's other values"
                    f" (median {plain(float(others.median()))})",
                    **place(row, name, form.key),
                )
            )
    return found


def _sort(factor: float) -> str:
    return "decimal" if factor in (10.0, 0.1) else "unit"


def _factor(ratio: float, factors: Iterable[float]) -> float | None:
    """The factor that a ratio is near to; None when there is none."""
    near = [f for f in factors if 1 / NEAR[_sort(f)] <= ratio / f <= NEAR[_sort(f)]]
    return min(near, key=lambda f: abs(ratio / f - 1)) if near else None


def lines_in_cm(table: pd.DataFrame, form: Form, name: str) -> Found:
    """Distances up to 10 with a decimal on a scale of 0 to 100 mm that else has whole numbers."""
    fields = [f for f, r in form.fields.items() if r.range == (0, 100) and f in table]
    lengths = [c for c in table if c.endswith("line_mm")]
    found: Found = []
    for field in fields:
        value = pd.to_numeric(table[field], errors="coerce")
        broken = value.notna() & (value != value.round())
        if lengths and not form.laboratory:
            broken &= table[lengths[0]].isin(["", "100"]) & ~_rescaled(value)
        whole = value.notna() & (value == value.round())
        if whole.sum() <= 3 * (broken & (value <= 10)).sum():
            continue
        for row in table[broken & (value > 0) & (value <= 10)].to_dict("records"):
            found.append(
                doubt(
                    row,
                    field,
                    name,
                    rule="unit_cm",
                    message="Perhaps written in cm: the scale goes to 100 mm, and the other"
                    " values are whole mm",
                )
            )
    return found


def _rescaled(value: pd.Series) -> pd.Series:
    """Values with more than one decimal, as bringing a line to 100 mm makes them."""
    tenths = value * 10
    return (tenths - tenths.round()).abs() > 1e-6


def lone_results(table: pd.DataFrame, form: Form, name: str) -> Found:
    """A result on a day of its own while the subject's (or another's) panel lacks that very test.

    Where tests come in panels, that is how a wrong date or a wrong subject shows.
    """
    if not form.laboratory or "sample_date" not in table or table.empty:
        return []
    dated = table[(table["sample_date"].str.len() == 10) & (table["USUBJID"] != "")]
    panels = dated.groupby(["USUBJID", "sample_date"])["test"].agg(set)
    usual = panels.map(len).median()
    tests = {t for p in panels for t in p}
    holders = {t: sum(t in p for p in panels) for t in tests}
    full = {k: p for k, p in panels.items() if len(p) >= 0.7 * usual}
    if usual < 4 or len(full) < 0.8 * len(panels):
        return []
    found: Found = []
    for row in dated.to_dict("records"):
        here = (row["USUBJID"], row["sample_date"])
        if len(panels[here]) > 2 or holders[row["test"]] < 0.8 * len(full):
            continue
        lacking = [k for k, p in full.items() if row["test"] not in p]
        own = [k for k in lacking if k[0] == here[0]]
        same_day = [k for k in lacking if k[1] == here[1] and k[0] != here[0]]
        if own:
            near = min(own, key=lambda k: abs(days_between(k[1], here[1])))
            message = f"By itself on this day; the subject's panel of {near[1]} lacks the test"
        elif same_day:
            message = f"By itself on this day; the panel of {same_day[0][0]} lacks the test"
        else:
            continue
        found.append(doubt(row, "sample_date", name, form.key, rule="lone_result", message=message))
    return found


def spellings(table: pd.DataFrame, form: Form, name: str) -> Found:
    """Rare words that look like a mistyped frequent one, in fields that ask for this check."""
    found: Found = []
    for field, rule in form.fields.items():
        if not rule.spelling or field not in table:
            continue
        counts = table.loc[table[field] != "", field].value_counts()
        frequent = [w for w, n in counts.items() if n >= 2]
        for word in sorted(w for w, n in counts.items() if n == 1):
            near = [
                f
                for f in sorted(frequent)
                if f.casefold() != word.casefold() and _mistyped(f.casefold(), word.casefold())
            ]
            case = [f for f in frequent if f.casefold() == word.casefold()]
            if not near and not case:
                continue
            row = table[table[field] == word].iloc[0].to_dict()
            found.append(
                finding(
                    rule="spelling",
                    severity="info",
                    field=field,
                    raw=word,
                    value=word,
                    message=f"Perhaps {(case or near)[0]!r}, as in other records",
                    **place(row, name),
                )
            )
    return found


def _mistyped(word: str, other: str) -> bool:
    """Whether two words differ by little, or by the order of their letters."""
    return SequenceMatcher(None, word, other).ratio() >= ALIKE or (
        word[0] == other[0] and sorted(word) == sorted(other)
    )


def alike(table: pd.DataFrame, spec: Mapping[str, Spec], form: Form, name: str) -> Found:
    """Records of a subject that may be one event: the same words, and spans that touch.

    One event written in a row for each change of its grade would be counted as several.
    """
    rule = form.alike
    if rule is None or not set(rule.by) <= set(table):
        return []
    found: Found = []
    filled = table[(table[rule.by] != "").all(axis=1)]
    for _, rows in filled.groupby(["USUBJID", *rule.by], sort=True):
        if len(rows) < 2:
            continue
        start, end = rule.span or ("", "")
        if start in rows:
            rows = rows.sort_values([start, "INSTANCE"], kind="stable")
        records = rows.to_dict("records")
        for at, row in enumerate(records):
            earlier = [
                r
                for r in records[:at]
                if (not start or _touch(r, row, start, end))
                and (not rule.differs or r.get(rule.differs) != row.get(rule.differs))
            ]
            if not earlier:
                continue
            before = earlier[-1]
            hidden = spec[rule.by[0]].free
            found.append(
                finding(
                    rule="event_split",
                    severity="info",
                    field=rule.by[0],
                    raw=MASK if hidden else row[rule.by[0]],
                    value=MASK if hidden else row[rule.by[0]],
                    message="Begins with a record of the same words, or when it ends: one event"
                    f" in several rows? (instance {before['INSTANCE']})",
                    **place(row, name),
                )
            )
    return found


def _touch(before: Mapping[str, str], row: Mapping[str, str], start: str, end: str) -> bool:
    """Whether a record begins on the day on which one ends, the day after, or on the same day.

    Records that merely overlap are left: a person can have the same complaint anew.
    """
    first, last, now = before.get(start, ""), before.get(end, ""), row.get(start, "")
    if len(now) < 10:
        return False
    return first[:10] == now[:10] or (
        len(last) >= 10 and 0 <= days_between(now[:10], last[:10]) <= 1
    )


def laboratory_as_event(table: pd.DataFrame, study: Study, name: str) -> Found:
    """Verbatim terms that hold a laboratory value ('Hb 9.8') in place of an event."""
    words = {"hb", "ck", "wbc", "plt", "ast", "alt", "crp", "esr", "creatinine", "haemoglobin"}
    for test in study.laboratory.values():
        words |= {n.casefold() for n in (*test.names, test.param)}
    names = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    pattern = re.compile(rf"\b(?:{names})\b\W*(?:of|was|is|=|:|at)?\W*\d", re.IGNORECASE)
    found: Found = []
    for column in (c for c in table.columns if c.endswith("verbatim")):
        for row in table[table[column].str.contains(pattern)].to_dict("records"):
            found.append(
                finding(
                    rule="laboratory_as_event",
                    severity="info",
                    field=column,
                    raw=MASK,
                    value=MASK,
                    message="The line holds a laboratory value, not an event",
                    **place(row, name),
                )
            )
    return found


def after_cleaning(study: Study, name: str, table: pd.DataFrame, spec: Mapping[str, Spec]) -> Found:
    """Every check of this module that a form asks for."""
    form = form_of(study, name)
    return [
        *slips(table, study, form, name),
        *lines_in_cm(table, form, name),
        *lone_results(table, form, name),
        *spellings(table, form, name),
        *alike(table, spec, form, name),
        *laboratory_as_event(table, study, name),
    ]
