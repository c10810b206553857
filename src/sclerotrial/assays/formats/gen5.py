"""BioTek Gen5 text export: layout and readings as grids of a plate, several rows a well row."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text, records, table_delimiter
from sclerotrial.assays.formats._plate import add_list, series
from sclerotrial.assays.formats._tidy import Rows, Tidy, fold, is_well, task

NAME = "gen5"
#: its first lines belong to no other format
SURE = True

_KEYS = re.compile(r"^\"?(Reader Type|Reader Serial Number|Plate Number|Reading Type|"
                   r"Protocol File Path|Experiment File Path)\b", re.M)  # fmt: skip
_VERSION = re.compile(r"^\"?Software Version\"?[\t,;]\"?([^\t,;\"\n]*)", re.M)
#: an older header begins so
_PROCEDURE = re.compile(r"\s*\"?Procedure (Summary|Details)\b")
_RESULT = re.compile(r"\[?conc(entration)?\]?\b.*|.*\[concentration\].*", re.I)
_DERIVED = re.compile(r"^(blank|log|ratio|mean|std|cv|delta|corrected)\b|cv ?\(?%|^r2$", re.I)


def sniff(head: str, path: Path) -> str | None:
    """Version of Gen5, None when the file is another's."""
    version = _VERSION.search(head)
    if _PROCEDURE.match(head) and re.search(r"^\"?(Plate Type|Read)\b", head, re.M):
        return version.group(1).strip() if version else ""
    if len(set(_KEYS.findall(head))) < (2 if version else 3):
        return None
    return version.group(1).strip() if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the export as the tidy long table.

    Quantities od (ANALYTE the name of the read), net_od (blank subtracted), kinetic, spectrum and
    scan (and net_kinetic), derived (what Gen5 computed of those: a slope, a lag time in seconds),
    result (read off the curve by Gen5) and expected. ``*0.356*`` is a masked well. Conc/Dil is the nominal
    concentration of a standard and, for a sample, the share left after dilution or the factor.

    Raises
    ------
    InputErrors
        No grid of readings, cells that are no number.
    """
    text = load_text(path, name)
    rows = records(text, table_delimiter(text))
    out, plates = Tidy(name), _plates(rows)
    for plate, mine in plates:
        prefix = f"{plate}:" if len(plates) > 1 else ""
        ids, extra, reads = _grids(mine)
        headings = _series(out, prefix, ids, mine)
        _emit(out, prefix, ids, extra, reads, headings)
    if not out.rows:
        add_list(out, rows, [])
    return out.table("There is no grid of readings")


def _plates(rows: Rows) -> list[tuple[str, Rows]]:
    """Rows of each plate: a file can hold several, each after a line Plate Number."""
    starts = [i for i, (_, c) in enumerate(rows) if c and c[0] == "Plate Number"]
    if len(starts) < 2:
        return [("", rows)]
    ends = [*starts[1:], len(rows)]
    return [(rows[a][1][1] if len(rows[a][1]) > 1 else str(k + 1), rows[a:b])
            for k, (a, b) in enumerate(zip(starts, ends, strict=True))]  # fmt: skip


def _grids(rows: Rows):
    """Names of wells, their Conc/Dil, and readings [(label, {well: (text, line)})]."""
    ids: dict[str, str] = {}
    extra: dict[str, str] = {}
    reads: dict[str, dict[str, tuple[str, int]]] = {}
    width, letter = 0, ""
    for line, cells in rows:
        numbers = [c for c in cells[1:] if c]
        if cells and not cells[0] and numbers and all(c.isdigit() for c in numbers):
            width, letter = len(numbers), ""
            if numbers != [str(i + 1) for i in range(width)]:
                width = 0
            continue
        if not width or not any(cells):
            if not any(cells):
                width = 0
            continue
        if re.fullmatch(r"[A-Z]{1,2}", cells[0]):
            letter = cells[0]
        elif cells[0]:
            width = 0
            continue
        label = cells[width + 1] if len(cells) > width + 1 else ""
        grid = {f"{letter}{i}": c for i, c in enumerate(cells[1 : width + 1], 1) if c}
        kind = fold(label)
        if kind in ("wellid", "name", "samplename"):
            ids |= grid
        elif kind in ("concdil", "conc/dil", "dilution"):
            extra |= grid
        elif letter:
            here = reads.setdefault(label, {})
            here |= {w: (c, line) for w, c in grid.items() if is_well(w)}
    return ids, extra, reads


def _series(out: Tidy, prefix: str, ids: dict[str, str], rows: Rows) -> set[str]:
    """Add the tables over time, wavelength or points; returns what they are headed."""
    every = list(series(rows))
    spectra = {h for h, quantity, *_ in every if quantity == "spectrum"}
    for heading, quantity, point, place, text, line in every:
        net = heading[6:] if heading.lower().startswith("blank ") else ""
        wave = quantity == "spectrum"
        label = f"{heading}:{point}" if wave and len(spectra) > 1 else point
        out.add(f"net_{quantity}" if net else quantity, text, line, well=prefix + place,
                sample=ids.get(place, "").split(":")[0], task=_task(ids.get(place, "")),
                analyte=label if wave else net or heading,
                flags="" if wave else f"t={point}" if quantity == "kinetic" else
                f"point={point}")  # fmt: skip
    return {h.removeprefix("Blank ") for h, *_ in every}


def _task(name: str) -> str:
    return task(re.sub(r":.*", "", name)) if name else "UNASSIGNED"


def _emit(out: Tidy, prefix: str, ids: dict, extra: dict, reads: dict, of: set[str]) -> None:
    """Add the grids; those whose label ends with a heading of a series are derived from it."""
    ends = tuple(f"[{b}{h}]" for h in of for b in ("", "Blank "))
    derived = [k for k in reads if ends and k.endswith(ends)]
    raw = [k for k in reads if not _RESULT.fullmatch(k) and not _DERIVED.search(k)
           and k not in derived]  # fmt: skip
    first = (raw or derived or [""])[0]
    masked = {w for k in raw for w, (c, _) in reads[k].items() if c[:1] == c[-1:] == "*"}
    for label, grid in reads.items():
        result = bool(_RESULT.fullmatch(label))
        net = label[6:] if label.lower().startswith("blank ") else ""
        if not result and not net and label not in raw + derived:
            continue
        quantity = "result" if result else "derived" if label in derived else "net_od"
        quantity = "od" if quantity == "net_od" and not net else quantity
        for place, (text, line) in grid.items():
            name = ids.get(place, "")
            what = _task(name)
            seconds = _seconds(text) if quantity == "derived" else ""
            out.add(quantity, seconds or text, line, well=prefix + place, task=what,
                    sample=name.split(":")[0] if what == "SAMPLE" else name,
                    analyte=first if result else net or label, unit="s" if seconds else "",
                    dilution=_factor(extra.get(place, "")) if what == "SAMPLE" else "",
                    flags="masked" if place in masked else "")  # fmt: skip
    seen: set[str] = set()
    line = min((n for g in reads.values() for _, n in g.values()), default=1)
    for place, name in ids.items():
        what = _task(name)
        if what in ("STANDARD", "CONTROL") and name not in seen and extra.get(place):
            seen.add(name)
            for label in raw or derived[:1]:
                out.add("expected", extra[place], line, sample=name, task=what, analyte=label)


def _seconds(text: str) -> str:
    """``0:02:30`` is 150; '' for what is no time."""
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", text)
    if not found:
        return ""
    return f"{int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]):g}"


def _factor(text: str) -> str:
    """A dilution as a factor: 0.25 (what is left) and 4 (times) are both 4."""
    try:
        value = float(text)
    except ValueError:
        return ""
    return f"{1 / value:g}" if 0 < value < 1 else f"{value:g}" if value > 0 else ""
