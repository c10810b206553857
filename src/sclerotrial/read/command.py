"""The command `sclerotrial look`: what a file is taken for, and which tables it holds."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(sub: argparse._SubParsersAction) -> None:
    """Add `look` to the command line."""
    parser = sub.add_parser(
        "look",
        help="tell what an export is, and what was decided about it",
        description="Open an export of any system and tell its format, encoding, tables, fields.",
    )
    parser.add_argument("file", type=Path, help="the export")
    parser.add_argument("--dictionary", type=Path, help="REDCap's data dictionary (CSV or XML)")
    parser.add_argument("--events", type=Path, help="REDCap's file of events")
    parser.add_argument("--catalog", type=Path, help="a SAS catalog")
    parser.add_argument("--subject", default="", help="column of the subject")
    parser.add_argument("--visit", default="", help="column of the visit")
    parser.add_argument("--fields", action="store_true", help="list the fields of each table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what the file is; names of fields and counts, never a value."""
    from sclerotrial.read.opening import read_export

    found = read_export(
        args.file,
        dictionary=args.dictionary,
        events=args.events,
        catalog=args.catalog,
        subject=args.subject,
        visit=args.visit,
    )
    print("\n".join(lines(found, fields=args.fields)))
    return 0


def lines(found, *, fields: bool = False) -> list[str]:
    """What is printed of an `Export`."""
    from sclerotrial.read.intake import told_of

    told = told_of(found)
    notes = found.notes
    out = [f"{key}: {value}" for key, value in told.items() if value not in ("", 0, None)]
    out = [line for line in out if not line.startswith("notes:")]
    out += [f"note: {note}" for note in notes]
    for name, table in found.tables.items():
        people = table.rows["SUBJECT"].nunique()
        label = f" ({table.label})" if table.label and table.label != name else ""
        out.append(
            f"table {name}{label}: {len(table.rows)} rows, {len(table.fields)} fields,"
            f" {table.cells} cells, {people} subjects"
        )
        if fields:
            out.append("  " + ", ".join(table.fields))
    out += [f"event {event}: {label}" for event, label in found.events.items()]
    out += [f"about {name}: {len(table.rows)} rows" for name, table in found.extra.items()]
    return out
