"""Allotrope Simple Model (ASM) JSON: what converters of many instruments write.

The document is walked without knowing its technique: every measurement document gives its sample,
its place and the quantities below; documents nested in it (analytes, results) take them over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays.formats._common import load_text, refuse
from sclerotrial.assays.formats._tidy import Tidy, task, well

NAME = "asm"
#: its first lines belong to no other format
SURE = True

_MANIFEST = re.compile(r'"(?:\$asm\.manifest|manifest)"\s*:\s*"([^"]*allotrope[^"]*)"')
_QUANTITY = {
    "absorbance": "od", "fluorescence": "signal", "luminescence": "signal",
    "cycle threshold result": "ct", "fluorescence median": "median_mfi",
    "assay bead count": "count", "electrochemiluminescence": "signal",
    "mass concentration": "result",
    "molar concentration": "result", "concentration": "result", "relative protein abundance": "npx",
    "normalized protein expression": "npx", "analyte concentration": "result",
}  # fmt: skip
_ROLES = {"standard sample role": "STANDARD", "calibration sample role": "STANDARD",
          "control sample role": "CONTROL", "blank role": "BLANK", "blank sample role": "BLANK",
          "no template control sample role": "NTC", "unknown sample role": "SAMPLE",
          "sample role": "SAMPLE", "validation sample role": "CONTROL",
          "undefined sample role": "SAMPLE"}  # fmt: skip
_SAMPLE = ("sample identifier", "sample barcode", "written name")
_PLACE = ("location identifier", "well location identifier", "well plate location")
_ANALYTE = (
    "target DNA description",
    "analyte name",
    "assay bead identifier",
    "detector wavelength setting",
)


def sniff(head: str, path: Path) -> str | None:
    """Model of the document, None when the file is another's."""
    if not head.lstrip().startswith("{"):
        return None
    found = _MANIFEST.search(head)
    if found:
        return "/".join(found.group(1).rstrip("/").split("/")[-4:])
    return "" if "$asm." in head[:20000] or "aggregate document" in head[:2000] else None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the measurements as the tidy long table; LINE is the number of the measurement.

    Raises
    ------
    InputErrors
        JSON that is cut, no measurements.
    """
    try:
        document = json.loads(load_text(path, name))
    except json.JSONDecodeError as error:
        raise refuse("The JSON is cut or not well formed", f"{name}, line {error.lineno}",
                     "Convert the instrument's file again") from error  # fmt: skip
    out = Tidy(name)
    for order, (measurement, above) in enumerate(_measurements(document, {}), 1):
        _emit(out, measurement, above | _facts(measurement), order)
    return out.table("The document has no measurements")


def _measurements(node: Any, above: dict[str, str]) -> Iterator[tuple[dict, dict[str, str]]]:
    """Each measurement document with the facts told above it."""
    if isinstance(node, list):
        for item in node:
            yield from _measurements(item, above)
    elif isinstance(node, dict):
        here = above | _facts(node)
        for key, value in node.items():
            if key == "measurement document":
                for item in value if isinstance(value, list) else [value]:
                    yield item, here
            elif key != "calculated data aggregate document":
                yield from _measurements(value, here)


def _facts(node: dict) -> dict[str, str]:
    """Sample, place, role, analyte and dilution told by a document or by its sample document."""
    out: dict[str, str] = {}
    beside = [v for k, v in node.items() if isinstance(v, dict) and "document" in k
              and k.split(" document")[0] in ("sample", "device control")]  # fmt: skip
    for part in [node, *beside]:
        for key, names in (("sample", _SAMPLE), ("well", _PLACE), ("analyte", _ANALYTE)):
            told = next((part[n] for n in names if part.get(n) not in (None, "")), None)
            if told is not None:
                out[key] = str(told.get("value") if isinstance(told, dict) else told)
        if "sample role type" in part:
            out["role"] = str(part["sample role type"])
        if isinstance(part.get("dilution factor setting"), dict):
            out["dilution"] = str(part["dilution factor setting"].get("value", ""))
    return out


def _emit(out: Tidy, node: Any, facts: dict[str, str], order: int) -> None:
    if isinstance(node, list):
        for item in node:
            _emit(out, item, facts, order)
        return
    if not isinstance(node, dict):
        return
    facts = facts | _facts(node)
    sample = facts.get("sample", "")
    what = _ROLES.get(facts.get("role", ""), task(sample) if sample else "UNASSIGNED")
    for key, value in node.items():
        if isinstance(value, dict) and "value" in value and key in _QUANTITY:
            given = value["value"]
            lost = given is None or str(given) in ("N/A", "NaN")
            quantity = _QUANTITY[key]
            out.add(quantity, "" if lost else str(given), order, well=well(facts.get("well", "")),
                    sample=sample, task=what, analyte=facts.get("analyte", ""),
                    unit=str(value.get("unit", "")), dilution=facts.get("dilution", ""),
                    flags="undetermined" if lost and quantity == "ct" else "")  # fmt: skip
        elif isinstance(value, (dict, list)) and "sample document" not in key:
            _emit(out, value, facts, order)
