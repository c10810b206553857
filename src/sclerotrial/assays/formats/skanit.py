"""Thermo SkanIt workbook or text: steps as grids, with samples, curve and layout."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import decode, records, table_delimiter
from sclerotrial.assays.formats._plate import add_list, what
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._series import series
from sclerotrial.assays.formats._skanit_grids import WAVE, labels_of, layout_of, placed, quantity_of
from sclerotrial.assays.formats._tidy import Rows, fold

NAME = "skanit"
#: its first lines belong to no other format
SURE = True

_VERSION = re.compile(r"SkanIt.*?(?:,?\s*ver\.?\s*|RE\s)([\d.]+)", re.I)
_UNIT = re.compile(r"\[(.*)\]")


def _rows(path: Path) -> list[Rows]:
    text, encoding = decode(_files.whole(path))
    if encoding != "binary":
        return [records(text, table_delimiter(text))]
    book = _files.workbook(path)
    return [book.rows(n) for n in book.names] if book else []


def sniff(head: str, path: Path) -> str | None:
    """Version of SkanIt, None when the file is another's."""
    if head:
        low = _files.lowered(head)
        if "skanit" not in low and ".ska" not in low:
            return None
        told = _VERSION.search(head)
        known = told or ("Measurement results" in head[:400] and ".ska" in head[:2000])
        return (told.group(1) if told else "") if known else None
    book = _files.workbook(path)
    if book is None or not book.names:
        return None
    said = book.named("general information", "session information")
    cells = [c for _, row in book.rows(said)[:40] for c in row] if said else []
    told = [m.group(1) for c in cells if (m := _VERSION.search(c))]
    if told or any("skanit" in c.lower() for c in cells):
        return told[0] if told else ""
    if book.named("results", "amplification data"):
        return None
    top = [c for _, row in book.rows(book.names[0])[:4] for c in row if c]
    return "" if top and top[0].startswith("Measurement results") else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the session as the tidy long table.

    Quantities od, net_od (blank subtracted), result (times dilution where the session has that
    step; ` < Min` and ` > Max` keep their side) and expected (of the layout). ANALYTE is the
    measuring step.

    Raises
    ------
    InputErrors
        No grid of readings, cells that are no number.
    """
    out = Tidy(name)
    sheets = _rows(path)
    plates = {c[1] for rows in sheets for _, c in rows if c[0] == "Name" and len(c) > 1}
    every = [g for rows in sheets for g in placed(rows, plates)]
    many = len({g.plate for g in every if g.plate}) > 1
    ids, dilutions, expected, unit = layout_of(every)
    labels = labels_of(every)
    first = next(iter(labels.values()), "")
    seen: set[tuple] = set()
    results: dict[tuple[str, str], tuple[str, int]] = {}
    for g in every:
        kind = fold(g.label)
        quantity = quantity_of(g)
        key = (quantity, g.step, g.wave, g.plate)
        if quantity and key not in seen:
            seen.add(key)
            alike = (v for (_, wave), v in labels.items() if g.wave and wave == g.wave)
            of = labels.get((g.step, g.wave)) or next(alike, first)
            for place, (text, line) in g.grid.layers[0].items():
                _add(out, quantity, text, line, (g.plate, place), ids, dilutions, of, many)
        elif kind.startswith("conc") or (kind == "value" and "dilution" in g.step.lower()):
            unit = m.group(1) if (m := _UNIT.search(g.label)) else unit
            for place, (text, line) in g.grid.layers[0].items():
                # NaN of the dilution step hides on which side of the curve the reading lies
                if (g.plate, place) not in results or text.lower() not in ("nan", ""):
                    results[g.plate, place] = (text, line)
    for where, (text, line) in results.items():
        _add(out, "result", text, line, where, ids, dilutions, first, many, unit)
    for sample, (text, line, of) in expected.items():
        out.add("expected", text, line, sample=sample, task="STANDARD", analyte=first, unit=of)
    if not len(out):
        _other(out, sheets)
    return out.table("There is no grid of readings")


def _other(out: Tidy, sheets: list[Rows]) -> None:
    """Readings over time, or wells listed one a row."""
    for rows in sheets:
        top = [c for _, row in rows[:40] for c in row if c]
        waves = [m.group(1) for c in top if (m := WAVE.match(c))]
        step = waves[0] if waves else ""
        for r in series(rows):
            names = [n.rstrip() for n in r.names] or [""] * len(r.wells)
            of_point = {"flags": [f"t={p}" for p in r.points]} if r.quantity == "kinetic" else {}
            if r.quantity == "spectrum":
                of_point["analyte"] = r.points
            of_well = {"well": r.wells, "sample": names, "task": [what(n) for n in names]}
            r.add(out, of_well=of_well, of_point=of_point, analyte=step or r.heading)
    for rows in sheets if not len(out) else ():
        add_list(out, rows, [])


def _add(out: Tidy, quantity: str, text: str, line: int, where: tuple[str, str], ids: dict,
         dilutions: dict, analyte: str, many: bool, unit: str = "") -> None:  # fmt: skip
    sample = ids.get(where) or ids.get(("", where[1]), "")
    out.add(quantity, text, line, well=f"{where[0]}:{where[1]}" if many else where[1],
            sample=sample, task=what(sample), analyte=analyte, unit=unit,
            dilution=dilutions.get(where) or dilutions.get(("", where[1]), ""))  # fmt: skip
