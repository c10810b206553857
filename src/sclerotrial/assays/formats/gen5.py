"""BioTek Gen5 text export: layout and readings as grids of a plate, several rows a well row."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text, records, table_delimiter
from sclerotrial.assays.formats._plate import add_list, add_series
from sclerotrial.assays.formats._tidy import Rows, Tidy, fold, is_well, task

NAME = "gen5"
#: its first lines belong to no other format
SURE = True

_KEYS = re.compile(r"^\"?(Reader Type|Reader Serial Number|Plate Number|Reading Type|"
                   r"Protocol File Path|Experiment File Path)\b", re.M)  # fmt: skip
_VERSION = re.compile(r"^\"?Software Version\"?[\t,;]\"?([^\t,;\"\n]*)", re.M)
_RESULT = re.compile(r"\[?conc(entration)?\]?\b.*|.*\[concentration\].*", re.I)
_DERIVED = re.compile(r"^(blank|log|ratio|mean|std|cv|delta|corrected)\b|cv ?\(?%|^r2$", re.I)


def sniff(head: str, path: Path) -> str | None:
    """Version of Gen5, None when the file is another's."""
    version = _VERSION.search(head)
    if len(set(_KEYS.findall(head))) < (2 if version else 3):
        return None
    return version.group(1).strip() if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the export as the tidy long table.

    Quantities od (ANALYTE the name of the read), net_od (blank subtracted), result (read off the
    curve by Gen5) and expected. ``*0.356*`` is a masked well. Conc/Dil is the nominal
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
        _emit(out, prefix, ids, extra, reads)
    if not out.rows:
        add_series(out, rows)
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


def _emit(out: Tidy, prefix: str, ids: dict, extra: dict, reads: dict) -> None:
    raw = [k for k in reads if not _RESULT.fullmatch(k) and not _DERIVED.search(k)]
    first = raw[0] if raw else ""
    masked = {w for k in raw for w, (c, _) in reads[k].items() if c[:1] == c[-1:] == "*"}
    for label, grid in reads.items():
        result = bool(_RESULT.fullmatch(label))
        net = label[6:] if label.lower().startswith("blank ") else ""
        if not result and not net and label not in raw:
            continue
        quantity = "result" if result else "net_od" if net else "od"
        for place, (text, line) in grid.items():
            name = ids.get(place, "")
            what = task(re.sub(r":.*", "", name)) if name else "UNASSIGNED"
            out.add(quantity, text, line, well=prefix + place, sample=name.split(":")[0] if
                    what == "SAMPLE" else name, task=what,
                        analyte=first if result else net or label,
                    dilution=_factor(extra.get(place, "")) if what == "SAMPLE" else "",
                    flags="masked" if place in masked else "")  # fmt: skip
    seen: set[str] = set()
    line = min((n for g in reads.values() for _, n in g.values()), default=1)
    for place, name in ids.items():
        what = task(name)
        if what in ("STANDARD", "CONTROL") and name not in seen and extra.get(place):
            seen.add(name)
            for label in raw:
                out.add("expected", extra[place], line, sample=name, task=what, analyte=label)


def _factor(text: str) -> str:
    """A dilution as a factor: 0.25 (what is left) and 4 (times) are both 4."""
    try:
        value = float(text)
    except ValueError:
        return ""
    return f"{1 / value:g}" if 0 < value < 1 else f"{value:g}" if value > 0 else ""
