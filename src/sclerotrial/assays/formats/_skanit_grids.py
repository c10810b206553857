"""Grids of a SkanIt session with the step, wavelength and plate that they belong to."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from sclerotrial.assays.formats._plate import Grid, dilution, grids, what
from sclerotrial.assays.formats._tidy import Rows, fold

_SIGNALS = {"abs": "od", "rfu": "od", "rlu": "od", "raw": "od", "blanksubtracted": "net_od"}
#: steps that measure, and grids of theirs that are no reading
_MEASURED = re.compile(r"absorbance|fluorescence|luminescence|alphascreen|photometric", re.I)
_BESIDE = ("sample", "dilutionfactor", "value", "group", "")
_AMOUNT = re.compile(r"([\d.,]+(?:[eE][-+]?\d+)?)\s*([^\d\s:].*)")
WAVE = re.compile(r"Wavelength:?\s*([\d.]+)", re.I)
_PLATE = re.compile(r"Plate \d+")


@dataclass(frozen=True)
class Placed:
    """A grid with the step, wavelength and plate that are told above it."""

    grid: Grid
    label: str
    step: str
    wave: str
    plate: str


def placed(rows: Rows, plates: set[str]) -> list[Placed]:
    """Grids of a sheet; what is told above one holds for those below it."""
    step = wave = plate = ""
    out = []
    for g in grids(rows):
        above = g.above
        waves = [m.group(1) for c in above if (m := WAVE.match(c))]
        named = [c for c in above if c in plates or _PLATE.fullmatch(c)]
        wave = waves[-1] if waves else wave
        plate = named[-1] if named else plate
        if above[:1] == ["Name"]:  # a sheet of layouts
            plate = " ".join(above[1:2])
        elif above[:1] == ["Measurement results"] and len(above) > 3:
            step = above[3]  # after the name of the session and the time
        out.append(Placed(g, g.label, step or _step(above), wave, plate))
    return out


def quantity_of(g: Placed) -> str | None:
    """Quantity of a grid by its label, else by the step that measured it; None for none."""
    kind = fold(g.label)
    beside = kind in _BESIDE or kind.startswith("conc")
    return _SIGNALS.get(kind) or ("od" if _MEASURED.match(g.step) and not beside else None)


def labels_of(every: list[Placed]) -> dict[tuple[str, str], str]:
    """What the readings of a step are called: the step, with its wavelength if it has several."""
    read = list(dict.fromkeys((g.step, g.wave) for g in every if quantity_of(g) == "od"))
    count = Counter(step for step, _ in read)
    return {(step, wave): f"{step}:{wave}" if count[step] > 1 else step for step, wave in read}


def _step(above: list[str]) -> str:
    """The step a grid belongs to: the first heading above it that is no setting."""
    named = [c for c in above if re.fullmatch(r"[A-Z][\w .+-]*? ?\d+", c) and "Plate" not in c]
    return named[0] if named else ""


def layout_of(every: list[Placed]) -> tuple[dict, dict, dict, str]:
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
