"""Published results: taking the present ones as such, and holding later ones against them."""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.publish.manifest import NAME, manifest, read_manifest
from sclerotrial.tabular import read_csv, write_text

#: what is kept of a publication: enough to compare with and to read
KEPT = ("ard.csv", "claims.csv", "queries.csv", NAME)
#: kept where the study has it: what the impact of a swap is told from
KEPT_IF_THERE = ("intake.csv", "biomarkers/change.csv")
SAME, CHANGED, GONE, NEW = "same", "differs", "missing", "new"


@dataclass(frozen=True)
class Verdict:
    """One line of a comparison: kind (claim, file), name, outcome, and what differs."""

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
        return f"{self.outcome:8}{self.kind} {self.name}{end}"


def publish(results: str | Path, published: str | Path, extra: tuple[str, ...] = ()) -> str:
    """Take the present results as the published ones.

    Parameters
    ----------
    results, published : path
        From where and to where `KEPT` are copied; ``manifest.sha256`` is made when absent.
    extra : tuple of str
        Further files, relative to `results`, such as the simulation study.

    Returns
    -------
    str
        Unified diff of the files that changed, and the names of those published for the first
        time ('' when nothing changed), to be read and agreed.

    Raises
    ------
    InputErrors
        When a file to publish is missing.
    """
    results, published = Path(results), Path(published)
    names = [*KEPT, *(n for n in KEPT_IF_THERE if (results / n).is_file()), *extra]
    raise_if_any(
        Problem(
            "A result to publish is missing",
            (results / name).as_posix(),
            "Run the pipeline first: make results",
        )
        for name in names
        if name != NAME and not (results / name).is_file()
    )
    diff: list[str] = []
    for name in names:
        source, target = results / name, published / name
        new = manifest(results).encode() if not source.is_file() else source.read_bytes()
        old = target.read_bytes() if target.is_file() else b""
        if new == old:
            continue
        diff += _diff(old, new, name) if target.is_file() else [f"new: {name}\n"]
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        else:
            write_text(target, new.decode())
    return "".join(diff)


def verify(results: str | Path, published: str | Path) -> list[Verdict]:
    """Compare results with the published ones: every claim, then every checksum.

    Returns
    -------
    list of Verdict
        Claims in their order, then files by name. A file of the results that was not published
        is 'new', which is a difference as well.

    Raises
    ------
    InputErrors
        When either side lacks its manifest or claims.
    """
    results, published = Path(results), Path(published)
    raise_if_any(
        Problem(
            f"There is nothing to compare {side}",
            (folder / name).as_posix(),
            todo,
        )
        for side, folder, todo in (
            ("with", published, "Publish results first: make publish"),
            ("", results, "Run the pipeline first: make results"),
        )
        for name in (NAME, "claims.csv")
        if not (folder / name).is_file()
    )
    return [*_claims(results, published), *_files(results, published)]


def report(verdicts: list[Verdict]) -> str:
    """One verdict a line, then the count."""
    bad = sum(not v.good for v in verdicts)
    total = f"{len(verdicts)} compared, {bad} differ\n"
    return "".join(f"{v}\n" for v in verdicts) + total


def _claims(results: Path, published: Path) -> list[Verdict]:
    now = {r["ID"]: r for r in read_csv(results / "claims.csv").to_dict("records")}
    then = {r["ID"]: r for r in read_csv(published / "claims.csv").to_dict("records")}
    found = []
    for name in [*then, *(n for n in now if n not in then)]:
        if name not in now:
            found.append(Verdict("claim", name, GONE))
        elif name not in then:
            found.append(Verdict("claim", name, NEW))
        else:
            changed = [
                f"{c.lower()} was '{then[name].get(c, '')}', is '{now[name].get(c, '')}'"
                for c in ("VERDICT", "FOUND", "EXPECTED")
                if then[name].get(c, "") != now[name].get(c, "")
            ]
            outcome = CHANGED if changed else SAME
            found.append(
                Verdict("claim", name, outcome, "; ".join(changed) or now[name]["VERDICT"])
            )
    return found


def _files(results: Path, published: Path) -> list[Verdict]:
    """Checksums of the files as they are now, not as the manifest of the results says."""
    then, listed = read_manifest(published / NAME), read_manifest(results / NAME)
    present = [n for n in listed if (results / n).is_file()]
    lines = (line.split("  ", 1) for line in manifest(results, present).splitlines())
    now = {name: checksum for checksum, name in lines}
    found = []
    for name in sorted({*then, *listed}):
        if name not in now:
            found.append(Verdict("file", name, GONE))
        elif name not in then:
            found.append(Verdict("file", name, NEW))
        else:
            found.append(Verdict("file", name, SAME if now[name] == then[name] else CHANGED))
    return found


def _diff(old: bytes, new: bytes, name: str) -> list[str]:
    try:
        before, after = old.decode("utf-8"), new.decode("utf-8")
    except UnicodeDecodeError:
        return [f"binary file {name} differs\n"]
    return list(
        difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"published/{name}",
            f"results/{name}",
            n=0,
        )
    )


def add_parser(sub: argparse._SubParsersAction) -> None:
    """Add the subcommands ``publish`` and ``verify``."""
    for name, text, run in (
        ("publish", "take the present results as the published ones", run_publish),
        ("verify", "compare results with the published ones", run_verify),
    ):
        parser = sub.add_parser(name, help=text)
        parser.add_argument("--results", default="results", help="folder of results")
        parser.add_argument("--published", default="published", help="folder of published results")
        parser.set_defaults(run=run)


def run_publish(args: argparse.Namespace) -> int:
    """Copy and print what changed."""
    diff = publish(args.results, args.published)
    sys.stdout.write(diff or "nothing changed\n")
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """Print one verdict a line; 1 on a difference."""
    verdicts = verify(args.results, args.published)
    sys.stdout.write(report(verdicts))
    return int(not all(v.good for v in verdicts))
