"""What a qPCR export says of the calibration of its instrument and of the quality of its wells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sclerotrial.assays.formats._common import number
from sclerotrial.assays.formats._said import Finding, code, places
from sclerotrial.assays.formats._tidy import Rows, cell, fold, well

_EXPIRED = re.compile(r"\W*Calibration (.{1,40}?) is expired\s*=?\s*(?:yes|true|y)\W*", re.I)
_FLAG = re.compile(r"[A-Z][A-Z_]{2,14}")
#: what the flags of the software stand for, where their names do not tell
_MEANING = {
    "EXPFAIL": "no exponential phase", "NOAMP": "no amplification",
    "BADROX": "poor passive reference",
    "HIGHSD": "replicates differ", "OUTLIERRG": "outlier of its replicates",
    "NOSIGNAL": "no signal", "BLFAIL": "no baseline", "CTFAIL": "no Ct by the algorithm",
    "THOLDFAIL": "no threshold",
    "OFFSCALE": "fluorescence off scale", "SPIKE": "spikes in the curve", "NOISE": "noisy curve",
    "AMPNC": "amplified negative control",
}  # fmt: skip
#: flags that say nothing new of a well without a Ct
_OF_CT = {"EXPFAIL", "NOAMP", "NOSIGNAL", "CTFAIL"}
_ISSUES = ("resultqualityissues", "curvequality", "qualitystatus")
_NO_AMP = {"noamp", "inconclusive", "noamplification"}


def findings(
    above: Rows, titles: list[str], body: Rows, at: dict[str, int | None]
) -> list[Finding]:
    """Findings of an export.

    Parameters
    ----------
    above : list of (line, cells)
        The lines before the table.
    titles : list of str
        Of the table.
    body : list of (line, cells)
        Its rows.
    at : dict
        Columns of well, task and ct.
    """
    return [*_calibrations(above), *_flags(titles, body, at), *_words(titles, body, at)]


def _calibrations(above: Rows) -> Iterator[Finding]:
    found = [(n, m[1]) for n, c in above if (m := _EXPIRED.fullmatch(" ".join(c[:2]).strip()))]
    if found:
        names = ", ".join(name for _, name in found)
        text = f"{len(found)} calibrations of the instrument had expired: {names}"
        yield Finding("calibration", "fail", text, found[0][0], len(found))


def _wells(body: Rows, at: dict[str, int | None], i: int, ct_only: bool) -> Iterator[tuple]:
    """Line, well and cell of the rows that are no negative control (with a Ct, if so asked)."""
    for line, cells in body:
        if fold(cell(cells, at.get("task"))) in ("ntc", "nac", "negativecontrol"):
            continue
        if not ct_only or number(cell(cells, at["ct"]), ","):
            yield line, well(cell(cells, at["well"])), cell(cells, i)


def _flags(titles: list[str], body: Rows, at: dict[str, int | None]) -> Iterator[Finding]:
    """Columns of a flag each, Y or N."""
    for i, title in enumerate(titles):
        if not _FLAG.fullmatch(title) or not {cell(c, i) for _, c in body} <= {"Y", "N", ""}:
            continue
        set_ = [(n, w) for n, w, c in _wells(body, at, i, title in _OF_CT) if c == "Y"]
        if set_:
            means = f" ({_MEANING[title]})" if title in _MEANING else ""
            beside = " although they have a Ct" if title in _OF_CT else ""
            text = f"The software flags wells{beside}, {title}{means}: "
            yield _told(text, set_)


def _words(titles: list[str], body: Rows, at: dict[str, int | None]) -> Iterator[Finding]:
    """Columns that name what is wrong with a well, and wells with a Ct that did not amplify."""
    folded = [fold(t) for t in titles]
    for title in (*_ISSUES, "ampstatus"):
        if title not in folded:
            continue
        i, amp = folded.index(title), title == "ampstatus"
        kinds: dict[str, list[tuple[int, str]]] = {}
        for line, place, word in _wells(body, at, i, amp):
            if (fold(word) in _NO_AMP) if amp else fold(word) not in ("", "ok", "pass", "good"):
                kinds.setdefault(word, []).append((line, place))
        for word, some in kinds.items():
            beside, shown = (" although they have a Ct", word) if amp else ("", code(word))
            yield _told(f"The software tells of wells{beside}, {titles[i]} {shown}: ", some)


def _told(text: str, some: list[tuple[int, str]]) -> Finding:
    wells = dict.fromkeys(w for _, w in some)
    return Finding("instrument_flag", "note", text + places(wells), some[0][0], len(some))
