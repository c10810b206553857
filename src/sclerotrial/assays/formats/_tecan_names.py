"""What the measurements of a Tecan reader are called."""

from __future__ import annotations

import re

from sclerotrial.assays.formats._series import Series
from sclerotrial.assays.formats._tidy import Rows

WAVE = re.compile(r"(?:measurement\s+|reference\s+)?wavelength:?\s*([\d.]+)", re.I)
_NUMBERED = re.compile(r"Label ?\d+$")
_WAVES = re.compile(r"Measurement wavelength$", re.I)


def called_of(every: list[Series], rows: Rows) -> dict[int, str]:
    """What the series that begins at a line is called, by all its lines.

    Several names above the first series are those of the ones that follow, in their order: each
    has titles of its own, or begins where the time starts anew.
    """
    part, parts = 0, {}
    heads: list[str] = []
    last: tuple[int, float] = (0, -1.0)
    for r in every:
        for line, point in r.firsts():
            time = _seconds(point)
            part += bool(parts) and (r.table != last[0] or time < last[1])
            last = (r.table, time)
            parts[line] = part
            if part == len(heads):
                heads.append(r.heading)
    if len(heads) > 1 and len(set(heads)) == 1:
        alone: list[str] = []
        for _, cells in rows:
            alone += [cells[0]] if cells and cells[0] and not any(cells[1:]) else []
            if len(alone) >= len(heads) and alone[-1] == heads[0]:
                heads = alone[-len(heads) :]
                break
    names = [_of(h, rows) for h in heads]
    return {line: names[k] for line, k in parts.items()}


def _seconds(point: str) -> float:
    """A point in time as a number that grows with it."""
    total = 0.0
    for part in point.replace(",", ".").split(":"):
        total = total * 60 + float(part or 0)
    return total


def _of(heading: str, rows: Rows) -> str:
    """The wavelength of a series whose heading is but a number (``Label 1``)."""
    if not _NUMBERED.match(heading):
        return heading
    cells = [c for _, row in rows for c in row if c]
    at = next((i for i, c in enumerate(cells) if c == heading), None)
    waves = [b for a, b in zip(cells, cells[1:], strict=False) if _WAVES.match(a) and b.isdigit()]
    return waves[0] if at is not None and len(waves) == 1 else heading


def label_of(above: list[str]) -> str:
    """What a measurement is called: its name, or its wavelength where the name is a number."""
    found = [m.group(1) for c in above if (m := WAVE.search(c))]
    beside = [b for a, b in zip(above, above[1:], strict=False) if "wavelength" in a.lower()]
    wave = found[-1] if found else beside[-1] if beside and beside[-1].isdigit() else ""
    # the plate has a name, too: that of a measurement follows its mode
    at = max((i for i, c in enumerate(above) if c == "Mode"), default=len(above))
    names = [b for a, b in zip(above[at:], above[at + 1 :], strict=False) if a == "Name"]
    named = names[-1] if names and not _NUMBERED.match(names[-1]) else ""
    return named or wave or (names[-1] if names else "")
