"""Luminex xPONENT CSV export (LX100/200, MAGPIX, FLEXMAP 3D, INTELLIFLEX; builds 3.1 to 4.3).

A header, then blocks that begin with ``DataType:``. Blocks by well (`Location`, `Sample`, one
column an analyte) and by reagent (expected concentrations) are read; averages, dispersion and
trimmed statistics are not. Delimiter and decimal mark follow the locale of the instrument's PC.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import decimal_mark, load_text, number, records, refuse
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._said import with_findings
from sclerotrial.assays.formats._tidy import cell
from sclerotrial.assays.formats._xponent_blocks import Rows, analytes, check, split, well_of
from sclerotrial.assays.formats._xponent_trust import findings
from sclerotrial.errors import raise_if_any

NAME = "xponent"
#: its first lines belong to no other format
SURE = True

_HEAD = re.compile(r'\s*"?Program"?([,;\t])"?(?:xPONENT|Luminex|LX|IS\b|FLEXMAP|MAGPIX)', re.I)
_BUILD = re.compile(r'^"?Build"?[,;\t]"?([^",;\t\n]*)', re.M)
_BY_WELL = {
    "median": "median_mfi", "net mfi": "net_mfi", "count": "count", "result": "result",
    "mean": "mean_mfi",
}  # fmt: skip
_BY_REAGENT = {
    "standard expected concentration": ("STANDARD", "expected"),
    "control expected concentration": ("CONTROL", "expected"),
    "control range - low": ("CONTROL", "control_low"),
    "control range - high": ("CONTROL", "control_high"),
}
_CONCENTRATION = {"result", "expected", "control_low", "control_high"}
#: Some plates name all standards S and the blank B: so many wells named S tell it from a sample.
_LETTERS = 4
_TASKS = (
    ("BLANK", re.compile(r"(background|blank|blk)[ _-]?\d*", re.I)),
    ("STANDARD", re.compile(r"(.*[ _-])?(standard|std)[ _-]?\d*", re.I)),
    ("CONTROL", re.compile(r"(control|ctrl|qc)[ _-]?\d*", re.I)),
)


def sniff(head: str, path: Path) -> str | None:
    """Build of the xPONENT software, '' when it is not told, None when the file is another's."""
    if not _HEAD.match(head):
        return None
    build = _BUILD.search(head)
    return build.group(1).strip() if build else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read an xPONENT export as the tidy long table.

    Parameters
    ----------
    path : path
        The file.
    name : str
        How the file is called in results (column FILE).

    Returns
    -------
    DataFrame
        Columns of `_common.COLUMNS`, all text; quantities median_mfi, net_mfi, mean_mfi, count,
        result by well and expected, control_low, control_high by reagent; `_said` of calibration,
        lots, messages and audit log.

    Raises
    ------
    InputErrors
        Truncated or inconsistent blocks, repeated wells, cells that are no numbers.
    """
    text = load_text(path, name)
    head = _HEAD.match(text)
    if head is None:
        raise refuse("The file is no xPONENT export", name, "Set `format: auto` for this assay")
    lines = records(text, head.group(1))
    blocks, whole = split(lines), any(c and c[0].startswith("-- CRC") for _, c in lines)
    declared = next((c[1] for _, c in lines if len(c) > 2 and c[0].lower() == "samples"), "")
    plates = {k: b for k, b in blocks.items() if k in _BY_WELL and len(b) > 1}
    if not {"median", "net mfi", "result"} & set(plates):
        raise refuse(
            "The plate has neither a 'Median' nor a 'Net MFI' block",
            name,
            "Export the batch again with the data type Median",
        )
    raise_if_any(check(plates, declared, whole, name))
    return with_findings(_tidy(plates, blocks, name), findings(lines, blocks), name)


def _task(sample: str, reagents: dict[str, str]) -> str:
    if sample in reagents:
        return reagents[sample]
    return next((task for task, rx in _TASKS if rx.fullmatch(sample)), "SAMPLE")


def _tidy(plates: dict[str, Rows], blocks: dict[str, Rows], name: str) -> pd.DataFrame:
    by_reagent = {k: blocks[k] for k in _BY_REAGENT if len(blocks.get(k, [])) > 1}
    reagents = {c[0]: _BY_REAGENT[k][0] for k, b in by_reagent.items() for _, c in b[1:]}
    if [c[1] for _, c in next(iter(plates.values()))].count("S") >= _LETTERS:
        reagents |= {"S": "STANDARD", "B": "BLANK"}
    unit_rows = [c for _, c in blocks.get("units", [])]
    units = next((c[1:] for c in unit_rows if c[0].lower().startswith("units")), [])
    unit_of = dict(zip(unit_rows[0][1:] if unit_rows else [], units, strict=False))
    dilution = {
        well_of(c[0]): c[2] for _, c in blocks.get("dilution factor", [])[1:] if len(c) > 2 and c[2]
    }
    numeric = [c for b in plates.values() for _, r in b[1:] for c in r[2:]]
    numeric += [c for b in by_reagent.values() for _, r in b[1:] for c in r[1:]]
    mark = decimal_mark(c.lstrip("<> ") for c in numeric)
    out = Tidy(name, mark)
    for block, lines in plates.items():
        columns, body = analytes(lines[0][1], 2), lines[1:]
        wells = [well_of(c[0]) for _, c in body]
        out.add_grid(
            [c[i] for _, c in body for i, _ in columns], [n for n, _ in body], width=len(columns),
            down={"well": wells, "sample": [c[1] for _, c in body],
                  "task": [_task(c[1], reagents) for _, c in body],
                  "dilution": [number(dilution.get(w, ""), mark) or "" for w in wells]},
            across=_across(columns, _BY_WELL[block], unit_of), quantity=_BY_WELL[block],
        )  # fmt: skip
    for block, lines in by_reagent.items():
        task, quantity = _BY_REAGENT[block]
        columns, body = analytes(lines[0][1], 1), lines[1:]
        out.add_grid(
            [cell(c, i) for _, c in body for i, _ in columns], [n for n, _ in body],
            width=len(columns), down={"sample": [c[0] for _, c in body]},
            across=_across(columns, quantity, unit_of), quantity=quantity, task=task,
        )  # fmt: skip
    return out.table()


def _across(
    columns: list[tuple[int, str]], quantity: str, unit_of: dict[str, str]
) -> dict[str, list[str]]:
    """Analytes and units of the columns of a block."""
    names = [a for _, a in columns]
    if quantity in _CONCENTRATION:
        return {"analyte": names, "unit": [unit_of.get(a, "") for a in names]}
    return {"analyte": names, "unit": ["beads" if quantity == "count" else "MFI"] * len(names)}
