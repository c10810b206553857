"""Rows of adbm by marker: which belong together, which have a ratio, what their panel is called."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sclerotrial.tables.markers import Marker
from sclerotrial.tables.source import slug


def keys_of(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """What tells one marker from another: assay, code, matrix."""
    return rows["ASSAY"], rows["PARAMCD"], rows["COMPART"]


def differing(rows: pd.DataFrame) -> pd.Series:
    """Rows of markers whose changes are differences: none of them is told as a ratio."""
    later = (rows["ABLFL"] != "Y") & (rows["AVAL"] != "")
    whole = (rows["AVALCENS"] == "") & (rows["BASECENS"] == "") & (rows["DIRECTION"] != "")
    ratio = (rows[["LOG2FC", "LOG2FC_LOW", "LOG2FC_HIGH"]] != "").any(axis=1)
    keys = pd.Series(list(zip(rows["ASSAY"], rows["PARAMCD"], strict=True)), index=rows.index)
    return keys.isin(set(keys[later & whole]) - set(keys[ratio]))


def part_of(known: Mapping[tuple[str, str], Marker], assay: str, code: str, where: str) -> str:
    """Second part of the ARD ids of a marker, whether it is configured or only in the data."""
    marker = known.get((assay, code))
    return marker.part if marker else f"{where.lower()}_{slug(code)}"


def headings(rows: pd.DataFrame, known: Mapping[tuple[str, str], Marker]) -> list[str]:
    """Name of each marker, with the matrix where several are shown together."""
    several = rows["COMPART"].nunique() > 1
    heads = []
    for assay, code, where in zip(*keys_of(rows), strict=True):
        marker = known.get((assay, code))
        name = marker.name if marker else code
        heads.append(f"{name} ({where.lower()})" if several else name)
    return heads
