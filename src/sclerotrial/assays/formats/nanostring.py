"""NanoString nCounter RCC: one lane a file, counts of probes by class of code."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text
from sclerotrial.assays.formats._dates import order_of
from sclerotrial.assays.formats._lots import lots
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import Finding, with_findings

NAME = "nanostring"
#: its first lines belong to no other format
SURE = True

_BLOCK = re.compile(r"<(\w+)>\n(.*?)(?:</\1>|\Z)", re.S)
_LANE = {"fovcount": "fov_count", "fovcounted": "fov_counted", "bindingdensity": "binding_density"}
_CONTROL = ("positive", "negative", "housekeeping", "ligation", "purification", "invariant")


def sniff(head: str, path: Path) -> str | None:
    """Version of the software, None when the file is another's."""
    if not re.match(r"\s*<Header>", head) or "<Sample_Attributes>" not in head[:3000]:
        return None
    version = re.search(r"^SoftwareVersion,(.*)$", head, re.M)
    return version.group(1).strip() if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read a lane as the tidy long table.

    Quantity count (TASK CONTROL for positive, negative and housekeeping probes; FLAGS the class)
    and fov_count, fov_counted, binding_density of the lane. WELL is the lane of its cartridge.

    Raises
    ------
    InputErrors
        A file that ends before its counts do, cells that are no number.
    """
    text = load_text(path, name)
    blocks = {m.group(1): (m.group(2), text[: m.start(2)].count("\n") + 1)
              for m in _BLOCK.finditer(text)}  # fmt: skip
    out = Tidy(name)
    sample = _attributes(blocks, "Sample_Attributes").get("id", "")
    lane = _attributes(blocks, "Lane_Attributes")
    place = f"{lane.get('cartridgeid', '')}:{lane.get('id', '')}"
    if "Code_Summary" not in blocks or "</Code_Summary>" not in text:
        return Tidy(name).table("The file ends before its counts do")
    for key, quantity in _LANE.items():
        if lane.get(key):
            line = blocks["Lane_Attributes"][1]
            out.add(quantity, lane[key], line, well=place, sample=sample, task="LANE")
    body, begin = blocks["Code_Summary"]
    for i, row in enumerate(body.split("\n")):
        parts = row.split(",")
        if len(parts) < 4 or parts[0] == "CodeClass":
            continue
        # a name may hold commas: class first, accession and count last
        kind, probe = parts[0], ",".join(parts[1:-2])
        what = "CONTROL" if kind.lower() in _CONTROL else "SAMPLE"
        out.add("count", parts[-1], begin + i, well=place, sample=sample, task=what, analyte=probe,
                unit="counts", flags=f"class={kind}")  # fmt: skip
    return with_findings(out.table("The file ends before its counts do"), _messages(blocks), name)


def _messages(blocks: dict) -> list[Finding]:
    """Messages of the scanner, counted: their text is not shown; a cartridge past its expiry."""
    text, begin = blocks.get("Messages", ("", 0))
    lines = [i for i, row in enumerate(text.split("\n")) if row.strip()]
    out = []
    if lines:
        told = f"The scanner left {len(lines)} lines of messages; see the file"
        out.append(Finding("instrument_warning", "note", told, begin + lines[0], len(lines)))
    lane, (_, line) = _attributes(blocks, "Lane_Attributes"), blocks.get("Lane_Attributes", ("", 1))
    end = next((v for k, v in lane.items() if "expir" in k), "")
    scanned = _attributes(blocks, "Sample_Attributes").get("date", "")
    if end:
        days = [re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", d) for d in (scanned, end)]
        rows = [(line - 1, ["Component", "Expiration"]), (line, ["Cartridge", days[1]])]
        out += lots(rows, days[0], order_of(days))
    return out


def _attributes(blocks: dict, title: str) -> dict[str, str]:
    rows = blocks.get(title, ("", 0))[0].split("\n")
    return {k.lower(): v.strip() for k, _, v in (row.partition(",") for row in rows) if k}
