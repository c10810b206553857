"""Allotrope Simple Model (ASM) JSON: what converters of many instruments write.

The document is walked without knowing its technique: every measurement document gives its sample,
its place and the quantities below; documents nested in it (analytes, statistics, processed data)
take them over. What was calculated from readings is not read: that is done here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays.formats._asm_facts import facts_of, messages_in, wrong_in
from sclerotrial.assays.formats._asm_readings import QUANTITY, add, add_level, add_series
from sclerotrial.assays.formats._common import load_text, refuse
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import with_findings
from sclerotrial.assays.formats._tidy import well
from sclerotrial.assays.formats._xponent_trust import warnings

NAME = "asm"
#: its first lines belong to no other format
SURE = True

_MANIFEST = re.compile(r'"(?:\$asm\.manifest|manifest)"\s*:\s*"([^"]*allotrope[^"]*)"')
_STATISTIC = {"median role": "median_mfi", "arithmetic mean role": "mean_mfi"}


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

    Quantities od, kinetic, spectrum, signal, ct, median_mfi, mean_mfi, count, npx, result and
    expected (the concentration of a standard). ANALYTE is the analyte or target, else the
    wavelength or dye.

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
    every = [(m, above | facts_of(m)) for m, above in _measurements(document, {})]
    many = len({f["plate"] for _, f in every if f.get("plate")}) > 1
    out, said = Tidy(name, "."), []
    for order, (measurement, facts) in enumerate(every, 1):
        place = well(facts.get("well", ""))
        facts["where"] = f"{facts['plate']}:{place}" if many and facts.get("plate") else place
        before = len(out)
        _emit(out, measurement, facts, order)
        if len(out) == before and facts.get("device", "").lower() == "qpcr":
            add(out, "ct", "", facts, order, flags="undetermined")
        said += [(order, facts["where"], "", text) for text in messages_in(measurement)]
    table = out.table("The document has no measurement of a signal, a Ct or a level")
    return with_findings(table, warnings(said), name)


def _measurements(node: Any, above: dict[str, str]) -> Iterator[tuple[dict, dict[str, str]]]:
    """Each measurement document with the facts told above it."""
    if isinstance(node, list):
        for item in node:
            yield from _measurements(item, above)
    elif isinstance(node, dict):
        here = above | facts_of(node)
        for key, value in node.items():
            if key == "measurement document":
                for item in value if isinstance(value, list) else [value]:
                    yield item, here
            elif key != "calculated data aggregate document":
                yield from _measurements(value, here)


def _emit(out: Tidy, node: Any, facts: dict[str, str], order: int) -> None:
    """Add the readings of a document and of those nested in it."""
    for item in node if isinstance(node, list) else [node]:
        if not isinstance(item, dict):
            continue
        facts = facts | {k: v for k, v in facts_of(item).items() if k == "analyte"}
        # of a well with analytes it is the sum over all
        beside = {"assay bead count"} if "analyte aggregate document" in item else set()
        wrong = wrong_in(item)
        for key, value in item.items():
            if isinstance(value, dict) and "value" in value:
                role = value.get("has statistic datum role", "")
                quantity = _STATISTIC.get(role) if role else QUANTITY.get(key)
                if quantity and key not in beside:
                    lost = key in wrong and not value["value"]
                    add(out, quantity, "" if lost else str(value["value"]), facts, order,
                         str(value.get("unit", "")))  # fmt: skip
            elif isinstance(value, dict) and "cube-structure" in value:
                add_series(out, value, facts, order)
            elif key == "sample document":
                add_level(out, value, facts, order)
            elif isinstance(value, (dict, list)):
                _emit(out, value, facts, order)
