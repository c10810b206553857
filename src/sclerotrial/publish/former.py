"""The published results as they were kept: whole, or refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem, raise_if_any
from sclerotrial.publish.cells import KEYS, Table, parse
from sclerotrial.publish.manifest import NAME, read_manifest

#: what is kept of a publication: enough to compare with and to read; the list of checksums last
KEPT = ("ard.csv", "claims.csv", "queries.csv", NAME)
#: kept where the study has it: what the impact of a swap is told from
KEPT_IF_THERE = ("intake.csv", "biomarkers/change.csv")


@dataclass(frozen=True)
class Former:
    """A publication: the checksum of every result, and the tables of which a copy is kept."""

    checksums: dict[str, str]
    tables: dict[str, Table]


def copies(published: Path, checksums: dict[str, str]) -> list[str]:
    """Names of the results of which a copy is kept, those that must be first."""
    must = [n for n in KEPT if n != NAME]
    return [*must, *sorted(n for n in checksums if n not in must and (published / n).is_file())]


def read_former(published: str | Path) -> Former:
    """Read a folder of published results.

    Raises
    ------
    InputErrors
        When one is missing, is not what its own list of checksums says, or cannot be read as a
        table; all of the folder at once.
    """
    published = Path(published)
    if not (published / NAME).is_file():
        what, where = "There is nothing to compare with", (published / NAME).as_posix()
        raise InputErrors([Problem(what, where, "Publish results first: make publish")])
    problems: list[Problem] = []
    checksums: dict[str, str] = {}
    try:
        checksums = read_manifest(published / NAME)
    except InputErrors as error:
        problems += error.problems
    tables: dict[str, Table] = {}
    for name in copies(published, checksums):
        what = "" if problems and not checksums else _wrong(published / name, checksums.get(name))
        if not what and name.endswith(".csv") and (published / name).is_file():
            try:
                tables[name] = parse((published / name).read_bytes(), KEYS.get(name, ""))
            except ValueError as error:
                what = f"A published table cannot be read: {error}"
        if what:
            todo = "Restore it from version control, or publish again: make publish"
            problems.append(Problem(what, (published / name).as_posix(), todo))
    raise_if_any(problems)
    return Former(checksums, tables)


def _wrong(path: Path, checksum: str | None) -> str:
    """What is wrong with a published copy ('' if nothing)."""
    if not path.is_file():
        return "A published file is missing"
    if checksum is None:
        return "The published list of checksums does not name a published file"
    if hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
        return "A published file is not the one of which the checksum was published"
    return ""
