"""MSD Methodical Mind: plate by plate, a grid of wells with a signal a spot."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text, records, table_delimiter
from sclerotrial.assays.formats._tidy import Tidy

NAME = "methodical_mind"

_VERSION = re.compile(r"^\"?Version\"?\s*[:\t,]+\s*\"?(MMPR[^\"\n\t,]*)", re.M)
_MODEL = re.compile(r"MESO (QuickPlex|SECTOR)", re.I)
_BARCODE = re.compile(r"barcode\s*1?\s*$", re.I)
_LETTER = re.compile(r"[A-P]")


def sniff(head: str, path: Path) -> str | None:
    """Version of the software, None when the file is another's."""
    version = _VERSION.search(head)
    if version:
        return version.group(1).strip()
    return "" if _MODEL.search(head[:3000]) and re.search(r"^\W*Data\b", head, re.M) else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read all plates as the tidy long table: quantity signal, ANALYTE the spot.

    Rows of a letter follow one another, a spot each (a row without a letter is of the letter
    above). The file tells places, not samples: TASK is UNASSIGNED until a layout names the wells.

    Raises
    ------
    InputErrors
        No grid, cells that are no number.
    """
    text = load_text(path, name)
    out, plate, width, letter, spot = Tidy(name), "", 0, "", 0
    plates = len(re.findall(r"^\W*Barcode ?1?\W", text, re.M | re.I))
    for line, cells in records(text, table_delimiter(text)):
        if not any(cells):
            letter = ""
            continue
        label, _, rest = cells[0].partition(":")
        if _BARCODE.search(label.strip()):
            value = rest or next((c for c in cells[1:] if c and c != ":"), "")
            plate, width = value.strip(" :[]<>"), 0
            continue
        numbers = [c for c in cells if c]
        if len(numbers) > 3 and numbers == [str(i) for i in range(1, len(numbers) + 1)]:
            width, letter = len(numbers), ""
            continue
        if not width:
            continue
        if _LETTER.fullmatch(cells[0]):
            spot = spot + 1 if cells[0] == letter else 1
            letter = cells[0]
        elif not cells[0] and letter:
            spot += 1
        else:
            width = 0
            continue
        for i, signal in enumerate(cells[1 : width + 1], 1):
            if signal:
                place = f"{letter}{i}"
                out.add("signal", signal, line, well=f"{plate}:{place}" if plates > 1 else place,
                        task="UNASSIGNED", analyte=f"Spot {spot}", unit="ECL")  # fmt: skip
    return out.table("There is no grid of signals")
