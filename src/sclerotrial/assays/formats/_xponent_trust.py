"""What an xPONENT file says of the instrument, its lots and its wells beside the readings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sclerotrial.assays.formats._dates import order_of
from sclerotrial.assays.formats._lots import calibrators, lots
from sclerotrial.assays.formats._said import Finding, code, places
from sclerotrial.assays.formats._xponent_blocks import Rows, well_of

#: ``Last CAL Calibration``, ``Last F3DeVER1 Verification``, ``Last Fluidics Test``
_STEP = re.compile(r"Last (?:\w+ ){0,2}(?:Calibration|Verification|Control|Test)", re.I)
_DONE = ("passed", "pass", "calibrated", "verified", "ok")
_FAILED = ("failed", "fail", "error", "not calibrated", "not verified", "aborted")
#: what the messages of an acquisition speak of, the first that fits
_WARNINGS = (
    (re.compile(r"did not reach the (specified|minimum|maximum) count", re.I),
     "fewer beads of a region than asked for"),
    (re.compile(r"time ?d? ?out", re.I), "the acquisition timed out"),
    (re.compile(r"sample empty|no sample|insufficient|detect any liquid", re.I),
     "too little sample"),
    (re.compile(r"pressure|clog|fluid|flow", re.I), "trouble with the fluidics"),
    (re.compile(r"temperature|temp\b", re.I), "a temperature off its limits"),
    (re.compile(r"calibrat|verif", re.I), "trouble with the calibration"),
)  # fmt: skip
_REMOVED = re.compile(r"invalid|remov|delet|exclu|disabl|reject", re.I)
_WELL = re.compile(r"\b(?:\d+\s*,\s*)?([A-P]\d{1,2})\b")


def findings(lines: Rows, blocks: dict[str, Rows]) -> list[Finding]:
    """Findings of the header and of the blocks of messages.

    Parameters
    ----------
    lines : list of (line, cells)
        The whole file.
    blocks : dict
        From `_xponent_blocks.split`.
    """
    ends = ("samples", "results", "datatype")
    first = next((i for i, (_, c) in enumerate(lines) if c and c[0].lower().startswith(ends)), None)
    head = lines[:first]
    told = {c[0].lower(): c[1] for _, c in head if len(c) > 1}
    order = order_of((x for _, c in head for x in c), told.get("country code", ""))
    batch = told.get("batchstarttime") or told.get("date", "")
    return [*_steps(head), *calibrators(head), *lots(head, batch, order),
            *_warnings(blocks.get("warnings/errors", [])),
            *_audit(blocks.get("audit logs", []))]  # fmt: skip


def _steps(head: Rows) -> Iterator[Finding]:
    """Calibration, verification and test of the instrument that did not pass."""
    for line, cells in head:
        if not cells or not _STEP.fullmatch(cells[0]):
            continue
        status = re.split(r"\s*\d", cells[1] if len(cells) > 1 else "", maxsplit=1)[0].lower()
        step = cells[0]
        if "expired" in status:
            text = f"{step}: its lot had expired"
            yield Finding("lot_expired", "fail", text, line)
        elif status in _FAILED or status.startswith(("fail", "not ")):
            yield Finding("calibration", "fail", f"{step}: {code_of(status)}", line)
        elif not status or status not in _DONE:
            text = f"{step}: the file tells no result" if not status else (
                f"{step}: neither passed nor failed")  # fmt: skip
            yield Finding("calibration", "note", text, line)


def code_of(status: str) -> str:
    """A status in words that are known."""
    return next((w for w in _FAILED if status.startswith(w)), "failed")


def _warnings(rows: Rows) -> Iterator[Finding]:
    """Messages of the acquisition, one row a kind with its wells."""
    told = ((n, *(*c, "", "", "")[:3]) for n, c in rows[1:])
    return warnings((n, well_of(place), status, message) for n, place, status, message in told)


def warnings(told: Iterable[tuple[int, str, str, str]]) -> Iterator[Finding]:
    """Findings of the messages of an acquisition: line, well, status and message of each."""
    kinds: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for line, place, status, message in told:
        kind = next((words for rx, words in _WARNINGS if rx.search(message)), "")
        kind = kind or f"another message (status {code(status) if status else 'untold'})"
        verdict = "fail" if status.lower() in ("error", "failed", "fail") else "note"
        kinds.setdefault((kind, verdict), []).append((line, place))
    for (kind, verdict), seen in kinds.items():
        wells = dict.fromkeys(w for _, w in seen)
        text = f"The instrument warns of wells, {kind}: {places(wells)}"
        yield Finding("instrument_warning", verdict, text, seen[0][0], len(wells))


def _audit(rows: Rows) -> Iterator[Finding]:
    """Entries of the audit log; who and why are not shown."""
    seen = [(n, " ".join(c[2:])) for n, c in rows[1:]]
    removed = [(n, m) for n, m in seen if _REMOVED.search(m)]
    if removed:
        wells = [w for _, m in removed for w in _WELL.findall(m)]
        where = f": {places(wells)}" if wells else ""
        text = f"The audit log tells {len(removed)} times of readings removed or made invalid"
        yield Finding("audit_log", "note", text + where, removed[0][0], len(removed))
    others = [n for n, m in seen if not _REMOVED.search(m)]
    if others:
        text = f"The audit log has {len(others)} entries of other changes; see the file"
        yield Finding("audit_log", "note", text, others[0], len(others))
