"""Our laboratory grades beside those of admiral's criteria on a grid: `python -m` prints the table.

    python -m tests.instruments.admiral_grid FOLDER

FOLDER holds ncictcaev4.json, ncictcaev5.json and their US conventional versions, as in
data-raw/adlb_grading of pharmaverse/admiral; their conditions (in R) are read as they stand. Values
lie below, at and above every bound, with and without limits and baseline.
"""

from __future__ import annotations

import ast
import itertools
import json
import math
import re
import sys
from pathlib import Path

from sclerotrial.instruments import ctcae

FILES = {
    "ncictcaev4": "4", "ncictcaev4_uscv": "4", "ncictcaev5": "5", "ncictcaev5_uscv": "5",
}  # fmt: skip
NAN = math.nan


def conditions(row: dict) -> list[tuple[object, int | None]]:
    """(compiled condition, grade) in the order of admiral: missing, 4, 3, 2, 1."""
    out = []
    for grade in ("NA", "4", "3", "2", "1"):
        code = row.get(f"GRADE_{grade}_CODE") or ""
        for text, word in re.findall(r"(.+?)~\s*(NA_character_|\"\d\")", code):
            text = text.strip().lstrip(",").strip()
            text = text.replace("BNRIND %in% high_indicator", "HIGH").replace(", signif_dig", "")
            text = text.replace("is.na", "isna").replace("&", " and ").replace("|", " or ")
            text = re.sub(r"!(?!=)", " not ", text).strip()
            found = compile(ast.parse(text, mode="eval"), "R", "eval")
            out.append((found, None if word.startswith("NA") else int(word.strip('"'))))
    return out


def published(found: list[tuple[object, int | None]], known: dict) -> int | None:
    """The grade that the conditions give; a comparison with a missing value does not hold."""
    names = {"signif": lambda x: float(f"{x:.15g}"), "isna": math.isnan, **known}
    for condition, grade in found:
        if eval(condition, {"__builtins__": {}}, names):
            return grade
    return 0


def grid(row: dict, version: str) -> list[dict]:
    """Combinations of value, limits and baseline around all bounds of a criterion."""
    unit = row.get("UNIT_CHECK") or ""
    numbers = [float(n) for n in re.findall(r"(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])", _code(row))]
    absolute = [n for n in numbers if unit or n not in (1, 20, 10, 5, 3, 6, 2, 2.5, 1.5)] or [100.0]
    near = max(absolute) if row["DIRECTION"] == "L" else min(absolute)
    lows = [NAN, 1.2 * near, 0.9 * near]
    highs = [NAN, 0.9 * near, 1.1 * near]
    bases = [NAN, 0.5 * near, near, 1.3 * near]
    values = set(absolute)
    for limit, factor in itertools.product(
        [x for x in (*lows, *highs, *bases) if x == x], [1, *numbers]
    ):
        values.update((limit * factor, limit + factor))
    values = {v for x in values for v in (0.999 * x, x, 1.001 * x)}
    cells = itertools.product(sorted(values), lows, highs, bases)
    return [
        {"AVAL": v, "ANRLO": lo, "ANRHI": hi, "BASE": b, "UNIT": unit} for v, lo, hi, b in cells
    ]


def _code(row: dict) -> str:
    return " ".join(row.get(f"GRADE_{g}_CODE") or "" for g in "4321")


def compare(folder: Path) -> list[tuple[str, str, str, int, int]]:
    """Rows of (file, term, unit, compared, different)."""
    rows = []
    for name, version in FILES.items():
        for row in json.loads((folder / f"{name}.json").read_text(encoding="utf-8")):
            found, different, cells = conditions(row), 0, grid(row, version)
            for cell in cells:
                high = cell["BASE"] > cell["ANRHI"]
                change = 100 * (cell["AVAL"] - cell["BASE"]) / cell["BASE"]
                theirs = published(found, {**cell, "HIGH": high, "PCHG": change})
                ours = ctcae.grade(
                    row["TERM"], cell["AVAL"], cell["UNIT"] or None, version=version,
                    lln=cell["ANRLO"], uln=cell["ANRHI"], base=cell["BASE"],
                )  # fmt: skip
                different += ours != theirs
            rows.append((name, row["TERM"], row.get("UNIT_CHECK") or "", len(cells), different))
    return rows


def main() -> None:
    """Print agreement by criterion and in all."""
    rows = compare(Path(sys.argv[1]))
    for name, term, unit, compared, different in rows:
        print(f"{name:16}{term:50}{unit:9}{compared - different:6} of {compared:6}")
    print(f"all: {sum(r[3] - r[4] for r in rows)} of {sum(r[3] for r in rows)}")


if __name__ == "__main__":
    main()
