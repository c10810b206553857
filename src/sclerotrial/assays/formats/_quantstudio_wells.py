"""Titles of a QuantStudio table, and the wells that its results lack."""

from __future__ import annotations

import functools
import re

from sclerotrial.assays.formats._tidy import Rows
from sclerotrial.assays.formats._tidy import well as tidy_well
from sclerotrial.errors import Problem

#: Column titles after folding (Cyrillic te to t, lower case, no spaces or marks).
TITLES = {
    "well": ("wellposition", "well"),
    "sample": ("samplename", "sample"),
    "target": ("targetname", "target", "detectorname", "detector"),
    "task": ("task",),
    "ct": ("ct", "cq", "crt"),
    "omit": ("omit", "omitted"),
}
TASKS = {"ntc": "NTC", "standard": "STANDARD", "nac": "NTC", "negativecontrol": "NTC",
          "positivecontrol": "CONTROL", "pc": "CONTROL", "ipc": "CONTROL",
          "blockedipc": "CONTROL"}  # fmt: skip


_MARKS = re.compile(r"[^a-z0-9]")


@functools.lru_cache(maxsize=1 << 12)
def folded_title(title: str) -> str:
    """A column title in lower case without spaces and marks; the Cyrillic te of ``Cт`` is a t."""
    return _MARKS.sub("", title.replace("т", "t").replace("Т", "t").lower())


def header_of(rows: Rows, needs: str = "ct") -> int | None:
    """Place of the row that names the wells and what is needed of `TITLES`; None without one."""
    for i, (_, cells) in enumerate(rows):
        if len(cells) - cells.count("") < 2:
            continue
        folded = {folded_title(c) for c in cells}
        if not folded.isdisjoint(TITLES["well"]) and not folded.isdisjoint(TITLES[needs]):
            return i
    return None


def wells_absent(setup: Rows, wells: list[str], name: str) -> tuple[list[Problem], list[tuple]]:
    """Wells that the sample setup gives a target and the results table lacks.

    Where the last ones are lacking the file was cut; single ones between were left out by the
    export, and have a row without a Ct that says ``not_exported``.

    Parameters
    ----------
    setup : rows
        The section of the sample setup, with line numbers.
    wells : list of str
        Wells of the results.
    name : str
        The file, for rows and problems.

    Returns
    -------
    problems, rows
        What stops, and the rows of wells that were left out.
    """
    start = header_of(setup, "target")
    if start is None:
        return [], []
    folded = [folded_title(t) for t in setup[start][1]]
    at = {k: next((folded.index(t) for t in TITLES[k] if t in folded), None)
          for k in ("well", "target", "sample", "task")}  # fmt: skip
    body = [(n, c) for n, c in setup[start + 1 :] if len(c) > at["target"] and c[at["target"]]]
    planned = [tidy_well(c[at["well"]]) for _, c in body]
    have = set(wells)
    gone = [w for w in dict.fromkeys(planned) if w not in have]
    if not gone:
        return [], []
    if planned[-1] in have and len(gone) <= len(have):
        return [], [_absent(line, c, at, name) for line, c in body
                    if tidy_well(c[at["well"]]) in gone]  # fmt: skip
    return [
        Problem(
            f"The results lack {len(gone)} of the {len(set(planned))} wells of the sample setup: "
            "the file was cut",
            f"{name}, section Results; first lacking: well {gone[0]}",
            "Export the results again, or copy the file again",
        )
    ], []


def _absent(line: int, cells: list[str], at: dict[str, int | None], name: str) -> tuple:
    told = {k: cells[i] if i is not None and i < len(cells) else "" for k, i in at.items()}
    task = TASKS.get(folded_title(told["task"]), "SAMPLE")
    return (tidy_well(told["well"]), told["sample"], task, told["target"], "ct", "", "", "Ct",
            "not_exported", "", name, str(line))  # fmt: skip


def section(rows: Rows, title: str) -> Rows:
    """Rows of a section such as ``[Results]`` (for the results: all rows where none is named)."""
    starts = [i for i, (_, c) in enumerate(rows) if c and c[0][:1] == "[" and c[0][-1] == "]"]
    for k, i in enumerate(starts):
        if rows[i][1][0].lower() == f"[{title}]":
            return rows[i + 1 : starts[k + 1] if k + 1 < len(starts) else None]
    return rows if not starts and title == "results" else []
