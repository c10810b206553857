"""What an ADAT says of its own trustworthiness: checks of plates, samples with notes."""

from __future__ import annotations

import re

from sclerotrial.assays.formats._said import Finding, code

NOTES = ("SampleNotes", "AliquotingNotes", "AssayNotes")
#: checks of a plate, told above the table
_CHECK = re.compile(r"!?(PlateScale_PassFlag|PlateTailTest|Cal\w*PassFlag|QC\w*(?:Flag|Test))")


def checks_of(above: list[str], noted: dict[str, list[int]]) -> list[Finding]:
    """Checks of whole plates that did not pass, and samples with notes (which are not shown)."""
    out = []
    for line, text in enumerate(above, 1):
        key, _, told = text.strip().partition("\t")
        what = _CHECK.match(key)
        if what and told.strip() and told.strip().upper() != "PASS":
            message = f"{what[1]} of a plate: {code(told.strip())}"
            out.append(Finding("plate_check", "fail", message, line))
    for title in NOTES:
        if title in noted:
            n = len(noted[title])
            message = f"{n} samples carry {title}, which are not shown; see the file"
            out.append(Finding("sample_notes", "note", message, noted[title][0], n))
    return out
