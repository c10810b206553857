"""The style that `make lint` asks for: ruff, snakefmt, and the workflow manager's own lint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["snakefmt", "--check", "Snakefile", "workflow"],
    ["snakemake", "--lint"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_style(root, command):
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join([beside, os.environ.get("PATH", "")])
    tool = shutil.which(command[0], path=path)
    if tool is None:
        pytest.skip(f"{command[0]} is not installed")
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(root / "src")}
    done = subprocess.run(
        [tool, *command[1:]], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
