"""QuPath measurements: annotations (a row a region) or detections (a row a cell).

Older versions name neither image nor marker: SAMPLE is then the name of the file without its end,
and `pattern` in assays.yaml tells sample and marker from it. A column is left out where all its
values are zero, so `Num Positive` may be absent.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PurePosixPath

import pandas as pd

from sclerotrial.assays.formats._common import decimal_mark, load_text, records, table_delimiter
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import cell, find_header, fold

NAME = "qupath"

_TITLES = {
    "name": ("name",), "image": ("image", "imagename"), "class": ("class", "classification"),
    "num_detections": ("numdetections",), "num_positive": ("numpositive",),
    "num_negative": ("numnegative",), "percent_positive": ("positive%", "positivepercent"),
    "density": ("numpositivepermm2",), "area": ("areaµm2", "areaum2", "aream2"),
    "h_score": ("hscore",), "allred": ("allredscore", "allredintensity"),
    "object": ("objecttype",), "parent": ("parent",),
}  # fmt: skip
_UNITS = {"percent_positive": "%", "density": "1/mm2", "area": "um2"}
_READ = ("num_detections", "num_positive", "num_negative", "percent_positive", "density", "h_score",
         "allred", "area")  # fmt: skip
_COUNTED = re.compile(r"\bNum (Detections|Positive|Negative)\b|\bPositive %")
_CENTRE = re.compile(r"centroid ?x", re.I)


def sniff(head: str, path: Path) -> str | None:
    """'' for measurements of QuPath, None when the file is another's."""
    first = head.split("\n", 1)[0]
    if head.strip() == "Name":
        return ""  # an image without annotations
    placed = _CENTRE.search(first) and re.search(r"\bROI\b|\bClass\b|Object type", first)
    # an export of chosen columns may leave out where the objects lie
    chosen = _COUNTED.search(first) and re.search(r"\bImage\b|\bParent\b|Object ID", first)
    return "" if placed or chosen else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the measurements as the tidy long table; WELL is the region.

    Quantities num_positive, num_negative, num_detections, percent_positive, density (positive
    cells per mm2), h_score, allred, area. Cells are counted by region and class; with classes 1+,
    2+ and 3+ their H-score is the sum of percent times intensity. An image without annotations
    leaves one row that says ``no_annotations``.

    Raises
    ------
    InputErrors
        Cells that are no number.
    """
    text = load_text(path, name)
    rows = records(text, table_delimiter(text))
    out = Tidy(name)
    stem = PurePosixPath(name).name.rsplit(".", 1)[0]
    body = [(n, c) for n, c in rows[1:] if any(c)]
    if not body:
        out.add("num_detections", "", 1, sample=stem, flags="no_annotations")
        return out.table()
    _, at = find_header(rows[:1], _TITLES, ()) or (0, {})
    if any(k in at for k in _READ[:5]):
        out.mark = decimal_mark(cell(c, at[k]) for _, c in body for k in _READ if k in at)
        for line, cells in body:
            _region(out, line, cells, at, stem)
    else:
        _cells(out, body, at, stem)
    return out.table()


def _who(cells: list[str], at: dict[str, int], stem: str) -> tuple[str, str]:
    image = cell(cells, at.get("image"))
    region = cell(cells, at.get("class")) or cell(cells, at.get("name"))
    return (image.rsplit(".", 1)[0] if image else stem), region


def _region(out: Tidy, line: int, cells: list[str], at: dict[str, int], stem: str) -> None:
    sample, region = _who(cells, at, stem)
    for quantity in _READ:
        if quantity in at:
            out.add(quantity, cell(cells, at[quantity]), line, well=region, sample=sample,
                    unit=_UNITS.get(quantity, ""))  # fmt: skip
        elif quantity == "num_positive" and "num_negative" in at:
            out.add(quantity, "0", line, well=region, sample=sample, flags="absent")


def _cells(out: Tidy, body: list, at: dict[str, int], stem: str) -> None:
    counts: dict[tuple[str, str], Counter] = {}
    first: dict[tuple[str, str], int] = {}
    for line, cells in body:
        sample, label = _who(cells, at, stem)
        key = (sample, cell(cells, at.get("parent")))
        first.setdefault(key, line)
        counts.setdefault(key, Counter())[fold(label.rsplit(":", 1)[-1])] += 1
    for (sample, region), found in counts.items():
        grade = {g: sum(n for k, n in found.items() if k == str(g)) for g in (1, 2, 3)}
        positive = found["positive"] + sum(grade.values())
        total = positive + found["negative"]
        where = {"line": first[sample, region], "well": region, "sample": sample}
        out.add("num_detections", str(sum(found.values())), **where)
        out.add("num_positive", str(positive), **where)
        out.add("num_negative", str(found["negative"]), **where)
        if total:
            out.add("percent_positive", repr(100 * positive / total), unit="%", **where)
        if total and sum(grade.values()):
            score = 100 * sum(g * n for g, n in grade.items()) / total
            out.add("h_score", repr(score), **where)
