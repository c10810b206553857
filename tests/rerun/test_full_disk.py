"""A disk that fills up: three clear lines, nothing half-written is taken for a result."""

import os
import re
import resource
import shutil
import subprocess
import sys

import pytest

from tests.project import copy_project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
COMMAND = [sys.executable, "-m", "snakemake", "--cores", "2"]


def run(folder, **more):
    return subprocess.run(
        COMMAND, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False, **more,
    )  # fmt: skip


def recovers(project, expected):
    assert not [p for p in (project.folder / "results").rglob("*.part")]
    assert run(project.folder).returncode == 0
    assert project.digests() == expected


def test_files_that_may_not_grow(finished, root, tmp_path):
    project = copy_project(root, tmp_path / "project")
    limit = 150_000  # bytes: the figures and the report are larger
    done = run(
        project.folder,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 1
    assert "A file would be larger than is allowed" in done.stdout
    assert re.search(r"where: .*results", done.stdout)
    assert "to do: Make room and give the same command again" in done.stdout
    recovers(project, finished.digests())


def test_a_disk_of_three_megabytes(finished, root, tmp_path):
    project = copy_project(root, tmp_path / "project")
    disk = project.folder / "results"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and os.geteuid() == 0 and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)],
        check=False, capture_output=True,
    ).returncode == 0  # fmt: skip
    if not made:
        pytest.skip("a small disk cannot be mounted here")
    try:
        done = run(project.folder)
        assert done.returncode == 1
        assert "No space is left on the disk" in done.stdout
        assert "to do: Make room" in done.stdout
        subprocess.run(
            [mount, "-o", "remount,size=100m", str(disk)], check=True, capture_output=True
        )
        recovers(project, finished.digests())
    finally:
        subprocess.run(["umount", str(disk)], check=True)
