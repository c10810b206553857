"""QuantStudio / ViiA 7 / 7500 results: text export (tab, ``* key = value`` header, ``[Results]``)
and the workbook of the same software or of Design & Analysis (sheet ``Results``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import (
    Rows,
    decimal_mark,
    load_text,
    number,
    records,
    refuse,
    table,
    table_delimiter,
)
from sclerotrial.assays.formats._qpcr_trust import findings
from sclerotrial.assays.formats._quantstudio_wells import (
    TASKS,
    TITLES,
    folded_title,
    header_of,
    section,
    wells_absent,
)
from sclerotrial.assays.formats._said import with_findings
from sclerotrial.assays.formats._tidy import well as tidy_well
from sclerotrial.errors import Problem, raise_if_any

NAME = "quantstudio"
#: its first lines belong to no other format
SURE = True

_TRUE = {"true", "yes", "y", "1", "1.0", "x", "omit", "omitted"}
_UNDETERMINED = {"undetermined", "undet", "undet.", "noct", "nocq", "noamp"}
#: ``* Block Type = 96well``, ``# Block Type: 96well`` or, in workbooks saved as text, two cells
_WORDS = ("Block Type", "Experiment Type", "Instrument Type", "Passive Reference")
_SETTING = re.compile(rf"^\W*(?:{'|'.join(_WORDS)})\"?\s*[=:\t,;]", re.M)
#: a well, its number, or a hole of an OpenArray (``A10a2``)
_PLACE = re.compile(r"[A-Za-z]{1,2}\d{1,2}(?:[a-h]\d)?|\d+(\.0)?")
#: lines among which the settings of the instrument stand
_TOP = 200
_INSTRUMENT = re.compile(r"^\W*Instrument Type\"?\s*[=:\t,;]\s*([^\t,;\n]*)", re.M)


def sniff(head: str, path: Path) -> str | None:
    """Instrument type told in the header ('' when untold), None when the file is another's."""
    if head:
        if not any(w in head for w in _WORDS) or not _SETTING.search(head):
            return None
        kind = _INSTRUMENT.search(head)
        return kind.group(1).strip(' "') if kind else ""
    rows = _results(path)
    if rows is None:
        return None
    kinds = [c[1] for _, c in rows if len(c) > 1 and c[0].lower() == "instrument type"]
    return kinds[0] if kinds else ""


def _results(path: Path) -> Rows | None:
    """Rows of the sheet of results: by its title, or (Diomni) the first that tells of its block."""
    book = _files.workbook(path)
    if book is None:
        return None
    title = book.named("results", "primary_result", "primary result")
    for name in [title] if title else book.names[:1]:
        rows = book.rows(name)
        told = title or any(c and c[0].lower() in ("block type", "instrument type")
                            for _, c in rows[:60])  # fmt: skip
        if told and header_of(rows) is not None:
            return rows
    return None


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the results table as the tidy long table (quantity ``ct``, a row a well and target).

    An undetermined Ct has an empty VALUE and the flag ``undetermined``; an omitted well carries
    ``omit``. Wells without target and without Ct are left out.

    Raises
    ------
    InputErrors
        No results table, columns missing, cells that are neither Ct nor undetermined.
    """
    if _files.head_of(path).kind == "workbook":
        rows = every = _results(path) or []
        setup: Rows = []
    else:
        text = load_text(path, name)
        delimiter = table_delimiter(text)
        every = records(text.replace('"', "") if delimiter == "\t" else text, delimiter)
        rows, setup = section(every, "results"), section(every, "sample setup")
    start = header_of(rows)
    if start is None:
        raise refuse(
            "There is no results table with the columns Well and CT (or Cq)",
            f"{name}, section Results",
            "Export the results again, with the section Results",
        )
    line0, titles = rows[start]
    folded = [folded_title(t) for t in titles]
    at = {k: next((folded.index(t) for t in v if t in folded), None) for k, v in TITLES.items()}
    body = [(n, c) for n, c in rows[start + 1 :] if any(c)]
    mark = decimal_mark(c[at["ct"]] for _, c in body if len(c) > at["ct"])
    out, problems = [], []
    again = "Export the results again; do not edit the file by hand"
    for line, cells in body:
        got = {k: cells[i] if i is not None and i < len(cells) else "" for k, i in at.items()}
        well = got["well"]
        if not _PLACE.fullmatch(well):
            body = [(n, c) for n, c in body if n < line]  # lines of settings follow the table
            break
        if at["ct"] >= len(cells) and got["target"]:
            problems.append(Problem("The line is cut before CT", f"{name}, line {line}", again))
            continue
        ct, target = got["ct"], got["target"]
        if not ct and not target:
            continue
        lost = ct.lower().replace(" ", "") in _UNDETERMINED
        value = "" if lost else number(ct, mark)
        if value is None:
            problems.append(
                Problem(
                    "A CT is neither a number nor 'Undetermined'", f"{name}, line {line}", again
                )
            )
        flags = ["undetermined"] * lost + ["omit"] * (got["omit"].lower() in _TRUE)
        task = TASKS.get(folded_title(got["task"]), "SAMPLE")
        well = tidy_well(well.removesuffix(".0"))
        out.append(
            (well, got["sample"], task, target, "ct", value, ct, "Ct", " ".join(flags), "",
             name, str(line))
        )  # fmt: skip
    if not out and not problems:
        problems.append(Problem("The results table is empty", f"{name}, line {line0}", again))
    gone, absent = wells_absent(setup, [row[0] for row in out], name)
    out += absent
    raise_if_any(problems + gone)
    above = [r for r in every[:_TOP] if r[0] < line0]
    return with_findings(table(out), findings(above, titles, body, at), name)
