"""MSD Methodical Mind: plate by plate, a grid of wells with a signal a spot."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import load_text, records, table_delimiter
from sclerotrial.assays.formats._readings import Tidy

NAME = "methodical_mind"
#: its first lines belong to no other format
SURE = True

_VERSION = re.compile(r"^\"?Version\"?\s*[:\t,]+\s*\"?(MMPR[^\"\n\t,]*)", re.M)
_MODEL = re.compile(r"MESO (QuickPlex|SECTOR)", re.I)
_BARCODE = re.compile(r"barcode\s*1?\s*$", re.I)
_LETTER = re.compile(r"[A-P]")
_SPOT = re.compile(r"Spot ?ID", re.I)


def sniff(head: str, path: Path) -> str | None:
    """Version of the software, None when the file is another's."""
    version = _VERSION.search(head) if "MMPR" in head else None
    if version:
        return version.group(1).strip()
    known = "meso" in _files.lowered(head)[:3000] and _MODEL.search(head[:3000])
    return "" if known and re.search(r"^\W*Data\b", head, re.M) else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read all plates as the tidy long table: quantity signal, ANALYTE the spot.

    Rows of a letter follow one another, a spot each (a row without a letter is of the letter
    above, an empty one a spot that was not read), or there is a grid a spot (``SpotID``). The
    file tells places, not samples: TASK is UNASSIGNED until a layout names the wells.

    Raises
    ------
    InputErrors
        No grid, cells that are no number.
    """
    text = load_text(path, name)
    rows = records(text, table_delimiter(text))
    codes = [_told(c) for _, c in rows if c and _BARCODE.search(c[0].partition(":")[0].strip())]
    many = len(set(codes)) > 1
    out, plate, width, letter, spot, only, codes = Tidy(name), "", 0, "", 0, 0, iter(codes)
    for line, cells in rows:
        label = cells[0].partition(":")[0].strip() if cells else ""
        numbers = [c for c in cells if c]
        if _BARCODE.search(label):
            plate, width, only = next(codes), 0, 0
        elif _SPOT.fullmatch(label):
            only = int(told) if (told := _told(cells)).isdigit() else 0
        elif len(numbers) > 1 and numbers == [str(i) for i in range(1, len(numbers) + 1)]:
            width, letter = len(numbers), ""
        elif not numbers and len(cells) < width:
            letter = ""  # an empty line stands between letters
        elif width and (_LETTER.fullmatch(label) or (not label and letter)):
            spot = spot + 1 if label in ("", letter) and letter else 1
            letter = label or letter
            for i, signal in enumerate(cells[1 : width + 1], 1):
                if signal:
                    place = f"{letter}{i}"
                    out.add("signal", signal, line, well=f"{plate}:{place}" if many else place,
                            task="UNASSIGNED", analyte=f"Spot {only or spot}",
                            unit="ECL")  # fmt: skip
        else:
            width = 0
    return out.table("There is no grid of signals")


def _told(cells: list[str]) -> str:
    """What a line says after its colon, without the marks around it."""
    rest = cells[0].partition(":")[2] or next((c for c in cells[1:] if c and c != ":"), "")
    found = re.search(r"<(.*)>", rest)
    return found.group(1) if found else rest.strip(" :[]<>")
