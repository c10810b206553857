"""SomaLogic ADAT: SomaScan, a row a sample, a column a reagent."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats._common import COLUMNS, load_text, number, refuse
from sclerotrial.assays.formats._said import Finding, code, with_findings
from sclerotrial.errors import Problem, raise_if_any

NAME = "adat"
#: its first lines belong to no other format
SURE = True

_VERSION = re.compile(r"^!AssayVersion\t(.*)$", re.M)
#: checks of a plate, told above the table
_CHECK = re.compile(r"!?(PlateScale_PassFlag|PlateTailTest|Cal\w*PassFlag|QC\w*(?:Flag|Test))")
_TASKS = {"sample": "SAMPLE", "calibrator": "STANDARD", "buffer": "BLANK", "qc": "CONTROL"}


def sniff(head: str, path: Path) -> str | None:
    """Version of the assay, None when the file is another's."""
    if not re.match(r"\s*(!Checksum.*\n)?\^HEADER", head):
        return None
    version = _VERSION.search(head)
    return version.group(1).strip() if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the table as the tidy long table (quantity ``rfu``, ANALYTE the SeqId).

    FLAGS tells samples and reagents that failed the instrument's own checks (row_check,
    col_check). WELL is the place on the plate.

    Raises
    ------
    InputErrors
        No table, no SeqId, rows that are cut, cells that are no number.
    """
    lines = load_text(path, name).split("\n")
    begin = next((i for i, x in enumerate(lines) if x.startswith("^TABLE_BEGIN")), None)
    if begin is None:
        raise refuse("The file has no table", name, "Export the ADAT again")
    rows = [
        (i + 1, x.split("\t")) for i, x in enumerate(lines[begin + 1 :], begin + 1) if x.strip()
    ]
    head = next((k for k, (_, c) in enumerate(rows) if c[0].strip()), None)
    above = {c[_first(c)]: c for _, c in rows[:head]} if head else {}
    if head is None or "SeqId" not in above:
        raise refuse("The table has no row SeqId", name, "Export the ADAT again")
    start = _first(above["SeqId"]) + 1
    seq = [s.strip() for s in above["SeqId"][start:]]
    units = (above.get("Units") or [])[start:] or ["RFU"] * len(seq)
    checks = (above.get("ColCheck") or [])[start:] or ["PASS"] * len(seq)
    at = {t.strip(): i for i, t in enumerate(rows[head][1])}
    frames, problems = [], []
    for line, cells in rows[head + 1 :]:
        values = [c.strip() for c in cells[start : start + len(seq)]]
        given = [number(v) for v in values]
        if len(values) < len(seq) or None in given:
            what = "The row is cut" if len(values) < len(seq) else "A cell is no number"
            problems.append(Problem(what, f"{name}, line {line}", "Export the ADAT again"))
            continue
        told = cells[at["RowCheck"]] if "RowCheck" in at and at["RowCheck"] < start else "PASS"
        flags = ["" if c in ("PASS", "") else "col_check" for c in checks]
        if told not in ("PASS", ""):
            flags = [f"row_check {f}".strip() for f in flags]
        kind = cells[at["SampleType"]].strip().lower() if "SampleType" in at else "sample"
        frames.append(
            pd.DataFrame({
                "WELL": _of(cells, at, "PlatePosition"), "SAMPLE": _of(cells, at, "SampleId"),
                "TASK": _TASKS.get(kind, "CONTROL"), "ANALYTE": seq, "QUANTITY": "rfu",
                "VALUE": given, "TEXT": values, "UNIT": units, "FLAGS": flags, "DILUTION": "",
                "FILE": name, "LINE": str(line),
            }, dtype=str)
        )  # fmt: skip
    raise_if_any(problems)
    if not frames:
        raise refuse("The table has no samples", name, "Export the ADAT again")
    out = pd.concat(frames, ignore_index=True)[COLUMNS]
    return with_findings(out, _checks(lines[:begin], rows[head + 1 :], at), name)


def _checks(above: list[str], rows: list, at: dict[str, int]) -> list[Finding]:
    """Checks of whole plates that did not pass, and samples with notes (which are not shown)."""
    out = []
    for line, text in enumerate(above, 1):
        key, _, told = text.strip().partition("\t")
        what = re.match(
            r"!?(PlateScale_PassFlag|PlateTailTest|Cal\w*PassFlag|QC\w*(?:Flag|Test))", key
        )
        if what and told.strip() and told.strip().upper() != "PASS":
            message = f"{what[1]} of a plate: {code(told.strip())}"
            out.append(Finding("plate_check", "fail", message, line))
    for title in ("SampleNotes", "AliquotingNotes", "AssayNotes"):
        noted = [n for n, c in rows if _of(c, at, title)]
        if noted:
            message = f"{len(noted)} samples carry {title}, which are not shown; see the file"
            out.append(Finding("sample_notes", "note", message, noted[0], len(noted)))
    return out


def _first(cells: list[str]) -> int:
    return next((i for i, c in enumerate(cells) if c.strip()), 0)


def _of(cells: list[str], at: dict[str, int], title: str) -> str:
    return cells[at[title]].strip() if title in at else ""
