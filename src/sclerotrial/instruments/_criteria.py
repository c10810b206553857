"""Reading of the criteria tables that stand beside the instruments."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a criteria file, in its order; every cell text.

    Parameters
    ----------
    name : str
        File name without folder and suffix, e.g. ``"mrss_areas"``.
    """
    path = resources.files("sclerotrial.instruments") / "criteria" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
