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
from sclerotrial.assays.formats._rdml_nodes import child, named, place, text_of, unlike
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import Finding, places, with_findings

NAME = "rdml"
#: its first lines belong to no other format
SURE = True

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
            if tag == "sample" and node.get("id") and child(node, "type") is not None:
                kinds[node.get("id")] = (text_of(node, "type"), text_of(node, "quantity/value"))
                names[node.get("id")] = named(node)
            elif tag == "target" and node.get("id"):
                targets[node.get("id")] = named(node)
            elif tag == "pcrFormat":
                columns["A"] = int(text_of(node, "columns") or 12)
            elif tag == "react":
                order += 1
                _react(out, node, kinds, (names, unlike(targets)), columns["A"], order, given)
                _noted(node, columns["A"], order, notes)
                node.clear()
    except ParseError as error:
        raise refuse("The XML is cut or not well formed", name, "Export it again") from error
    return with_findings(out.table("The document has no reactions"), _findings(notes), name)


def _react(out: Tidy, node: Element, kinds: dict, names: tuple[dict, dict], columns: int,
           order: int, given: set) -> None:  # fmt: skip
    link = child(node, "sample")
    key = link.get("id", "") if link is not None else ""
    kind, amount = kinds.get(key, ("unkn", ""))
    sample = names[0].get(key, key)
    what = _TASKS.get(kind, "SAMPLE")
    for data in (c for c in node if c.tag.rsplit("}", 1)[-1] == "data"):
        target = child(data, "tar")
        analyte = target.get("id", "") if target is not None else ""
        analyte = names[1].get(analyte, analyte)
        cq, excluded = text_of(data, "cq"), text_of(data, "excl")
        if not analyte and not cq:
            continue  # a point of a curve that stands where a reaction should
        lost = cq == "" or cq.lower() == "nan" or cq.startswith("-")
        flags = ["undetermined"] * lost + ["omit"] * bool(excluded)
        out.add("ct", "" if lost else cq, order, well=place(node.get("id", ""), columns),
                sample=sample, task=what, analyte=analyte, unit="Ct",
                flags=" ".join(flags))  # fmt: skip
        if what == "STANDARD" and amount and (sample, analyte) not in given:
            given.add((sample, analyte))
            out.add("expected", amount, order, sample=sample, task=what, analyte=analyte)


def _noted(node: Element, columns: int, order: int, notes: dict) -> None:
    """Notes of a reaction that has a Cq and is not left out, by what they say."""
    for data in (c for c in node if c.tag.rsplit("}", 1)[-1] == "data"):
        cq = text_of(data, "cq")
        if not cq or cq.lower() == "nan" or cq.startswith("-") or text_of(data, "excl"):
            continue
        for part in filter(None, (p.strip() for p in text_of(data, "note").split(";"))):
            kind = part.lower() if part.lower() in _NOTES else ""
            notes.setdefault(kind, []).append((order, place(node.get("id", ""), columns)))


def _findings(notes: dict[str, list[tuple[int, str]]]) -> Iterator[Finding]:
    for kind, some in sorted(notes.items(), reverse=True):
        wells = dict.fromkeys(w for _, w in some)
        text = f"The analysis notes of wells that have a Cq, {kind}: {places(wells)}"
        other = f"{len(wells)} wells carry other notes, which are not shown; see the file"
        yield Finding("instrument_flag" if kind else "sample_notes", "note",
                      text if kind else other, some[0][0], len(wells))  # fmt: skip
