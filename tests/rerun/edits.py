"""The edits of the matrix: what is done, what must run and no other, what a dry run says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

EVERYTHING = "change figure grade listing notes paper read_lab read_visits score"
#: steps whose Python code the locked environment belongs to
SCRIPTS = "change figure grade paper read_lab read_visits score"


@dataclass
class Edit:
    """One row of the matrix."""

    name: str
    does: Callable[[Any], Any]
    runs: str
    says: list[str] = field(default_factory=list)
    quick: bool = False


def _swap(flow: Any) -> None:
    text = flow.read("Snakefile")
    first, second = 'baseline="results/scores.csv"', 'follow="results/grades.csv"'
    assert first in text
    text = text.replace(first, 'baseline="results/grades.csv"')
    flow.write("Snakefile", text.replace(second, 'follow="results/scores.csv"'))


def _older(flow: Any) -> None:
    flow.write("raw/lab.csv", "P1,12\nP2,5\nP3,60\n")
    flow.age("raw/lab.csv", 1e7)


def _big_and_touched(flow: Any) -> dict[str, str]:
    flow.write("raw/notes.txt", "x" * 50_000_000)
    assert flow.run() == ["notes"]
    flow.age("raw/notes.txt", -10)
    return flow.results()


def _drop_in(flow: Any) -> None:
    flow.write("raw/visits_2.csv", "P4,9\n")


def _without_snakemake_folder(flow: Any) -> None:
    shutil.rmtree(flow.folder / ".snakemake")


def _and_parameter(flow: Any) -> None:
    _without_snakemake_folder(flow)
    flow.edit("config.yaml", "high: 30", "high: 20")


def _moved(flow: Any) -> None:
    target = flow.folder.with_name("elsewhere")
    flow.folder.rename(target)
    flow.folder = target


def _clone_beside_results(flow: Any) -> None:
    """A fresh copy of the sources, every date new; results are copied beside it."""
    target = flow.folder.with_name("clone")
    ignore = shutil.ignore_patterns(".snakemake", "results", "ran")
    shutil.copytree(flow.folder, target, copy_function=shutil.copyfile, ignore=ignore)
    shutil.copytree(flow.folder / "results", target / "results", copy_function=shutil.copyfile)
    for path in target.rglob("*"):
        if path.is_file() and "results" not in path.parts:
            os.utime(path)
    flow.folder = target


def _there_and_back(flow: Any) -> None:
    flow.edit("config.yaml", "high: 30", "high: 20")
    assert flow.run() == ["change", "figure", "paper", "score"]
    flow.edit("config.yaml", "high: 20", "high: 30")


def _there_and_back_with_damage(flow: Any) -> None:
    flow.edit("config.yaml", "high: 30", "high: 20")
    assert flow.run() == ["change", "figure", "paper", "score"]
    for blob in (flow.folder / "results/.ledger/store/blobs").rglob("*"):
        if blob.is_file():
            blob.write_bytes(blob.read_bytes()[:-1])
    flow.edit("config.yaml", "high: 20", "high: 30")


def _failed(flow: Any) -> None:
    flow.edit("paper.md", "{sum}", "{nobody}")
    assert flow.run(code=1) == ["paper"]
    # the former result is there still, and is not taken for a new one
    assert flow.read("results/paper.txt") == "The sum was 0.\n"
    assert flow.run(code=1) == ["paper"]
    flow.edit("paper.md", "{nobody}", "{sum}")


def _failed_otherwise_mended(flow: Any) -> None:
    flow.edit("paper.md", "{sum}", "{nobody}")
    assert flow.run(code=1) == ["paper"]
    flow.edit("paper.md", "was {nobody}", "is {sum}")


def _damaged_records(flow: Any) -> None:
    for record in (flow.folder / "results/.ledger/jobs").iterdir():
        record.write_text("{damaged")
    shutil.rmtree(flow.folder / "results/.ledger/store")


def _reformatted(flow: Any) -> None:
    flow.edit("lib/rooms/scores.py", "return (second * STEP) - first", "return second*STEP-first")


def _reordered_rows(flow: Any) -> None:
    flow.write("raw/visits.csv", "P3,40\nP1,7\nP2,3\n")


def _script_with_an_older_date(flow: Any) -> None:
    flow.edit("scripts/score.py", 'limits["high"])', 'limits["high"] - 1)')
    flow.age("scripts/score.py", 1e7)


def replaced(path: str, old: str, new: str) -> Callable[[Any], None]:
    """An edit of one place."""
    return lambda flow: flow.edit(path, old, new)


def removed(path: str) -> Callable[[Any], None]:
    """A file removed."""
    return lambda flow: (flow.folder / path).unlink()


def touched(path: str) -> Callable[[Any], None]:
    """A file dated now, its bytes as they were."""
    return lambda flow: flow.age(path, -10)


TABLES, SCORES = "lib/rooms/tables.py", "lib/rooms/scores.py"

EDITS = [
    Edit("nothing at all", lambda flow: None, "", quick=True),
    Edit("an input touched", touched("raw/visits.csv"), "", quick=True),
    Edit("an input of 50 MB touched", _big_and_touched, "", quick=True),
    Edit("a comment in a script", replaced("scripts/score.py", "note(", "# so\nnote("), ""),
    Edit("a script touched", touched("scripts/score.py"), ""),
    Edit("a comment in a helper", replaced(SCORES, "# within", "# well within"), "", quick=True),
    Edit("a docstring", replaced(SCORES, "Grade of a", "The grade of a"), ""),
    Edit("formatting", _reformatted, ""),
    Edit("an unused function", replaced(TABLES, "return 1", "return 2"), ""),
    Edit(
        "one of two functions",
        replaced(SCORES, "return min(max(value, low), high)", "return max(min(value, high), low)"),
        "score",
        ["score: function rooms.scores.clip changed"],
        quick=True,
    ),
    Edit(
        "the other function",
        replaced(SCORES, "- first", "- first - 1"),
        "change figure paper",
        ["change: function rooms.scores.difference changed"],
    ),
    Edit(
        "a constant of the module",
        replaced(SCORES, "STEP = 10", "STEP = 11"),
        "change figure paper",
        ["change: constant rooms.scores.STEP changed"],
    ),
    Edit(
        "a data file of the package",
        replaced("lib/rooms/criteria.csv", "80", "95"),
        "change figure grade paper",
        ["grade: file criteria.csv changed"],
        quick=True,
    ),
    Edit(
        "a function that many steps use",
        replaced(TABLES, "line.strip().split", "line.rstrip().split"),
        "change figure grade paper read_lab read_visits score",
    ),
    Edit(
        "the body of a script",
        replaced("scripts/grade.py", "int(v)", "int(v) + 70"),
        "change figure grade paper",
        ["grade: script grade.py changed"],
    ),
    Edit(
        "a script edited under an older date",
        _script_with_an_older_date,
        "change figure paper score",
        ["score: script score.py changed"],
        quick=True,
    ),
    Edit(
        "a shell command",
        replaced("Snakefile", "sort -r", "sort"),
        "listing",
        ["listing: the rule's own code changed"],
    ),
    Edit(
        "a block of code in the workflow",
        replaced("Snakefile", "title']}: ", "title']}, "),
        "notes",
        ["notes: the rule's own code changed"],
    ),
    Edit(
        "a value of the configuration",
        replaced("config.yaml", "high: 30", "high: 20"),
        "change figure paper score",
        ["score: limits.high changed (30 -> 20)"],
        quick=True,
    ),
    Edit(
        "the same value in other digits",
        replaced("config.yaml", "high: 30", "high: 0x1e"),
        "",
    ),
    Edit(
        "a value without effect",
        replaced("config.yaml", "low: 2", "low: 1"),
        "score",
        ["score: limits.low changed (2 -> 1)"],
        quick=True,
    ),
    Edit(
        "two values swapped",
        replaced("config.yaml", "{low: 2, high: 30}", "{low: 30, high: 2}"),
        "change figure paper score",
        ["score: limits.low changed (2 -> 30); limits.high changed (30 -> 2)"],
        quick=True,
    ),
    Edit(
        "a value that a function of the inputs gives",
        replaced("config.yaml", "scale: 1", "scale: 2"),
        "change figure paper",
        ["change: scale changed (1 -> 2)"],
    ),
    Edit(
        "a value read inside a block of code",
        replaced("config.yaml", "Trial", "Pilot"),
        "notes",
        ["notes: the configuration that the rule reads changed"],
    ),
    Edit(
        "a key that nothing reads",
        lambda flow: flow.write("config.yaml", flow.read("config.yaml") + "extra: 1\n"),
        "",
    ),
    Edit(
        "comments and order of the configuration file",
        lambda flow: flow.write(
            "config.yaml", "scale: 1\n# limits\nlimits: {low: 2, high: 30}\ntitle: Trial\n"
        ),
        "",
    ),
    Edit(
        "inputs swapped",
        _swap,
        "change figure paper",
        ["change: inputs changed their places (baseline, follow)"],
        quick=True,
    ),
    Edit(
        "newer content of a raw file",
        replaced("raw/lab.csv", "P3,90", "P3,60"),
        "change figure grade paper read_lab",
        ["read_lab: input raw/lab.csv changed"],
    ),
    Edit(
        "older content of a raw file",
        _older,
        "change figure grade paper read_lab",
        ["read_lab: input raw/lab.csv changed"],
        quick=True,
    ),
    Edit(
        "rows in another order, the same after reading",
        _reordered_rows,
        "read_visits",
        ["read_visits: input raw/visits.csv changed"],
        quick=True,
    ),
    Edit(
        "content that one step away is the same",
        replaced("raw/lab.csv", "P3,90", "P3,91"),
        "grade read_lab",
        ["read_lab: input raw/lab.csv changed"],
    ),
    Edit(
        "a raw file dropped in",
        _drop_in,
        "change listing read_visits score",
        ["read_visits: input raw/visits_2.csv is new"],
    ),
    Edit(
        "the text of the paper",
        replaced("paper.md", "was", "is"),
        "paper",
        ["paper: input paper.md changed"],
    ),
    Edit(
        "a cell of the notebook",
        replaced("notebook.ipynb", "mean", "median"),
        "figure",
        ["figure: input notebook.ipynb changed"],
    ),
    Edit(
        "an output edited by hand",
        replaced("results/grades.csv", "P1,1", "P1,2"),
        "",
        ["grade: results/grades.csv is not as this step left it"],
        quick=True,
    ),
    Edit(
        "an output truncated",
        lambda flow: flow.write("results/visits.csv", "P1"),
        "",
        ["read_visits: results/visits.csv is not as this step left it"],
    ),
    Edit(
        "a final output deleted",
        removed("results/paper.txt"),
        "",
        ["paper: results/paper.txt is missing"],
        quick=True,
    ),
    Edit(
        "an output in the middle deleted",
        removed("results/scores.csv"),
        "",
        ["score: results/scores.csv is missing"],
    ),
    Edit("an output touched", touched("results/scores.csv"), ""),
    Edit(
        "a log deleted",
        lambda flow: shutil.rmtree(flow.folder / "results/logs", ignore_errors=True),
        "",
    ),
    Edit(".snakemake deleted", _without_snakemake_folder, "", quick=True),
    Edit(".snakemake deleted, then a value changed", _and_parameter, "change figure paper score"),
    Edit("the folder moved", _moved, "", quick=True),
    Edit("a fresh clone beside copied results", _clone_beside_results, "", quick=True),
    Edit("a value changed there and back", _there_and_back, "", quick=True),
    Edit(
        "there and back over a damaged store",
        _there_and_back_with_damage,
        "change figure paper score",
    ),
    Edit("a step that failed, mended as it was", _failed, "", quick=True),
    Edit("a step that failed, mended otherwise", _failed_otherwise_mended, "paper"),
    Edit("records damaged", _damaged_records, EVERYTHING),
    Edit(
        "the lock",
        replaced("requirements.lock", "0.0.1", "0.0.2"),
        SCRIPTS,
        quick=True,
    ),
    Edit("a rule renamed", replaced("Snakefile", "rule paper:", "rule manuscript:"), ""),
    Edit(
        "a rule moved to another log",
        replaced("Snakefile", "logs/read_visits.log", "logs/visits.log"),
        "",
    ),
]
