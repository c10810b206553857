"""Rows of an ADAT: their numbers, and single cells by place or title."""

from __future__ import annotations

import numpy as np

from sclerotrial.assays.formats._common import number


def numbers(texts: list[str]) -> np.ndarray | None:
    """Values of a row, NaN where empty; None where a cell is no number."""
    try:
        values = np.array(list(map(float, texts)))
        if np.isfinite(values).all() and not any("_" in t for t in texts):
            return values
    except ValueError:
        pass
    given = [number(t) for t in texts]
    return None if None in given else np.array([float(g) if g else np.nan for g in given])


def first(cells: list[str]) -> int:
    """Index of the first cell that is not empty."""
    return next((i for i, c in enumerate(cells) if c.strip()), 0)


def cell_of(cells: list[str], at: dict[str, int], title: str) -> str:
    """The cell below a title, '' where there is none."""
    return cells[at[title]].strip() if title in at and at[title] < len(cells) else ""
