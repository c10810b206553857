"""A small workflow with every kind of dependency, run by the real command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


class Flow:
    """A folder with the workflow; what ran is what the steps themselves say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def snakemake(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run the real command there; both streams as one text."""
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": "lib", "COLUMNS": "200", **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def run(self, *arguments: str, code: int = 0, **environment: str) -> list[str]:
        """Names of the steps that ran in truth."""
        ran = self.folder / "ran"
        ran.unlink(missing_ok=True)
        done = self.snakemake(*arguments, **environment)
        assert done.returncode == code, done.stdout[-4000:]
        return sorted(ran.read_text().split()) if ran.exists() else []

    def words(self, *arguments: str, **environment: str) -> list[str]:
        """What a dry run says changed."""
        done = self.snakemake("-n", *arguments, **environment)
        assert done.returncode == 0, done.stdout[-4000:]
        return re.findall(r"^  (\S.*)$", done.stdout.partition("What changed:\n")[2], flags=re.M)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that is there."""
        text = self.read(path)
        assert old in text
        (self.folder / path).write_text(text.replace(old, new))

    def write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def age(self, path: str, seconds: float) -> None:
        """Date a file back (or ahead, for a negative number)."""
        then = (self.folder / path).stat().st_mtime - seconds
        os.utime(self.folder / path, (then, then))

    def results(self) -> dict[str, str]:
        """Content of the results."""
        return {
            f.name: f.read_text()
            for f in sorted((self.folder / "results").iterdir())
            if f.is_file()
        }


@pytest.fixture(scope="session")
def done(root, tmp_path_factory) -> Flow:
    """The workflow, run to its end. Not to be changed: copied by `flow`."""
    folder = tmp_path_factory.mktemp("flow") / "project"
    shutil.copytree(HERE / "flow", folder)
    (folder / "profiles").mkdir()
    shutil.copytree(root / "profiles/default", folder / "profiles/default")
    flow = Flow(folder)
    assert flow.run() == ALL
    assert flow.read("results/change.csv") == "P1,3\nP2,-3\nP3,0\n"  # 10 x grade - score, by hand
    return flow


@pytest.fixture
def flow(done, tmp_path) -> Flow:
    """A copy of the finished workflow, to be changed."""
    shutil.copytree(done.folder, tmp_path / "project")
    return Flow(tmp_path / "project")


ALL = [
    "change", "figure", "grade", "listing", "notes", "paper", "read_lab", "read_visits", "score",
]  # fmt: skip
