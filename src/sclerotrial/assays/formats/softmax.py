"""SoftMax Pro text export (5 to 7): plates as grids or lists, groups with samples and standards."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text, records
from sclerotrial.assays.formats._softmax_groups import Place, places
from sclerotrial.assays.formats._tidy import Rows, Tidy, fold, is_well, well

NAME = "softmax"
#: its first lines belong to no other format
SURE = True

_HEAD = re.compile(r"^\ufeff?\s*\"?##\s*BLOCKS\s*=\s*\d+", re.I)
_SECTIONS = re.compile(r"(Plate|Group|Note|Plot|Graph|Cuvette|Experiment)\s*:?(.*)", re.I)


def sniff(head: str, path: Path) -> str | None:
    """'' for an export of SoftMax Pro, None when the file is another's."""
    return "" if _HEAD.match(head) else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the export as the tidy long table.

    Quantities od (absorbance, fluorescence or luminescence of a well, ANALYTE the wavelength),
    kinetic for readings over time, result (read off the curve by SoftMax Pro) and expected. Wells
    in no group have the task UNASSIGNED: a layout can name them. Standards and controls carry the
    name of their group, since groups number their samples alike.

    Raises
    ------
    InputErrors
        No plate and no group, cells that are no number.
    """
    plates: list[tuple[str, dict]] = []
    groups: list[Place] = []
    out = Tidy(name)
    for kind, title, header, rows in _blocks(records(load_text(path, name), "\t")):
        if kind == "plate":
            plates.append((title, _plate(header, rows)))
        elif kind == "group":
            groups += places(title, rows)
    many = len(plates) > 1
    spot = {((g.plate if many else ""), g.well): g for g in groups}
    first = next(iter(plates), ("", {}))[0]
    for title, read_of in plates:
        for (place, label), (quantity, text, line, when) in read_of.items():
            g = spot.get((title if many else "", place))
            if g is None and many and title == first:
                g = spot.get(("", place))
            masked = "masked" if g and g.value.lower() in ("masked", "mask", "range?") else ""
            out.add(quantity, text, line, well=f"{title}:{place}" if many else place,
                    sample=g.sample if g else "", task=g.task if g else "UNASSIGNED",
                    analyte=label.split("@")[0], flags=" ".join(filter(None, (masked, when))),
                    dilution=_dilution(g))  # fmt: skip
    _from_groups(out, groups, many, bool(plates))
    return out.table("The export has no plate and no group with wells")


def _dilution(g: Place | None) -> str:
    found = re.fullmatch(r"(?:1\s*[:/]\s*)?(\d+(?:\.\d+)?)", g.dilution) if g else None
    return f"{float(found.group(1)):g}" if found else ""


def _from_groups(out: Tidy, groups: list[Place], many: bool, plates: bool) -> None:
    """Expected concentrations, results, and the readings of groups exported without plates."""
    given: set[str] = set()
    analytes = list(dict.fromkeys(r[3] for r in out.rows)) or [""]
    for g in groups:
        where = {"well": f"{g.plate}:{g.well}" if many and g.plate else g.well,
                 "sample": g.sample, "task": g.task, "dilution": _dilution(g)}  # fmt: skip
        if not plates and g.value:
            out.add("od", g.value, g.line, **where)
        if g.result:
            out.add("result", g.result, g.line, unit=g.unit, analyte=analytes[0], **where)
        if g.expected and g.task in ("STANDARD", "CONTROL") and g.sample not in given:
            given.add(g.sample)
            for analyte in analytes:
                out.add("expected", g.expected, g.line, sample=g.sample, task=g.task,
                        unit=g.unit, analyte=analyte)  # fmt: skip


def _blocks(rows: Rows):
    """Kind, title, header cells and rows of each block."""
    i = 0
    while i < len(rows):
        line, cells = rows[i]
        found = _SECTIONS.fullmatch(cells[0]) if cells else None
        i += 1
        if not found:
            continue
        begin = i
        while i < len(rows) and not (rows[i][1] and rows[i][1][0].strip().lower() == "~end"):
            i += 1
        title = found.group(2).strip() or (cells[1] if len(cells) > 1 else "")
        yield found.group(1).lower(), title, cells, rows[begin:i]


def _wavelengths(header: list[str]) -> list[str]:
    """``3<tab>280 450 562``: how many, then which."""
    for count, text in zip(header[6:], header[7:], strict=False):
        parts = text.split()
        if (
            count.isdigit()
            and int(count) == len(parts)
            and all(p.replace(".", "").isdigit() and 180 <= float(p) <= 1100 for p in parts)
        ):
            return parts
    return []


def _plate(header: list[str], rows: Rows) -> dict:
    """(well, label) -> (quantity, text, line, time) of the first (raw) section of a plate."""
    waves = _wavelengths(header)
    kinds = " ".join(header[:8]).lower()
    single = "kinetic" not in kinds and "spectrum" not in kinds
    out: dict = {}
    columns: list[tuple[int, int, int]] = []
    listed: list[tuple[int, str, int]] = []
    row = time = 0
    stamp, blocks = "", 0
    for line, cells in rows:
        named = [c for c in cells if c]
        if cells and (fold("".join(cells[:2])).startswith(("temperature", "time"))) and named[1:]:
            numbers = [(i, c) for i, c in enumerate(cells) if i > 0 and c.isdigit()]
            columns = [(i, int(c), sum(1 for j, d in numbers if d == c and j < i))
                       for i, c in numbers]  # fmt: skip
            spots = [(i, well(c)) for i, c in enumerate(cells) if is_well(c)]
            listed = [(i, w, sum(1 for j, v in spots if v == w and j < i)) for i, w in spots]
            columns, row, blocks = ([] if listed else columns), 0, blocks + 1
            continue
        if not named:
            if out and single:
                break  # what follows is reduced: computed from the raw section
            row = 0
            continue
        if not columns and not listed:
            continue
        if cells[0] and not single:
            stamp, time = cells[0], time + 1
        when = "" if single else f"t={stamp}"
        for i, number, k in columns if columns else listed:
            place = f"{_letters(row)}{number}" if columns else number
            if i < len(cells) and cells[i]:
                label = waves[k] if k < len(waves) else (str(k + 1) if k else "")
                key = (place, label if single else f"{label}@{time}")
                out[key] = ("od" if single else "kinetic", cells[i], line, when)
        row += 1
    return out


def _letters(row: int) -> str:
    return chr(65 + row) if row < 26 else f"A{chr(65 + row - 26)}"
