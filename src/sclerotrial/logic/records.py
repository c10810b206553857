"""Where the values are: the forms of all subjects, and how a reference finds its value in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from sclerotrial.logic.evaluate import Expression
from sclerotrial.logic.syntax import LogicError, Ref
from sclerotrial.logic.values import UNKNOWN, Value

_EVENTS = ("event-name", "previous-event-name", "next-event-name", "first-event-name",
           "last-event-name")  # fmt: skip
#: smart variables that the rows of an export answer; of all others the value is unknown
KNOWN = (
    *_EVENTS, "event-label", "event-number", "previous-event-label", "next-event-label",
    "first-event-label", "last-event-label", "arm-number", "record-name", "current-instance",
    "previous-instance", "next-instance", "first-instance", "last-instance", "form-name",
    "instrument-name",
)  # fmt: skip


@dataclass
class Records:
    """The forms of a study, for references between them.

    Attributes
    ----------
    forms : mapping of str to DataFrame
        Form -> rows with USUBJID, VISIT, INSTANCE and the fields, text ('' blank). A cell may
        also be `UNKNOWN` or a `MissingCode`.
    events : mapping of str to str
        Event name of the export -> visit; a visit may have several events.
    order : sequence of str
        Visits in the order of the study.
    withheld : collection of str
        Fields that the reader dropped: their values are unknown, not blank.
    fields : mapping of str to str
        Field -> form that declares it, for fields of which no row is filled.
    instruments : mapping of str to str
        Form -> name of its instrument.

    Notes
    -----
    A field of the row's own form is taken from the row. A field of another form is looked up for
    the same subject at the same event; in a repeating form the same instance is taken where it
    exists, else the first (decided; REDCap leaves it to the context). Tables that have no events
    are looked up by subject. `[event][field]` names the event by its unique name or its label.
    Relative events are those of the study's order at which the referenced form has any record:
    an export does not say for which events a form was designated.
    """

    forms: Mapping[str, pd.DataFrame]
    events: Mapping[str, str] = field(default_factory=dict)
    order: Sequence[str] = ()
    withheld: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    instruments: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._holds: dict[str, list[str]] = {}
        for form, table in self.forms.items():
            for column in table.columns:
                self._holds.setdefault(column, []).append(form)
        self._tables: dict[tuple[str, str], _Table] = {}
        self._event_of: dict[str, str] = {}
        for event, visit in self.events.items():
            self._event_of.setdefault(visit, event)

    def problem(self, ref: Ref, form: str) -> str:
        """What is wrong with a reference seen from a form, in words; '' when it can be followed."""
        if ref.smart:
            return ""
        if ref.event and "-" not in ref.event and ref.event not in {*self.events, *self.order}:
            return f"no event is called {ref.event!r}"
        if ref.name in self.withheld:
            return ""
        if ref.form and ref.form not in self.forms:
            return f"no form is called {ref.form!r}"
        if self._form_of(ref, form) is None:
            many = self._holds.get(ref.column, [])
            if len(many) > 1:
                return f"the field {ref.name!r} is in {' and '.join(many)}: write [form.field]"
            return f"no form has the field {ref.name!r}" + (
                "" if ref.code is None else f" with the choice {ref.code!r}"
            )
        return ""

    def unknowable(self, expression: Expression) -> str:
        """Why an expression has no value in an export, in words; '' when it has one."""
        if expression.needs_today:
            return "it asks the day on which it is evaluated"
        for ref in expression.refs:
            if ref.name in self.withheld:
                return "it uses a field that the reader withholds"
            if ref.smart and ref.name not in KNOWN:
                return f"an export does not hold [{ref.name}]"
            if set(ref.modifiers) - {"value"}:
                return f"the modifier {':'.join(ref.modifiers)!r} is for text on the screen"
        return ""

    def values(self, expression: Expression, form: str) -> list[Value]:
        """The value of an expression for each row of a form.

        Raises
        ------
        LogicError
            When a reference leads nowhere (see `problem`).
        """
        table = self.forms[form]
        columns = [self.column(ref, form) for ref in expression.refs]
        return expression.over(columns, len(table))

    def column(self, ref: Ref, form: str) -> list[Value]:
        """The value of a reference for each row of a form."""
        table = self.forms[form]
        wrong = self.problem(ref, form)
        if wrong:
            raise LogicError(f"[{ref.name}]: {wrong}", 1)
        if set(ref.modifiers) - {"value"}:
            return [UNKNOWN] * len(table)
        if ref.smart:
            return self._smart(ref.name, form)
        if ref.name in self.withheld and ref.name not in table:
            return [UNKNOWN] * len(table)
        other = self._form_of(ref, form)
        blank: Value = "0" if ref.code is not None else ""
        if ref.column not in self.forms[str(other)]:
            return [blank] * len(table)
        if other == form and not ref.event and not ref.instance:
            return list(table[ref.column])
        return self._looked_up(ref, form, str(other), blank)

    # --- looking up ---------------------------------------------------------------------------

    def _form_of(self, ref: Ref, form: str) -> str | None:
        """The form that holds a reference: its own first, else the only one."""
        if ref.form:
            return ref.form if ref.column in self.forms[ref.form] else None
        if ref.column in self.forms.get(form, ()):
            return form
        many = self._holds.get(ref.column, [])
        if len(many) == 1:
            return many[0]
        told = self.fields.get(ref.name)
        return told if told in self.forms and (told in many or not many) else None

    def _table(self, form: str, column: str) -> _Table:
        if (form, column) not in self._tables:
            self._tables[form, column] = _Table.of(self.forms[form], column)
        return self._tables[form, column]

    def _looked_up(self, ref: Ref, form: str, other: str, blank: Value) -> list[Value]:
        table, there = self.forms[form], self._table(other, ref.column)
        order = [v for v in self.order if v in there.visits]
        follow = self._follower(ref.event, order) if ref.event else None
        out: list[Value] = []
        keys = zip(table["USUBJID"], table["VISIT"], table["INSTANCE"], strict=True)
        for subject, visit, instance in keys:
            if follow:
                visit = follow(visit)
            elif not there.visited:
                visit = ""
            out.append(there.find(subject, visit, instance, ref.instance, blank))
        return out

    def _follower(self, event: str, order: list[str]) -> Callable[[str], str | None]:
        """visit of the row -> visit that the event before a field means."""
        if event not in _EVENTS:
            fixed = self.events.get(event, event)
            return lambda visit: fixed
        if event == "event-name":
            return lambda visit: visit
        place = {v: i for i, v in enumerate(self.order)}

        def relative(visit: str) -> str | None:
            if event in ("first-event-name", "last-event-name"):
                return (order[0] if event.startswith("first") else order[-1]) if order else None
            at = place.get(visit)
            if at is None:
                return None
            if event == "previous-event-name":
                return next((v for v in reversed(order) if place[v] < at), None)
            return next((v for v in order if place[v] > at), None)

        return relative

    # --- smart variables ----------------------------------------------------------------------

    def _smart(self, name: str, form: str) -> list[Value]:
        table = self.forms[form]
        if name in ("form-name", "instrument-name"):
            return [self.instruments.get(form, form)] * len(table)
        if name == "record-name":
            return list(table["USUBJID"])
        if name.endswith("-instance"):
            return self._instances(name, table)
        if name not in KNOWN:
            return [UNKNOWN] * len(table)
        visits = list(table["VISIT"])
        if name == "arm-number":
            return [self._arm(v) for v in visits]
        if name == "event-number":
            place = {v: float(i) for i, v in enumerate(self.order, start=1)}
            return [place.get(v, "") for v in visits]
        seen = [v for v in self.order if v in set(visits)] or list(self.order)
        follow = self._follower(name.replace("-label", "-name"), seen)
        found = [follow(v) or "" for v in visits]
        if name.endswith("-label"):
            return list(found)
        return [self._event_of.get(v, v) for v in found]

    def _arm(self, visit: str) -> Value:
        hit = re.search(r"_arm_(\d+)", self._event_of.get(visit, visit))
        return hit[1] if hit else "1"

    def _instances(self, name: str, table: pd.DataFrame) -> list[Value]:
        keys = list(zip(table["USUBJID"], table["VISIT"], strict=True))
        numbers = [int(i) if i.isdigit() else 1 for i in table["INSTANCE"]]
        if name == "current-instance":
            return [float(n) for n in numbers]
        if name in ("previous-instance", "next-instance"):
            step = 1 if name.startswith("next") else -1
            return [float(n + step) if n + step > 0 else "" for n in numbers]
        if name not in ("first-instance", "last-instance"):
            return [UNKNOWN] * len(table)
        most: dict[tuple[str, str], int] = {}
        pick = min if name.startswith("first") else max
        for key, n in zip(keys, numbers, strict=True):
            most[key] = pick(n, most.get(key, n))
        return [float(most[key]) for key in keys]


@dataclass
class _Table:
    """One field of a form, by subject, visit and instance."""

    cells: dict[tuple[str, str, str], Value]
    numbers: dict[tuple[str, str], list[str]]
    visits: set[str]

    @property
    def visited(self) -> bool:
        return self.visits != {""} and bool(self.visits)

    @classmethod
    def of(cls, table: pd.DataFrame, column: str) -> _Table:
        """Read a column of a form."""
        cells: dict[tuple[str, str, str], Value] = {}
        numbers: dict[tuple[str, str], list[str]] = {}
        for s, v, i, value in _rows(table, column):
            cells.setdefault((s, v, i), value)
            numbers.setdefault((s, v), []).append(i)
        for known in numbers.values():
            known.sort(key=lambda i: (int(i) if i.isdigit() else 0, i))
        return cls(cells, numbers, set(table["VISIT"]))

    def find(
        self, subject: str, visit: str | None, instance: str, asked: str, blank: Value
    ) -> Value:
        """The cell of a subject at a visit.

        Parameters
        ----------
        subject, visit : str
            The visit is None where there is no such event.
        instance : str
            Of the row that asks.
        asked : str
            The instance that the reference names: '', a number, or a smart variable.
        blank : value
            What stands where there is no record.
        """
        known = self.numbers.get((subject, visit), []) if visit is not None else []
        if not known:
            return blank
        if not asked:
            at = instance if instance in known else known[0]
        elif asked == "first-instance":
            at = known[0]
        elif asked == "last-instance":
            at = known[-1]
        else:
            here = int(instance) if instance.isdigit() else 1
            step = {"current-instance": 0, "previous-instance": -1, "next-instance": 1}
            wanted = here + step[asked] if asked in step else asked
            at = str(wanted) if str(wanted) in known else None
            if at is None and str(wanted) == "1" and "" in known:
                at = ""
        return self.cells.get((subject, visit, at), blank) if at is not None else blank


def _rows(table: pd.DataFrame, column: str) -> Iterable[tuple[str, str, str, Value]]:
    names = ("USUBJID", "VISIT", "INSTANCE", column)
    return zip(*(table[c] for c in names), strict=True)
