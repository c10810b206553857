"""A run in the terminal: a line a step in words, what became of it, and the last line."""

import os
import re
import subprocess
import sys

import pytest

SNAKEFILE = """
rule all:
    input: "left.txt", "right.txt"
rule head:
    input: "in.txt"
    output: "head.txt"
    message: "Taking the beginning"
    shell: "head -c 3 {input} > {output}"
rule left:
    input: "head.txt"
    output: "left.txt"
    message: "Writing the left one"
    shell: "cat {input} > {output}"
rule right:
    input: "head.txt"
    output: "right.txt"
    shell: "sleep 1.1; cat {input} > {output}"
"""
BROKEN = """
rule all:
    input: "out.txt"
rule out:
    output: "out.txt"
    message: "Failing"
    shell: "exit 1"
"""


@pytest.fixture
def flow(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "in.txt").write_text("goodness")

    def run(*arguments, code=0):
        command = [sys.executable, "-m", "snakemake", "--executor", "cutoff", "--cores", "1"]
        done = subprocess.run(
            [*command, "--logger", "words", "--quiet", "host", "reason", *arguments],
            cwd=tmp_path, text=True, capture_output=True, check=False,
            env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        assert done.returncode == code, done.stderr[-3000:]
        return done

    run.folder = tmp_path
    return run


def test_a_line_a_step_in_words_with_seconds_for_the_slow_ones(flow):
    lines = flow().stderr.splitlines()
    assert lines[0] == "3 steps to do."
    assert lines[1] == "1 of 3  Taking the beginning"
    assert "Writing the left one" in [line[8:] for line in lines[2:4]]
    assert any(re.fullmatch(r"\d of 3  right \(1\.\d s\)", line) for line in lines)
    assert re.fullmatch(r"3 steps made, in \d\.\d s\.", lines[-1])
    assert len(lines) == 5


def test_what_is_passed_over_or_restored_says_so(flow):
    flow()
    flow.folder.joinpath("in.txt").write_text("goods")  # the first three letters stay
    lines = flow().stderr.splitlines()
    assert "1 of 3  Taking the beginning" in lines
    assert "Writing the left one: unchanged, passed over" in [line[8:] for line in lines]
    assert re.fullmatch(r"1 step made, 2 unchanged, passed over, in \S+ s\.", lines[-1])
    for name in ("head", "left", "right"):
        flow.folder.joinpath(f"{name}.txt").unlink()
    last = flow().stderr.splitlines()[-1]
    assert re.fullmatch(r"Nothing was made anew, 3 back from the store, in \S+ s\.", last)


def test_nothing_to_do_and_a_dry_run_keep_the_words_of_snakemake(flow):
    dry = flow("-n").stdout + flow("-n").stderr
    assert "Job stats:" in dry and "This was a dry-run" in dry
    flow()
    assert "Nothing to be done" in flow().stderr


def test_a_script_that_failed_is_told_in_a_line(flow):
    text = BROKEN.replace('shell: "exit 1"', 'log: "out.log"\n    script: "fail.py"')
    flow.folder.joinpath("Snakefile").write_text(text)
    flow.folder.joinpath("fail.py").write_text("raise SystemExit('What is wrong, says the script')")
    said = flow(code=1).stderr
    assert "What is wrong, says the script" in said and "CalledProcessError" not in said
    assert "Failed: Failing (rule out; its log: out.log)" in said.splitlines()
    assert said.rstrip().endswith("At least one job did not complete successfully.")


def test_a_failed_step_is_told_and_counted(flow):
    flow.folder.joinpath("Snakefile").write_text(BROKEN)
    lines = flow(code=1).stderr.splitlines()
    assert any(line.startswith("Error in rule out") for line in lines)
    assert any(re.fullmatch(r"Nothing was made anew, 1 failed, in \S+ s\.", x) for x in lines)
