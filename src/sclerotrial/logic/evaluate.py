"""A tree turned into a function of the values that it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sclerotrial.logic.functions import FUNCTIONS
from sclerotrial.logic.syntax import (
    Binary,
    Call,
    Literal,
    Node,
    Ref,
    Unary,
    asks_today,
    parse,
    refs,
)
from sclerotrial.logic.values import (
    UNKNOWN,
    Value,
    arithmetic,
    both,
    compare,
    either,
    number,
    truth,
)

Row = Sequence[Value]
Run = Callable[[Row], Value]
_COMPARE = ("=", "<>", "<", "<=", ">", ">=")
#: functions in which 'today' and 'now' are dates, not texts
_DATED = ("datediff", "age_at_date", "dayoftheweek", "year", "month", "day", "calcdate")


class Expression:
    """A condition or calculation, ready to be evaluated.

    Parameters
    ----------
    text : str
    today : str
        Day (ISO) that 'today' and 'now' stand for; '' leaves them unknown, so that no result
        depends on the day it was made.

    Raises
    ------
    LogicError
        When the text cannot be read.
    """

    def __init__(self, text: str, today: str = "") -> None:
        self.text = text
        self.tree: Node = parse(text)
        self.refs: list[Ref] = refs(self.tree)
        self.needs_today = asks_today(self.tree) and not today
        self._today: Value = today or UNKNOWN
        at = {ref: i for i, ref in enumerate(self.refs)}
        self._run = self._build(self.tree, at)

    def __call__(self, values: Mapping[str, Value] | Row) -> Value:
        """The value for one row.

        Parameters
        ----------
        values : mapping or sequence
            By the columns of the references (a missing one is blank), or in the order of `refs`.
        """
        if isinstance(values, Mapping):
            values = [values.get(ref.column, "") for ref in self.refs]
        return self._run(values)

    def over(self, columns: Sequence[Iterable[Value]], rows: int) -> list[Value]:
        """The values for many rows: each distinct set of values is evaluated once.

        Parameters
        ----------
        columns : sequence of iterables
            The values of each reference, in the order of `refs`.
        rows : int
            Number of rows (an expression without references has no columns).
        """
        if not self.refs:
            return [self._run(())] * rows
        known: dict[tuple, Value] = {}
        out = []
        for row in zip(*columns, strict=True):
            key = tuple((v, type(v)) for v in row)
            if key not in known:
                known[key] = self._run(row)
            out.append(known[key])
        return out

    # --- building -----------------------------------------------------------------------------

    def _build(self, node: Node, at: dict[Ref, int]) -> Run:
        if isinstance(node, Literal):
            value = node.value
            return lambda row: value
        if isinstance(node, Ref):
            place = at[node]
            return lambda row: row[place]
        if isinstance(node, Unary):
            inner = self._build(node.operand, at)
            return _negation(inner) if node.sign == "not" else _minus(inner)
        if isinstance(node, Call):
            return self._call(node, at)
        return self._chain(node, at)

    def _chain(self, node: Binary, at: dict[Ref, int]) -> Run:
        """Signs in a row are worked through from the left, however many there are."""
        steps: list[tuple[str, Run]] = []
        left: Node = node
        while isinstance(left, Binary):
            steps.append((left.sign, self._build(left.right, at)))
            left = left.left
        first, steps = self._build(left, at), steps[::-1]

        def run(row: Row) -> Value:
            value = first(row)
            for sign, right in steps:
                value = _join(sign, value, right, row)
            return value

        return run

    def _call(self, node: Call, at: dict[Ref, int]) -> Run:
        args = [self._argument(node.name, a, at) for a in node.args]
        if node.name == "if":
            return _choice(*args)
        function = FUNCTIONS[node.name]

        def run(row: Row) -> Value:
            values = [a(row) for a in args]
            if any(v is UNKNOWN for v in values):
                return UNKNOWN
            return function(*values)

        return run

    def _argument(self, function: str, node: Node, at: dict[Ref, int]) -> Run:
        if function in _DATED and isinstance(node, Literal) and node.value in ("today", "now"):
            today = self._today
            return lambda row: today
        return self._build(node, at)


def _join(sign: str, left: Value, right: Run, row: Row) -> Value:
    if sign == "and":
        known = truth(left)
        return False if known is False else both(known, truth(right(row)))
    if sign == "or":
        known = truth(left)
        return True if known is True else either(known, truth(right(row)))
    if sign in _COMPARE:
        return compare(sign, left, right(row))
    return arithmetic(sign, left, right(row))


def _negation(inner: Run) -> Run:
    def run(row: Row) -> Any:
        value = truth(inner(row))
        return value if value is UNKNOWN else not value

    return run


def _minus(inner: Run) -> Run:
    def run(row: Row) -> Value:
        value = inner(row)
        if value is UNKNOWN:
            return value
        x = number(value)
        return "" if x is None else -x

    return run


def _choice(condition: Run, yes: Run, no: Run) -> Run:
    """if(): only the chosen side counts, so that the other may be unknown."""

    def run(row: Row) -> Value:
        holds = truth(condition(row))
        if holds is UNKNOWN:
            return UNKNOWN
        return yes(row) if holds else no(row)

    return run
