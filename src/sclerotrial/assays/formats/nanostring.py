"""NanoString nCounter RCC: one lane a file, counts of probes by class of code."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import load_text
from sclerotrial.assays.formats._readings import Tidy

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
    return out.table("The file ends before its counts do")


def _attributes(blocks: dict, title: str) -> dict[str, str]:
    rows = blocks.get(title, ("", 0))[0].split("\n")
    return {k.lower(): v.strip() for k, _, v in (row.partition(",") for row in rows) if k}
