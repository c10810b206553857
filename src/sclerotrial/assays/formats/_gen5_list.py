"""The list of wells and their statistics that Gen5 writes without a header."""

from __future__ import annotations

from sclerotrial.assays.formats._common import decimal_mark
from sclerotrial.assays.formats._gen5_grids import WHO, who_is
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import Rows, cell, find_header, fold, is_well, well

_TITLES = {"id": ("wellid",), "name": ("name",), "well": ("well",),
           "given": ("concdil", "conc", "dil", "dilution")}  # fmt: skip
#: what is computed over the wells of a sample
_STATISTICS = {"count", "mean", "stddev", "stdev", "cv%", "cv", "sem", "min", "max", "median"}


def list_of(rows: Rows) -> tuple[int, dict[str, int]] | None:
    """Index and columns of the titles Well ID, Well and Conc/Dil; None without them."""
    found = find_header(rows[:3], _TITLES, ("id", "well", "given"))
    return found if found and found[1]["id"] == 0 else None


def add_list(out: Tidy, rows: Rows) -> None:
    """Add the readings (od, ANALYTE the title of their column); statistics are not read.

    The wells of a sample follow its ID, which only the first of them carries.
    """
    start, at = list_of(rows)
    header = rows[start][1]
    body = [(n, c) for n, c in rows[start + 1 :] if is_well(cell(c, at["well"]))]
    columns = [i for i, t in enumerate(header)
               if i > at["given"] and t and fold(t) not in _STATISTICS]  # fmt: skip
    out.mark = decimal_mark(cell(c, i) for _, c in body for i in columns)
    code, name, wells = "", "", []
    given: set[str] = set()
    for line, cells in body:
        if cell(cells, 0):
            code, name = cell(cells, 0), cell(cells, at.get("name"))
        level = cell(cells, at["given"])
        place, what, sample, share, flags = who_is("", well(cells[at["well"]]), code, level, False)
        sample = name or sample
        wells.append((place, what, sample, share, flags))
        if what in ("STANDARD", "CONTROL") and level and sample not in given:
            given.add(sample)
            for i in columns:
                out.add("expected", level, line, sample=sample, task=what, analyte=header[i])
    out.add_grid([cell(c, i) for _, c in body for i in columns], [n for n, _ in body],
                 width=len(columns), down=dict(zip(WHO, zip(*wells, strict=True), strict=True)),
                 across={"analyte": [header[i] for i in columns]}, quantity="od",
                 skip_empty=True)  # fmt: skip
