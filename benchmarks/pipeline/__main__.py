"""Measure the drivers side by side: `python benchmarks/pipeline --rounds 2 --only DVC doit`."""

from __future__ import annotations

import argparse
import os
import pickle
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OTHER = ROOT / ".venv-benchmark" / "bin"
PARTS = (
    "Snakefile", "workflow", "config", "data", "profiles", "notebooks", "paper", "src",
    "requirements.lock", "environment.yml", "CITATION.cff",
)  # fmt: skip


def edit(folder: Path, path: str, old: str, new: str) -> None:
    """Replace the first occurrence of a pattern."""
    file = folder / path
    text, count = re.subn(old, new, file.read_text(encoding="utf-8"), count=1)
    assert count, f"{old} is not in {path}"
    file.write_text(text, encoding="utf-8")


def swap(folder: Path) -> None:
    """One value of a serum plate: the last number of three digits or more."""
    plate = next((folder / "data/raw/serum").iterdir())
    text = plate.read_text(encoding="utf-8")
    last = list(re.finditer(r"(?<![\d.])\d{3,}", text))[-1]
    digits = last[0][:-1] + ("1" if last[0][-1] != "1" else "2")
    plate.write_text(text[: last.start()] + digits + text[last.end() :], encoding="utf-8")


def helper(folder: Path) -> None:
    """A function of one instrument, to the same effect."""
    path = "src/sclerotrial/instruments/transition.py"
    text = (folder / path).read_text(encoding="utf-8")
    import ast

    function = next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef))
    last = function.body[-1]
    lines = text.splitlines(keepends=True)
    lines.insert(last.lineno - 1, " " * last.col_offset + "_ = 0\n")
    (folder / path).write_text("".join(lines), encoding="utf-8")


def comment(folder: Path) -> None:
    """A comment in the module that reads and writes all tables, and a raw file touched."""
    with (folder / "src/sclerotrial/tabular.py").open("a", encoding="utf-8") as file:
        file.write("# rows and columns\n")
    next((folder / "data/raw/redcap").glob("*DATA.csv")).touch()


def event(folder: Path) -> None:
    """One adverse event corrected in the CRF export."""
    export = next((folder / "data/raw/redcap").glob("*DATA.csv"))
    edit(folder, export.relative_to(folder).as_posix(), "Nausea", "Vomiting")


SCENES = {
    "cold": None,
    "nothing to do": lambda folder: None,
    "swap": swap,
    "one event corrected": event,
    "one helper edited": helper,
    "no effect": comment,
}


def call(folder: Path, *command: str) -> float:
    """Seconds that a command takes; its words are shown when it fails."""
    env = {**os.environ, "PYTHONPATH": str(folder / "src"), "DVC_NO_ANALYTICS": "1"}
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False,
    )  # fmt: skip
    taken = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}")
    return taken


class Straight:
    """Always everything: one time stands for all."""

    name = "straight"
    scenes = ("cold",)

    def prepare(self, folder: Path) -> None:
        call(folder, sys.executable, str(HERE / "steps.py"), ".")

    def run(self, folder: Path) -> float:
        shutil.rmtree(folder / "results", ignore_errors=True)
        return call(folder, sys.executable, str(HERE / "steps.py"), ".", "--all")


class Ours:
    name = "this pipeline"
    scenes = tuple(SCENES)
    arguments = ("--cores", "2")

    def prepare(self, folder: Path) -> None:
        pass

    def run(self, folder: Path) -> float:
        return call(folder, sys.executable, "-m", "snakemake", *self.arguments)


class Plain(Ours):
    name = "plain Snakemake"
    arguments = ("--cores", "2", "--executor", "local")

    def prepare(self, folder: Path) -> None:
        text = (folder / "Snakefile").read_text(encoding="utf-8")
        text = text[: text.index("# content decides what is due")]
        (folder / "Snakefile").write_text(text, encoding="utf-8")
        edit(folder, "profiles/default/config.yaml", r"rerun-triggers:.*", "")
        edit(folder, "profiles/default/config.yaml", r"max-checksum-file-size:.*", "")

    def empty(self, folder: Path) -> float:
        """Snakemake's own empty dry run."""
        return call(folder, sys.executable, "-m", "snakemake", *self.arguments, "-n")


