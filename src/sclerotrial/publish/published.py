"""Published results: taking the present ones as such, and holding later ones against them.

A query is `new` until it is published and `open` from then on, and the report shows which. Results
that were made before the list was published are therefore not those that the next run will make.
So the list is published first, as the next run will find it; then the pipeline runs again and
makes over what depends on the list; then the rest is taken. From there on nothing moves: the list
of that run is the published list, byte for byte.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem, raise_if_any
from sclerotrial.files import sha256, write_bytes
from sclerotrial.publish.former import KEPT, KEPT_IF_THERE, NAME, Former, copies, read_former
from sclerotrial.publish.manifest import read_manifest
from sclerotrial.publish.verdicts import Verdict, compare, report

__all__ = ["Verdict", "publish", "report", "verify"]

QUERIES = "queries.csv"


def verify(results: str | Path, published: str | Path) -> list[Verdict]:
    """Compare results with the published ones: every claim, every number, every file.

    Parameters
    ----------
    results, published : path

    Returns
    -------
    list of Verdict
        Claims and numbers by ID in the published order, then files by name.

    Raises
    ------
    InputErrors
        When the published results are missing or damaged, or there are no results.
    """
    return compare(results, read_former(published))


def publish(
    results: str | Path, published: str | Path, run: Callable[[], None] | None = None
) -> str:
    """Take the present results as the published ones.

    Parameters
    ----------
    results, published : path
        From where and to where the files of `KEPT` are copied, and further copies made anew that
        the published folder holds.
    run : function, optional
        Brings the results up to date; called before anything is taken, again after the query list,
        and once all is taken, if that differs from before. Without it only results that the next
        run would not change can be taken.

    Returns
    -------
    str
        What changed against the former published results, to be read and agreed.

    Raises
    ------
    InputErrors
        When a result is missing or was edited after the run, when the pipeline stops, or when it
        does not compare with this published folder. The former published results then stand.
    """
    results, published = Path(results), Path(published)
    run = run or (lambda: None)
    run()
    _whole(results)
    former = _former(published)
    kept = {n: _bytes(published / n) for n in (*KEPT, *_further(results, published))}
    try:
        _put(published / QUERIES, content := as_next_run(results / QUERIES))
        if (results / QUERIES).read_bytes() != content:
            run()
            _whole(results)
        if (results / QUERIES).read_bytes() != content:
            what = "The query list of the results is not compared with the published one"
            todo = "Run the pipeline with this folder as `against` (config.yaml): make publish"
            raise InputErrors([Problem(what, (published / QUERIES).as_posix(), todo)])
        for name in sorted(kept, key=lambda n: n == NAME):
            _put(published / name, (results / name).read_bytes())
        if any(_bytes(published / name) != content for name, content in kept.items()):
            run()  # what compares with the published results, and is none of them
    except BaseException:
        for name, content in kept.items():
            _put(published / name, content)
        raise
    if isinstance(former, Former):
        return report(compare(results, former))
    return former + "".join(f"published {name}\n" for name in kept)


def as_next_run(queries: str | Path) -> bytes:
    """The query list as the run after its publication writes it: what is new is open."""
    from sclerotrial.tabular import as_text, read_csv

    table = read_csv(queries)
    table["STATUS"] = table["STATUS"].replace({"new": "open"})
    return as_text(table).to_csv(index=False, lineterminator="\n").encode("utf-8")


def _former(published: Path) -> Former | str:
    """The former published results, or why there is nothing to compare with."""
    if not any((published / name).exists() for name in KEPT):
        return "Published for the first time.\n"
    try:
        return read_former(published)
    except InputErrors as error:
        return f"The former published results cannot be compared:\n{error}\n"


def _further(results: Path, published: Path) -> list[str]:
    """Results of which the published folder holds a copy besides those that it must."""
    listed = read_manifest(results / NAME)
    there = [n for n in KEPT_IF_THERE if n in listed]
    return list(dict.fromkeys([*(n for n in copies(published, listed) if n not in KEPT), *there]))


def _whole(results: Path) -> None:
    """Refuse results of which one is missing, or is not what the run made."""
    listed = read_manifest(results / NAME)
    problems = []
    for name in dict.fromkeys([*KEPT, *listed]):
        path = results / name
        if not path.is_file():
            what = "A result to publish is missing"
        elif name != NAME and name not in listed:
            what = "A result to publish is not listed by the run"
        elif name != NAME and sha256(path) != listed[name]:
            what = "A result to publish was edited after the run"
        else:
            continue
        problems.append(Problem(what, path.as_posix(), "Delete it and run again: make results"))
    raise_if_any(problems)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _put(path: Path, content: bytes | None) -> None:
    """Write a file that is to hold this (None: that is not to be there); the same bytes stay."""
    if content is None:
        path.unlink(missing_ok=True)
    elif _bytes(path) != content:
        write_bytes(path, content)


def add_parser(sub: argparse._SubParsersAction) -> None:
    """Add the subcommands ``publish`` and ``verify``."""
    taking = sub.add_parser("publish", help="take the present results as the published ones")
    holding = sub.add_parser("verify", help="compare results with the published ones")
    for parser in (taking, holding):
        parser.add_argument("--results", default="results", help="folder of results")
        parser.add_argument("--published", default="published", help="folder of published results")
    taking.add_argument(
        "--with",
        dest="make",
        default="snakemake",
        metavar="COMMAND",
        help="what brings the results up to date (default: %(default)s)",
    )
    holding.add_argument("--all", action="store_true", help="a line also for what is the same")
    taking.set_defaults(run=run_publish)
    holding.set_defaults(run=run_verify)


def run_publish(args: argparse.Namespace) -> int:
    """Publish and print what changed."""
    sys.stdout.write(publish(args.results, args.published, lambda: _call(args.make)))
    return 0


def _call(command: str) -> None:
    """Run the command that makes the results; its own words go to the terminal."""
    words = shlex.split(command)
    if not words:
        return
    try:
        code = subprocess.run(words, check=False).returncode
    except OSError as error:
        code = error.strerror
    if code:
        what = f"The pipeline stopped ({code if isinstance(code, str) else f'exit status {code}'})"
        todo = "Mend what it tells, then publish again; nothing was published"
        raise InputErrors([Problem(what, command, todo)])


def run_verify(args: argparse.Namespace) -> int:
    """Print what differs and how much is the same; 1 on a difference."""
    verdicts = verify(args.results, args.published)
    sys.stdout.write(report(verdicts, every=args.all))
    return int(not all(v.good for v in verdicts))
