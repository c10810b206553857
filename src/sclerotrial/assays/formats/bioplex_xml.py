"""Bio-Plex Manager XML (5 and 6): every well of every blank, standard, control and unknown."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._bioplex_trust import of_document, place_of
from sclerotrial.assays.formats._common import refuse
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import with_findings

NAME = "bioplex_xml"
#: its first lines belong to no other format
SURE = True

_HEAD = re.compile(r"<(\w+:)?BioPlexManager\b[^>]*")
_VERSION = re.compile(r'BioPlexManagerVersion="([^"]*)"')
_TASKS = {"Blank": "BLANK", "Standard": "STANDARD", "Control": "CONTROL", "Unknown": "SAMPLE"}


def sniff(head: str, path: Path) -> str | None:
    """Version of Bio-Plex Manager, None when the file is another's."""
    found = _HEAD.search(head[:4000])
    if not found:
        return None
    version = _VERSION.search(found.group(0))
    return version.group(1) if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the document as the tidy long table.

    Quantities median_mfi (the reading of a well), count (where bead regions are stored), result
    and, for standards and controls, expected. LINE is the number of the sample in the document.

    Raises
    ------
    InputErrors
        XML that is cut or not well formed, no samples.
    """
    out, units, counts = Tidy(name), {}, {}
    try:
        root = fromstring(_files.whole(path, name))
    except ParseError as error:
        line = error.position[0]
        raise refuse("The XML is cut or not well formed", f"{name}, line {line}",
                     "Export the document again") from error  # fmt: skip
    found: list[tuple[Element, str]] = []
    for node in root.iter():
        tag = node.tag if node.tag[0] != "{" else node.tag.rsplit("}", 1)[-1]
        if tag in _TASKS:
            found.append((node, _TASKS[tag]))
        elif tag == "Interpolator":
            units[_text(node, "AnalyteName")] = _text(node, "ConcentrationUnits")
        elif tag == "Well":
            place = place_of(node)
            for region in node.iter("BeadRegion"):
                counts[place, region.get("RegionNumber")] = _text(region, "RegionCount")
    for order, (node, task) in enumerate(found, 1):
        _sample(out, node, task, counts, units, order)
    said = of_document(root, [node for node, _ in found])
    return with_findings(out.table("The document has no samples"), said, name)


def _text(node: Element, tag: str) -> str:
    found = node.find(tag)
    return (found.text or "").strip() if found is not None else ""


def _sample(out: Tidy, node: Element, task: str, counts: dict, units: dict, order: int) -> None:
    label, described = _text(node, "Label"), _text(node, "Description")
    sample = (described or label) if task == "SAMPLE" else label or described
    dilution = _text(node, "Dilution")
    dilution = f"{float(dilution):g}" if dilution else ""
    for analyte in node.iterfind("Analytes/Analyte"):
        expected = _text(analyte, "ExpectedConc")
        # a concentration of zero is one that was never entered
        if expected and float(expected) > 0 and task in ("STANDARD", "CONTROL"):
            title = _text(analyte, "AnalyteName")
            out.add("expected", expected, order, sample=sample, task=task, analyte=title,
                    unit=units.get(title, ""))  # fmt: skip
    for member in node.iterfind("MemberWells/MemberWell"):
        place = place_of(member)
        for one in member.iterfind("MWAnalytes/MWAnalyte"):
            title, reading = _text(one, "AnalyteName"), one.find("Reading")
            flags = [] if reading.get("OutlierType", "None") == "None" else ["outlier"]
            flags += ["invalid"] if reading.get("Valid", "true") == "false" else []
            where = {"well": place, "sample": sample, "task": task, "analyte": title,
                     "flags": " ".join(flags), "dilution": dilution}  # fmt: skip
            out.add("median_mfi", reading.text or "", order, unit="MFI", **where)
            beads = counts.get((place, one.get("RegionNumber")))
            if beads is not None:
                out.add("count", beads, order, unit="beads", **where)
            given = one.find("MWObsConc")
            if given is not None and given.get("ReadingOK", "true") == "true":
                out.add("result", given.text or "", order, unit=units.get(title, ""), **where)
