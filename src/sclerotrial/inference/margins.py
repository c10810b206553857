"""All tables of given margins, column by column: how much of the law lies at or below a weight.

The weight of a table is the number of orders of the patients that give it. A node is what is left
of the row totals once some columns are filled; the same totals in another order are the same node,
and tables that reach a node with the same weight go on as one. At each node the largest and the
smallest weight of what can still come are known, so that most tables are told apart early
(network algorithm; Mehta and Patel 1983).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

WHOLE = 1 << 62  # orders of the patients, up to which whole numbers of 64 bits do
FLOAT = 1e300
MOST = 2_000_000  # steps between two columns
FILLED = 25_000_000  # tables with a column filled, in lots that stay in memory
LOT = 500_000
ALIKE = 1e-10  # relative: closer weights are one, where they are not whole numbers


class TooMany(Exception):
    """More tables than can be told apart in memory."""


class Stage(NamedTuple):
    """Nodes before a column is filled, and the steps that fill it, sorted by node.

    Attributes
    ----------
    begin : array of int
        Where the steps of each node begin; one longer than the nodes.
    into : array of int
        Node of the next stage.
    ways : array
        Orders of the column's patients.
    """

    begin: np.ndarray
    into: np.ndarray
    ways: np.ndarray


class Network(NamedTuple):
    """Stages and, for each node of each, the orders left and the bounds of a table's weight."""

    stages: list[Stage]
    orders: list[np.ndarray]
    largest: list[np.ndarray]
    smallest: list[np.ndarray]
    least: float | int  # orders in the tables of the smallest weight
    slack: float


def orders(rows: tuple[int, ...]) -> int:
    """Orders of as many patients by their rows."""
    return math.factorial(sum(rows)) // math.prod(math.factorial(v) for v in rows)


@lru_cache(maxsize=4)
def network(rows: tuple[int, ...], columns: tuple[int, ...], most: int = WHOLE) -> Network:
    """The network of these margins.

    Parameters
    ----------
    rows, columns : tuples of int
        Totals; the quickest way is the longer side as columns, the largest first.
    most : int
        Orders of the patients up to which weights are whole numbers.

    Raises
    ------
    TooMany
        When it does not fit.
    """
    whole = orders(rows)
    base = max(rows) + 1
    if whole > FLOAT or base ** len(rows) >= WHOLE:
        raise TooMany
    digits = np.array([base**k for k in range(len(rows))])
    kind, slack = (np.int64, 0.0) if whole < most else (np.float64, ALIKE)
    stages, left = [], [np.sort(np.array([rows]), axis=1)]
    for c in columns:
        begin, rest, ways = _steps(left[-1], c, kind)
        key = np.sort(rest, axis=1) @ digits
        _, first, into = np.unique(key, return_index=True, return_inverse=True)
        stages.append(Stage(begin, into.ravel(), ways))
        left.append(np.sort(rest[first], axis=1))
    largest, smallest, many = ([np.ones(1, kind)] for _ in range(3))
    for begin, into, ways in reversed(stages):
        high, low = ways * largest[0][into], ways * smallest[0][into]
        largest.insert(0, np.maximum.reduceat(high, begin[:-1]))
        smallest.insert(0, np.minimum.reduceat(low, begin[:-1]))
        edge = np.repeat(smallest[0], np.diff(begin))
        many.insert(0, np.add.reduceat(np.where(low <= edge * (1 + slack), many[0][into], 0),
                                       begin[:-1]))  # fmt: skip
    after = [np.array([orders(tuple(n)) for n in nodes.tolist()], kind) for nodes in left]
    least = (many[0][0] * smallest[0][0]).item()
    return Network(stages, after, largest, smallest, least, slack)


def _steps(nodes: np.ndarray, c: int, kind: type) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All fillings of one column from each node: where each node's begin, what is left, ways."""
    at, rest, short = np.arange(len(nodes)), nodes, np.full(len(nodes), c)
    room = nodes.sum(axis=1)
    ways = np.ones(len(nodes), kind)
    table = np.array([[math.comb(a, b) for b in range(c + 1)] for a in range(c + 1)], kind)
    for i in range(nodes.shape[1]):
        room = room - nodes[at, i]
        low, high = np.maximum(short - room, 0), np.minimum(short, nodes[at, i])
        many = high - low + 1
        if many.sum() > MOST:
            raise TooMany
        here = np.repeat(np.arange(len(at)), many)
        taken = low[here] + np.arange(len(here)) - np.repeat(np.cumsum(many) - many, many)
        at, room, rest = at[here], room[here], rest[here]
        rest[:, i] -= taken
        ways = ways[here] * table[short[here], taken]
        short = short[here] - taken
    begin = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(nodes)))])
    return begin, rest, ways


