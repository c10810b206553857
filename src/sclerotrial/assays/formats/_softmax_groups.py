"""Groups of a SoftMax Pro export: what is in each well, and what was read off its curve."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sclerotrial.assays.formats._tidy import cell, fold, is_well, well

Rows = list[tuple[int, list[str]]]

_TASKS = (
    ("BLANK", re.compile(r"blank|background|buffer", re.I)),
    ("STANDARD", re.compile(r"st(an)?d|calib", re.I)),
    ("CONTROL", re.compile(r"c(on)?tro?l|qc|loq|spike", re.I)),
)
_TITLES = {
    "sample": ("sample", "samples", "name"), "well": ("wells", "well"),
    "plate": ("wellplatename", "plate"),
    "value": ("od", "values", "value", "signal", "rfu", "rlu", "wellvalues", "odvalue"),
    "result": ("result", "backcalcconc", "conc", "concentration", "adjresult", "rresult"),
    "dilution": ("dilutionfactor", "dilution", "dilfactor", "df"),
    "expected": ("conc", "concentration", "standardvalue", "expected", "expectedconc", "value"),
}  # fmt: skip
#: formulas of the columns, as the foot of a group lists them
_FORMULAS = {"!samplenames": "sample", "!wellids": "well", "!wellvalues": "value",
             "!wellplatename": "plate"}  # fmt: skip
_UNIT = re.compile(
    r"\(?\b((?:[pnuµμm]?g|[pnuµμm]?mol|[munµ]?IU|U|AU|[pnuµμm]M)(?:/\s?[munµμd]?[lL])?)\)?\s*$"
)


@dataclass(frozen=True)
class Place:
    """A well of a group, with the cells that the group gives for it."""

    line: int
    plate: str
    well: str
    sample: str
    task: str
    value: str
    result: str
    expected: str
    dilution: str
    unit: str


def places(title: str, rows: Rows) -> list[Place]:
    """Wells of a group.

    Parameters
    ----------
    title : str
        Name of the group.
    rows : list of (line, cells)
        Its rows, the row of column titles first.
    """
    if not rows:
        return []
    header = rows[0][1]
    task = next((t for t, rx in _TASKS if rx.search(title)), "SAMPLE")
    at = _columns(header, rows, task)
    if "well" not in at:
        return []
    unit = next((m.group(1) for c in header if (m := _UNIT.search(c))), "")
    out, sample, expected, dilution = [], "", "", ""
    for line, cells in rows[1:]:
        if not any(cells) or fold(cells[0]).startswith("groupcolumn"):
            break
        if cell(cells, at.get("sample")):
            sample = cell(cells, at.get("sample"))
            expected = cell(cells, at.get("expected"))
            dilution = cell(cells, at.get("dilution"))
        spots = [p for p in re.split(r"[,; ]+", cell(cells, at["well"])) if is_well(p)]
        for spot in spots:
            out.append(
                Place(line, cell(cells, at.get("plate")), well(spot),
                      sample if task == "SAMPLE" else f"{title} {sample}", task,
                      cell(cells, at.get("value")), cell(cells, at.get("result")),
                      expected, cell(cells, at.get("dilution")) or dilution, unit)
            )  # fmt: skip
    return out


def _columns(header: list[str], rows: Rows, task: str) -> dict[str, int]:
    at: dict[str, int] = {}
    for _, cells in rows:
        # 5<tab>OD<tab>!WellValues
        if len(cells) > 2 and cells[0].isdigit() and cells[2].lower() in _FORMULAS:
            spot = int(cells[0]) - 1
            if spot < len(header):
                at.setdefault(_FORMULAS[cells[2].lower()], spot)
    folded = [re.sub(r"(p|n|u|m)?g(ml|dl|l)$", "", fold(c)) for c in header]
    for key, titles in _TITLES.items():
        if key == "expected" and task not in ("STANDARD", "CONTROL"):
            continue
        if key not in at:
            taken = set(at.values())
            free = [t for t in titles if t in folded and folded.index(t) not in taken]
            if free:
                at[key] = folded.index(free[0])
        nominal = key == "result" and task == "STANDARD" and "result" in at
        if nominal and folded[at["result"]] != "backcalcconc":
            # the nominal concentration of a standard is no result
            at["expected"] = at.pop("result")
    return at
