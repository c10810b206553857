"""Tables of SDS 1 (7000, 7700), where the dye stands for the target: it is told beside or above."""

from __future__ import annotations

import re

from sclerotrial.assays.formats._tidy import Rows, cell, find_header, fold, is_well

_TITLES = {
    "well": ("well",), "sample": ("samplename",), "ct": ("ct",), "task": ("type", "task"),
    "quantity": ("quantity",), "target": ("reporter",),
}  # fmt: skip


def layers(rows: Rows) -> tuple[dict[str, int], Rows] | None:
    """Columns and wells of the table, each with its dye; None when there is no such table.

    With a column Reporter (7700), or with two lines ``Detector`` and its name above the titles of
    each detector (7000). A well without sample and Ct was not used.
    """
    found = find_header(rows[:20], _TITLES, ("well", "sample", "ct"))
    if found is None:
        return None
    start, at = found
    if "target" in at:
        body = [(n, c) for n, c in rows[start + 1 :] if is_place(cell(c, at["well"]))]
        return at, [(n, c) for n, c in body if cell(c, at["sample"]) or cell(c, at["ct"])]
    if not any(fold(cell(c, 0)) == "detector" for _, c in rows[:start]):
        return None
    width, dye, named, body = len(rows[start][1]), "", False, []
    for line, cells in rows:
        if named:
            dye, named = cell(cells, 0), False
        elif fold(cell(cells, 0)) == "detector":
            named = True
        elif is_place(cell(cells, at["well"])):
            body.append((line, [*cells, *[""] * (width - len(cells))][:width] + [dye]))
    return at | {"target": width}, body


def is_place(text: str) -> bool:
    """A well, its number, or a hole of an OpenArray (``A10a2``)."""
    return is_well(text) or bool(re.fullmatch(r"\d{1,4}|[A-D]\d{1,2}[a-h]\d", text))
