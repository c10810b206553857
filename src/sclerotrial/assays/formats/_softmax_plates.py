"""Plates of a SoftMax Pro export: grids or lists of wells, at one point or many."""

from __future__ import annotations

from sclerotrial.assays.formats._tidy import Rows, fold, is_well, well

Columns = list[tuple[int, str, int]]
_KINDS = ("kinetic", "spectrum", "wellscan")


def plate(header: list[str], rows: Rows) -> tuple[list[tuple], str]:
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
    readings : list of (well, analyte, quantity, text, line, flags)
        Quantity od, kinetic (flag ``t=``), spectrum (analyte the wavelength) or scan (``point=``).
    absent : str
    """
    waves, kind = _wavelengths(header), fold(" ".join(header[4:5]))
    kind = next((k for k in _KINDS if k in kind), "endpoint")
    first, many = _extent(header)
    out: dict[str, list[tuple]] = {"raw": [], "reduced": []}
    section, columns, row, block, stamp, absent = "", [], 0, 0, "", ""
    for line, cells in rows:
        named, titles = _titled(cells)
        if named:
            section, columns, row, block = named, titles, 0, 0
        elif not any(cells):
            absent = absent or _absent(columns, row, many)
            block, row = block + (row > 0), 0
        elif columns:
            grid = not is_well(columns[0][1])
            stamp = cells[0] or (stamp if row else "")
            stacked = kind == "endpoint" or (kind == "kinetic" and not grid)
            for i, name, k in columns:
                if i < len(cells) and cells[i]:
                    place = f"{_letters(first - 1 + row)}{name}" if grid else name
                    nth = k or (block if stacked else 0)
                    wave = waves[nth] if nth < len(waves) else (str(nth + 1) if nth else "")
                    if section == "reduced":
                        wave = "-".join(waves)
                    out[section].append(_reading(kind, place, wave, cells[i], line, stamp))
            if not grid and len(cells) <= columns[-1][0]:
                absent = absent or _cut(columns, len(cells), first + many - 1)
            row += 1
    absent = absent or _absent(columns, row, many)
    return out["raw"] or [(*r[:5], f"{r[5]} reduced".strip()) for r in out["reduced"]], absent


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


def _reading(kind: str, place: str, wave: str, text: str, line: int, stamp: str) -> tuple:
    if kind == "spectrum":
        return place, stamp or wave, "spectrum", text, line, ""
    if kind == "kinetic":
        return place, wave, "kinetic", text, line, f"t={stamp.replace(' ', '')}"
    if kind == "wellscan":
        return place, wave, "scan", text, line, f"point={stamp}"
    return place, wave, "od", text, line, ""


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
