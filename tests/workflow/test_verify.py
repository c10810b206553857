"""`make publish`, and `snakemake verify` against what it took, through the real commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("trial")]

BIN = Path(sys.executable).parent


def make(project, target):
    """A target of the Makefile in the environment that runs this test."""
    if not (
        shutil.which("make") and (BIN / "snakemake").exists() and (BIN / "sclerotrial").exists()
    ):
        pytest.skip("make, or the commands beside this Python, are absent")
    done = subprocess.run(
        ["make", "-o", ".venv/.ready", f"BIN={BIN}", target],
        cwd=project.folder, env={**os.environ, "COLUMNS": "200"}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_published_in_one_call_then_all_the_same_then_a_difference(copy, root):
    shutil.copy2(root / "Makefile", copy.folder / "Makefile")
    code, text = make(copy, "publish")
    assert code == 0, text[-4000:]
    assert "Published for the first time." in text
    folder = copy.folder / "published"
    kept = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }
    assert sorted(kept) == [
        "ard.csv", "biomarkers/change.csv", "claims.csv", "intake.csv", "manifest.sha256",
        "queries.csv",
    ]  # fmt: skip
    # the statuses that the next run would give have settled
    assert b",open," in kept["queries.csv"] and b",new," not in kept["queries.csv"]
    code, text = make(copy, "results")
    assert code == 0 and "Nothing to be done" in text
    for _ in range(2):  # each time it is asked for
        code, text = make(copy, "verify")
        assert code == 0, text[-4000:]
        assert "same     24 of 24 claims" in text and "\nall the same\n" in text
    assert {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    } == kept

    # what is in the first week is configuration; the paper does not go on saying what is not so
    copy.edit("config/study.yaml", "early_onset_days: 7", "early_onset_days: 3")
    done = copy.run("verify", check=False)
    assert done.code == 1
    assert done.text.rstrip().splitlines()[-1] == (
        "  to do: Read results/claims.csv, and mend the sentence and its verdict"
    )
    paper = copy.folder / "paper/paper.typ"
    text = paper.read_text(encoding="utf-8")
    for claim in ("ae_week1", "conclusion_tolerability"):
        assert f'#claim("{claim}", "reproduced")' in text
        text = text.replace(f'#claim("{claim}", "reproduced")', f'#claim("{claim}", "differs")')
    paper.write_text(text, encoding="utf-8")
    # mended, the results are made and compared
    done = copy.run("verify", check=False)
    assert done.code == 1
    assert (
        "differs  claims.csv ae_week1: FOUND published 72.4, now 27.6, apart 44.8, "
        "448 units of the last printed digit (0.1); "
        "VERDICT published 'reproduced', now 'differs'"
    ) in done.text
    last = done.text.rstrip().splitlines()[-3:]
    assert last[0].endswith("comparisons differ from the published results")
    assert last[1:] == [
        "  where: published",
        "  to do: Read the lines above; take the new results as published with: make publish",
    ]
    assert "Traceback" not in done.text


def test_nothing_published_is_told_in_three_lines(copy):
    done = copy.run("verify", check=False)
    assert done.code == 1
    assert done.text.rstrip().splitlines()[-3:] == [
        "There is nothing to compare with",
        "  where: published/manifest.sha256",
        "  to do: Publish results first: make publish",
    ]
