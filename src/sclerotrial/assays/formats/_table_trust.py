"""Columns of a table of wells in which the software says what it thinks of them."""

from __future__ import annotations

from collections.abc import Collection

from sclerotrial.assays.formats._dates import order_of
from sclerotrial.assays.formats._lots import lots
from sclerotrial.assays.formats._said import Finding, code, places
from sclerotrial.assays.formats._tidy import Rows, cell, fold, well

_TITLES = {
    "flag", "flags", "warning", "warnings", "error", "errors", "status", "wellstatus", "wellflag",
    "qc", "qcflag", "qcstatus", "plateflag", "plateflags", "excluded", "exclude", "masked",
    "detectionrange", "detectionrangeindicator", "detectionranges",
}  # fmt: skip
_FINE = {"", "ok", "pass", "passed", "good", "no", "n", "false", "0", "none", "valid", "success",
         "complete", "completed", "indetectionrange", "inrange", "infitcurverange"}  # fmt: skip
_MEASURED = ("acquisitiondate", "readdate", "readtime", "date", "platestart")
_WORDS = {"yes", "y", "true", "1", "fail", "failed", "warning", "error", "invalid"}


def findings(
    above: Rows, titles: list[str], body: Rows, place: int, known: Collection[str] = ()
) -> list[Finding]:
    """Lots above the table, and a row for each column and word that doubts wells (they are kept).

    Parameters
    ----------
    above, body : list of (line, cells)
        The lines before the table, and its rows.
    titles : list of str
    place : int
        Column of the wells.
    known : collection of str
        Words in lower case that the reader itself takes up.
    """
    texts = [c for _, cells in above for c in cells]
    lines = [" ".join(c) for _, c in above]
    batch = next(
        (t for t in lines if fold(t).startswith(_MEASURED) and "expir" not in t.lower()), ""
    )
    out = lots(above, batch, order_of(texts))
    for i, title in enumerate(titles):
        if fold(title) not in _TITLES:
            continue
        kinds: dict[str, list[tuple[int, str]]] = {}
        for line, cells in body:
            word = cell(cells, i)
            if fold(word) not in _FINE and word.lower() not in known:
                kinds.setdefault(word, []).append((line, well(cell(cells, place))))
        for word, some in kinds.items():
            shown = word if fold(word) in _WORDS else code(word)
            text = f"The software marks wells, {title} {shown} (kept): {places(w for _, w in some)}"
            out.append(Finding("instrument_flag", "note", text, some[0][0], len(some)))
    return out
