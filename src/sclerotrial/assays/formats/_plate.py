"""Grids of a plate in any table: a row of column numbers, then a row a letter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sclerotrial.assays.formats._common import decimal_mark
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import Rows, cell, fold, is_well, task, well

_LETTER = re.compile(r"[A-P]|A[A-F]")
_FEWEST = 3
_NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?", re.I)


@dataclass
class Grid:
    """A grid: its corner cell, what stands above it, and its rows by place within a letter.

    Attributes
    ----------
    label : str
        Text of the corner (or of the cell after the last column).
    above : list of str
        The cells of the rows above, nearest last, back to the grid before.
    layers : list of dict
        Well -> (text, line); the second and later layers are rows without a letter.
    """

    label: str
    above: list[str] = field(default_factory=list)
    layers: list[dict[str, tuple[str, int]]] = field(default_factory=list)


def _numbers(cells: list[str]) -> tuple[int, int] | None:
    """Position of the corner and number of columns, when a row counts 1, 2, 3 ..."""
    for j, text in enumerate(cells[:6]):
        if text in ("1", "01"):
            n = 0
            while j + n < len(cells) and cells[j + n].lstrip("0") == str(n + 1):
                n += 1
            if n >= _FEWEST:
                return j - 1, n
    return None


def grids(rows: Rows) -> list[Grid]:
    """All grids of a table."""
    out: list[Grid] = []
    above: list[str] = []
    i = 0
    while i < len(rows):
        cells = rows[i][1]
        i += 1
        if cells.count("") == len(cells):
            continue
        found = _numbers(cells)
        if found is None:
            above += [c for c in cells if c]
            continue
        corner, n = found
        grid = Grid(cells[corner] if corner >= 0 else "", above)
        letter, layer = "", 0
        while i < len(rows):
            line, cells = rows[i]
            mark = cells[corner] if 0 <= corner < len(cells) else ""
            body = cells[corner + 1 : corner + 1 + n]
            if corner < 0:
                letter, layer = _next(letter), 0
            elif _LETTER.fullmatch(mark):
                letter, layer = mark, 0
            elif mark or not letter or not any(body):
                break
            else:
                layer += 1
            while len(grid.layers) <= layer:
                grid.layers.append({})
            grid.layers[layer] |= {f"{letter}{k}": (c, line) for k, c in enumerate(body, 1) if c}
            i += 1
        if grid.layers:
            out.append(grid)
            above = []
    return out


def _next(letter: str) -> str:
    return "A" if not letter else chr(ord(letter) + 1)


def listed(rows: Rows) -> tuple[int, dict[str, tuple[list[str], int]]] | None:
    """Wells listed one a row: the column of well names, and the cells and line of each well."""
    width = max((len(c) for _, c in rows), default=0)
    for at in range(min(width, 8)):
        mine = {well(c[at]): (c, n) for n, c in rows if at < len(c) and is_well(c[at])}
        if len(mine) >= 6:
            return at, mine
    return None


def dilution(text: str) -> str:
    """``1:25`` and ``1/25`` are 25; '' for anything else."""
    found = re.fullmatch(r"1\s*[:/]\s*(\d+(?:\.\d+)?)", text.strip())
    return f"{float(found.group(1)):g}" if found else ""


def what(sample: str) -> str:
    """Task of a named well; a well without a name is UNASSIGNED."""
    return task(sample) if sample else "UNASSIGNED"


_NAMES = ("sample", "samplename", "sampleid", "wellid", "name")


def add_list(out: Tidy, rows: Rows, waves: list[str]) -> None:
    """Add the readings of wells listed one a row: od, ANALYTE the wavelength or the column.

    Parameters
    ----------
    out : Tidy
    rows : list of (line, cells)
    waves : list of str
        Wavelengths, where there is one a column.
    """
    found = listed(rows)
    if found is None:
        return
    at, wells = found
    top = min(line for _, line in wells.values())
    above = [c for n, c in rows if n < top and any(c)]
    titled = next((c for c in reversed(above) if any(fold(x).startswith("well") for x in c)), None)
    first = titled or (above[0] if above else [])
    name_at = next((i for i, t in enumerate(first) if fold(t) in _NAMES and i != at), None)
    columns = []
    for i in range(max(len(c) for c, _ in wells.values())):
        cells = [c[i] for c, _ in wells.values() if i < len(c) and c[i]]
        numeric = sum(bool(_NUMBER.fullmatch(c)) for c in cells)
        if i not in (at, name_at) and numeric > len(cells) / 2 and not is_well(cells[0]):
            columns.append((i, first[i] if i < len(first) else ""))
    out.mark = decimal_mark(c[i] for c, _ in wells.values() for i, _ in columns if i < len(c))
    if not columns:
        return
    samples = [cell(c, name_at) for c, _ in wells.values()]
    across = waves if len(waves) == len(columns) else [t for _, t in columns]
    out.add_grid([cell(c, i) for c, _ in wells.values() for i, _ in columns],
                 [n for _, n in wells.values()], width=len(columns), skip_empty=True, quantity="od",
                 down={"well": list(wells), "sample": samples, "task": [what(s) for s in samples]},
                 across={"analyte": across})  # fmt: skip
