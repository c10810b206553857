"""What Bio-Plex Manager says of its lots and of the sampling of its wells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sclerotrial.assays.formats._dates import order_of
from sclerotrial.assays.formats._lots import lots
from sclerotrial.assays.formats._said import Finding, places
from sclerotrial.assays.formats._tidy import Rows, cell, find_header, well

#: sampling errors, as the legend below its tables gives them
ERRORS = {
    "1": "low number of beads", "2": "aggregated beads", "3": "poor classification of beads",
    "4": "selection of regions", "5": "temperature of the platform",
}  # fmt: skip
_TITLES = {"well": ("well", "wells"), "errors": ("samplingerrors",)}
_MEASURED = re.compile(r"Acquisition Date:\s*(.*)", re.I)


def findings(sheets: list[tuple[str, Rows]]) -> list[Finding]:
    """Findings of all sheets: a kind once, with the wells of all analytes."""
    out: list[Finding] = []
    errors: dict[str, list[tuple[int, str]]] = {}
    for _, rows in sheets:
        found = find_header(rows[:80], _TITLES, ("well", "errors"))
        head = rows[: found[0]] if found else rows[:20]
        texts = [c for _, cells in head for c in cells]
        batch = next((m[1] for t in texts if (m := _MEASURED.match(t))), "")
        out += lots(head, batch, order_of(texts))
        for line, cells in rows[found[0] + 1 :] if found else ():
            for kind in re.findall(r"[1-5]", cell(cells, found[1]["errors"])):
                spots = cell(cells, found[1]["well"]).split(",")
                errors.setdefault(kind, []).extend((line, well(w)) for w in spots)
    seen: dict[str, Finding] = {}
    for f in out:  # every sheet repeats the head
        seen.setdefault(f.text, f)
    return [*seen.values(), *_errors(errors)]


def _errors(errors: dict[str, list[tuple[int, str]]]) -> Iterator[Finding]:
    for kind, some in sorted(errors.items()):
        wells = dict.fromkeys(w for _, w in some)
        what = ERRORS.get(kind, f"code {kind}")
        text = f"Sampling error {kind} ({what}) in wells: {places(wells)}"
        yield Finding("instrument_flag", "note", text, some[0][0], len(some))


def of_document(root: Element, samples: list[Element]) -> list[Finding]:
    """Findings of an XML document; the line is the number of the sample.

    Codes of readings are those of sampling errors; a curve that could not be fitted, and wells that
    were read again.
    """
    errors: dict[str, list[tuple[int, str]]] = {}
    for order, node in enumerate(samples, 1):
        for member in node.iterfind("MemberWells/MemberWell"):
            place = place_of(member)
            for reading in member.iterfind("MWAnalytes/MWAnalyte/Reading"):
                if (kind := reading.get("Code", "0")).isdigit() and int(kind):
                    errors.setdefault(kind, []).append((order, place))
    out = list(_errors(errors))
    unfit, again, here = 0, {}, None
    for node in root.iter():
        # a tag may carry a namespace
        if node.tag.endswith("EquationErr"):
            unfit += (node.text or "").strip().upper() not in ("", "OK")
        elif node.tag.endswith("WellRerun"):
            if here is not None and (node.text or "").strip().lower() == "true":
                again[place_of(here)] = None
        elif node.tag.rpartition("}")[2] == "Well":
            here = node
    if unfit:
        text = f"The software could not fit the standard curve of {unfit} analytes"
        out.append(Finding("instrument_flag", "note", text, 1, unfit))
    if again:
        text = f"Wells were read again: {places(again)}"
        out.append(Finding("instrument_flag", "note", text, 1, len(again)))
    return out


def place_of(node: Element) -> str:
    """Name of a well by its row and column."""
    row, col = int(node.get("RowNo", "0")), int(node.get("ColNo", "0"))
    return f"{chr(64 + row)}{col}"
