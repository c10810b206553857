"""kill -9 at a random moment; the next plain command gives the bytes of an undisturbed run.

``KILLS`` sets how often (3 unless told); `make test-kills` does it 50 times and prints the count.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.project import copy_project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

KILLS = int(os.environ.get("KILLS", "3"))
COMMAND = [sys.executable, "-m", "snakemake", "--cores", "4"]


def start(folder):
    return subprocess.Popen(
        COMMAND, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def test_kills_and_recoveries(finished, root, tmp_path, capsys):
    project = copy_project(root, tmp_path / "project")
    expected = finished.digests()
    began = time.monotonic()
    assert start(project.folder).wait() == 0
    whole = time.monotonic() - began
    assert project.digests() == expected
    draw = random.Random(20110301)
    killed = recovered = 0
    for _ in range(KILLS):
        shutil.rmtree(project.folder / "results")
        shutil.rmtree(project.folder / ".snakemake")
        while True:  # a run may be killed more than once before it is let alone
            run = start(project.folder)
            time.sleep(draw.uniform(0.05, 1.0) * whole)
            # the command alone is killed; what it started has to notice by itself
            with contextlib.suppress(ProcessLookupError):
                os.kill(run.pid, signal.SIGKILL)
            killed += run.wait() == -signal.SIGKILL
            if draw.random() < 0.7:
                break
        done = subprocess.run(
            COMMAND, cwd=project.folder, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert project.digests() == expected
        recovered += 1
        with capsys.disabled():
            print(f"{killed} kills, {recovered} recoveries", flush=True)
    with capsys.disabled():
        print(f"\n{killed} kills, {recovered} recoveries, all results identical")


def test_two_runs_at_once_one_waits(finished, root, tmp_path):
    project = copy_project(root, tmp_path / "project")
    first = start(project.folder)
    time.sleep(4)
    second = subprocess.run(
        COMMAND, cwd=project.folder, text=True, capture_output=True, check=False
    )
    assert first.wait() == 0
    assert second.returncode == 0, second.stderr[-3000:]
    assert "Another run works on results/: waiting for it to end." in second.stderr
    assert "Nothing to be done" in second.stderr
    assert project.digests() == finished.digests()
