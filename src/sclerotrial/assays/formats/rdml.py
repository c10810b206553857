"""RDML (1.0 to 1.4): the exchange format of real-time PCR, XML in a zip or plain."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import refuse
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import Finding, places, with_findings

NAME = "rdml"
#: its first lines belong to no other format
SURE = True

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_ROOT = re.compile(r"<(?:\w+:)?rdml\b[^>]*?\bversion\s*=\s*[\"']([\d.]+)", re.I)
#: notes by which the analysis of the curves doubts a reaction
_NOTES = ("no amplification", "no baseline", "no plateau", "noisy sample")
_TASKS = {"unkn": "SAMPLE", "ntc": "NTC", "nac": "NTC", "nrt": "NTC", "ntp": "NTC",
          "std": "STANDARD", "pos": "CONTROL", "opt": "CONTROL"}  # fmt: skip


def sniff(head: str, path: Path) -> str | None:
    """Version of RDML, None when the file is another's."""
    found = _ROOT.search(head[:4000])
    return found.group(1) if found else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read all runs as the tidy long table (quantity ``ct``, ``expected`` for standards).

    LINE is the number of the reaction in the document. A negative Cq means that none was reached.

    What the analysis notes of reactions that keep their Cq is told (see `_said`).

    Raises
    ------
    InputErrors
        XML that is cut, no reactions.
    """
    kinds: dict[str, tuple[str, str]] = {}
    names: dict[str, str] = {}
    targets: dict[str, str] = {}
    out, order = Tidy(name), 0
    columns = {"A": 12}
    given: set[tuple[str, str]] = set()
    notes: dict[str, list[tuple[int, str]]] = {}
    try:
        for event, node in iterparse(io.BytesIO(_files.whole(path, name)), events=("start", "end")):
            tag = node.tag.rsplit("}", 1)[-1]
            if event == "start":
                continue
            if tag == "sample" and node.get("id") and _child(node, "type") is not None:
                kinds[node.get("id")] = (_text(node, "type"), _text(node, "quantity/value"))
                names[node.get("id")] = _named(node)
            elif tag == "target" and node.get("id"):
                targets[node.get("id")] = _named(node)
            elif tag == "pcrFormat":
                columns["A"] = int(_text(node, "columns") or 12)
            elif tag == "react":
                order += 1
                _react(out, node, kinds, (names, _unlike(targets)), columns["A"], order, given)
                _noted(node, columns["A"], order, notes)
                node.clear()
    except ParseError as error:
        raise refuse("The XML is cut or not well formed", name, "Export it again") from error
    return with_findings(out.table("The document has no reactions"), _findings(notes), name)


def _child(node: Element, tag: str) -> Element | None:
    return next((c for c in node if c.tag.rsplit("}", 1)[-1] == tag), None)


def _text(node: Element, path: str) -> str:
    for tag in path.split("/"):
        found = _child(node, tag)
        if found is None:
            return ""
        node = found
    return (node.text or "").strip()


def _place(text: str, columns: int) -> str:
    if not text.isdigit() or columns < 1:
        return text.upper()
    row, col = divmod(int(text) - 1, columns)
    return f"{chr(65 + row)}{col + 1}" if row < 26 else text


def _named(node: Element) -> str:
    """What a sample or target is called: its id, or what describes it where that is a GUID."""
    key = node.get("id", "")
    if not _GUID.search(key):
        return key
    return _text(node, "description") or _GUID.sub("", key).rstrip("@_ ") or key


def _unlike(names: dict[str, str]) -> dict[str, str]:
    """The names, or the ids where two would be named alike."""
    return names if len(set(names.values())) == len(names) else {k: k for k in names}


def _react(out: Tidy, node: Element, kinds: dict, names: tuple[dict, dict], columns: int,
           order: int, given: set) -> None:  # fmt: skip
    link = _child(node, "sample")
    key = link.get("id", "") if link is not None else ""
    kind, amount = kinds.get(key, ("unkn", ""))
    sample = names[0].get(key, key)
    what = _TASKS.get(kind, "SAMPLE")
    for data in (c for c in node if c.tag.rsplit("}", 1)[-1] == "data"):
        target = _child(data, "tar")
        analyte = target.get("id", "") if target is not None else ""
        analyte = names[1].get(analyte, analyte)
        cq, excluded = _text(data, "cq"), _text(data, "excl")
        if not analyte and not cq:
            continue  # a point of a curve that stands where a reaction should
        lost = cq == "" or cq.lower() == "nan" or cq.startswith("-")
        flags = ["undetermined"] * lost + ["omit"] * bool(excluded)
        out.add("ct", "" if lost else cq, order, well=_place(node.get("id", ""), columns),
                sample=sample, task=what, analyte=analyte, unit="Ct",
                flags=" ".join(flags))  # fmt: skip
        if what == "STANDARD" and amount and (sample, analyte) not in given:
            given.add((sample, analyte))
            out.add("expected", amount, order, sample=sample, task=what, analyte=analyte)


def _noted(node: Element, columns: int, order: int, notes: dict) -> None:
    """Notes of a reaction that has a Cq and is not left out, by what they say."""
    for data in (c for c in node if c.tag.rsplit("}", 1)[-1] == "data"):
        cq = _text(data, "cq")
        if not cq or cq.lower() == "nan" or cq.startswith("-") or _text(data, "excl"):
            continue
        for part in filter(None, (p.strip() for p in _text(data, "note").split(";"))):
            kind = part.lower() if part.lower() in _NOTES else ""
            notes.setdefault(kind, []).append((order, _place(node.get("id", ""), columns)))


def _findings(notes: dict[str, list[tuple[int, str]]]) -> Iterator[Finding]:
    for kind, some in sorted(notes.items(), reverse=True):
        wells = dict.fromkeys(w for _, w in some)
        text = f"The analysis notes of wells that have a Cq, {kind}: {places(wells)}"
        other = f"{len(wells)} wells carry other notes, which are not shown; see the file"
        yield Finding("instrument_flag" if kind else "sample_notes", "note",
                      text if kind else other, some[0][0], len(wells))  # fmt: skip
