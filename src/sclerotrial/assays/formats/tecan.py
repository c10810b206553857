"""Tecan Magellan, i-control and SparkControl: wells listed one a row, or grids with ``<>``."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import decode, records, table_delimiter
from sclerotrial.assays.formats._plate import add_list, grids, listed
from sclerotrial.assays.formats._tidy import Rows, Tidy

NAME = "tecan"

_SOFTWARE = re.compile(
    r"(?:Magellan|i-control|SparkControl)\s*,?\s*(?:V(?:ersion)?\s*)?([\d.]*)", re.I
)
_WAVE = re.compile(r"(?:measurement\s+|reference\s+)?wavelength:?\s*([\d.]+)", re.I)
_FOOT = re.compile(r"(Date of measurement|Instrument serial number|Measurement mode|Tecan|"
                   r"Plate definition file|Magellan|i-control|SparkControl)", re.I)  # fmt: skip
#: bytes beyond which a text is no plate
_LARGEST = 4_000_000


def _sheets(head: str, path: Path, whole: bool) -> list[Rows]:
    if head:
        text = decode(_files.whole(path))[0] if whole else head
        return [records(text, table_delimiter(text))]
    book = _files.workbook(path)
    if book is None or book.named("results", "amplification data"):
        return []
    return [book.rows(n) for n in (book.names if whole else book.names[:3])]


def _ends(head: str, path: Path) -> str:
    return head[:5000] + decode(_files.whole(path))[0][-5000:]


def sniff(head: str, path: Path) -> str | None:
    """Version of the software ('' when untold), None when the file is another's."""
    # a plate is small; the words stand at its foot or head
    if head and (path.stat().st_size > _LARGEST or not _FOOT.search(_ends(head, path))):
        return None
    for rows in _sheets(head, path, whole=True):
        cells = [c for _, row in rows for c in row if len(c) > 5]
        said = {m.group(1).lower() for c in cells if (m := _FOOT.match(c))}
        told = [m.group(1) for c in cells[:30] if (m := _SOFTWARE.search(c))]
        if len(said) >= 2 or told:
            has = any("<>" in row for _, row in rows) or listed(rows)
            if has:
                return told[0] if told else ""
    return None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the measurement as the tidy long table: quantity od, ANALYTE the wavelength or label.

    The file tells places, not samples: TASK is UNASSIGNED until a layout names the wells.

    Raises
    ------
    InputErrors
        No wells, cells that are no number.
    """
    head = decode(_files.whole(path))[0]
    out = Tidy(name)
    for rows in _sheets(head, path, whole=True):
        waves = [m.group(1) for _, c in rows for x in c[:6] if (m := _WAVE.match(x))]
        waves += [
            row[-1] for _, row in rows
            if not waves and row and _WAVE.match(row[0]) and row[-1].isdigit()
        ]  # fmt: skip
        plates = [g for g in grids(rows) if g.label == "<>"]
        if plates:
            for k, g in enumerate(plates):
                label = _wave(g.above) or (waves[k] if k < len(waves) else str(k + 1))
                for place, (text, line) in g.layers[0].items():
                    out.add("od", text, line, well=place, task="UNASSIGNED", analyte=label)
        else:
            add_list(out, rows, waves)
    return out.table("There are no wells")


def _wave(above: list[str]) -> str:
    found = [m.group(1) for c in above if (m := _WAVE.search(c))]
    beside = [b for a, b in zip(above, above[1:], strict=False) if "wavelength" in a.lower()]
    return found[-1] if found else beside[-1] if beside and beside[-1].isdigit() else ""
