"""BioTek Gen5 text export: layout and readings as grids of a plate, several rows a well row."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import records, table_delimiter
from sclerotrial.assays.formats._gen5_grids import add_grids, grids_of, task_of
from sclerotrial.assays.formats._gen5_list import add_list as add_wells
from sclerotrial.assays.formats._gen5_list import list_of
from sclerotrial.assays.formats._gen5_sheets import plates_of, sheets_of
from sclerotrial.assays.formats._plate import add_list
from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._series import series
from sclerotrial.assays.formats._tidy import Rows

NAME = "gen5"
#: its first lines belong to no other format
SURE = True

_NEEDED = ("Reader Type", "Reader Serial Number", "Plate Number", "Reading Type",
           "Protocol File Path", "Experiment File Path")  # fmt: skip
_KEYS = re.compile(rf"^\"?({'|'.join(_NEEDED)})\b", re.M)
_VERSION = re.compile(r"^\"?Software Version\"?[\t,;]\"?([^\t,;\"\n]*)", re.M)
#: an older header begins so
_PROCEDURE = re.compile(r"\s*\"?Procedure (Summary|Details)\b")


def sniff(head: str, path: Path) -> str | None:
    """Version of Gen5, None when the file is another's."""
    if not head:
        book = _files.workbook(path)
        if book and book.named("results", "raw data", "amplification data"):
            return None  # qPCR: its sheets are long
        top = book.rows(book.names[0])[:40] if book and book.names else []
        if list_of(top):
            return ""
        head = "\n".join("\t".join(c[:2]) for _, c in top)
    if "Conc/Dil" in head[:200] and list_of(records(head[:400], table_delimiter(head[:400]))):
        return ""
    if sum(k in head for k in _NEEDED) < 2 and "Procedure" not in head[:400]:
        return None
    version = _VERSION.search(head)
    if _PROCEDURE.match(head) and re.search(r"^\"?(Plate Type|Read)\b", head, re.M):
        return version.group(1).strip() if version else ""
    if len(set(_KEYS.findall(head))) < (2 if version else 3):
        return None
    return version.group(1).strip() if version else ""


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the export as the tidy long table.

    Quantities od (ANALYTE the name of the read), net_od (blank subtracted), kinetic, spectrum and
    scan (and net_kinetic), derived (what Gen5 computed of those: a slope, a lag time in seconds),
    result (read off the curve by Gen5) and expected. ``*0.356*`` is a masked well. Conc/Dil
    is the nominal concentration of a standard and, for a sample, the share left after dilution
    or the factor.

    Raises
    ------
    InputErrors
        No grid of readings, cells that are no number.
    """
    sheets = sheets_of(path, name)
    out = Tidy(name)
    if list_of(sheets[0][:3]):
        add_wells(out, sheets[0])
        return out.table("There is no list of readings")
    plates = [p for rows in sheets for p in plates_of(rows)]
    named = [p for p, _ in plates]
    if len(set(named)) < len(named):
        plates = [(str(k), rows) for k, (_, rows) in enumerate(plates, 1)]
    for plate, mine in plates:
        prefix = f"{plate}:" if len(plates) > 1 else ""
        ids, extra, reads = grids_of(mine)
        headings, lists = _series(out, prefix, ids, mine)
        add_grids(out, prefix, ids, extra, reads | lists, headings)
    for rows in sheets if not len(out) else ():
        add_list(out, rows, [])
    return out.table("There is no grid of readings")


def _series(
    out: Tidy, prefix: str, ids: dict[str, str], rows: Rows
) -> tuple[set[str], dict[str, dict[str, tuple[str, int]]]]:
    """Add the tables over time, wavelength or points.

    Returns
    -------
    headings : set of str
        What they are headed.
    reads : dict
        Of tables with a row a read or a result: as `grids_of` gives grids.
    """
    every, reads = list(series(rows)), {}
    spectra = {r.heading for r in every if r.quantity == "spectrum"}
    nets = {h: h[6:] for h in {r.heading for r in every} if h.lower().startswith("blank ")}
    for r in every:
        if r.quantity == "od":
            width = len(r.wells)
            for k, line in enumerate(r.lines):
                same = sum(n.rpartition(" #")[0] == r.heading or n == r.heading for n in reads)
                row = zip(r.wells, r.texts[k * width : (k + 1) * width], strict=True)
                told = f"{r.heading} #{same + 1}" if same else r.heading  # read more than once
                reads[told] = {w: (t, line) for w, t in row if t}
            continue
        net = nets.get(r.heading, "")
        told = [ids.get(w, "") for w in r.wells]
        of_well = {"well": [prefix + w for w in r.wells], "task": [task_of(n) for n in told],
                   "sample": [n.split(":")[0] for n in told]}  # fmt: skip
        of_point: dict[str, list[str]] = {}
        if r.quantity == "spectrum":
            many = len(spectra) > 1
            of_point["analyte"] = [f"{r.heading}:{p}" if many else p for p in r.points]
        elif r.quantity in ("kinetic", "scan"):
            sign = "t" if r.quantity == "kinetic" else "point"
            of_point["flags"] = [f"{sign}={p}" for p in r.points]
        r.add(out, of_well=of_well, of_point=of_point, analyte=net or r.heading,
              quantity=f"net_{r.quantity}" if net else r.quantity)  # fmt: skip
    return {r.heading.removeprefix("Blank ") for r in every if r.quantity != "od"}, reads
