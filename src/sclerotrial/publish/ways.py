"""The way back of every number, packed for the report: what it is, and which raw lines it rests on.

Rows of datasets and lists of rows recur in many numbers, words in many rows: each is kept once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from sclerotrial.tabular import cells

#: what is told of a number, in this order; the first is its text as printed
TOLD = (
    "TEXT", "UNIT", "N", "LABEL", "METHOD", "CONVENTION", "POPULATION", "ESTIMAND",
    "CONF_ACHIEVED", "P_ATTAINABLE", "P_ADJ", "DATASET", "FILTER", "NOTE",
)  # fmt: skip
#: what is told of a row behind it
ROW = ("DATASET", "ROW", "USUBJID", "PARAMCD", "AVISIT", "VALUE", "SRCFILE", "SRCLINE", "SRCFIELD")
#: rows listed of one number; `sclerotrial trace` lists all
MOST = 200


def pack(ard: pd.DataFrame, lineage: pd.DataFrame) -> dict[str, Any]:
    """All numbers with their rows, as plain data.

    Parameters
    ----------
    ard, lineage : DataFrame of str
        ``results/ard.csv`` and ``results/lineage.parquet``.

    Returns
    -------
    dict
        ``told``, ``row``: names of the columns; ``words``: texts, each once; ``rows``: of indices
        into words; ``lists``: of indices into rows, from -1 downwards for a baseline row (-1 - k),
        and the number of rows left out; ``numbers``: id -> indices into words, then one into lists
        (-1: no rows); ``reasons``: id -> where a number without rows comes from.
    """
    words: dict[str, int] = {}
    rows: dict[tuple[str, ...], int] = {}
    lists: dict[tuple[int, ...], int] = {}

    def places(texts: Iterable[str]) -> list[int]:
        return [words.setdefault(text, len(words)) for text in texts]

    behind: dict[str, list[int]] = {}
    reasons: dict[str, str] = {}
    parents = zip(*(cells(lineage[c]) for c in ROW), strict=True)
    for id_, role, cell in zip(cells(lineage["ID"]), cells(lineage["ROLE"]), parents, strict=True):
        if role == "none":
            reasons[id_] = cell[ROW.index("SRCFILE")]
            continue
        k = rows.setdefault(cell, len(rows))
        behind.setdefault(id_, []).append(-1 - k if role == "baseline" else k)
    coded = [places(row) for row in rows]
    numbers = {}
    columns = [cells(ard[c]) if c in ard.columns else [""] * len(ard) for c in TOLD]
    for id_, *told in zip(cells(ard["ID"]), *columns, strict=True):
        mine = behind.get(id_, [])
        at = -1
        if mine:
            kept = (*mine[:MOST], len(mine) - len(mine[:MOST]))
            at = lists.setdefault(kept, len(lists))
        numbers[id_] = [*places(told), at]
    return {
        "told": list(TOLD),
        "row": list(ROW),
        "words": list(words),
        "rows": coded,
        "lists": [list(k) for k in lists],
        "reasons": reasons,
        "numbers": numbers,
    }


def embedded(data: Any, name: str) -> str:
    """Data for the page's script; nothing in it can end the element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/json" id="{name}">{safe}</script>'
