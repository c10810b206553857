"""A copy of the project in which the real command runs."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

# without `published`: what a test sees must not hang on what was published last
PARTS = [
    "Snakefile", "workflow", "config", "data", "profiles", "notebooks", "paper",
    "requirements.lock", "environment.yml", "CITATION.cff",
]  # fmt: skip


class Project:
    """A folder with the project's files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, check: bool = True) -> SimpleNamespace:
        """Run snakemake there; both streams as one text."""
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=self.folder,
            env={**os.environ, "COLUMNS": "200"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stdout[-4000:]
        return SimpleNamespace(code=done.returncode, text=done.stdout)

    def jobs(self, *arguments: str) -> set[str]:
        """Rules that a dry run would run, from its table of jobs."""
        lines = iter(self.run("-n", *arguments).text.splitlines())
        found = set()
        for line in lines:
            if line.startswith("Job stats"):
                found = {row.split()[0] for row in itertools.takewhile(str.strip, lines)}
                break
        return found - {"job", "all", "total"} - {name for name in found if set(name) == {"-"}}

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first occurrence of a pattern in a file."""
        file = self.folder / path
        text, count = re.subn(old, new, file.read_text(encoding="utf-8"), count=1)
        assert count
        file.write_text(text, encoding="utf-8")

    def digests(self, *folders: str) -> dict[str, bytes]:
        """Content of all visible result files."""
        results = self.folder / "results"
        found = [f for d in folders or [""] for f in sorted((results / d).rglob("*"))]
        return {
            f.relative_to(results).as_posix(): f.read_bytes()
            for f in found
            if f.is_file() and not {".ledger", "logs"} & set(f.relative_to(results).parts)
        }


def copy_project(root: Path, folder: Path) -> Project:
    """A fresh copy, without results."""
    folder.mkdir(parents=True)
    for part in PARTS:
        if (root / part).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(root / part, folder / part, ignore=ignore)
        elif (root / part).is_file():
            shutil.copy2(root / part, folder / part)
    return Project(folder)
