"""Tables held against each other, row by row and cell by cell."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

#: what names a row of the tables that are kept of a publication
KEYS = {"ard.csv": "ID", "claims.csv": "ID", "queries.csv": "QUERYID"}
_MOST_NAMES = 6


@dataclass(frozen=True)
class Table:
    """A table by the names of its rows, in its order.

    Attributes
    ----------
    columns : tuple of str
    rows : dict of str to dict of str
        By name; where a name stands twice, the second is followed by ``(2)``. Rows without
        names are named ``row 1``, ``row 2`` ...
    """

    columns: tuple[str, ...]
    rows: dict[str, dict[str, str]]


def parse(content: bytes, key: str = "") -> Table:
    """Read a CSV file whole.

    Parameters
    ----------
    content : bytes
    key : str
        The column that names a row ('' for none).

    Raises
    ------
    ValueError
        When it is not a whole table, in words that hold no cell of it.
    """
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except csv.Error:
        raise ValueError("it is not a whole table: a quoted cell does not end") from None
    if not lines:
        raise ValueError("it is empty")
    columns = tuple(lines[0])
    if key and key not in columns:
        raise ValueError(f"it has no column {key}")
    if len(set(columns)) < len(columns):
        raise ValueError("it has two columns of one name")
    rows: dict[str, dict[str, str]] = {}
    seen: dict[str, int] = {}
    for k, cells in enumerate(lines[1:], start=1):
        if len(cells) != len(columns):
            what = f"row {k} has {len(cells)} of {len(columns)} cells"
            raise ValueError(f"it is not a whole table: {what}")
        row = dict(zip(columns, cells, strict=True))
        name = row[key] if key else f"row {k}"
        seen[name] = seen.get(name, 0) + 1
        rows[name if seen[name] == 1 else f"{name} ({seen[name]})"] = row
    return Table(columns, rows)


def changed(then: Table, now: Table) -> dict[str, list[str]]:
    """Columns of both that differ, by name of the row; rows of both only."""
    shared = [c for c in then.columns if c in now.columns]
    found = {}
    for name, row in then.rows.items():
        other = now.rows.get(name)
        if other is not None and row != other:
            columns = [c for c in shared if row[c] != other[c]]
            if columns:
                found[name] = columns
    return found


def summary(then: Table, now: Table) -> str:
    """How many rows and columns differ, and which first; rows are counted from 1."""
    said = []
    differ = changed(then, now)
    if differ:
        names = [c for c in then.columns if any(c in cs for cs in differ.values())]
        first = next(iter(differ))
        said.append(
            f"{len(differ)} of {rows(len(then.rows))} differ{'s' * (len(differ) == 1)}, "
            f"in {len(names)} of {len(then.columns)} columns ({_listed(names)}), "
            f"first {_at(first, then)}, column {differ[first][0]}"
        )
    for word, one, other in (("missing", then, now), ("extra", now, then)):
        columns = [c for c in one.columns if c not in other.columns]
        if columns:
            said.append(f"columns {word}: {_listed(columns)}")
        lost = [name for name in one.rows if name not in other.rows]
        if lost:
            said.append(f"{rows(len(lost))} {word}, first {_at(lost[0], one)}")
    for what, one, other in (
        ("columns", then.columns, now.columns),
        ("rows", list(then.rows), list(now.rows)),
    ):
        before, after = _order(one, other), _order(other, one)
        moved = next(((a, b) for a, b in zip(before, after, strict=True) if a != b), None)
        if moved:
            said.append(f"{what} in another order, first {moved[1]} in place of {moved[0]}")
    return "; ".join(said) or "the same cells, written in other bytes"


def rows(count: int) -> str:
    """A number of rows in words."""
    return f"{count} row{'' if count == 1 else 's'}"


def _order(names: tuple[str, ...] | list[str], other: tuple[str, ...] | list[str]) -> list[str]:
    known = set(other)
    return [n for n in names if n in known]


def _at(name: str, table: Table) -> str:
    number = list(table.rows).index(name) + 1
    return name if name == f"row {number}" else f"row {number} ({name})"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + (" ..." if len(names) > _MOST_NAMES else "")
