"""Plates of a SoftMax Pro export: grids or lists of wells, at one point or many."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress

from sclerotrial.assays.formats._tidy import Rows, fold, is_well, well

Columns = list[tuple[int, str, int]]
#: how a plate was read -> quantity, and the sign of a point in its flags
_KINDS = {"kinetic": ("kinetic", "t"), "spectrum": ("spectrum", ""), "wellscan": ("scan", "point")}


@dataclass
class Readings:
    """Readings of a section of a plate, a list a column of the tidy table."""

    wells: list[str] = field(default_factory=list)
    analytes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def add(self, wells: list[str], analytes: list[str], texts: list[str], line: int,
            flag: str) -> None:  # fmt: skip
        """Add the readings of a row; an empty cell is none."""
        if "" in texts:
            kept = [bool(t) for t in texts]
            wells, analytes, texts = (list(compress(x, kept)) for x in (wells, analytes, texts))
        self.wells += wells
        self.analytes += analytes
        self.texts += texts
        self.lines += [line] * len(texts)
        self.flags += [flag] * len(texts)


def plate(header: list[str], rows: Rows) -> tuple[str, Readings, str]:
    """Readings of a plate, and what is absent of it ('' when it is whole).

    The raw section, or the reduced one of a plate that was exported without. Rows of titles give
    the wells (or the columns of the plate) that the rows below read; a blank line ends a block:
    the next is another wavelength (endpoint, or a list over time), else another point in time, of
    a spectrum or of a scan.

    Parameters
    ----------
    header : list of str
        Cells of the line ``Plate:``.
    rows : list of (line, cells)

    Returns
    -------
    quantity : str
        od, kinetic (flag ``t=``), spectrum (analyte the wavelength) or scan (``point=``).
    readings : Readings
    absent : str
    """
    waves, kind = _wavelengths(header), fold(" ".join(header[4:5]))
    kind = next((k for k in _KINDS if k in kind), "endpoint")
    quantity, sign = _KINDS.get(kind, ("od", ""))
    first, many = _extent(header)
    out = {"raw": Readings(), "reduced": Readings()}
    section, columns, row, block, stamp, absent = "", [], 0, 0, "", ""
    wells: dict[str, list[str]] = {}
    labels: dict[int, list[str]] = {}
    for line, cells in rows:
        named, titles = _titled(cells)
        if named:
            section, columns, row, block, wells, labels = named, titles, 0, 0, {}, {}
        elif not any(cells):
            absent = absent or _absent(columns, row, many)
            block, row = block + (row > 0), 0
        elif columns:
            grid = not is_well(columns[0][1])
            stamp = cells[0] or (stamp if row else "")
            stacked = kind == "endpoint" or (kind == "kinetic" and not grid)
            texts = [cells[i] if i < len(cells) else "" for i, _, _ in columns]
            letter = _letters(first - 1 + row) if grid else ""
            if letter not in wells:
                wells[letter] = [letter + n for _, n, _ in columns]
            if block not in labels:
                nths = [k or (block if stacked else 0) for _, _, k in columns]
                labels[block] = (["-".join(waves)] * len(columns) if section == "reduced"
                                 else [_wave(waves, n) for n in nths])  # fmt: skip
            spectrum = quantity == "spectrum" and stamp
            told = [stamp] * len(columns) if spectrum else labels[block]
            point = stamp.replace(" ", "") if kind == "kinetic" else stamp
            out[section].add(wells[letter], told, texts, line, f"{sign}={point}" if sign else "")
            # a plate that was exported without its raw readings has a row of them all the same
            if not grid and len(cells) <= columns[-1][0] and any(texts):
                absent = absent or _cut(columns, len(cells), first + many - 1)
            row += 1
    absent = absent or _absent(columns, row, many)
    if not out["raw"].texts:
        out["raw"] = out["reduced"]
        out["raw"].flags = [f"{f} reduced".strip() for f in out["raw"].flags]
    return quantity, out["raw"], absent


def _wave(waves: list[str], nth: int) -> str:
    return waves[nth] if nth < len(waves) else (str(nth + 1) if nth else "")


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


def _extent(header: list[str]) -> tuple[int, int]:
    """First row of the plate that is read and how many: the last two numbers of its title."""
    ends = [int(c) for c in header[8:] if c.isdigit()][-2:]
    fits = len(ends) == 2 and 1 <= ends[0] <= 32 and 1 <= ends[1] <= 33 - ends[0]
    return (ends[0], ends[1]) if fits else (1, 0)


def _titled(cells: list[str]) -> tuple[str, Columns]:
    """Section that a row of titles begins ('' where it is none), and its columns.

    A column is its position, the well or the number of the plate's column, and its repetition
    (one a wavelength).
    """
    if "." in (cells[2] if len(cells) > 2 else ""):
        return "", []  # a reading
    named = [(i, c) for i, c in enumerate(cells) if i > 1 and c]
    if not named:
        return "", []
    lead, names = fold("".join(cells[:2])), [c for _, c in named]
    raw = "temperatur" in lead or lead.startswith(("time", "wavelength"))
    wells = is_well(names[0]) and all(is_well(c) for c in names)
    numbers = not wells and all(c.isdigit() and c.isascii() for c in names)
    # a row of whole readings is no row of titles: those count upwards by one
    counts = numbers and all(int(b) - int(a) == 1 for a, b in zip(names, names[1:], strict=False))
    if not (wells or (raw and numbers) or (counts and not lead and len(names) > 1)):
        return "", []
    seen: dict[str, int] = {}
    columns = []
    for i, c in named:
        columns.append((i, well(c) if wells else c, seen.setdefault(c, 0)))
        seen[c] += 1
    return "raw" if raw else "reduced", columns


def _absent(columns: Columns, rows: int, many: int) -> str:
    """Rows of a grid that the file lacks."""
    if not columns or is_well(columns[0][1]) or not rows or rows >= many:
        return ""
    return f"{many - rows} of {many} rows of the plate are absent"


def _cut(columns: Columns, cells: int, last: int) -> str:
    """Wells of a list that the file lacks: a line ends before the last row of the plate."""
    have = [name for i, name, _ in columns if i < cells]
    if have and last and have[-1].rstrip("0123456789") >= _letters(last - 1):
        return ""
    return f"{len(columns) - len(have)} of {len(columns)} wells of the plate are absent"


def _letters(row: int) -> str:
    return chr(65 + row) if row < 26 else f"A{chr(65 + row - 26)}"
