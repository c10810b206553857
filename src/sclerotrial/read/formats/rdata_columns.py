"""Columns of R's data frames as text: factors, dates in their zone, labels, parts of a column."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo

from sclerotrial.read.dictionary import Field

_DAY = dt.date(1970, 1, 1)
_START = dt.datetime(1970, 1, 1)
#: parts of a moment that R keeps apart
_PARTS = ("year", "mon", "mday", "hour", "min", "sec")
#: what R takes for a missing integer of 64 bits
_NA_INT64 = -(1 << 63)


class Vector(list):
    """A vector or list of R with its attributes; `raw` holds the bytes of doubles."""

    def __init__(self, values: list, attributes: dict | None = None, raw: bytes = b"") -> None:
        super().__init__(values)
        self.attributes: dict = attributes or {}
        self.raw = raw

    @property
    def classes(self) -> list[str]:
        """Classes of the object."""
        return list(self.attributes.get("class") or [])


def columns_of(
    frame: Vector, name: str
) -> tuple[dict[str, list[str]], dict[str, Field], list[str]]:
    """Cells of a data frame by column, its fields, and notes.

    A column that is a matrix or a data frame is its columns, named as R writes them: `m.1`. Names
    of rows are a column `row.names`, unless they are mere numbers.

    Raises
    ------
    ValueError
        A column of another length than the frame, or without values.
    """
    cells: dict[str, list[str]] = {}
    fields: dict[str, Field] = {}
    notes: list[str] = []
    rows = _rows(frame)
    titles = list(frame.attributes.get("row.names") or [])
    if titles and all(isinstance(t, str) and not t.isdigit() for t in titles):
        cells["row.names"] = titles
        fields[f"{name}.row.names"] = Field("row.names", name, "text")
    for column, values in _parts(frame, rows):
        if not isinstance(values, Vector):
            raise ValueError(f"the column {column} holds no values")
        if column in cells:
            raise ValueError(f"two columns have the name {column}")
        texts, note = _texts(values)
        if len(texts) != rows:
            raise ValueError(f"the column {column} has {len(texts)} values in {rows} rows")
        cells[column] = texts
        notes += [f"{name}: column {column} {note}"] if note else []
        fields[f"{name}.{column}"] = _field(column, name, values)
    return cells, fields, notes


def _rows(frame: Vector) -> int:
    """Rows of a data frame: R writes 5 in short as (NA, -5)."""
    names = frame.attributes.get("row.names") or []
    if len(names) == 2 and names[0] is None and isinstance(names[1], int):
        return abs(names[1])
    return len(names) or (len(frame[0]) if len(frame) else 0)


def _parts(frame: Vector, rows: int) -> list[tuple[str, object]]:
    names = list(frame.attributes.get("names") or [])
    found: list[tuple[str, object]] = []
    for name, values in zip(names, frame, strict=True):
        size = values.attributes.get("dim") if isinstance(values, Vector) else None
        if isinstance(values, Vector) and "data.frame" in values.classes:
            found += [(f"{name}.{n}", v) for n, v in _parts(values, rows)]
        elif size and len(size) == 2 and rows:
            both = values.attributes.get("dimnames") or [None, None]
            titles = both[1] or [str(i + 1) for i in range(size[1])]
            kept = {k: v for k, v in values.attributes.items() if k not in ("dim", "dimnames")}
            for i, title in enumerate(titles):
                some = slice(i * rows, (i + 1) * rows)
                raw = values.raw[8 * i * rows : 8 * (i + 1) * rows]
                found.append((f"{name}.{title}", Vector(values[some], kept, raw)))
        else:
            found.append((name, values))
    return found


def _field(column: str, form: str, values: Vector) -> Field:
    label, codes = values.attributes.get("label"), values.attributes.get("labels")
    named = codes.attributes.get("names") if isinstance(codes, Vector) else None
    choices = {as_text(c): str(n) for c, n in zip(codes, named, strict=True)} if named else {}
    return Field(
        column, form, "radio" if choices else "text", str(label[0] if label else ""), choices
    )


def _texts(values: Vector) -> tuple[list[str], str]:
    """Cells of a column, and what is to be told of it."""
    kinds = values.classes
    levels = values.attributes.get("levels")
    if levels and "factor" in kinds:
        return ["" if v is None else str(levels[v - 1]) for v in values], ""
    if "Date" in kinds:
        return [_date(v) for v in values], ""
    if "POSIXct" in kinds:
        return _moments(values)
    if "POSIXlt" in kinds:
        return _apart(values), ""
    if "integer64" in kinds:
        whole = [
            int.from_bytes(values.raw[i : i + 8], "big", signed=True)
            for i in range(0, len(values.raw), 8)
        ]
        return ["" if v == _NA_INT64 else str(v) for v in whole], ""
    if any(isinstance(v, (Vector, dict)) for v in values):
        return [_listed(v) for v in values], "holds lists: their values are joined by '; '"
    unit = values.attributes.get("units") if "difftime" in kinds else None
    return [as_text(v) for v in values], f"is in {unit[0]}" if unit else ""


def _date(days: float | None) -> str:
    try:
        return "" if days is None else (_DAY + dt.timedelta(days=math.floor(days))).isoformat()
    except OverflowError:  # out of the calendar
        return as_text(days)


def _moments(values: Vector) -> tuple[list[str], str]:
    """Moments in the zone that the column names, without one in UTC."""
    named = values.attributes.get("tzone")
    name = str(named[0] or "") if named else ""
    zone, note = None, "has times without a zone: they are told in UTC"
    if name in ("UTC", "GMT", "Etc/UTC"):
        note = ""
    elif name:
        try:
            zone, note = zoneinfo.ZoneInfo(name), ""
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            note = f"has times of an unknown zone, {name}: they are told in UTC"
    return [_moment(v, zone) for v in values], note


def _moment(seconds: float | None, zone: dt.tzinfo | None) -> str:
    if seconds is None:
        return ""
    try:
        at = _START + dt.timedelta(seconds=seconds)
        at = at.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None) if zone else at
    except OverflowError:
        return as_text(seconds)
    return at.isoformat(" ")


def _apart(values: Vector) -> list[str]:
    """Moments whose year, month and so on are vectors, as they stood on the clock."""
    parts = dict(zip(values.attributes.get("names") or [], values, strict=True))
    found = []
    for year, month, day, hour, minute, second in zip(*(parts[p] for p in _PARTS), strict=True):
        if None in (year, month, day, hour, minute, second):
            found.append("")
            continue
        at = dt.datetime(1900 + year, month + 1, day, hour, minute)
        found.append((at + dt.timedelta(seconds=second)).isoformat(" "))
    return found


def _listed(value: object) -> str:
    if isinstance(value, Vector):
        return "; ".join(t for t in map(_listed, value) if t)
    return "" if isinstance(value, dict) else as_text(value)


def as_text(value: object) -> str:
    """A value of R as text: whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if math.isinf(value):
            return "Inf" if value > 0 else "-Inf"
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return str(value)
