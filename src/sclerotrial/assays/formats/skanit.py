"""Thermo SkanIt workbook or text: steps as grids, with samples, curve and layout."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
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
_WAVE = re.compile(r"Wavelength:?\s*([\d.]+)", re.I)
_PLATE = re.compile(r"Plate \d+")
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
    sheets = _rows(path)
    plates = {c[1] for rows in sheets for _, c in rows if c[0] == "Name" and len(c) > 1}
    every = [g for rows in sheets for g in _grids(rows, plates)]
    many = len({g.plate for g in every if g.plate}) > 1
    ids, dilutions, expected, unit = _layout(every)
    labels = _labels(every)
    first = next(iter(labels.values()), "")
    seen: set[tuple] = set()
    results: dict[tuple[str, str], tuple[str, int]] = {}
    for g in every:
        kind = fold(g.label)
        quantity = _quantity(g)
        key = (quantity, g.step, g.wave, g.plate)
        if quantity and key not in seen:
            seen.add(key)
            of = labels.get((g.step, g.wave)) or next(
                (v for (_, wave), v in labels.items() if g.wave and wave == g.wave), first)  # fmt: skip
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
    if not out.rows:
        for rows in sheets:
            add_list(out, rows, [])
    return out.table("There is no grid of readings")


def _add(out: Tidy, quantity: str, text: str, line: int, where: tuple[str, str], ids: dict,
         dilutions: dict, analyte: str, many: bool, unit: str = "") -> None:  # fmt: skip
    sample = ids.get(where) or ids.get(("", where[1]), "")
    out.add(quantity, text, line, well=f"{where[0]}:{where[1]}" if many else where[1],
            sample=sample, task=what(sample), analyte=analyte, unit=unit,
            dilution=dilutions.get(where) or dilutions.get(("", where[1]), ""))  # fmt: skip


@dataclass(frozen=True)
class _Placed:
    """A grid with the step, wavelength and plate that are told above it."""

    grid: Grid
    label: str
    step: str
    wave: str
    plate: str


def _grids(rows: Rows, plates: set[str]) -> list[_Placed]:
    """Grids of a sheet; what is told above one holds for those below it."""
    step = wave = plate = ""
    out = []
    for g in grids(rows):
        above = g.above
        waves = [m.group(1) for c in above if (m := _WAVE.match(c))]
        named = [c for c in above if c in plates or _PLATE.fullmatch(c)]
        wave = waves[-1] if waves else wave
        plate = named[-1] if named else plate
        if above[:1] == ["Name"]:  # a sheet of layouts
            plate = " ".join(above[1:2])
        elif above[:1] == ["Measurement results"] and len(above) > 3:
            step = above[3]  # after the name of the session and the time
        out.append(_Placed(g, g.label, step or _step(above), wave, plate))
    return out


def _quantity(g: _Placed) -> str | None:
    kind = fold(g.label)
    beside = kind in _BESIDE or kind.startswith("conc")
    return _SIGNALS.get(kind) or ("od" if _MEASURED.match(g.step) and not beside else None)


def _labels(every: list[_Placed]) -> dict[tuple[str, str], str]:
    """What the readings of a step are called: the step, with its wavelength if it has several."""
    read = list(dict.fromkeys((g.step, g.wave) for g in every if _quantity(g) == "od"))
    count = Counter(step for step, _ in read)
    return {(step, wave): f"{step}:{wave}" if count[step] > 1 else step for step, wave in read}


def _step(above: list[str]) -> str:
    """The step a grid belongs to: the first heading above it that is no setting."""
    named = [c for c in above if re.fullmatch(r"[A-Z][\w .+-]*? ?\d+", c) and "Plate" not in c]
    return named[0] if named else ""


def _layout(every: list[_Placed]) -> tuple[dict, dict, dict, str]:
    """Sample and dilution of each plate and well, concentration of each standard, unit."""
    ids: dict[tuple[str, str], str] = {}
    dilutions: dict[tuple[str, str], str] = {}
    expected: dict[str, tuple[str, int, str]] = {}
    unit = ""
    for g in every:
        cells = {(g.plate, w): t for w, (t, _) in g.grid.layers[0].items()}
        if fold(g.label) == "sample":
            ids |= cells
        elif fold(g.label) == "dilutionfactor":
            dilutions |= {w: t for w, t in cells.items() if t.lower() != "nan"}
    for g in every:
        if g.label or len(g.grid.layers) < 2:
            continue
        names = {(g.plate, w): t for w, (t, _) in g.grid.layers[0].items()}
        ids = names | ids
        for layer in g.grid.layers[1:]:
            for place, (text, line) in layer.items():
                name = names.get((g.plate, place), "")
                if factor := dilution(text):
                    dilutions.setdefault((g.plate, place), factor)
                elif what(name) == "STANDARD" and (m := _AMOUNT.fullmatch(text)):
                    unit = m.group(2)
                    expected.setdefault(name, (m.group(1), line, unit))
    return ids, dilutions, expected, unit
