"""Results held against published ones: one verdict a claim, a number, a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.files import sha256
from sclerotrial.publish.cells import KEYS, Table, parse, summary
from sclerotrial.publish.former import Former
from sclerotrial.publish.manifest import NAME, read_manifest, result_files
from sclerotrial.publish.wording import change

#: tells of the difference from the published results, so it cannot be one of them
IMPACT = "impact.html"
SAME, DIFFERS, EDITED, MISSING, EXTRA = "same", "differs", "edited", "missing", "extra"
#: tables of which every row has a verdict: what a row is, and the column that stands for it
TOLD = {"claims.csv": ("claim", "VERDICT"), "ard.csv": ("number", "TEXT")}
_SHOWN = 12


@dataclass(frozen=True)
class Verdict:
    """One line of a comparison.

    Attributes
    ----------
    kind : str
        claim, number or file.
    name : str
        File, and within it the ID.
    outcome : str
        same; differs; edited (after the run); missing (published, and not there now); extra
        (there now, and not published).
    detail : str
        What differs, and by how much.
    """

    kind: str
    name: str
    outcome: str
    detail: str = ""

    @property
    def good(self) -> bool:
        """Nothing differs."""
        return self.outcome == SAME

    def __str__(self) -> str:
        end = f": {self.detail}" if self.detail else ""
        return f"{self.outcome:8} {self.name}{end}"


def report(verdicts: Iterable[Verdict], every: bool = False) -> str:
    """A line each difference (`every`: each verdict), one of what is the same, and the count."""
    verdicts = list(verdicts)
    same, total = (Counter(v.kind for v in vs) for vs in (filter(_good, verdicts), verdicts))
    lines = [str(v) for v in verdicts if every or not v.good]
    counts = (f"{same[kind]} of {total[kind]} {kind}s" for kind in ("claim", "number", "file"))
    lines.append(f"{SAME:8} {', '.join(counts)}")
    bad = len(verdicts) - same.total()
    lines.append(f"{bad} of {len(verdicts)} comparisons differ" if bad else "all the same")
    return "\n".join(lines) + "\n"


def compare(results: str | Path, former: Former) -> list[Verdict]:
    """Verdicts on the results as they lie on disk.

    Parameters
    ----------
    results : path
    former : Former

    Returns
    -------
    list of Verdict
        Claims and numbers by ID in the published order, then files by name. Where the table of
        the claims or numbers cannot be read, the verdict on the file says so.

    Raises
    ------
    InputErrors
        When the results have no list of checksums, or a damaged one.
    """
    results = Path(results)
    if not (results / NAME).is_file():
        what, where = "There is nothing to compare", (results / NAME).as_posix()
        raise InputErrors([Problem(what, where, "Run the pipeline first: make results")])
    listed = read_manifest(results / NAME)
    now, unread = _tables(results, former)
    found: list[Verdict] = []
    for name, (kind, column) in TOLD.items():
        if name in now:
            found += _rows(name, kind, column, former.tables[name], now[name])
    return found + _files(results, listed, former, now, unread)


def _good(verdict: Verdict) -> bool:
    return verdict.good


def _tables(results: Path, former: Former) -> tuple[dict[str, Table], dict[str, str]]:
    """The tables of which a copy was published, as they are now; what is wrong with the rest."""
    now: dict[str, Table] = {}
    unread: dict[str, str] = {}
    for name in former.tables:
        if (results / name).is_file():
            try:
                now[name] = parse((results / name).read_bytes(), KEYS.get(name, ""))
            except ValueError as error:
                unread[name] = str(error)
    return now, unread


def _rows(name: str, kind: str, column: str, then: Table, now: Table) -> list[Verdict]:
    """A verdict on each row of a table, by its ID."""
    shared = [c for c in then.columns if c in now.columns]
    found = []
    for id_, row in then.rows.items():
        label = f"{name} {id_}"
        if id_ not in now.rows:
            detail = f"published '{row.get(column, '')}', now not there"
            found.append(Verdict(kind, label, MISSING, detail))
            continue
        other = now.rows[id_]
        words = [change(c, row, other) for c in shared if row[c] != other[c]]
        found.append(Verdict(kind, label, DIFFERS if words else SAME, "; ".join(words)))
    for id_, row in now.rows.items():
        if id_ not in then.rows:
            detail = f"not published, now '{row.get(column, '')}'"
            found.append(Verdict(kind, f"{name} {id_}", EXTRA, detail))
    return found


def _files(
    results: Path,
    listed: dict[str, str],
    former: Former,
    now: dict[str, Table],
    unread: dict[str, str],
) -> list[Verdict]:
    """A verdict on each file: published, listed by the run, or lying beside such."""
    then = former.checksums
    rooms = {Path(name).parent for name in (*then, *listed)}
    beside = [n for n in result_files(results, (NAME, IMPACT)) if Path(n).parent in rooms]
    found = []
    for name in sorted({*then, *listed, *beside}):
        path = results / name
        disk = sha256(path) if path.is_file() else ""
        outcome, detail = _file(then.get(name, ""), listed.get(name, ""), disk)
        if outcome in (DIFFERS, EDITED) and disk != then.get(name):
            if name in now:
                detail += f"; {summary(former.tables[name], now[name])}"
            elif name in unread:
                detail += f"; {unread[name]}, so its rows are not compared"
        elif outcome == MISSING and name in TOLD:
            detail += f"; its {TOLD[name][0]}s are not compared"
        found.append(Verdict("file", name, outcome, detail))
    return found


def _file(then: str, run: str, disk: str) -> tuple[str, str]:
    """Outcome and words for the checksums published, of the run, and on disk ('' for none)."""
    if then == run == disk:
        return SAME, ""
    if not disk:
        if not run:
            return MISSING, "published, and the run does not make it"
        end = "published" if then else "not published"
        return MISSING, f"{end}, made by the run and deleted since"
    if not run:
        if not then:
            return EXTRA, "not published, and not made by the run"
        what = "same bytes" if then == disk else "other bytes"
        return EXTRA, f"published, and not made by the run; {what} lie there"
    if not then:
        end = "" if run == disk else ", and edited after it"
        return EXTRA, f"not published, made by the run{end}"
    if run == disk:
        return DIFFERS, f"another result, sha256 published {then[:_SHOWN]}, now {disk[:_SHOWN]}"
    if run == then:
        return EDITED, "edited after the run, which gave what was published"
    if disk == then:
        return EDITED, "edited after the run, which gave another result, to what was published"
    return EDITED, "edited after the run, which itself gave another result than published"
