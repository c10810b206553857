"""SoftMax Pro text export (5 to 7): plates as grids or lists, groups with samples and standards."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text, records, table_delimiter
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._softmax_groups import Place, places
from sclerotrial.assays.formats._softmax_plates import Readings, plate
from sclerotrial.assays.formats._tidy import Rows
from sclerotrial.errors import Problem, raise_if_any

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
    kinetic for readings over time, spectrum, scan, result (read off the curve by SoftMax Pro) and
    expected; ``reduced`` flags what the software computed of readings that the file lacks. Wells
    in no group have the task UNASSIGNED: a layout can name them. Standards and controls carry the
    name of their group, since groups number their samples alike.

    Raises
    ------
    InputErrors
        No plate and no group, a plate that lacks rows or its end, cells that are no number.
    """
    plates: list[tuple[str, str, Readings]] = []
    groups: list[Place] = []
    out, problems = Tidy(name), []
    for kind, title, header, rows, line in _blocks(_rows(load_text(path, name))):
        absent = "" if rows is not None else f"The {kind} has no end"
        if kind == "plate" and rows is not None:
            quantity, readings, absent = plate(header, rows)
            plates.append((title, quantity, readings))
        elif kind == "group" and rows is not None:
            groups += places(title, rows)
        if absent:
            problems.append(Problem(f"{absent}: the file was cut", f"{name}, line {line}",
                                    "Export again, or copy the file again"))  # fmt: skip
    raise_if_any(problems)
    many = len(plates) > 1
    spot = {((g.plate if many else ""), g.well): g for g in groups}
    for title, quantity, read in plates:
        if not read.texts:
            continue
        who = {}
        for place in dict.fromkeys(read.wells):
            g = spot.get((title if many else "", place))
            if g is None and many and title == plates[0][0]:
                g = spot.get(("", place))
            who[place] = (f"{title}:{place}" if many else place, *_who(g))
        wells, samples, tasks, masked, dilutions = zip(*(who[w] for w in read.wells), strict=True)
        flags = [f"{m} {f}" if m else f for m, f in zip(masked, read.flags, strict=True)]
        down = {"well": wells, "sample": samples, "task": tasks, "analyte": read.analytes,
                "flags": flags, "dilution": dilutions}  # fmt: skip
        out.add_grid(read.texts, read.lines, down=down, across={}, width=1, quantity=quantity)
    _from_groups(out, groups, many, bool(plates))
    return out.table("The export has no plate and no group with wells")


def _rows(text: str) -> Rows:
    """Rows of the export; one that a spreadsheet saved again may be delimited otherwise."""
    return records(text, "\t" if "\t" in text else table_delimiter(text))


def _who(g: Place | None) -> tuple[str, str, str, str]:
    """Sample, task, flag and dilution of a well."""
    if g is None:
        return "", "UNASSIGNED", "", ""
    masked = g.value.lower() in ("masked", "mask", "range?")
    return g.sample, g.task, "masked" if masked else "", _dilution(g)


def _dilution(g: Place | None) -> str:
    found = re.fullmatch(r"(?:1\s*[:/]\s*)?(\d+(?:\.\d+)?)", g.dilution) if g else None
    return f"{float(found.group(1)):g}" if found else ""


def _from_groups(out: Tidy, groups: list[Place], many: bool, plates: bool) -> None:
    """Expected concentrations, results, and the readings of groups exported without plates."""
    given: set[str] = set()
    analytes = out.analytes or [""]
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
    """Kind, title, header cells, rows (None without an end) and line of each block."""
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
        yield found.group(1).lower(), title, cells, rows[begin:i] if i < len(rows) else None, line
