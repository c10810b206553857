"""Values that contradict the same subject's other visits, or the other side of the body.

Two entries of one form can agree and both be wrong: what shows it then is only what else is known
of the subject. Every rule here doubts and keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from sclerotrial.clean.specs import data_columns, total_items
from sclerotrial.errors import Problem, did_you_mean
from sclerotrial.read.findings import doubt, finding, place
from sclerotrial.study_models import Form
from sclerotrial.tabular import plain

Found = list[dict[str, str]]
#: shares of a scale's length: a value this far from the subject's others is doubted, when its
#: mirror image lies this near to them and they lie this near to each other
FAR, NEAR, TOGETHER = 0.5, 0.2, 0.3
#: two digits exchanged: the value is off by more than this share, the exchanged one by less than
#: that, and the others agree within the last
OFF, BACK, STEADY = 0.12, 0.04, 0.08
#: items in a row that are 0 only here: with a typed total that is larger by as much, or by itself
RUN, LONG_RUN = 4, 7
#: points on one side from which none on the other is doubted, and sites that hold them
ONE_SIDE, ONE_SIDE_SITES = 4, 3


def unknown_fields(table: pd.DataFrame, form: Form, name: str) -> list[Problem]:
    """Fields that `reversible` or `sides` name and the form does not have: a check in vain."""
    named = {"reversible": form.reversible, "sides": [f for pair in form.sides for f in pair]}
    columns = data_columns(table)
    return [
        Problem(
            f"The form {name!r} has no field {field!r}.{did_you_mean(field, columns)}",
            f"forms.yaml, key forms.{name}.{key}",
            "Name a field of the form",
        )
        for key, fields in named.items()
        for field in fields
        if field not in columns
    ]


def _numbers(table: pd.DataFrame, field: str) -> pd.Series:
    return pd.to_numeric(table[field], errors="coerce")


def _by_subject(table: pd.DataFrame, field: str) -> Iterator[tuple[int, float, pd.Series]]:
    """(row, value, the subject's other values) of a field, for each value."""
    values = _numbers(table, field).dropna()
    for _, mine in values.groupby(table.loc[values.index, "USUBJID"], sort=True):
        for at, value in mine.items():
            yield at, float(value), mine.drop(at)


def reversed_scales(table: pd.DataFrame, form: Form, name: str) -> Found:
    """Values of a scale that fit the subject's others only when read from its other end.

    Asked with two other values that agree; with one alone, when another scale of the form stayed
    where it was.
    """
    fields = [f for f in form.reversible if f in table]
    found: Found = []
    for field in fields:
        rule = form.fields.get(field)
        low, high = (rule.range if rule else None) or (0.0, 100.0)
        length = high - low
        # what was perhaps written in cm is asked about as such, and is no witness
        values = _numbers(table, field)
        in_cm = (values < length / 10) & (values % 1 != 0) & ((values * 10) % 1 < 1e-6)
        for at, value, others in _by_subject(table[~in_cm], field):
            if others.empty or others.max() - others.min() > TOGETHER * length:
                continue
            middle, mirror = float(others.median()), low + high - value
            if abs(value - middle) < FAR * length or abs(mirror - middle) > NEAR * length:
                continue
            if len(others) == 1 and not _stayed(table, fields, field, at, others.index[0], length):
                continue
            row = table.loc[at].to_dict()
            found.append(
                doubt(
                    row,
                    field,
                    name,
                    form.key,
                    rule="maybe_reversed",
                    message=f"Read from the other end ({plain(mirror)}) it would fit the subject's"
                    f" other visits (median {plain(middle)})",
                )
            )
    return found


def _stayed(
    table: pd.DataFrame, fields: Sequence[str], field: str, at: int, before: int, length: float
) -> bool:
    """Whether another scale of the form is much the same in two rows."""
    return any(
        abs(values[at] - values[before]) <= NEAR * length
        for other in fields
        if other != field and (values := _numbers(table, other))[[at, before]].notna().all()
    )


def exchanged_digits(table: pd.DataFrame, form: Form, name: str) -> Found:
    """Numbers that agree with the subject's others once two neighbouring digits change places.

    Of the fields that the form lists as `stable`.
    """
    if form.laboratory:
        return []
    found: Found = []
    for field in (f for f in form.stable if f in table):
        for at, value, others in _by_subject(table, field):
            middle = float(others.median()) if len(others) > 1 else 0.0
            if middle <= 0 or others.max() - others.min() > 2 * STEADY * middle:
                continue
            if abs(value - middle) <= OFF * middle:
                continue
            other = min(_exchanged(plain(value)), key=lambda x: abs(x - middle), default=value)
            if abs(other - middle) > BACK * middle:
                continue
            row = table.loc[at].to_dict()
            found.append(
                doubt(
                    row,
                    field,
                    name,
                    form.key,
                    rule="digits",
                    message=f"Perhaps {plain(other)}: two digits exchanged (the subject's other"
                    f" values: median {plain(middle)})",
                )
            )
    return found


def _exchanged(text: str) -> list[float]:
    """The number with each pair of neighbouring digits exchanged, the point in its place."""
    digits, point = text.replace(".", ""), text.find(".")
    out = []
    for i in range(len(digits) - 1):
        other = digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        out.append(float(other if point < 0 else f"{other[:point]}.{other[point:]}"))
    return out


def one_side(table: pd.DataFrame, form: Form, name: str) -> Found:
    """Nothing on all sites of one side while the other has points: pooled, or not looked at."""
    pairs = [p for p in form.sides if set(p) <= set(table)]
    if not pairs:
        return []
    halves = [
        table[list(half)].apply(pd.to_numeric, errors="coerce") for half in zip(*pairs, strict=True)
    ]
    found: Found = []
    for empty, full in (halves, halves[::-1]):
        none = empty.fillna(0).eq(0).all(axis=1)
        points = full.fillna(0).sum(axis=1)
        doubted = none & (points >= ONE_SIDE) & ((full > 0).sum(axis=1) >= ONE_SIDE_SITES)
        for row in table[doubted].to_dict("records"):
            field = str(empty.columns[0])
            found.append(
                doubt(
                    row,
                    field,
                    name,
                    form.key,
                    rule="one_side",
                    message=f"0 or blank at all {len(pairs)} sites of this side, with points on the"
                    " other: both sides written as one, or this side not examined",
                )
            )
    return found


def zeros_for_missing(table: pd.DataFrame, form: Form, name: str) -> Found:
    """A run of items that are 0 at this visit alone, as where 0 stands for not examined.

    Neighbouring items of a total that are 0 here and none of them 0 at another visit of the
    subject: four or more when the typed total is larger than the sum by as many points, seven or
    more by itself.
    """
    if form.total is None or form.total.rule != "sum" or table.empty:
        return []
    items = total_items(form, data_columns(table))
    if len(items) < RUN:
        return []
    values = table[items].apply(pd.to_numeric, errors="coerce")
    zero, some = values.eq(0).to_numpy(), (values > 0).to_numpy()
    short = pd.Series(0.0, index=table.index)
    if form.total.field in table:
        short = (_numbers(table, form.total.field) - values.sum(axis=1)).fillna(0.0)
    positions = pd.Series(range(len(table)), index=table.index)
    found: Found = []
    for _, mine in positions.groupby(table["USUBJID"], sort=True):
        for at in mine:
            others = [i for i in mine if i != at]
            run = max((_longest(zero[at] & some[i]) for i in others), default=(0, 0))
            length, first = run
            if length < RUN or (short.iloc[at] < length and length < LONG_RUN):
                continue
            row = table.iloc[at].to_dict()
            found.append(
                finding(
                    rule="zeros_for_missing",
                    severity="error",
                    field=items[first],
                    raw=row[items[first]],
                    value=row[items[first]],
                    message=f"{length} items in a row are 0 here and were not at another visit:"
                    " perhaps not examined, and no true 0",
                    **place(row, name, form.key),
                )
            )
    return found


def _longest(marks: Sequence[bool]) -> tuple[int, int]:
    """Length of the longest run of marks, and where it begins."""
    best = (0, 0)
    length = 0
    for i, mark in enumerate(marks):
        length = length + 1 if mark else 0
        if length > best[0]:
            best = (length, i - length + 1)
    return best
