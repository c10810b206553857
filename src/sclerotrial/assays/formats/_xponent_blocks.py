"""Blocks of an xPONENT export and what can be wrong with them."""

from __future__ import annotations

import re
from collections import Counter

from sclerotrial.errors import Problem

Rows = list[tuple[int, list[str]]]
_WELL = re.compile(r"(?:(\d+)\s*[,:]\s*)?([A-Za-z]{1,2}\d{1,2})\)?\s*$", re.A)
AGAIN = "Export the batch again from the instrument; do not edit the file by hand"


def split(rows: Rows) -> dict[str, Rows]:
    """Blocks by lower-case data type: header row first, rows without blank ones."""
    out: dict[str, Rows] = {}
    current = None
    for line, cells in rows:
        if cells and cells[0].lower().startswith("datatype") and len(cells) > 1:
            current = out.setdefault(cells[1].lower(), [])
        elif cells and cells[0].startswith("-- CRC"):
            current = None
        elif current is not None and any(cells):
            current.append((line, cells))
    return out


def analytes(header: list[str], first: int) -> list[tuple[int, str]]:
    """Position and name of the analyte columns of a block's header."""
    skip = {"", "total events", "notes"}
    return [(i, c) for i, c in enumerate(header) if i >= first and c.lower() not in skip]


def check(plates: dict[str, Rows], declared: str, whole: bool, name: str) -> list[Problem]:
    """Wells that differ between blocks, repeated wells, cut lines, repeated analytes.

    A plate with fewer wells than declared is truncated only when the closing checksum is absent
    too: a batch that was stopped early declares more than it measured.
    """
    problems = []
    wells = {k: Counter(well_of(c[0]) for _, c in b[1:]) for k, b in plates.items()}
    every = Counter()
    for w in wells.values():
        every |= w
    if not whole and declared.isdigit() and len(every) < int(declared):
        what = f"The plate is truncated: {len(every)} wells, {declared} samples declared"
        problems.append(Problem(what, f"{name}, key Samples", AGAIN))
    for block, rows in plates.items():
        title, lost = rows[0][0] - 1, [w for w in every if w not in wells[block]]
        where = f"{name}, line {title}, block '{block}'"
        if lost:
            # a place that is no well may be any text: it is not shown
            told = ", ".join(w if _WELL.search(w) else "[masked]" for w in lost[:5]) + (
                ", ..." if len(lost) > 5 else ""
            )
            what = f"The plate is truncated: {len(lost)} of {len(every)} wells are absent ({told})"
            problems.append(Problem(what, where, AGAIN))
        twice = [w for w, n in wells[block].items() if n > 1]
        if twice:
            problems.append(Problem(f"Wells stand twice: {len(twice)}", where, AGAIN))
        names = Counter(a for _, a in analytes(rows[0][1], 2))
        if max(names.values(), default=0) > 1:
            problems.append(Problem("Two columns carry the name of one analyte", where, AGAIN))
        last = max((i for i, _ in analytes(rows[0][1], 2)), default=1)
        for line, cells in rows[1:]:
            if len(cells) <= last:
                what = f"The line is cut: {len(cells)} cells, {last + 1} expected"
                problems.append(Problem(what, f"{name}, line {line}", AGAIN))
    return problems


def well_of(location: str) -> str:
    """``12(1,A3)`` is A3; on a second plate ``2:A3``."""
    found = _WELL.search(location)
    if not found:
        return location
    plate, well = found.groups()
    return well.upper() if plate in (None, "1") else f"{plate}:{well.upper()}"
