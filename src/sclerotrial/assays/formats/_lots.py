"""Lots of reagents and calibrators with their expiry, wherever a file lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sclerotrial.assays.formats._dates import readings_of
from sclerotrial.assays.formats._said import Finding, code
from sclerotrial.assays.formats._tidy import Rows, cell, fold

_EXPIRY = {"expirationdate", "expiration", "expirydate", "expiry", "expdate", "useby"}
_LOT = ("lotnumber", "lot", "lotno", "lotname", "batchnumber")
_WHO = ("reagent", "kitname", "calibrator", "component")
_NONE = {"", "<none>", "none", "n/a", "na", "-"}
#: ``Standard Lot: 5024 Expiration Date: 01-Jan-2012`` in one cell
_LINE = re.compile(
    r"(\w[\w ]{0,30}?)\s+Lot(?: Number)?\s*:\s*(.*?)[\s,;]+Exp\w*\.?(?: Date)?\s*:\s*(.*)", re.I
)
_REAGENT = re.compile(
    r"(standard|calibrator|control|background|blank|bead|detection|reporter|cartridge|kit|plate)"
    r"\w{0,12}",
    re.I,
)
_PASS = re.compile(r"pass|ok\b|true|calibrated|verified", re.I)


def lots(rows: Rows, batch: str, order: str) -> list[Finding]:
    """Lots that had expired, or of which that cannot be told, and calibrators that failed.

    Parameters
    ----------
    rows : list of (line, cells)
        Where lots may be listed: below a row of titles with an expiry, or in a line of their own.
    batch : str
        When the batch was measured, as written.
    order : str
        Order of day and month in this file (see `_dates.order_of`).
    """
    out: list[Finding] = []
    started = readings_of(batch, order)
    for line, who, lot, expiry, used in _listed(rows):
        if expiry.lower() in _NONE:
            continue
        told = f"{who} lot {code(lot)}" if lot else who
        if "expired" in expiry.lower():
            out.append(
                Finding("lot_expired", "fail", f"{told}: the file says it had expired", line)
            )
            continue
        ends = readings_of(expiry, order)
        if not ends or not started:
            why = "cannot be read" if not ends else "is not checked: the batch has no date"
            out.append(Finding("lot_expiry", "note", f"{told}: its expiry {why}", line))
            continue
        over = {end < begin for end in ends for begin in started}
        if over == {True}:
            when = f"{told} expired on {_shown(ends)}, before the batch of {_shown(started)}"
            good = used and (days := readings_of(used, order)) and max(days) <= min(ends)
            more = "; it was good when the instrument was calibrated with it" if good else ""
            out.append(Finding("lot_expired", "note" if good else "fail", when + more, line))
        elif len(over) == 2:
            text = (f"{told}: whether it had expired ({_shown(ends)}) before the batch "
                    f"({_shown(started)}) depends on the order of day and month, which the file "
                    "does not tell")  # fmt: skip
            out.append(Finding("lot_expiry", "note", text, line))
    return out


def calibrators(rows: Rows) -> list[Finding]:
    """Calibrators that the file lists with a result other than passed."""
    out = []
    for line, header, cells in _below(rows):
        titles = [fold(t) for t in header]
        done = {i for i, t in enumerate(titles) if t == "result" or t.endswith("calibrated")}
        bad = [header[i] for i in done if (c := cell(cells, i)) and not _PASS.match(c)]
        if bad:
            lot = code(cell(cells, _at(titles, _LOT)))
            out.append(Finding("calibration", "fail",
                               f"The calibration with lot {lot} did not pass", line))  # fmt: skip
    return out


def _shown(days: set) -> str:
    return " or ".join(d.isoformat() for d in sorted(days))


def _at(titles: list[str], names: tuple[str, ...]) -> int | None:
    return next((titles.index(n) for n in names if n in titles), None)


def _below(rows: Rows) -> Iterator[tuple[int, list[str], list[str]]]:
    """Line, titles and cells of the rows of each table that has a column of expiries."""
    header: list[str] = []
    for line, cells in rows:
        if _EXPIRY & {fold(c) for c in cells}:
            header = cells
        elif not any(cells) and header and fold(header[0]) in _LOT:
            header = []  # calibrators end with an empty line, reagents may have such
        elif header and len([c for c in cells if c]) > 1:
            yield line, header, cells
        elif header and any(cells) and fold(header[0]) not in _WHO:
            header = []  # a heading


def _listed(rows: Rows) -> Iterator[tuple[int, str, str, str, str]]:
    """Line, what it is, lot, expiry, and when the instrument was calibrated with it."""
    for line, header, cells in _below(rows):
        titles = [fold(t) for t in header]
        end = next(i for i, t in enumerate(titles) if t in _EXPIRY)
        named = _at(titles, _WHO)
        who = cell(cells, named)
        lot = next((c for t in _LOT if t in titles and (c := cell(cells, titles.index(t)))), "")
        yield (line, "Calibrator" if named is None else _kind(who), lot, cell(cells, end),
               cell(cells, _at(titles, ("calibrationtime",))))  # fmt: skip
    for line, cells in rows:
        for text in cells:
            if "lot" in text.lower() and (found := _LINE.match(text)):
                yield line, _kind(found[1]), found[2], found[3], ""


def _kind(who: str) -> str:
    """``Standard1``; the name of anything else is not shown."""
    return who if _REAGENT.fullmatch(who) else "Reagent"