def at_most(net: Network, seen: float) -> float:
    """Orders of the patients whose table weighs no more than the one seen.

    Parameters
    ----------
    net : Network
        Of two columns at least.
    seen : number
        Weight of the table seen, a whole number where the network's are.

    Raises
    ------
    TooMany
        When too many tables stay open.
    """
    kind = net.orders[0].dtype.type
    edge = float(seen) * (1 + net.slack) if net.slack else seen
    last, law = len(net.stages) - 2, _law(net, len(net.stages) - 2)
    found, table = _open(net, 0, (np.zeros(1, int), np.ones(1, kind), np.ones(1, kind)), edge)
    for k, stage in enumerate(net.stages[:last]):
        kept = []
        for lot in _lots(stage, table):
            more, lot = _open(net, k + 1, _filled(stage, lot), edge)
            found += more
            if k + 1 < last:
                kept.append(_merged(*lot))
            else:
                found += _settled(law, *lot, edge)
        if not kept:
            return found.item()
        table = _merged(*(np.concatenate(column) for column in zip(*kept, strict=True)))
    return (found + _settled(law, *table, edge)).item()


def _filled(stage: Stage, table: tuple) -> tuple:
    """Each table with its next column filled in all ways."""
    node, weight, mass = table
    many = stage.begin[node + 1] - stage.begin[node]
    here = np.repeat(np.arange(len(node)), many)
    step = np.arange(len(here)) + np.repeat(stage.begin[node] - np.cumsum(many) + many, many)
    return stage.into[step], weight[here] * stage.ways[step], mass[here] * stage.ways[step]


def _lots(stage: Stage, table: tuple) -> Iterator[tuple]:
    """The tables in lots whose fillings stay in memory."""
    ends = np.cumsum(stage.begin[table[0] + 1] - stage.begin[table[0]])
    whole = int(ends[-1]) if len(ends) else 0
    if whole > FILLED:
        raise TooMany
    cuts = np.searchsorted(ends, np.arange(0, whole, LOT))
    for a, b in pairwise(np.unique([*cuts, len(ends)])):
        yield tuple(column[a:b] for column in table)


def _open(net: Network, k: int, table: tuple, edge: float) -> tuple[float, tuple]:
    """Orders of the tables that are sure to weigh little, and the tables that may or may not."""
    node, weight, mass = table
    below = weight * net.largest[k][node] <= edge
    still = ~below & (weight * net.smallest[k][node] <= edge)
    more = (mass[below] * net.orders[k][node[below]]).sum()
    return more, (node[still], weight[still], mass[still])


def _law(net: Network, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each node's weights begin, of what can come when two columns are left, and these."""
    begin, into, ways = net.stages[k]
    weight = ways * net.largest[k + 1][into]
    weight = weight[np.lexsort((weight, np.repeat(np.arange(len(begin) - 1), np.diff(begin))))]
    return begin, weight


def _settled(law: tuple, node: np.ndarray, weight: np.ndarray, mass: np.ndarray, edge: float):
    """Orders of the open tables with two columns left: how much of each node's law goes along."""
    begin, weights = law
    order = np.argsort(node, kind="stable")
    node, mass = node[order], mass[order]
    room = edge // weight[order] if mass.dtype.kind == "i" else edge / weight[order]
    cuts = np.flatnonzero(np.diff(node, prepend=-1, append=-1))
    found = mass.dtype.type(0)
    for a, b in zip(cuts[:-1], cuts[1:], strict=True):
        own = weights[begin[node[a]] : begin[node[a] + 1]]
        sums = np.cumsum(np.concatenate([own[:1] * 0, own]))
        found += (mass[a:b] * sums[np.searchsorted(own, room[a:b], side="right")]).sum()
    return found


def _merged(node: np.ndarray, weight: np.ndarray, mass: np.ndarray) -> tuple:
    """Tables of the same weight at the same node as one: that of their first."""
    if not len(node):
        return node, weight, mass
    if weight.dtype.kind == "i":
        order = np.lexsort((weight, node))
        same = (np.diff(node[order]) == 0) & (np.diff(weight[order]) == 0)
        first = np.flatnonzero(np.concatenate([[True], ~same]))
    else:  # logarithms tell unlike weights apart to 1e-9; equal ones left apart only cost time
        key = np.rint(np.log(weight) * (1 << 30)).astype(np.int64) + (node << 40)
        order = np.argsort(key)
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
    return node[order[first]], weight[order[first]], np.add.reduceat(mass[order], first)
