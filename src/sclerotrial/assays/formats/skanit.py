"""Thermo SkanIt workbook or text: steps as grids, with samples, curve and layout."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import decode, records, table_delimiter
from sclerotrial.assays.formats._plate import Grid, add_list, dilution, grids, what
from sclerotrial.assays.formats._tidy import Rows, Tidy, fold

NAME = "skanit"

_VERSION = re.compile(r"SkanIt.*?(?:,?\s*ver\.?\s*|RE\s)([\d.]+)", re.I)
_SIGNALS = {"abs": "od", "rfu": "od", "rlu": "od", "raw": "od", "blanksubtracted": "net_od"}
#: steps that measure, and grids of theirs that are no reading
_MEASURED = re.compile(r"absorbance|fluorescence|luminescence|alphascreen|photometric", re.I)
_BESIDE = ("sample", "dilutionfactor", "value", "group", "")
_AMOUNT = re.compile(r"([\d.,]+(?:[eE][-+]?\d+)?)\s*([^\d\s:].*)")
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
    return "" if top[:1] == ["Measurement results"] else None


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
    every = [g for rows in _rows(path) for g in grids(rows)]
    ids, dilutions, expected, unit = _layout(every)
    step, seen, results = "", set(), {}
    for g in every:
        kind, title = fold(g.label), _step(g.above)
        signal = _MEASURED.match(title) and kind not in _BESIDE and not kind.startswith("conc")
        quantity = _SIGNALS.get(kind) or ("od" if signal else None)
        if quantity and (quantity, title) not in seen:
            seen.add((quantity, title))
            step = step or title
            for place, (text, line) in g.layers[0].items():
                sample = ids.get(place, "")
                out.add(quantity, text, line, well=place, sample=sample, task=what(sample),
                        analyte=title if quantity == "od" else step,
                        dilution=dilutions.get(place, ""))  # fmt: skip
        elif kind.startswith("conc") or (kind == "value" and "dilution" in title.lower()):
            unit = m.group(1) if (m := _UNIT.search(g.label)) else unit
            for place, (text, line) in g.layers[0].items():
                # NaN of the dilution step hides on which side of the curve the reading lies
                if place not in results or text.lower() not in ("nan", ""):
                    results[place] = (text, line)
    for place, (text, line) in results.items():
        sample = ids.get(place, "")
        out.add("result", text, line, well=place, sample=sample, task=what(sample), analyte=step,
                unit=unit, dilution=dilutions.get(place, ""))  # fmt: skip
    for sample, (text, line, of) in expected.items():
        out.add("expected", text, line, sample=sample, task="STANDARD", analyte=step, unit=of)
    if not out.rows:
        for rows in _rows(path):
            add_list(out, rows, [])
    return out.table("There is no grid of readings")


def _step(above: list[str]) -> str:
    """The step a grid belongs to: the first heading above it that is no setting."""
    named = [c for c in above if re.fullmatch(r"[A-Z][\w .+-]*? ?\d+", c) and "Plate" not in c]
    return named[0] if named else ""


def _layout(every: list[Grid]) -> tuple[dict, dict, dict, str]:
    """Sample and dilution of each well, expected concentration of each standard, unit."""
    ids: dict[str, str] = {}
    dilutions: dict[str, str] = {}
    expected: dict[str, tuple[str, int, str]] = {}
    unit = ""
    for g in every:
        if fold(g.label) == "sample":
            ids |= {w: t for w, (t, _) in g.layers[0].items()}
        elif fold(g.label) == "dilutionfactor":
            dilutions |= {w: t for w, (t, _) in g.layers[0].items() if t.lower() != "nan"}
    for g in every:
        if g.label or len(g.layers) < 2:
            continue
        names = {w: t for w, (t, _) in g.layers[0].items()}
        ids = names | ids
        for layer in g.layers[1:]:
            for place, (text, line) in layer.items():
                if factor := dilution(text):
                    dilutions.setdefault(place, factor)
                elif what(names.get(place, "")) == "STANDARD" and (m := _AMOUNT.fullmatch(text)):
                    unit = m.group(2)
                    expected.setdefault(names[place], (m.group(1), line, unit))
    return ids, dilutions, expected, unit
