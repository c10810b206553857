"""Listings of the report: plain tables that the page's script makes sortable and searchable.

Without the script the first rows stand there as they are. Rows beyond those are kept as data, so
that a listing of many thousand rows opens as fast as a short one.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

import pandas as pd

#: rows that are written as a table; the rest is data, shown page by page
STATIC = 100


def listing(
    frame: pd.DataFrame,
    mark: str = "",
    link: str = "",
    name: str = "",
    behind: Mapping[str, list[str]] | None = None,
) -> str:
    """A table of text; every cell is escaped.

    Parameters
    ----------
    frame : DataFrame
        Columns under headings in words.
    mark : str
        The column whose cells carry their text as a class.
    link : str
        The column of ARD ids, from which a reader goes the way back.
    name : str
        What the listing is called by those who listen.
    behind : mapping of column to list of str, optional
        ARD ids behind the cells of a column, a row each; of the rows that are written as a table.

    Returns
    -------
    str
        A ``<div class="listing">`` with a table, and with the remaining rows as data.
    """
    columns = [str(c) for c in frame.columns]
    head = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in columns)
    rows = frame.astype(str).to_numpy().tolist()
    at = {what: columns.index(c) if c in columns else -1 for what, c in (("m", mark), ("l", link))}
    ids = {columns.index(c): of for c, of in (behind or {}).items() if c in columns}
    body = "".join(
        _row(row, at["m"], {at["l"]: row[at["l"]], **{c: of[k] for c, of in ids.items()}})
        for k, row in enumerate(rows[:STATIC])
    )
    rest = ""
    if len(rows) > STATIC:
        data = json.dumps(rows[STATIC:], ensure_ascii=False, separators=(",", ":"))
        safe = data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        rest = f'<script type="application/json" class="rest">{safe}</script>'
        rest += (
            f"<noscript><p>The first {STATIC} of {len(rows)} rows; the file of results holds all."
            "</p></noscript>"
        )
    said = html.escape(name or "Listing")
    return (
        f'<div class="listing" data-mark="{at["m"]}" data-link="{at["l"]}">'
        f'<div class="wide" role="region" aria-label="{said}" tabindex="0">'
        f'<table class="listing"><caption class="unseen">{said}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}</div>"
    )


def _row(row: list[str], mark: int, ids: Mapping[int, str]) -> str:
    """One row; cells with ARD ids lead the way back."""
    cells = []
    for k, value in enumerate(row):
        kind = f' class="{html.escape(value.replace(" ", "-"))}"' if k == mark else ""
        shown = html.escape(value)
        if value and ids.get(k):
            shown = f'<span data-ard="{html.escape(ids[k])}">{shown}</span>'
        cells.append(f"<td{kind}>{shown}</td>")
    return f"<tr>{''.join(cells)}</tr>"
