"""The same bytes on any number of cores, anywhere, with and without the store."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.project import copy_project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

WAYS = {
    "one core": (["--cores", "1"], {}),
    "four cores": (["--cores", "4"], {}),
    "without the store": (["--cores", "2", "--cutoff-store-size", "0"], {}),
    "each script in its own process": (["--cores", "2", "--cutoff-warm", "0"], {}),
    "Snakemake's own executor": (["--cores", "2", "--executor", "local"], {}),
    "elsewhere": (
        ["--cores", "2"],
        {
            "TZ": "Asia/Tokyo",
            "LANG": "de_DE.UTF-8",
            "LC_ALL": "de_DE.UTF-8",
            "PYTHONHASHSEED": "4711",
            "COLUMNS": "40",
        },
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_result_is_the_same(way, finished, root, tmp_path):
    arguments, environment = WAYS[way]
    project = copy_project(root, tmp_path / "another folder" / way.replace("'", ""))
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=project.folder,
        env=os.environ | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    here, there = project.digests(), finished.digests()
    assert sorted(here) == sorted(there)
    assert [name for name in here if here[name] != there[name]] == []
    shutil.rmtree(project.folder)
