"""Tecan Magellan, i-control and SparkControl: wells listed one a row, or grids with ``<>``."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._cells import odd_cells
from sclerotrial.assays.formats._common import decode, records, table_delimiter
from sclerotrial.assays.formats._plate import add_list, grids, listed
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._series import Series, series
from sclerotrial.assays.formats._tecan_names import WAVE, called_of, label_of
from sclerotrial.assays.formats._tidy import Rows, is_well, well

NAME = "tecan"

_SOFTWARE = re.compile(
    r"(?:Magellan|i-control|SparkControl)\s*,?\s*(?:V(?:ersion)?\s*)?([\d.]*)", re.I
)
_WORDS = ("date of measurement", "instrument serial number", "measurement mode", "tecan",
          "plate definition file", "plate area", "plate layout", "magellan", "i-control",
          "sparkcontrol", "spark", "total kinetic run time")  # fmt: skip
_FOOT = re.compile(r"(Date of measurement|Instrument serial number|Measurement mode|Tecan|"
                   r"Plate definition file|Plate (?:area|layout)\b|Magellan|i-control|SparkControl|"
                   r"SPARK\b|Total kinetic run time)", re.I)  # fmt: skip
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
    """First and last 5,000 characters of a text."""
    if len(head) < _files.HEAD_BYTES // 4:
        return head
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 5000))
        last = file.read()
    return head[:5000] + last.replace(b"\x00", b"").decode("cp1252", "replace")


def sniff(head: str, path: Path) -> str | None:
    """Version of the software ('' when untold), None when the file is another's."""
    # a plate is small; the words stand at its foot or head
    if head:
        ends = "" if path.stat().st_size > _LARGEST else _ends(head, path).lower()
        if not any(w in ends for w in _WORDS):
            return None
    book = None if head else _files.workbook(path)
    titled = [n for n in book.names if _SOFTWARE.match(n)] if book else []
    for rows in _sheets(head, path, whole=True):
        cells = [c for _, row in rows for c in row if len(c) > 4]
        said = {m.group(1).lower() for c in cells if c[0].isalpha() and (m := _FOOT.match(c))}
        told = [m.group(1) for c in cells[:30] if (m := _SOFTWARE.search(c))]
        if (len(said) >= 2 or told or titled) and (
            any("<>" in row for _, row in rows) or listed(rows) or next(series(rows), None)
        ):
            return told[0] if told else ""
    return None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the measurement as the tidy long table.

    Quantities od (ANALYTE the wavelength or label), kinetic and spectrum. The file tells places,
    not samples: TASK is UNASSIGNED until a layout names the wells.

    Raises
    ------
    InputErrors
        No wells, cells that are no number.
    """
    head = decode(_files.whole(path, name))[0]
    out = Tidy(name)
    for rows in _sheets(head, path, whole=True):
        waves = [m.group(1) for _, c in rows for x in c[:6] if (m := WAVE.match(x))]
        waves += [
            row[-1] for _, row in rows
            if not waves and row and WAVE.match(row[0]) and row[-1].isdigit()
        ]  # fmt: skip
        before = len(out)
        for k, g in enumerate(g for g in grids(rows) if g.label == "<>"):
            label = label_of(g.above) or (waves[k] if k < len(waves) else str(k + 1))
            read = g.layers[0]
            if _names({t for t, _ in read.values()}):
                continue
            out.add_grid([t for t, _ in read.values()], [n for _, n in read.values()], width=1,
                         down={"well": list(read)}, across={}, quantity="od", analyte=label,
                         task="UNASSIGNED")  # fmt: skip
        every = list(series(rows))
        called = called_of(every, rows)
        for r in every:
            _series(out, r, called)
        _values(out, rows)
        if len(out) == before:
            add_list(out, rows, waves)
    return out.table("There are no wells")


def _names(cells: set[str]) -> bool:
    """Whether none of the cells of a grid is a reading: a layout was written beside them."""
    odd = odd_cells(cells, ".")
    return len(odd) == len(cells) and all(value is None for value, _ in odd.values())


def _series(out: Tidy, r: Series, called: dict[int, str]) -> None:
    of_point: dict[str, list[str]] = {}
    if r.quantity == "kinetic":
        of_point["flags"] = [f"t={p}" for p in r.points]
    if r.quantity == "spectrum":
        of_point["analyte"] = r.points
    # what a series is called may change from row to row
    of_row = {} if "analyte" in of_point else {"analyte": [called.get(n, "") for n in r.lines]}
    of_well = {"well": r.wells} | (of_row if r.turned else {})
    r.add(out, of_well=of_well, of_point=of_point if r.turned else of_point | of_row,
          task="UNASSIGNED")  # fmt: skip


def _add(out: Tidy, quantity: str, text: str, line: int, place: str, label: str,
         flags: str = "") -> None:  # fmt: skip
    out.add(quantity, text, line, well=place, task="UNASSIGNED", analyte=label, flags=flags)


def _values(out: Tidy, rows: Rows) -> None:
    """Lists of wells of SparkControl, each below a line ``<>, Value``."""
    above: list[str] = []
    label, inside = "", False
    for line, cells in rows:
        if cells[:2] == ["<>", "Value"]:
            label, inside, above = label_of(above), True, []
        elif inside and cells and is_well(cells[0]):
            if len(cells) > 1 and cells[1]:
                _add(out, "od", cells[1], line, well(cells[0]), label)
        else:
            inside = False
            above += [c for c in cells if c]
