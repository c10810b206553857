"""Plain tables of immunohistochemistry scores: a row a sample (and marker), text or workbook."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import decimal_mark, decode, records, table_delimiter
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import Rows, cell, find_header, fold

NAME = "ihc"
#: asked only when no instrument's format knows the file
LAST = True

_TITLES = {
    "sample": ("sample", "sampleid", "samplename", "barcode", "slide", "slideid", "caseid", "case",
               "block", "biopsy", "specimen", "specimenid"),
    "marker": ("marker", "stain", "antibody", "antigen", "target", "ihc"),
    "region": ("region", "compartment", "area", "roi", "layer"),
}  # fmt: skip
#: how a column of scores is titled, alone or after the name of a marker
_SCORES = (
    ("h_score", re.compile(r"^(.*?)[ _.-]*h[ _-]?score$", re.I)),
    ("percent_positive", re.compile(r"^(.*?)[ _.-]*(?:%|percent|pct|"
                            r"proportion)[ _.-]*(?:pos(?:itive)?"
                                    r"(?:[ _.-]cells)?)?$|"
                                    r"^(.*?)[ _.-]*positive[ _.-]*(?:%|percent)$",
                                    re.I)),
    ("allred", re.compile(r"^(.*?)[ _.-]*(?:allred|quick)(?:[ _.-]*score)?$", re.I)),
    ("intensity", re.compile(r"^(.*?)[ _.-]*(?:staining[ _.-]*)?intensity$", re.I)),
    ("density", re.compile(r"^(.*?)[ _.-]*(?:cells?|pos(?:itive)?)"
                            r"(?: ?(?:/|per) ?(?:mm2|mm\^2|mm²|hpf))$",
                           re.I)),
    ("score", re.compile(r"^(.*?)[ _.-]*ihc[ _.-]*score$|^score$", re.I)),
)  # fmt: skip


def _table(head: str, path: Path) -> Rows:
    if head:
        return records(head, table_delimiter(head))
    book = _files.workbook(path)
    return book.rows(book.names[0]) if book and book.names else []


def _scores(header: list[str]) -> list[tuple[int, str, str]]:
    """Position, quantity and marker ('' when told by another column) of the score columns."""
    out = []
    for i, title in enumerate(header):
        for quantity, rx in _SCORES:
            if found := rx.fullmatch(title.strip()):
                marker = next((g for g in found.groups() if g), "").strip(" _.-(")
                out.append((i, quantity, marker))
                break
    return out


def _find(rows: Rows) -> tuple[int, dict[str, int], list[tuple[int, str, str]]] | None:
    found = find_header(rows[:20], _TITLES, ("sample",))
    if found is None:
        return None
    scores = _scores(rows[found[0]][1])
    named = "marker" in found[1] or all(m for _, _, m in scores)
    return (*found, scores) if scores and named else None


def sniff(head: str, path: Path) -> str | None:
    """'' for a table with samples, markers and scores, None when the file is another's."""
    return "" if _find(_table(head, path)) else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the scores as the tidy long table; WELL is the region.

    Quantities h_score (0 to 300), percent_positive, allred, intensity, density, score.

    Raises
    ------
    InputErrors
        No such table, cells that are no number.
    """
    text = decode(_files.whole(path, name))[0]
    rows = _table(text, path)
    out, found = Tidy(name), _find(rows)
    if found is None:
        return out.table("There is no table with a column of samples and a column of scores")
    start, at, scores = found
    body = [(n, c) for n, c in rows[start + 1 :] if cell(c, at["sample"])]
    out.mark = decimal_mark(cell(c, i) for _, c in body for i, _, _ in scores)
    for line, cells in body:
        for i, quantity, marker in scores:
            score = cell(cells, i)
            # 2+ is the intensity 2
            score = score.rstrip("+") if re.fullmatch(r"\d\+", score) else score.rstrip("% ")
            out.add(quantity, score, line, well=cell(cells, at.get("region")),
                    sample=cell(cells, at["sample"]), analyte=cell(cells,
                    at.get("marker")) or marker,
                    unit="%" if fold(quantity) == "percentpositive" else "")  # fmt: skip
    return out.table()