class _Listed:
    """A driver that is given the list of steps, every step with the package behind it."""

    scenes = tuple(SCENES)

    def steps(self, folder: Path) -> list:
        call(folder, sys.executable, str(HERE / "steps.py"), ".")
        return [
            (n, s, pickle.loads(g))
            for n, s, g in pickle.loads((folder / "steps.pickle").read_bytes())
        ]

    def command(self, name: str) -> str:
        return f"{sys.executable} {HERE / 'steps.py'} . {name}"


class Dvc(_Listed):
    name = "DVC"

    def prepare(self, folder: Path) -> None:
        import json

        stages = {
            name: {
                "cmd": self.command(name),
                "deps": sorted({*job.input, script, "src"}),
                "outs": sorted(job.output),
            }
            for name, script, job in self.steps(folder)
        }
        (folder / "dvc.yaml").write_text(json.dumps({"stages": stages}), encoding="utf-8")
        (folder / ".dvcignore").write_text("__pycache__\n", encoding="utf-8")
        call(folder, str(OTHER / "dvc"), "init", "--no-scm", "-q")

    def run(self, folder: Path) -> float:
        return call(folder, str(OTHER / "dvc"), "repro", "-q")


class Doit(_Listed):
    name = "doit"

    def prepare(self, folder: Path) -> None:
        tasks = [
            {
                "name": name,
                "actions": [self.command(name)],
                "file_dep": sorted({*job.input, script}),
                "targets": sorted(job.output),
            }
            for name, script, job in self.steps(folder)
        ]
        (folder / "dodo.py").write_text(
            "from pathlib import Path\n"
            f"TASKS = {tasks!r}\n"
            "CODE = [str(p) for p in sorted(Path('src').rglob('*')) if p.is_file()\n"
            "        and '__pycache__' not in p.parts]\n"
            "def task_step():\n"
            "    for task in TASKS:\n"
            "        yield task | {'file_dep': task['file_dep'] + CODE}\n",
            encoding="utf-8",
        )

    def run(self, folder: Path) -> float:
        return call(folder, str(OTHER / "doit"), "-n", "2", "-v", "0")


def fresh(folder: Path) -> Path:
    """A copy of the project without results."""
    folder.mkdir(parents=True)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=ignore)
        else:
            shutil.copy2(ROOT / part, folder / part)
    return folder


def measure(rounds: int, only: list[str]) -> str:
    """The table of all drivers: median seconds of the rounds."""
    drivers = [
        d for d in (Straight(), Ours(), Doit(), Dvc(), Plain()) if not only or d.name in only
    ]
    taken: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds):
        for driver in drivers:
            with tempfile.TemporaryDirectory() as scratch:
                folder = fresh(Path(scratch) / "project")
                driver.prepare(folder)
                for scene in driver.scenes:
                    if change := SCENES[scene]:
                        change(folder)
                    taken.setdefault((driver.name, scene), []).append(driver.run(folder))
                    seconds = taken[driver.name, scene][-1]
                    print(f"{turn + 1}: {driver.name}, {scene}: {seconds:.1f} s", flush=True)
                if isinstance(driver, Plain):
                    for _ in range(3):
                        taken.setdefault(("empty", ""), []).append(driver.empty(folder))
    lines = ["| driver | " + " | ".join(SCENES) + " |", "|---" * (len(SCENES) + 1) + "|"]
    for driver in drivers:
        cells = [
            f"{statistics.median(taken[driver.name, scene]):.1f}" if scene in driver.scenes else "″"
            for scene in SCENES
        ]
        lines.append(f"| {driver.name} | " + " | ".join(cells) + " |")
    if ("empty", "") in taken:
        lines += [
            "",
            f"Snakemake's own empty dry run: {statistics.median(taken['empty', '']):.1f} s",
        ]
    lines.append(f"{os.cpu_count()} cores, median of {rounds}; seconds")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    table = measure(asked.rounds, asked.only)
    (HERE / "table.md").write_text(table, encoding="utf-8")
    print(table)
