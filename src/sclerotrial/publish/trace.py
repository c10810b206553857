"""`sclerotrial trace ID`: from a reported number back to raw file, line and field."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, raise_if_any
from sclerotrial.publish.lineage import read_lineage
from sclerotrial.tables.source import Numbers, unknown_id
from sclerotrial.tabular import read_csv


def trace(id_: str, ard: pd.DataFrame, lineage: pd.DataFrame, raw: str = "data/raw") -> str:
    """The way of a number from the paper to the raw files, as text.

    Parameters
    ----------
    id_ : str
        An ID of the ARD.
    ard, lineage : DataFrame
        ``results/ard.csv`` and ``results/lineage.parquet``.
    raw : str
        Folder of the raw exports, put before the file names.

    Raises
    ------
    InputErrors
        When there is no such number.
    """
    numbers = Numbers(ard)
    if id_ not in numbers:
        raise InputErrors([unknown_id(id_, numbers.ids, "results/ard.csv")])
    cell = {c: numbers.cell(id_, c) for c in ard.columns}
    unit = f" {cell.get('UNIT', '')}" if cell.get("UNIT") else ""
    out = [f"{id_} = {numbers.text(id_)}{unit}"]
    for name in ("LABEL", "METHOD", "CONVENTION", "POPULATION", "ESTIMAND", "N", "NOTE"):
        if cell.get(name):
            out.append(f"  {name.lower()}: {cell[name]}")
    out.append(f"  made of: {cell.get('DATASET') or 'configuration'}")
    if cell.get("FILTER"):
        out.append(f"  where: {cell['FILTER']}")
    rows = lineage[lineage["ID"] == id_]
    parents = rows[rows["ROLE"] != "none"]
    if parents.empty:
        place = rows["SRCFILE"].iloc[0] if len(rows) else "no row"
        out.append(f"  no rows behind it ({place})")
        return "\n".join(out) + "\n"
    out.append(f"  {len(parents)} rows:")
    out += [f"    {line}" for line in _lines(parents, raw)]
    return "\n".join(out) + "\n"


def _lines(parents: pd.DataFrame, raw: str) -> list[str]:
    """One line a row: data set and row, whose, what, and where it comes from."""
    found = []
    for row in parents.itertuples(index=False):
        what = " ".join(w for w in (row.USUBJID, row.PARAMCD, row.AVISIT) if w)
        value = f" = {row.VALUE}" if row.VALUE else ""
        role = " (baseline)" if row.ROLE == "baseline" else ""
        source = f"{raw}/{row.SRCFILE} line {row.SRCLINE}" if row.SRCFILE else "derived"
        fields = f" field {row.SRCFIELD}" if row.SRCFIELD else ""
        found.append(f"{row.DATASET} row {row.ROW}: {what}{value}{role} <- {source}{fields}")
    return found


def add_parser(sub: argparse._SubParsersAction) -> None:
    """Add the subcommand ``trace``."""
    parser = sub.add_parser("trace", help="from a number of the ARD back to the raw files")
    parser.add_argument("id", help="ID of the number, as in results/ard.csv")
    parser.add_argument("--results", default="results", help="folder of results")
    parser.add_argument("--raw", default="data/raw", help="folder of raw exports, for the names")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the way back of one number; 1 when something is missing."""
    results = Path(args.results)
    needed = [results / "ard.csv", results / "lineage.parquet"]
    raise_if_any(
        Problem("A result is missing", path.as_posix(), "Run the pipeline first: make results")
        for path in needed
        if not path.is_file()
    )
    ard, lineage = read_csv(needed[0]), read_lineage(needed[1])
    sys.stdout.write(trace(args.id, ard, lineage, args.raw))
    return 0
